"""One measured step of the benchmark."""

from dataclasses import dataclass, field

from tools.bench.measure import Usage


@dataclass(frozen=True)
class Run:
    """One measured step.

    Attributes:
        section: the section that it belongs to.
        name: what was run.
        models, datasets: how many the Hub listed.
        usage: what it took.
        bars: which of the bars it is held against, if it is.
        ratio: its seconds, as a multiple of those of the run that it is compared with.
        requests, rate_limited: asked of the Hub, and answered with 429.
        landed_megabytes: of the snapshot in the landing zone, compressed.
        database_megabytes: of the DuckDB file afterwards.
        bytes_a_row: that a listing's row takes of it.
        slowest: the dbt nodes that took longest, in seconds.
        is_in_table: whether it is more than a step on the way.
    """

    section: str
    name: str
    models: int
    datasets: int
    usage: Usage
    bars: str | None = None
    ratio: float | None = None
    requests: int | None = None
    rate_limited: int | None = None
    landed_megabytes: float | None = None
    database_megabytes: float | None = None
    bytes_a_row: float | None = None
    slowest: dict[str, float] = field(default_factory=dict)
    is_in_table: bool = True

    @property
    def rows(self) -> int:
        """The records that rates count: the models, or the datasets of a Hub of datasets."""
        return max(self.models, self.datasets)
