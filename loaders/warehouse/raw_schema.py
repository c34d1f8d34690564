"""The raw schema: the columns of every table in ``hub_raw``, and nothing else.

This file is the contract between the loaders, which write these tables, and dbt, whose
sources read them. All columns are scalars. A list or an object of the Hub travels as JSON
text in one column, because BigQuery cannot load JSON from parquet and takes lists in as
nested records. Column names are the Hub's own, in snake case.
"""

import pyarrow as pa

from loaders.hub.fields import fields_of

RAW_DATASET = "hub_raw"

_TIMESTAMP = pa.timestamp("us", tz="UTC")


def _listing(kind: str) -> pa.Schema:
    fields = [
        pa.field(field.column, field.type.column, nullable=not field.is_required)
        for field in fields_of(kind)
    ]
    return pa.schema([pa.field("snapshot_date", pa.date32(), nullable=False), *fields])


MODELS = _listing("models")
DATASETS = _listing("datasets")

SNAPSHOTS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # 'models' or 'datasets'
        pa.field("snapshot_date", pa.date32(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # an endpoint, a folder, or 'sample'
        pa.field("is_synthetic", pa.bool_(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),  # rows in hub_raw.<kind> of that date
        pa.field("rejects", pa.int64(), nullable=False),  # rows in hub_raw.rejects of that date
        pa.field("without_created_at", pa.int64(), nullable=False),
        pa.field("pages", pa.int64(), nullable=False),
        pa.field("requests", pa.int64(), nullable=False),  # HTTP requests, retries included
        pa.field("rate_limited", pa.int64(), nullable=False),  # answers with status 429
        pa.field("bytes", pa.int64(), nullable=False),  # of the pages, uncompressed
        pa.field("crawl_started_at", _TIMESTAMP, nullable=False),
        pa.field("crawl_finished_at", _TIMESTAMP, nullable=False),
        pa.field("loaded_at", _TIMESTAMP, nullable=False),
        pa.field("is_forced", pa.bool_(), nullable=False),  # the row-count guard was overruled
        # Columns that came later are nullable: a database of an older version lacks them until
        # the next load adds them, and null until then is what readers make of it.
        pa.field("overruled", pa.string()),  # names of all guards that were, parted by commas
        pa.field("is_complete", pa.bool_()),  # false: a part of a listing; null is true
        # Of a folder of records in its own words; of an archive, the file that was read.
        pa.field("obtained_from", pa.string()),
        pa.field("licence", pa.string()),  # likewise
        pa.field("tags_cut", pa.int64()),  # tags of its rows that were beyond the limits
        # Of an archive of earlier listings alone; null for a crawl and for a folder of records.
        pa.field("archive_date", pa.date32()),  # its own date of the file, as a week's first day
        pa.field("archive_revision", pa.string()),  # the commit that was read
        pa.field(
            "is_frozen", pa.bool_()
        ),  # repeats the archive's file before it; null: not compared
    ]
)

REJECTS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("snapshot_date", pa.date32(), nullable=False),
        pa.field("page", pa.int64(), nullable=False),  # from 1, as the landing zone numbers them
        pa.field("position", pa.int64(), nullable=False),  # from 1, within the page
        pa.field("reason", pa.string(), nullable=False),  # one of loaders.warehouse.rejects.Reason
        pa.field("detail", pa.string(), nullable=False),  # what was wrong, in words
        pa.field("raw_text", pa.string(), nullable=False),  # as received, cut at 10,000 bytes
    ]
)

# Written by the separate runs that ask for one model at a time; created empty by the first
# load, so that dbt can read them before such a run has ever happened. A model has a row for
# each time that it was asked for; the newest one tells.
_ASKED = [
    pa.field("_id", pa.string(), nullable=False),
    pa.field("id", pa.string(), nullable=False),
    pa.field("fetched_at", _TIMESTAMP, nullable=False),
    pa.field("last_modified", _TIMESTAMP),  # of the repository, as listed when it was asked for
]
_ASKED_AT_THE_COST_OF = [
    pa.field("bytes_read", pa.int64()),
    pa.field("requests", pa.int64()),  # of the Hub's quota, retries included
    pa.field("error", pa.string()),  # why it failed
    pa.field("batch", pa.string()),  # the file of the landing zone that it was loaded from
]

MODEL_PARAMETERS = pa.schema(
    [
        *_ASKED,
        pa.field("status", pa.string(), nullable=False),  # 'counted', 'none' or 'failed'
        pa.field("method", pa.string()),  # 'safetensors_header' or 'safetensors_index'
        pa.field("parameters", pa.string()),  # JSON text, as MODELS.safetensors_parameters
        pa.field("files", pa.int64()),
        *_ASKED_AT_THE_COST_OF,
    ]
)

MODEL_DETAILS = pa.schema(
    [
        *_ASKED,
        pa.field("status", pa.string(), nullable=False),  # 'found', 'none' or 'failed'
        pa.field("used_storage", pa.int64()),  # bytes
        pa.field("spaces", pa.int64()),  # Spaces that use the model
        *_ASKED_AT_THE_COST_OF,
    ]
)

TABLES: dict[str, pa.Schema] = {
    "models": MODELS,
    "datasets": DATASETS,
    "snapshots": SNAPSHOTS,
    "rejects": REJECTS,
    "model_parameters": MODEL_PARAMETERS,
    "model_details": MODEL_DETAILS,
}
