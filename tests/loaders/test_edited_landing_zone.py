"""A landing zone that somebody edited is refused, with what is wrong; an older one is read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS
from loaders.landing.catalog import landed_snapshots
from loaders.landing.landed_crawl import LandedCrawl
from tests.loaders.test_landing_zone import add_pages

Fields = dict[str, Any]


def landed(root: Path) -> LandedCrawl:
    return LandedCrawl(str(root), "hub", "models", date(2026, 10, 15))


def shorten(fields: Fields) -> None:
    del fields["pages"][-1]


def shorten_to_an_end(fields: Fields) -> None:
    del fields["pages"][-1]
    fields["pages"][-1]["next_path"] = None


def leave_out_a_page(fields: Fields) -> None:
    del fields["pages"][1]


def renumber(fields: Fields) -> None:
    fields["pages"][1]["number"] = 7


def empty(fields: Fields) -> None:
    fields["pages"] = []


def put(**changes: Any) -> Callable[[Fields], None]:
    return lambda fields: fields.update(changes)


STRUCTURAL = {
    "fewer pages": shorten,
    "fewer pages, to an end": shorten_to_an_end,
    "a page in between": leave_out_a_page,
    "a page's number": renumber,
    "no pages": empty,
    "another date": put(snapshot_date="2026-05-20"),
    "another kind": put(kind="datasets"),
}
IN_DETAIL = {
    "another source": put(source="https://huggingface.co"),
    "when it was crawled": put(finished_at="2026-05-20T00:00:00Z"),
}


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """A landing zone with one complete crawl of four pages."""
    crawl = landed(tmp_path)
    add_pages(crawl, 3, last=True)
    crawl.complete("hub")
    return tmp_path


def edit(zone: Path, change: Callable[[Fields], None], *, is_older: bool) -> None:
    path = next(zone.rglob("snapshot.json"))
    fields = msgspec.json.decode(path.read_bytes())
    if is_older:
        del fields["checksum"]
    change(fields)
    path.write_bytes(msgspec.json.encode(fields))


@pytest.mark.parametrize("name", [*STRUCTURAL, *IN_DETAIL])
def test_an_edited_snapshot_is_found_out_by_its_checksum(zone, name):
    edit(zone, (STRUCTURAL | IN_DETAIL)[name], is_older=False)
    with pytest.raises(LoaderError, match=r"snapshot\.json is not as it was written"):
        landed(zone)
    assert list(landed_snapshots(str(zone), LISTINGS)) == []


@pytest.mark.parametrize("name", STRUCTURAL)
def test_an_edited_snapshot_of_an_older_version_is_found_out_by_its_pages(zone, name):
    edit(zone, STRUCTURAL[name], is_older=True)
    with pytest.raises(LoaderError, match=r"snapshot\.json is not as it was written"):
        landed(zone)


def test_a_snapshot_of_an_older_version_is_read(zone):
    edit(zone, lambda fields: None, is_older=True)
    assert len(landed(zone).pages) == 4
    assert len(list(landed_snapshots(str(zone), LISTINGS))) == 1


def test_what_a_later_version_adds_to_a_manifest_is_no_edit(zone):
    path = next(zone.rglob("snapshot.json"))
    written = msgspec.json.decode(path.read_bytes())

    class Later(msgspec.Struct):
        kind: str
        source: str
        snapshot_date: date
        started_at: str
        finished_at: str
        pages: list[dict]
        colour: str = "blue"

    from loaders.landing.manifests import encode_manifest

    path.write_bytes(encode_manifest(msgspec.convert(written, Later)))
    assert len(landed(zone).pages) == 4


def test_a_crawl_that_was_moved_to_another_date_is_no_crawl_of_that_date(zone):
    folder = next(zone.rglob("snapshot.json")).parent
    folder.rename(folder.with_name("2026-05-20"))
    with pytest.raises(LoaderError, match="it is of models for 2026-10-15"):
        LandedCrawl(str(zone), "hub", "models", date(2026, 5, 20))


def test_an_edited_snapshot_is_written_again_from_its_pages_once_it_is_removed(zone):
    edit(zone, shorten_to_an_end, is_older=False)
    next(zone.rglob("snapshot.json")).unlink()
    again = landed(zone)
    assert again.is_listed_to_the_end
    assert len(again.complete("hub").pages) == 4
    assert len(landed(zone).pages) == 4
