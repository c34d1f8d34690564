{#
    The tags of which each says that a model is a mixture of experts, in lower case: a list of strings.

    They are the decisive rows of the seed mixture_of_experts_types, which gives the evidence of each. They stand here a second
    time because a pattern must be known when a model is compiled, and a seed may not be there yet; the test
    tags_of_mixtures_are_those_of_the_seed holds the two together.
#}
{% macro mixture_of_experts_tags() %}
{{ return([
    'afmoe', 'arctic', 'aria', 'aria_text', 'axk1', 'axk2', 'bailing_hybrid', 'bailing_moe',
    'bailing_moe_linear', 'bailing_moe_v2', 'bailing_moe_v3_vl', 'bailingmm_moe_v2_lite',
    'beam', 'cohere2_moe', 'dbrx', 'deepseek_ocr2', 'deepseek_ocr2_text', 'deepseek_v2',
    'deepseek_v3', 'deepseek_v32', 'deepseek_v4', 'deepseek_v41', 'deepseek_v41_text',
    'deepseek_vl_v2', 'diffusion_gemma', 'diffusion_gemma_text', 'dots1', 'dots3_note',
    'dots3_note_text', 'dots3_note_vision_encoder', 'ernie4_5_moe', 'ernie4_5_moe_vl',
    'ernie4_5_vl_moe', 'ernie4_5_vl_moe_text', 'exaone_moe', 'flex_olmo', 'flint',
    'gigachat3_5', 'glm4_moe', 'glm4_moe_lite', 'glm4v_moe', 'glm4v_moe_text', 'glm5_next',
    'glm5_next_text', 'glm_moe_dsa', 'gpt_oss', 'granitemoe', 'granitemoe_swa',
    'granitemoeshared', 'grok-1', 'hunyuan_v1_moe', 'hy_v3', 'hy_v4', 'inkling2',
    'inkling2_text', 'inkling_mm_model', 'inkling_text', 'interns2_mobius', 'jetmoe', 'kimi_k2',
    'kimi_k25', 'kimi_k3', 'kimi_linear', 'kimi_vl', 'klear', 'kolibri1', 'laguna', 'lfm2_moe',
    'llada2_moe', 'llada_moe_v2', 'longcat_flash', 'longcat_flash_ngram',
    'longcat_flash_sparse', 'mellum', 'mimo_v2', 'mimo_v2_flash', 'minimax_m2', 'minimax_m3_vl',
    'minimax_m3_vl_text', 'mistral4', 'mistral_large3', 'mistral_large4', 'mistral_large4_text',
    'mixtral', 'mixture-of-experts', 'moe', 'moondream3', 'muse_spark', 'muse_spark_text',
    'nemotron_h_puzzle', 'nllb-moe', 'olmoe', 'openai_privacy_filter', 'phimoe', 'qwen2_moe',
    'qwen3_5_moe', 'qwen3_5_moe_text', 'qwen3_moe', 'qwen3_next', 'qwen3_omni_moe',
    'qwen3_omni_moe_talker_text', 'qwen3_omni_moe_text', 'qwen3_omni_moe_thinker',
    'qwen3_vl_moe', 'qwen3_vl_moe_text', 'qwen4_exp', 'qwen4_exp_text', 'sarvam_mla',
    'sarvam_moe', 'solar_open', 'step3_text', 'step3_vl', 'step3p5', 'step3p7',
    'switch_transformers', 'unlimited_ocr', 'unlimited_ocr_text', 'zaya', 'zaya1_vl',
]) }}
{% endmacro %}
