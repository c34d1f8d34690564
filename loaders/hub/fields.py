"""The fields of a listing: what is asked of the Hub, and the column that each is kept in.

The one place that names them. The request, the types that records are decoded to and the columns
of ``hub_raw`` are made of this table, and a test holds the sources of dbt against it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
import pyarrow as pa

from loaders.limits import MAX_COUNT, MAX_NAME_LENGTH, MAX_NUMBER_FORMATS

LISTINGS = ("models", "datasets")

_INT64 = 2**63 - 1
_Integer = Annotated[int, msgspec.Meta(ge=-_INT64, le=_INT64)]
_Text = Annotated[str, msgspec.Meta(max_length=MAX_NAME_LENGTH)]

json_text = msgspec.json.Encoder().encode


def parameter_entries(parameters: dict[str, int]) -> bytes:
    """Write parameters by number format as JSON text: ``[{"dtype": "BF16", "parameters": 7}, …]``.

    Entries, not an object: the keys are free text of strangers, and GoogleSQL reads no object with
    unknown keys.
    """
    return json_text([{"dtype": dtype, "parameters": n} for dtype, n in parameters.items()])


def _gated(value: bool | str) -> str:
    return value if isinstance(value, str) else str(value).lower()


@dataclass(frozen=True)
class FieldType:
    """The way in which a value is read from JSON, and the type that it is kept as.

    Attributes:
        decoded: what JSON may hold, as a type of msgspec's. Anything else makes a record malformed.
        column: the type of the column.
        convert: from the one to the other; None where Arrow does it.
    """

    decoded: Any
    column: pa.DataType
    convert: Callable[[Any], Any] | None = None


NAME = FieldType(
    Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH)], pa.string()
)
TEXT = FieldType(_Text, pa.string())
FLAG = FieldType(bool, pa.bool_())
COUNT = FieldType(Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)], pa.int64())
# Which number of parameters can be is for dbt to say; any that fits 64 bits travels.
INTEGER = FieldType(_Integer, pa.int64())
SCORE = FieldType(Annotated[float, msgspec.Meta(ge=-MAX_COUNT, le=MAX_COUNT)], pa.float64())
INSTANT = FieldType(Annotated[datetime, msgspec.Meta(tz=True)], pa.timestamp("us", tz="UTC"))
# 'false', 'auto', 'manual' or 'true': the Hub mixes types.
GATED = FieldType(bool | _Text, pa.string(), _gated)
TAGS = FieldType(list[str], pa.string(), json_text)  # JSON text: ["…", …]
PARAMETERS = FieldType(
    Annotated[dict[_Text, _Integer], msgspec.Meta(max_length=MAX_NUMBER_FORMATS)],
    pa.string(),
    parameter_entries,
)


@dataclass(frozen=True)
class Field:
    """One field of a listing's records.

    Attributes:
        json_name: the Hub's name; ``gguf.total`` is ``total`` in the object ``gguf``, whose other
            fields are skipped.
        column: of the raw table, the Hub's name in snake case.
        kinds: the listings that have it.
        is_required: a record without it is malformed; else an absent field is null.
    """

    json_name: str
    column: str
    type: FieldType
    kinds: tuple[str, ...] = LISTINGS
    is_required: bool = False

    @property
    def parent(self) -> str:
        """The object of a record that it stands in; empty where that is the record itself."""
        return self.json_name.rpartition(".")[0]

    @property
    def attribute(self) -> str:
        """Its name in what is decoded: its column, or within an object, the Hub's name."""
        return self.json_name.rpartition(".")[2] if self.parent else self.column


# In the order of the columns. Lean on purpose: the tags carry licence, language and parents, so
# that cardData, config and siblings, most of a record's bytes, need not travel.
_MODELS = ("models",)
FIELDS = (
    Field("_id", "_id", NAME, is_required=True),  # the Hub's key: survives a rename
    Field("id", "id", NAME, is_required=True),  # the repository's name, mostly publisher/name
    Field("author", "author", TEXT),
    Field("createdAt", "created_at", INSTANT),
    Field("lastModified", "last_modified", INSTANT),
    Field("private", "private", FLAG),
    Field("disabled", "disabled", FLAG),
    Field("gated", "gated", GATED),
    Field("downloads", "downloads", COUNT),  # of the last 30 days
    Field("downloadsAllTime", "downloads_all_time", COUNT),
    Field("likes", "likes", COUNT),
    Field("trendingScore", "trending_score", SCORE),  # can be fractional
    Field("tags", "tags", TAGS),
    Field("pipeline_tag", "pipeline_tag", TEXT, _MODELS),
    Field("library_name", "library_name", TEXT, _MODELS),
    Field("safetensors.parameters", "safetensors_parameters", PARAMETERS, _MODELS),
    Field("safetensors.total", "safetensors_total", INTEGER, _MODELS),
    # The chat template beside these is most of a page's bytes.
    Field("gguf.total", "gguf_total", INTEGER, _MODELS),
    Field("gguf.architecture", "gguf_architecture", TEXT, _MODELS),
    # An integer, no count: a listing is not summed by it.
    Field("gguf.context_length", "gguf_context_length", INTEGER, _MODELS),
)


def fields_of(kind: str) -> list[Field]:
    """Give the fields of one listing, in the order of their columns."""
    return [field for field in FIELDS if kind in field.kinds]


def requested_fields(kind: str) -> list[str]:
    """Give the names to ask the Hub for; ``_id`` and ``id`` come unasked, and are refused."""
    names = {field.json_name.partition(".")[0] for field in fields_of(kind)}
    return sorted(names - {"_id", "id"})
