{#
    Hook at the end of a run: prints how each stage ended, why each guard warned, which rule of a table is broken and, where
    something failed, what to do. dbt itself prints a line or two for each of 200 models and tests, and of a warning only that there
    was one.

    A reason quotes what strangers wrote: as JSON in ASCII, it cannot act on a terminal.
#}
{% macro print_summary() %}
    {%- if execute -%}
        {%- set endings = {'success': 'built', 'pass': 'passed', 'warn': 'warned', 'skipped': 'skipped'} -%}
        {%- set stages = {} -%}
        {%- set failed = [] -%}
        {%- for result in results if result.node.resource_type in ['seed', 'model', 'unit_test', 'test'] -%}
            {%- set stage = {
                'seed': 'seeds', 'model': result.node.fqn[1], 'unit_test': 'unit tests', 'test': 'data tests'
            }[result.node.resource_type] -%}
            {%- set ending = endings.get(result.status | string, 'FAILED') -%}
            {%- do stages.setdefault(stage, []).append(ending) -%}
            {%- if ending == 'FAILED' -%}{%- do failed.append(result.node) -%}{%- endif -%}
        {%- endfor -%}
        {%- for stage in ['seeds', 'staging', 'intermediate', 'marts', 'trends', 'ecosystem', 'reporting', 'unit tests', 'data tests']
            if stage in stages -%}
            {%- set counts = [] -%}
            {%- for ending in ['built', 'passed', 'warned', 'FAILED', 'skipped'] if ending in stages[stage] -%}
                {%- do counts.append(stages[stage].count(ending) ~ ' ' ~ ending) -%}
            {%- endfor -%}
            {%- do print('  ' ~ '%-12s' % stage ~ '  ' ~ counts | join(', ')) -%}
        {%- endfor -%}
        {%- for result in results if result.status == 'warn' and 'guards' in result.node.fqn -%}
            {%- for row in run_query('select reason from (' ~ result.node.compiled_code ~ ') as warnings limit 10').rows -%}
                {%- do print('WARNING ' ~ result.node.name ~ ': ' ~ tojson(row[0])) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for result in results
            if result.status == 'fail' and (result.node.test_metadata or {}).name == 'validation_rules' -%}
            {%- for row in run_query(result.node.compiled_code).rows -%}
                {%- do print('FAILED ' ~ result.node.name ~ ': ' ~ row['failures'] ~ (' time: ' if row['failures'] == 1 else ' times: ') ~ row['reason']) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set seconds = (modules.datetime.datetime.now(modules.pytz.utc) - run_started_at).total_seconds() -%}
        {%- set took = 'dbt ' ~ flags.WHICH ~ ' on ' ~ target.name ~ ': ' ~ seconds | round | int ~ ' s' -%}
        {%- if failed -%}
            {%- do print_advice(failed, took) -%}
        {%- else -%}
            {%- do print(took) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
