-- A reader who keeps the headlines alone must meet each month once.
{% for mart in ['average_model_parameters', 'average_training_costs', 'training_cost_per_million_parameters'] -%}
    select
        '{{ mart }}' as mart,
        month,
        count(*) as headlines
    from {{ ref(mart) }}
    where is_headline
    group by month
    having count(*) > 1
    {% if not loop.last %}union all{% endif %}
{% endfor %}
