"""A file of an archive of listings, made by DuckDB, and DuckDB's own reading of it."""

import sys
from pathlib import Path

import duckdb

# As large and as varied as real ones: half of the models declare sizes, a twentieth has a chat
# template, and half of the bytes are columns that nobody needs.
_MODELS = """
copy (
    select
        printf('%024x', 7000000000000 + i * 1337) as _id,
        'publisher-' || hash(i) % 50000 || '/model-name-' || i as id,
        'publisher-' || hash(i) % 50000 as author,
        timestamp '2022-03-02' + interval (i * {step}) second as "createdAt",
        timestamp '2022-03-05' + interval (i * {step}) second as "lastModified",
        cast(if(hash(i, 1) % 100 < 40, hash(i, 2) % 10000, 0) as bigint) as downloads,
        cast(hash(i, 2) % 1000000 as bigint) as "downloadsAllTime",
        cast(hash(i, 3) % 20 as bigint) as likes,
        cast(0 as double) as "trendingScore",
        [
            'transformers', 'safetensors', 'text-generation', 'en', 'region:us',
            'license:' || ['mit', 'apache-2.0', 'other'][1 + i % 3],
            'base_model:publisher-' || hash(i, 6) % 500 || '/base-' || hash(i, 7) % 3000,
            'base_model:finetune:publisher-' || hash(i, 6) % 500 || '/base-' || hash(i, 7) % 3000,
            'endpoints_compatible', 'arxiv:2' || hash(i, 8) % 1000,
            'dataset:a/d' || hash(i, 9) % 9999
        ] as tags,
        repeat(md5(cast(i as varchar)), 8) as "cardData",
        if(hash(i, 4) % 2 = 0, {{
            'parameters': {{
                'BF16': if(hash(i, 10) % 2 = 0, cast(hash(i, 11) % 8000000000 as bigint), null),
                'F32': if(hash(i, 10) % 2 = 1, cast(hash(i, 11) % 8000000000 as bigint), null),
                'U8': if(hash(i, 12) % 20 = 0, cast(77 as bigint), null),
                'I64': cast(null as bigint)
            }},
            'total': cast(hash(i, 11) % 8000000000 as bigint)
        }}, null) as safetensors,
        if(
            hash(i, 13) % 20 = 0,
            '{{"total":' || hash(i, 11) % 8000000000 || ',"architecture":"llama",'
                || '"context_length":4096,"chat_template":"' || repeat('x{{}}ab', 200) || '"}}',
            null
        ) as gguf,
        if(hash(i, 14) % 2 = 0, 'text-generation', null) as pipeline_tag,
        if(hash(i, 15) % 3 > 0, 'transformers', null) as library_name,
        repeat(md5(cast(i as varchar)), 4) as config
    from range({models}) as numbers (i)
) to '{path}' (format parquet, compression zstd)
"""
_SECONDS = 140_000_000  # over which the models were created: four and a half years


def write_models(path: Path, models: int) -> None:
    """Write a file of so many models, in the week of 2 September 2026."""
    path.parent.mkdir(parents=True)
    with duckdb.connect() as database:
        database.execute(_MODELS.format(models=models, path=path, step=max(1, _SECONDS // models)))


def read_needed(path: Path, folder: Path) -> None:
    """Read the needed columns into a table of a DuckDB file, and do nothing else with them."""
    needed = '* exclude ("cardData", config, tags), to_json(tags) as tags'
    with duckdb.connect(str(folder / "limit.duckdb")) as database:
        database.execute(f"create table models as select {needed} from '{path}'")


if __name__ == "__main__":
    read_needed(*map(Path, sys.argv[1:]))
