"""The day that a snapshot stands for, and the crawls that may stand for it.

What a Hub at an address lists now is not what it listed then, and no later listing gives that
back. So a crawl begins on its snapshot date (UTC). One that was begun may end within 48 hours of
the end of that day: a crawl of 31 October until 3 November, 00:00 UTC. A landed crawl can be
loaded at any time, and never takes the place of one that was crawled before it, unless it is
still that day.

The sample and folders of records are exempt: a synthetic Hub is made up anew as of any day, and a
folder says the same whenever it is read.
"""

from datetime import UTC, date, datetime, time, timedelta

from loaders import clock
from loaders.errors import LoaderError
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import SnapshotManifest
from loaders.sources import Source
from loaders.warehouse.snapshots import KeptSnapshot, find_snapshot

TIME_TO_END = timedelta(hours=48)
# Clocks of two machines may differ, and one may be set back.
_CLOCKS_DIFFER = timedelta(hours=24)

GUARD = "crawled_later"  # in hub_raw.snapshots.overruled


def today() -> date:
    """Give the day that it is, in UTC."""
    return clock.now().date()


def last_moment(snapshot_date: date) -> datetime:
    """Give the instant by which the last page of a crawl of that day must be there."""
    return datetime.combine(snapshot_date, time(), UTC) + timedelta(days=1) + TIME_TO_END


def choose_snapshot_date(source: Source, given: date | None) -> date:
    """Choose the day that a snapshot stands for: the given one, the source's own, or today.

    Raises:
        LoaderError: a folder does not say it, or it lies ahead.
    """
    chosen = given or source.stated_date
    if source.is_synthetic and chosen is not None:
        return chosen
    if chosen is None and source.folder is not None:
        raise LoaderError(
            f"The date of the records in {source.folder.path} is not given. Give the day "
            "that they were listed on with --snapshot-date, or as snapshot_date in the "
            "folder's hub.json."
        )
    chosen = chosen or today()
    if chosen > today():
        raise LoaderError(
            f"The snapshot date {chosen} lies ahead: today is {today()} (UTC), and a listing "
            "stands for the day that it was taken on."
        )
    return chosen


def check_refetch(snapshot_date: date) -> None:
    """Refuse to replace a past day by today's listing.

    Raises:
        LoaderError: the day has passed.
    """
    if snapshot_date != today():
        raise LoaderError(
            f"--refetch would remove what was landed for {snapshot_date}, and today's listing, of "
            f"{today()} (UTC), cannot stand for that day. Nothing was changed. Leave --refetch out "
            "to load what was landed, or --snapshot-date to crawl today."
        )


def unfetchable(crawls: dict[str, LandedCrawl], snapshot_date: date) -> dict[str, str]:
    """Find the crawls of a day that lack pages which the Hub cannot give any more.

    Args:
        crawls: those of one snapshot, by kind. As soon as one has a page, the others may begin.

    Returns:
        What each of them lacks, in words, by kind.
    """
    if snapshot_date == today():
        return {}
    is_begun = any(landed.pages for landed in crawls.values())
    until = last_moment(snapshot_date)
    if is_begun and clock.now() < until:
        return {}
    return {
        kind: _missing_part(landed, until)
        for kind, landed in crawls.items()
        if not landed.is_listed_to_the_end
    }


def _missing_part(landed: LandedCrawl, until: datetime) -> str:
    if landed.pages:
        return f"was begun and did not end by {until:%Y-%m-%d %H:%M} UTC"
    return f"is not in the landing zone ({landed.folder})"


def unfetchable_error(missing: dict[str, str], snapshot_date: date) -> LoaderError:
    """Make the error of the crawls that ``unfetchable`` found."""
    (first, part), *others = missing.items()
    problem = f"The listing of {first} for {snapshot_date} {part}"
    problem += "".join(f", that of {kind} {part}" for kind, part in others)
    return LoaderError(
        f"{problem}, and what the Hub lists today, {today()} (UTC), is not what it listed then: "
        f"nothing of {'them' if others else 'it'} was crawled or replaced. Bring the pages "
        "into the landing zone, give a folder of that day's records as --hub, or leave out "
        "--snapshot-date to crawl today."
    )


def crawled_later(manifest: SnapshotManifest, kept: list[KeptSnapshot]) -> str | None:
    """Find why a landed crawl is no listing of its day, or must not replace the loaded one.

    Args:
        manifest: the crawl.
        kept: the snapshots in the warehouse.

    Returns:
        The reason in words; None where there is none.
    """
    kind, day = manifest.kind, manifest.snapshot_date
    advice = "Nothing was replaced. To load it all the same, and record that, --allow-later-crawl."
    begins = datetime.combine(day, time(), UTC) - _CLOCKS_DIFFER
    if manifest.started_at < begins or manifest.finished_at >= last_moment(day):
        return (
            f"The landed listing of {kind} for {day} was crawled from "
            f"{manifest.started_at:%Y-%m-%d %H:%M} to {manifest.finished_at:%Y-%m-%d %H:%M} UTC, "
            f"which is not that day. {advice}"
        )
    loaded = find_snapshot(kept, kind, day)
    if loaded and manifest.finished_at > loaded.crawl_finished_at and day != today():
        return (
            f"{kind} of {day} are loaded from a crawl that ended "
            f"{loaded.crawl_finished_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC; the landed one "
            f"ended later, {manifest.finished_at:%Y-%m-%d %H:%M:%S} UTC. {advice}"
        )
    return None
