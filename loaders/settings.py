"""The options of a run, made once by ``cli.py`` from the command line and the environment.

The parts that several commands share come first, then one class for each command.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The places where a run of any command works.

    Attributes:
        target: the engine of the warehouse, one of ``destinations.DESTINATIONS``.
        landing_zone: its root: a folder or any URL that fsspec knows.
        lock_wait_minutes: how long to wait for a run that holds the lock.
        summary: the file that the run's summary goes to; None for none.
    """

    target: str
    landing_zone: str
    lock_wait_minutes: float
    summary: Path | None


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """The Hub to read.

    Attributes:
        hub: ``sample``, an address, or a folder of records.
        sample_models, sample_datasets, sample_seed: size and seed number of the sample; None for
            the simulator's own.
    """

    hub: str
    sample_models: int | None = None
    sample_datasets: int | None = None
    sample_seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class RequestOptions:
    """The pace, patience and token with which the Hub is asked.

    Attributes:
        quota_share: the part of its quota to use, above 0 and up to 1.
        timeout: seconds to wait for an answer.
        retries: how often to ask again when an answer failed.
        token: of the Hub; None reads anonymously.
        token_over_http: send the token though anyone on the way can read it.
    """

    quota_share: float
    timeout: float
    retries: int
    token: str | None = field(repr=False)  # a traceback or a log may show the options
    token_over_http: bool


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """The options of ``load``.

    Attributes:
        snapshot_date: the day (UTC) that the snapshot stands for; None for the source's own.
        max_pages: a longer listing is treated as endless.
        refetch: crawl anew what is landed.
        force: load a snapshot that a check refused.
        allow_later_crawl: load a listing that was crawled after its day.
        keep_pages: snapshots of each kind whose pages stay in the landing zone; None for all.
        dry_run: fetch and write nothing; say what a load would do.
    """

    run: RunOptions
    source: SourceOptions
    requests: RequestOptions
    snapshot_date: date | None
    max_pages: int
    refetch: bool
    force: bool
    allow_later_crawl: bool
    keep_pages: int | None
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class HistoryOptions:
    """The options of ``history``.

    Attributes:
        archive: ``hf://datasets/OWNER/NAME``, the address of its page, or a folder.
        layout: where its files are, one of ``weekly`` and ``revisions``.
        since, until: the first and the last day (UTC) to take a snapshot of; None for no bound.
        every: ``month`` or ``week``, of each of which the first usable file is taken.
        kind: read this listing alone; None for both.
        force: load what a check refused.
        offline: ask nobody; load what the landing zone has of the archive.
        dry_run: load nothing; say what would be read.
    """

    run: RunOptions
    source: SourceOptions
    requests: RequestOptions
    archive: str
    layout: str
    since: date | None
    until: date | None
    every: str
    kind: str | None
    force: bool
    offline: bool
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class EnrichOptions:
    """The options of ``parameters`` and ``details``.

    Attributes:
        command: the name of what is asked about each model, such as ``parameters``.
        budget: the most requests to make.
        limit: the most models to ask about; None for as many as the budget allows.
        min_downloads: leave out models with fewer in the last 30 days.
        retry_failed_after_days: ask again about a model whose question failed so long ago.
        workers: models to ask about at a time.
        dry_run: ask nothing; say how long it would take.
    """

    run: RunOptions
    source: SourceOptions
    requests: RequestOptions
    command: str
    budget: int
    limit: int | None
    min_downloads: int
    retry_failed_after_days: float
    workers: int
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class SnapshotsOptions:
    """The options of ``snapshots``.

    Attributes:
        kind: list or drop this listing alone; None for both.
        as_json: list them as JSON.
        drop: the day whose snapshots are removed; None lists.
        force: drop a snapshot whose pages are gone.
    """

    run: RunOptions
    kind: str | None
    as_json: bool
    drop: date | None
    force: bool


Options = LoadOptions | HistoryOptions | EnrichOptions | SnapshotsOptions
