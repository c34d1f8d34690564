"""The plan of a load: which snapshot is to come in, and what is there already."""

from dataclasses import dataclass
from datetime import date

from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.snapshot_dates import today, unfetchable, unfetchable_error
from loaders.settings import LoadOptions
from loaders.sources import Source
from loaders.warehouse.snapshots import KeptSnapshot, find_snapshot


@dataclass(frozen=True)
class LoadPlan:
    """A snapshot that is to be loaded.

    Attributes:
        kept: the snapshots in the warehouse, newest first.
    """

    options: LoadOptions
    source: Source
    snapshot_date: date
    kept: list[KeptSnapshot]

    def __str__(self) -> str:
        return f"{self.source.name} as of {self.snapshot_date}"

    def landed(self, kind: str, *, is_read_only: bool = False) -> LandedCrawl:
        """Open the crawl of a listing in the landing zone, be it begun or not."""
        return LandedCrawl(
            self.options.run.landing_zone,
            self.source.landing_key,
            kind,
            self.snapshot_date,
            is_read_only=is_read_only,
        )

    def loaded(self, kind: str) -> KeptSnapshot | None:
        """Find the snapshot of this day, which the load would replace."""
        return find_snapshot(self.kept, kind, self.snapshot_date)

    def newest(self, kind: str) -> KeptSnapshot | None:
        """Find the newest snapshot that tells how long the listing is.

        Beside a part of a listing a whole one is no guide, nor a part beside a whole.
        """
        is_whole = self.source.is_complete
        return next((s for s in self.kept if s.kind == kind and s.is_whole == is_whole), None)


def loadable_crawls(
    plan: LoadPlan, *, is_read_only: bool = False
) -> tuple[dict[str, LandedCrawl], dict[str, str]]:
    """Open the crawls of a day that are landed or can still be.

    Returns:
        The crawls by kind, and by kind why the others cannot be fetched any more.

    Raises:
        LoaderError: there is none of the former.
    """
    is_past = not plan.source.is_local and plan.snapshot_date != today()
    crawls = {
        kind: plan.landed(kind, is_read_only=is_read_only or is_past) for kind in plan.source.kinds
    }
    if not is_past:
        return crawls, {}
    missing = unfetchable(crawls, plan.snapshot_date)
    if len(missing) == len(crawls):
        raise unfetchable_error(missing, plan.snapshot_date)
    for kind, landed in crawls.items():
        if kind not in missing and not landed.is_listed_to_the_end and not is_read_only:
            crawls[kind] = plan.landed(kind)
    return {kind: landed for kind, landed in crawls.items() if kind not in missing}, missing
