"""No past day is made up: what the Hub lists now stands for no day but this one.

The clock of the loader is set; the Hub is a real one, on this machine.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from loaders import clock
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.snapshot_dates import last_moment
from loaders.settings import SourceOptions
from loaders.sources import find_source
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import contents, dataset, model, query, write_records

MAY = date(2026, 5, 20)
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 21, 9, tzinfo=UTC)
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


class Hub:
    """A Hub at an address that stays, whose records can be changed.

    Attributes:
        fault: what goes wrong with an answer, as ``LocalHubServer`` has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._server: LocalHubServer | None = None
        self.fault: Callable[[int, str], Fault | None] = lambda number, target: None
        self.list_models(1_200)

    def list_models(self, count: int, **fields: object) -> None:
        """List so many models from now on; requests are counted anew."""
        self.close()
        write_records(
            self._folder,
            models=(model(n, **fields) for n in range(count)),
            datasets=[dataset(1)],
        )
        self._server = LocalHubServer(
            RecordFolder(self._folder),
            port=self._port,
            fault=lambda number, target: self.fault(number, target),
        ).__enter__()
        self.endpoint = self._server.endpoint
        self._port = int(self.endpoint.rpartition(":")[2])

    def close(self) -> None:
        if self._server is not None:
            self._server.__exit__()
            self._server = None

    @property
    def asked(self) -> int:
        return len(self._server.requests)

    def landed(self, data: Path, kind: str = "models") -> LandedCrawl:
        key = find_source(SourceOptions(hub=self.endpoint)).landing_key
        return LandedCrawl(str(data / "landing"), key, kind, MAY, is_read_only=True)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "records")
    yield hub
    hub.close()


@pytest.fixture
def load(run, hub) -> Callable[..., tuple[int, str]]:
    """Load the Hub as of 20 May 2026."""
    return lambda *options: run(
        *("load", "--hub", hub.endpoint, "--snapshot-date", MAY, "--retries", 0, *options)
    )


def files(folder: Path) -> dict[Path, bytes]:
    """Those of a landing zone, less its lock's."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in paths if ".lock" not in path.parent.name}


def test_a_past_day_without_landed_pages_is_not_crawled_over_the_rows_of_that_day(
    load, hub, data, set_clock
):
    set_clock(NOON)
    assert load()[0] == 0
    before = contents(data)
    shutil.rmtree(data / "landing")
    hub.list_models(1_300, likes=7)
    set_clock(NOVEMBER)
    for option in ("--dry-run", "--refetch", "--force", "--allow-later-crawl", "--keep-pages=9"):
        code, said = load(option)
        assert code == 1, said
        assert "2026-11-21 (UTC)" in said
        assert "2026-05-20" in said
    assert hub.asked == 0
    assert contents(data) == before
    assert not list((data / "landing").rglob(str(MAY)))


def test_a_past_day_is_never_crawled_into_an_empty_database(load, hub, data, set_clock):
    set_clock(NOVEMBER)
    code, said = load()
    assert (code, hub.asked) == (1, 0)
    assert "The listing of models for 2026-05-20 is not in the landing zone" in said
    assert ", that of datasets is not in the landing zone" in said
    assert said.count("is not what it listed then") == 1
    assert "leave out --snapshot-date to crawl today" in said
    assert not list((data / "landing").glob("*/models/*"))


def test_landed_pages_are_loaded_at_any_time_on_any_machine(
    load, hub, data, set_clock, monkeypatch, tmp_path
):
    set_clock(NOON)
    assert load()[0] == 0
    before = contents(data)
    hub.close()
    set_clock(NOVEMBER)
    code, said = load()
    assert code == 0, said
    assert contents(data) == before
    other = tmp_path / "other"  # another machine, with a copy of the landing zone
    shutil.copytree(data / "landing", other / "landing")
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(other / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(other / "landing"))
    code, said = load()
    assert code == 0, said
    assert contents(other) == before


def test_to_refetch_a_past_day_leaves_its_pages_where_they_are(load, hub, data, set_clock):
    set_clock(NOON)
    assert load()[0] == 0
    before = files(data / "landing")
    for instant in (NOON + timedelta(days=1), NOVEMBER):
        set_clock(instant)
        code, said = load("--refetch")
        assert (code, "Leave --refetch out" in said) == (1, True), said
    assert files(data / "landing") == before


@pytest.mark.parametrize(
    ("later", "is_ended"),
    [
        (timedelta(hours=12), True),  # the first instant of the next day
        (timedelta(hours=60) - timedelta(microseconds=1), True),
        (timedelta(hours=60), False),  # 48 hours after the end of the day
        (NOVEMBER - NOON, False),
    ],
)
def test_a_crawl_that_was_begun_can_be_ended_for_48_hours_after_its_day(
    load, hub, data, set_clock, later, is_ended
):
    set_clock(NOON)
    hub.fault = lambda number, target: Fault(status=503) if "cursor" in target else None
    assert load()[0] == 1
    assert len(hub.landed(data).pages) == 1
    hub.fault = lambda number, target: None
    set_clock(NOON + later)
    code, said = load("--dry-run")
    assert code == (0 if is_ended else 1), said
    code, said = load()
    if is_ended:
        assert code == 0, said
        assert query(data, "select records from hub_raw.snapshots where kind = 'models'") == [
            (1_200,)
        ]
    else:
        assert code == 1
        assert "was begun and did not end by 2026-05-23 00:00 UTC" in said
        assert len(hub.landed(data).pages) == 1


def test_the_kind_that_had_no_page_yet_may_begin_with_the_crawl_that_had(
    load, hub, data, set_clock
):
    set_clock(NOON)
    hub.fault = lambda number, target: Fault(status=503) if "/datasets" in target else None
    assert load()[0] == 1
    assert hub.landed(data, "datasets").pages == []
    hub.fault = lambda number, target: None
    set_clock(NOON + timedelta(days=1))
    code, said = load()
    assert code == 0, said
    assert query(data, "select kind from hub_raw.snapshots order by 1") == [
        ("datasets",),
        ("models",),
    ]


def test_the_kind_that_was_landed_is_loaded_and_the_other_is_named(load, hub, data, set_clock):
    set_clock(NOON)
    hub.fault = lambda number, target: Fault(status=503) if "/datasets" in target else None
    load()
    set_clock(NOON + timedelta(hours=1))
    load()  # so that the models are landed to their end, whichever crawl failed first
    hub.fault = lambda number, target: None
    assert hub.landed(data).is_listed_to_the_end
    set_clock(NOVEMBER)
    (data / "hub.duckdb").unlink(missing_ok=True)
    shutil.rmtree(data / "hub.dlt", ignore_errors=True)
    asked = hub.asked
    for dry_run in (("--dry-run",), ()):
        code, said = load(*dry_run)
        assert code == 1, said
        assert "The listing of datasets for 2026-05-20 is not in the landing zone" in said
    assert hub.asked == asked
    assert query(data, "select kind, records from hub_raw.snapshots") == [("models", 1_200)]


def test_a_crawl_that_sleeps_beyond_its_time_keeps_no_page_of_another_day(
    load, hub, data, set_clock
):
    set_clock(NOON)

    def sleep(number: int, target: str) -> None:
        if "cursor" in target:
            set_clock(NOVEMBER)

    hub.fault = sleep
    code, said = load()
    assert (code, "did not end by 2026-05-23 00:00 UTC" in said) == (1, True), said
    assert [page.fetched_at for page in hub.landed(data).pages] == [NOON]


def crawled_again_later(
    load, hub: Hub, data: Path, set_clock: SetClock, first: datetime, second: datetime
) -> None:
    """Load one crawl, then land another one in the landing zone of a second machine."""
    set_clock(first)
    assert load()[0] == 0
    shutil.move(data / "landing", data / "landing-of-the-first")
    shutil.move(data / "hub.duckdb", data / "first.duckdb")
    hub.list_models(1_250, likes=7)
    set_clock(second)
    assert load()[0] == 0
    (data / "hub.duckdb").unlink()
    shutil.move(data / "first.duckdb", data / "hub.duckdb")
    hub.close()


def test_a_loaded_snapshot_is_not_replaced_by_one_crawled_later(load, hub, data, set_clock):
    crawled_again_later(load, hub, data, set_clock, NOON, NOON + timedelta(hours=3))
    before = contents(data)
    set_clock(NOVEMBER)
    for dry_run in (("--dry-run",), ("--force",), ()):
        code, said = load(*dry_run)
        assert (code, "--allow-later-crawl" in said) == (1, True), said
    assert "are loaded from a crawl that ended 2026-05-20 12:00:00 UTC" in said
    assert contents(data) == before
    code, said = load("--allow-later-crawl")
    assert code == 0, said
    assert query(
        data, "select kind, records, overruled, is_forced from hub_raw.snapshots order by 1"
    ) == [("datasets", 1, "crawled_later", False), ("models", 1_250, "crawled_later", False)]


def test_a_snapshot_is_replaced_by_one_crawled_before_it(load, hub, data, set_clock):
    crawled_again_later(load, hub, data, set_clock, NOON + timedelta(hours=3), NOON)
    set_clock(NOVEMBER)
    code, said = load()
    assert code == 0, said
    assert query(
        data, "select records, overruled from hub_raw.snapshots where kind = 'models'"
    ) == [(1_250, None)]


def test_today_can_be_crawled_anew(load, hub, data, set_clock):
    set_clock(NOON)
    assert load()[0] == 0
    hub.list_models(1_250)
    set_clock(NOON + timedelta(hours=11))
    code, said = load("--refetch")
    assert code == 0, said
    assert query(
        data, "select records, overruled from hub_raw.snapshots where kind = 'models'"
    ) == [(1_250, None)]


def test_a_listing_landed_for_another_day_than_it_was_crawled_on_is_not_loaded(
    load, hub, data, set_clock, monkeypatch
):
    """Land a snapshot as an older version did, which asked today's Hub for any day."""
    with monkeypatch.context() as older_version:
        older_version.setattr("loaders.load.plan.today", lambda: MAY)
        older_version.setattr("loaders.load.parallel_crawls.last_moment", lambda day: None)
        older_version.setattr("loaders.load.guards.crawled_later", lambda manifest, kept: None)
        set_clock(NOVEMBER)
        assert load()[0] == 0
    (data / "hub.duckdb").unlink()
    code, said = load()
    assert code == 1
    assert (
        "was crawled from 2026-11-21 09:00 to 2026-11-21 09:00 UTC, which is not that day" in said
    )
    code, said = load("--allow-later-crawl")
    assert code == 0, said
    assert query(data, "select distinct overruled from hub_raw.snapshots") == [("crawled_later",)]


def test_midnight_passed_while_the_lock_was_waited_for_so_the_new_day_is_crawled(
    run, hub, data, monkeypatch
):
    instants = iter([datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC)])
    after = datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: next(instants, after))
    code, said = run("load", "--hub", hub.endpoint)
    assert code == 0, said
    assert query(data, "select distinct snapshot_date from hub_raw.snapshots") == [
        (date(2026, 6, 1),)
    ]


def test_the_last_moment_of_a_crawl_is_48_hours_after_the_end_of_its_day():
    assert last_moment(date(2026, 10, 31)) == datetime(2026, 11, 3, tzinfo=UTC)
    assert last_moment(date(2027, 2, 28)) == datetime(2027, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("day", ["2025-05-20", "2025-05-25"])
def test_the_sample_and_a_folder_are_read_as_of_any_day(run, data, tmp_path, set_clock, day):
    set_clock(NOVEMBER)
    folder = write_records(tmp_path / "folder", models=[model(1, createdAt="2025-05-01T00:00:00Z")])
    code, said = run("load", "--hub", folder, "--snapshot-date", day, "--refetch")
    assert code == 0, said
    small = ("--sample-models", 5, "--sample-datasets", 5)
    code, said = run("load", "--hub", "sample", *small, "--snapshot-date", day, "--dry-run")
    assert "holds the Hub" in said  # the database is the folder's: it is not about the day
