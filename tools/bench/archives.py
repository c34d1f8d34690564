"""An archive of listings as large and as varied as real ones, and DuckDB's own reading of a file.

The files are made by DuckDB. Repositories are created evenly over four and a half years; each
month some are removed and some renamed, and every counter goes on.
"""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

LAST = date(2026, 10, 2)  # the last listing
FIRST_COUNTER = date(2025, 2, 26)  # the all-time counter came then
# Of all that were created until the last listing, this part is in it.
LISTED = 0.855

# One row for each repository that was ever created: what of it does not change, and its popularity.
_REPOSITORIES = """
create table {kind} as
select
    i, printf('%024x', 7000000000000 + i * 1337) as _id,
    'publisher-' || hash(i) % 50000 as author,
    author || '/{kind}-name-' || i as name,
    timestamp '2022-03-02' + to_microseconds(i * {step}) as created,
    created + interval (cast(-ln((hash(i, 20) % 1000000 + 1) / 1e6) * 5000 as int)) day as removed,
    if(hash(i, 21) % 100 = 0, created + interval (hash(i, 22) % 700) day, null) as renamed,
    if(hash(i, 1) % 100 < 40, exp(hash(i, 2) % 1200 / 100.0), 0) as popularity,
    {tags} as tags
from range({count}) as numbers (i)
"""
_TAGS = {
    "models": """[
        'transformers', 'safetensors', 'text-generation', 'en', 'region:us',
        'license:' || ['mit', 'apache-2.0', 'other'][1 + i % 3],
        'base_model:publisher-' || hash(i, 6) % 500 || '/base-' || hash(i, 7) % 3000,
        'base_model:finetune:publisher-' || hash(i, 6) % 500 || '/base-' || hash(i, 7) % 3000,
        'endpoints_compatible', 'arxiv:2' || hash(i, 8) % 1000,
        'dataset:a/d' || hash(i, 9) % 9999
    ]""",
    "datasets": """[
        'license:' || ['mit', 'apache-2.0', 'cc-by-4.0', 'other'][1 + i % 4],
        'language:'
            || ['en', 'zh', 'fr', 'de', 'es', 'ja', 'ko', 'ru'][1 + cast(hash(i, 3) % 8 as int)],
        'task_categories:'
            || ['text-generation', 'question-answering', 'other'][1 + cast(hash(i, 4) % 3 as int)],
        'size_categories:'
            || ['n<1K', '1K<n<10K', '10K<n<100K', '1M<n<10M'][1 + cast(hash(i, 5) % 4 as int)],
        'format:' || ['parquet', 'json', 'csv'][1 + cast(hash(i, 6) % 3 as int)], 'modality:text',
        'library:datasets', 'library:pandas', 'library:mlcroissant', 'region:us',
        if(hash(i, 7) % 5 = 0, 'arxiv:2' || hash(i, 8) % 9999, 'library:polars')
    ]""",
}

# A listing of them. Half of the bytes are columns that nobody needs.
_LISTING = """
copy (
    select
        _id, name || if(renamed < timestamp '{day}', '-renamed', '') as id, author,
        created as "createdAt",
        least(created + interval (hash(i, 5) % 90) day, timestamp '{day}') as "lastModified",
        cast(popularity * (0.5 + hash(i, {number}) % 1000 / 1000) as bigint) as downloads,
        {counter}
        cast(hash(i, 3) % 20 as bigint) as likes, cast(0 as double) as "trendingScore", tags,
        repeat(format('{{:x}}', hash(i, 30)), 16) as "cardData",
        {own}
        repeat(format('{{:x}}', hash(i, 31)), 8) as config
    from {kind} where created < timestamp '{day}' and removed >= timestamp '{day}'
) to '{path}' (format parquet, compression snappy)
"""
_COUNTER = """
    if(
        popularity > 0 or hash(i, 23) % 2 = 0,
        cast((1 + popularity) * date_diff('day', created, timestamp '{day}') / 30.0 as bigint), 0
    ) as "downloadsAllTime",
"""
# Half of the models declare sizes, and a twentieth has a chat template.
_OWN = {
    "models": """
        if(hash(i, 4) % 2 = 0, {
            'parameters': {
                'BF16': if(hash(i, 10) % 2 = 0, cast(hash(i, 11) % 8000000000 as bigint), null),
                'F32': if(hash(i, 10) % 2 = 1, cast(hash(i, 11) % 8000000000 as bigint), null),
                'U8': if(hash(i, 12) % 20 = 0, cast(77 as bigint), null),
                'I64': cast(null as bigint)
            },
            'total': cast(hash(i, 11) % 8000000000 as bigint)
        }, null) as safetensors,
        if(
            hash(i, 13) % 20 = 0,
            '{"total":' || hash(i, 11) % 8000000000 || ',"architecture":"llama",'
                || '"context_length":4096,"chat_template":"' || repeat('x{}ab', 200) || '"}',
            null
        ) as gguf,
        if(hash(i, 14) % 2 = 0, 'text-generation', null) as pipeline_tag,
        if(hash(i, 15) % 3 > 0, 'transformers', null) as library_name,
    """,
    "datasets": "'false' as gated, false as private, false as disabled,",
}


def month_dates(months: int) -> list[date]:
    """Give the days of so many monthly listings, the last on ``LAST``."""
    last = LAST.year * 12 + LAST.month - 1
    years = (divmod(month, 12) for month in range(last - months + 1, last + 1))
    return [LAST.replace(year=year, month=month + 1) for year, month in years]


def write_archive(folder: Path, sizes: dict[str, int], days: Sequence[date]) -> dict[str, int]:
    """Write a file of each kind and day.

    Args:
        folder: of the archive, which is made.
        sizes: by kind, some of so many repositories are in the last listing that there can be.
        days: of the listings.

    Returns:
        By kind, the rows of all its files.
    """
    rows = dict.fromkeys(sizes, 0)
    folder.mkdir(parents=True)
    scratch = folder / "repositories.duckdb"
    with duckdb.connect(str(scratch)) as database:
        database.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
        for kind, size in sizes.items():
            count = round(size / LISTED)
            step = (LAST - date(2022, 3, 2)).days * 86_400_000_000 // count
            database.execute(
                _REPOSITORIES.format(kind=kind, step=step, tags=_TAGS[kind], count=count)
            )
            for number, day in enumerate(days):
                path = folder / kind / str(day) / f"{kind}.parquet"
                path.parent.mkdir(parents=True)
                counter = _COUNTER.format(day=day) if day >= FIRST_COUNTER else ""
                values = {"kind": kind, "day": day, "path": path, "number": 100 + number}
                result = database.execute(
                    _LISTING.format(counter=counter, own=_OWN[kind], **values)
                )
                rows[kind] += result.fetchall()[0][0]
    scratch.unlink()
    return rows


def read_needed(path: Path, folder: Path) -> None:
    """Read the needed columns into a table of a DuckDB file, and do nothing else with them."""
    needed = '* exclude ("cardData", config, tags), to_json(tags) as tags'
    with duckdb.connect(str(folder / "limit.duckdb")) as database:
        database.execute(f"create table models as select {needed} from '{path}'")


if __name__ == "__main__":
    read_needed(*map(Path, sys.argv[1:]))
