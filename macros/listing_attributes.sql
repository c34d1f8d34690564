{#
    List: the columns of a model's listing that the definitions read. A model that is no longer listed keeps them as they
    were last listed.
#}
{% macro listing_attributes() %}
    {{ return([
        'model_id',
        'author',
        'created_at',
        'pipeline_tag',
        'library_name',
        'tags',
        'safetensors_parameters',
        'safetensors_total',
        'gguf_total',
        'downloads',
        'downloads_all_time',
        'likes',
    ]) }}
{% endmacro %}
