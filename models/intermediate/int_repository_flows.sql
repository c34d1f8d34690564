-- Kept, so that a build reads the new snapshots and their neighbours only, however many there are.
{% set version = ['kind', 'month', 'read_from'] %}
{% set relation = 'int_flow_versions' %}
{{ config(partition_by=partition_by_date('month'), cluster_by=['kind'], **kept_by_snapshot(version, relation)) }}

{% for kind in ['models', 'datasets'] -%}
    {% set kind_loop = loop -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'", relation) -%}
    {% set missing_reads -%}
        select reads.snapshot_date
        from {{ ref('int_flow_reads') }} as reads
        inner join ({{ missing }}) as missing on reads.kind = missing.kind and reads.month = missing.month
    {%- endset %}
    {% for batch in batches(missing, ['kind', 'month'], relation) -%}
        select
            versions.{{ version | join(',\n            versions.') }},
            flows.repository_key,
            flows.downloads,
            flows.clipped_downloads,
            flows.downloads_from_30_day_count
        from ({{ batch }}) as versions
        inner join (
            {{ repository_flows(kind, batch, missing_reads) }}
        ) as flows
            on versions.month = flows.month
        where
            flows.downloads is null
            or flows.downloads > 0
            or flows.clipped_downloads > 0
            or flows.downloads_from_30_day_count > 0
        {% if not (loop.last and kind_loop.last) -%}
            {{ next_batch() }}
        {% endif -%}
    {% endfor -%}
{% endfor -%}
