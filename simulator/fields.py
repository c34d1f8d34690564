"""The fields that the Hub's API knows, by kind of listing."""

_FIELDS_OF_BOTH = {
    *("author", "cardData", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated"),
    *("lastModified", "likes", "private", "resourceGroup", "sha", "siblings", "tags"),
    *("trendingScore", "usedStorage"),
}
FIELDS = {
    "models": _FIELDS_OF_BOTH
    | {"baseModels", "childrenModelCount", "config", "evalResults", "gguf", "inference"}
    | {"inferenceProviderMapping", "library_name", "mask_token", "model-index", "pipeline_tag"}
    | {"safetensors", "spaces", "transformersInfo", "widgetData"},
    "datasets": _FIELDS_OF_BOTH | {"citation", "description", "mainSize", "paperswithcode_id"},
}
REFUSED_IN_LISTING = {"usedStorage", "childrenModelCount"}

# What a listing gives when nobody asks for particular fields.
DEFAULT_FIELDS = {
    "models": (
        *("createdAt", "downloads", "library_name", "likes", "pipeline_tag", "private", "tags"),
        "trendingScore",
    ),
    "datasets": (
        *("author", "createdAt", "disabled", "downloads", "gated", "lastModified", "likes"),
        *("private", "tags", "trendingScore"),
    ),
}
