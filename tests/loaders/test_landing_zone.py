"""Pages on disk: committed or not, whole or refused."""

import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from aiohttp import ServerDisconnectedError
from fsspec.exceptions import FSTimeoutError
from fsspec.implementations.memory import MemoryFileSystem
from gcsfs import GCSFileSystem
from gcsfs.retry import ChecksumError, HttpError
from google.auth.exceptions import RefreshError
from requests.exceptions import ProxyError

from loaders.enrich.details import DetailsAnswer
from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS
from loaders.landing import landed_crawl
from loaders.landing.catalog import landed_dates, landed_snapshot, landed_snapshots
from loaders.landing.landed_answers import LandedAnswers
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.lock import run_lock
from loaders.landing.read_ahead import read_ahead
from tests.loaders.bucket import Bucket, served


def landed(root: Path | str, source: str = "hub") -> LandedCrawl:
    return LandedCrawl(str(root), source, "models", date(2026, 10, 15))


def add_pages(crawl: LandedCrawl, count: int, last: bool = False) -> None:
    for _ in range(count):
        number = len(crawl.pages) + 1
        crawl.add_page(
            json.dumps([{"_id": str(number)}]).encode(),
            path=f"/page/{number}",
            next_path=f"/page/{number + 1}",
            records=1,
            last_id=str(number),
            requests=2,
            rate_limited=1,
        )
    if last:
        crawl.add_page(
            b"[]",
            path=f"/page/{len(crawl.pages) + 1}",
            next_path=None,
            records=0,
            last_id="",
            requests=1,
            rate_limited=0,
        )


def test_pages_come_back_as_they_were_received(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 3, last=True)
    manifest = crawl.complete("hub")
    again = landed(tmp_path)
    assert again.snapshot == manifest
    assert [body for _, body in again.bodies()] == [
        b'[{"_id": "1"}]',
        b'[{"_id": "2"}]',
        b'[{"_id": "3"}]',
        b"[]",
    ]


def test_an_unfinished_crawl_goes_on_where_it_stopped_and_is_no_snapshot(tmp_path):
    add_pages(landed(tmp_path), 2)
    again = landed(tmp_path)
    assert (again.snapshot, again.next_path, len(again.pages)) == (None, "/page/3", 2)
    assert not again.is_listed_to_the_end


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_manifest_cut_short_by_a_kill_commits_nothing(tmp_path, kept):
    crawl = landed(tmp_path)
    add_pages(crawl, 2)
    manifest = Path(crawl.folder) / "page-000002.manifest.json"
    content = manifest.read_bytes()
    manifest.write_bytes(content[: int(len(content) * kept)])
    again = landed(tmp_path)
    assert again.next_path == "/page/2"
    add_pages(again, 1, last=True)
    assert [number for number, _ in again.bodies()] == [1, 2, 3]


def test_a_page_without_its_manifest_is_fetched_again(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 1)
    (Path(crawl.folder) / "page-000002.json.zst").write_bytes(b"half a pa")
    assert landed(tmp_path).next_path == "/page/2"


def test_a_snapshot_file_cut_short_is_written_again_from_the_pages(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 1, last=True)
    crawl.complete("hub")
    (Path(crawl.folder) / "snapshot.json").write_bytes(b'{"kind": "mod')
    again = landed(tmp_path)
    assert again.snapshot is None
    assert again.is_listed_to_the_end


def test_a_page_that_rotted_is_refused_by_name(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 2, last=True)
    page = Path(crawl.folder) / "page-000002.json.zst"
    content = bytearray(page.read_bytes())
    content[-3] ^= 0xFF
    page.write_bytes(content)
    with pytest.raises(LoaderError, match=r"page-000002\.json\.zst is not the page"):
        list(crawl.bodies())
    page.unlink()
    with pytest.raises(LoaderError, match=r"page-000002\.json\.zst is not the page"):
        list(crawl.bodies())


def test_a_page_swapped_for_another_is_refused(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 2, last=True)
    folder = Path(crawl.folder)
    (folder / "page-000002.json.zst").write_bytes((folder / "page-000001.json.zst").read_bytes())
    with pytest.raises(LoaderError, match="its checksum differs"):
        list(crawl.bodies())


def test_a_hole_in_the_manifests_is_damage_and_not_the_end(tmp_path):
    crawl = landed(tmp_path)
    add_pages(crawl, 3)
    (Path(crawl.folder) / "page-000002.manifest.json").unlink()
    with pytest.raises(LoaderError, match="lacks the manifest of page 2"):
        landed(tmp_path)


def test_sources_dates_and_kinds_do_not_share_a_folder(tmp_path):
    folders = {
        LandedCrawl(str(tmp_path), source, kind, date(2026, month, 1)).folder
        for source in ("a", "b")
        for kind in ("models", "datasets")
        for month in (1, 2)
    }
    assert len(folders) == 8


def test_a_bucket_works_as_a_folder_does():
    crawl = landed("memory://bucket/landing")
    add_pages(crawl, 2, last=True)
    crawl.complete("hub")
    again = landed("memory://bucket/landing")
    assert again.snapshot is not None
    assert [number for number, _ in again.bodies()] == [1, 2, 3]
    again.remove()
    assert landed("memory://bucket/landing").pages == []


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket that is asked over HTTP, its landing zone at ``gs://bucket/landing``."""
    bucket = Bucket()
    monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
    with served(bucket) as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        GCSFileSystem.clear_instance_cache()
        yield bucket
        GCSFileSystem.clear_instance_cache()


def test_a_distant_bucket_is_asked_for_several_pages_at_a_time_but_not_for_all(bucket: Bucket):
    crawl = landed("gs://bucket/landing")
    add_pages(crawl, 2 * landed_crawl.READ_AHEAD_PAGES)
    # Nobody gets a page until so many ask for one.
    bucket.downloads_meet = threading.Barrier(landed_crawl.READ_AHEAD_PAGES, timeout=20)
    assert [number for number, _ in crawl.bodies()] == list(range(1, len(crawl.pages) + 1))
    assert bucket.most_downloads == landed_crawl.READ_AHEAD_PAGES


@pytest.mark.parametrize(("most_bytes", "together"), [(10_000, 4), (299, 2), (1, 1)])
def test_pages_that_are_large_do_not_fill_the_memory(most_bytes: int, together: int):
    def met(others: int, timeout: float) -> list[int]:
        barrier = threading.Barrier(others, timeout=timeout)
        pages = read_ahead(
            range(12),
            lambda _: barrier.wait(),
            size=lambda _: 100,
            most_items=4,
            most_bytes=most_bytes,
        )
        return [page for page, content in pages if content() is not None]

    assert met(together, timeout=20) == list(range(12))
    with pytest.raises(threading.BrokenBarrierError):  # one more never comes
        met(together + 1, timeout=0.5)


def test_a_page_that_a_bucket_lost_is_told_after_the_pages_before_it(bucket: Bucket):
    crawl = landed("gs://bucket/landing")
    add_pages(crawl, 5)
    del bucket.objects[f"{crawl.folder.removeprefix('bucket/')}/page-000003.json.zst"]
    bodies = crawl.bodies()
    assert [number for number, _ in itertools.islice(bodies, 2)] == [1, 2]
    with pytest.raises(LoaderError, match=r"page-000003\.json\.zst is not the page"):
        next(bodies)


@pytest.mark.parametrize("removed_before", range(8))
def test_a_removal_cut_short_by_a_kill_leaves_nothing_that_looks_like_a_crawl(
    tmp_path, monkeypatch, removed_before
):
    class Killed(BaseException):
        pass

    crawl = landed(tmp_path)
    add_pages(crawl, 2, last=True)
    manifest = crawl.complete("hub")
    assert landed_snapshot(str(tmp_path), "hub", "models", crawl.snapshot_date) == manifest
    removals, remove = itertools.count(), os.remove

    def remove_until_killed(path: str, **_: object) -> None:
        if next(removals) == removed_before:
            raise Killed
        remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "remove", remove_until_killed)
        patch.setattr(os, "rmdir", remove_until_killed)  # the last step
        with pytest.raises(Killed):
            crawl.remove()
    assert landed_snapshot(str(tmp_path), "hub", "models", crawl.snapshot_date) is None
    seen = LandedCrawl(str(tmp_path), "hub", "models", crawl.snapshot_date, is_read_only=True)
    assert (seen.snapshot, seen.pages) == (None, [])
    again = landed(tmp_path)
    assert (again.snapshot, again.pages, list(Path(again.folder).iterdir())) == (None, [], [])
    add_pages(again, 1, last=True)
    assert [number for number, _ in again.bodies()] == [1, 2]


def test_to_look_makes_no_folder(tmp_path):
    seen = LandedCrawl(
        str(tmp_path / "none"), "hub", "models", date(2026, 10, 15), is_read_only=True
    )
    assert seen.pages == []
    assert list(landed_snapshots(str(tmp_path / "none"), LISTINGS)) == []
    assert landed_dates(str(tmp_path / "none"), "hub", "models") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("root", ["/dev/null/landing", "nosuchprotocol://bucket"])
def test_a_landing_zone_that_cannot_be_written_is_told_before_any_crawl(root):
    with pytest.raises(LoaderError, match="Set HUB_LANDING to a folder or bucket"):
        landed(root)


class BrokenBucket(MemoryFileSystem):
    """A bucket whose operations can fail, as those of ``gcsfs`` do."""

    protocol = "broken"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    next_error: ClassVar[Callable[[], Exception | None]]

    def __getattribute__(self, name: str) -> Any:
        if name in _OPERATIONS and (error := type(self).next_error()):
            raise error
        return super().__getattribute__(name)


_OPERATIONS = {
    "cat_file",
    "exists",
    "isdir",
    "ls",
    "makedirs",
    "open",
    "pipe_file",
    "rm",
    "rm_file",
}
_ERRORS = (  # what gcsfs raises, with its own exceptions and those of what it is built on
    HttpError({"code": 401, "message": "Anonymous caller does not have\nstorage.objects.get"}),
    ChecksumError(),
    RefreshError("Reauthentication is needed"),
    ProxyError(),
    ServerDisconnectedError(),
    FSTimeoutError(),
    RuntimeError("Session is closed"),
    OSError("Forbidden: b/bucket/o\nno right"),
)


def every_step(root: str) -> None:
    """All that a run does in a landing zone."""
    with run_lock(root, "hub", "load") as check:
        crawl = landed(root)
        add_pages(crawl, 1, last=True)
        crawl.complete("hub")
        check()
    list(landed(root).bodies())
    list(landed_snapshots(root, LISTINGS))
    answers = LandedAnswers(root, "hub", "details", DetailsAnswer)
    answers.add(
        DetailsAnswer(
            hub_id="1",
            id="org/model",
            fetched_at=datetime.now(UTC),
            last_modified=None,
            status="found",
            bytes_read=0,
            requests=1,
        )
    )
    answers.read(answers.end_batch())
    crawl.remove()


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_a_bucket_raises_at_whatever_step_is_told_in_one_line(monkeypatch, error):
    fsspec.register_implementation("broken", BrokenBucket, clobber=True)
    for failing in itertools.count(1):
        operations = itertools.count(1)
        monkeypatch.setattr(BrokenBucket, "store", {})
        monkeypatch.setattr(BrokenBucket, "pseudo_dirs", [""])
        monkeypatch.setattr(
            BrokenBucket,
            "next_error",
            lambda operations=operations, failing=failing: (
                error if next(operations) == failing else None
            ),
            raising=False,
        )
        told = None
        try:
            every_step("broken://bucket/landing")
        except LoaderError as problem:
            told = str(problem)
        if told is not None:
            assert "\n" not in told
            assert ": ." not in told
            assert told.count("run the same command again") == 1
        if next(operations) <= failing:
            break
    assert failing > 30
