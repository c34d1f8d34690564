"""The command ``history`` on a dataset repository: only the needed columns travel, and arrive."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from loaders.landing.landed_crawl import LandedCrawl
from simulator import Fault, LocalHubServer, RecordFolder
from simulator.dataset_repository import Commit, DatasetRepository
from tests.loaders.archives import instant, listing, parquet
from tests.loaders.conftest import contents, dataset, model, query, write_records

NAME = "someone/weekly"
FROM = f"hf://datasets/{NAME}"
README = b"---\nlicense: odbl\n---\n# Weekly\n"


class StoredBytes:
    """A file of a repository that counts the bytes that are read of it."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self.sent = 0
        self._content = content

    def read(self, start: int, end: int) -> bytes:
        self.sent += end - start
        return self._content[start:end]


class ServedArchive:
    """A Hub with one dataset repository, whose answers a test can make go wrong.

    Attributes:
        fault: as ``LocalHubServer`` has it.
        files: of the repository, by path; of those that were replaced, the newest.
    """

    def __init__(self, folder: Path, run: Callable[..., tuple[int, str]]) -> None:
        self.fault: Callable[[int, str], Fault | None] = lambda number, target: None
        self.files: dict[str, StoredBytes] = {}
        self._folder = write_records(folder, models=[model(1)], datasets=[dataset(1)])
        self._run = run
        self._server: LocalHubServer | None = None

    def serve(self, *commits: tuple[str, dict[str, bytes]]) -> None:
        """Serve commits: of each its day, and the files that it adds or replaces."""
        made = []
        for day, added in commits:
            files = {path: StoredBytes(content) for path, content in added.items()}
            self.files |= files
            made.append(Commit(instant(day), f"Add {day}", files))
        repository = DatasetRepository(NAME, made)
        repository.stored("")  # which reads each file for its hash
        for file in self.files.values():
            file.sent = 0
        self._server = LocalHubServer(
            RecordFolder(self._folder),
            repositories={NAME: repository},
            fault=lambda number, target: self.fault(number, target),
        ).__enter__()

    @property
    def endpoint(self) -> str:
        assert self._server
        return self._server.endpoint

    def history(self, *arguments: object) -> tuple[int, str]:
        return self._run("history", "--hub", self.endpoint, "--from", FROM, *arguments)

    def close(self) -> None:
        if self._server:
            self._server.__exit__()


@pytest.fixture
def hub(tmp_path: Path, run) -> Iterator[ServedArchive]:
    served = ServedArchive(tmp_path / "hub", run)
    yield served
    served.close()


def week(day: str, **values) -> dict[str, bytes]:
    return {f"models/{day}/models.parquet": parquet(listing(day, **values))}


WEEKLY = (
    ("2026-06-04", {"README.md": README} | week("2026-06-03")),
    ("2026-06-11", week("2026-06-10")),
    ("2026-07-02", week("2026-07-01")),
)


def snapshots(data: Path, columns: str) -> list[tuple]:
    return query(data, f"select {columns} from hub_raw.snapshots order by snapshot_date")


def test_a_week_is_dated_by_its_commit_and_carries_its_revision_and_licence(hub, data):
    hub.serve(*WEEKLY)
    code, said = hub.history()
    assert code == 0, said
    columns = "snapshot_date, archive_date, source, obtained_from, licence, is_frozen, records"
    assert snapshots(data, columns) == [
        (
            *(date(*day), date(*begin), hub.endpoint),
            *(f"{FROM}/models/{date(*begin)}/models.parquet", "odbl", frozen, 40),
        )
        for day, begin, frozen in (
            ((2026, 6, 4), (2026, 6, 3), None),
            ((2026, 7, 2), (2026, 7, 1), False),
        )
    ]
    revisions = {revision for (revision,) in snapshots(data, "archive_revision")}
    assert len(revisions) == 2
    assert all(len(revision) == 40 for revision in revisions)


def test_a_commit_long_after_its_week_does_not_date_the_listing(hub, data):
    files = week("2026-06-03") | week("2026-07-01")
    hub.serve(("2026-10-20", files))
    assert hub.history()[0] == 0
    assert snapshots(data, "snapshot_date") == [(date(2026, 6, 3),), (date(2026, 7, 1),)]


def test_of_a_large_file_the_needed_columns_travel_and_no_others(hub, data):
    chance = random.Random(0)
    rows = [
        row | {"cardData": chance.randbytes(4_000).hex()}
        for row in listing("2026-06-03", range(1, 801))
    ]
    content = parquet(rows, row_group_size=200)
    path = "models/2026-06-03/models.parquet"
    hub.serve(("2026-06-04", {path: content}))
    assert hub.history()[0] == 0
    assert snapshots(data, "records") == [(800,)]
    assert len(content) > 3_000_000
    assert hub.files[path].sent < 400_000


def test_each_commit_is_a_listing_where_the_file_is_overwritten(hub, data):
    commits = [
        ("2026-06-03", {"models.parquet": parquet(listing("2026-06-03"))}),
        ("2026-06-20", {"models.parquet": parquet(listing("2026-06-20"))}),
        ("2026-07-01", {"README.md": README}),
        ("2026-07-05", {"models.parquet": parquet(listing("2026-07-05"))}),
    ]
    hub.serve(*commits)
    code, said = hub.history("--layout", "revisions")
    assert code == 0, said
    assert snapshots(data, "snapshot_date, archive_date, is_frozen") == [
        (date(2026, 6, 3), date(2026, 6, 3), None),
        (date(2026, 7, 5), date(2026, 7, 5), False),
    ]
    downloads = query(data, "select snapshot_date, min(downloads) from hub_raw.models group by 1")
    assert sorted(downloads) == [(date(2026, 6, 3), 192), (date(2026, 7, 5), 225)]


def test_a_revision_that_vanished_stops_no_other(hub, data):
    hub.serve(*WEEKLY)
    gone = Fault(status=404, headers={"X-Error-Code": "RevisionNotFound"})
    hub.fault = lambda number, target: (
        gone if "/resolve/" in target and "2026-06-03" in target else None
    )
    code, said = hub.history()
    assert code == 0, said
    assert "RevisionNotFound" in said
    assert snapshots(data, "snapshot_date") == [(date(2026, 6, 11),), (date(2026, 7, 2),)]


def test_errors_that_pass_cost_nothing(hub, data):
    hub.serve(*WEEKLY)
    hub.fault = lambda number, target: Fault(status=503) if number in (1, 3, 9) else None
    assert hub.history()[0] == 0
    assert len(snapshots(data, "1")) == 2


@pytest.mark.parametrize("where", ["/api/", "/resolve/", "/objects/"])
def test_an_error_that_lasts_ends_the_run_and_the_next_one_goes_on(hub, data, where):
    hub.serve(*WEEKLY)
    hub.fault = lambda number, target: Fault(status=503) if where in target else None
    code, said = hub.history("--retries", 0)
    assert code == 1
    assert "503" in said
    assert "Run the same command again" in said
    hub.fault = lambda number, target: None
    assert hub.history()[0] == 0
    assert len(snapshots(data, "1")) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(keep_bytes=100),
        Fault(keep_bytes=100, is_reset=True),
        Fault(body=b"x" * 50),
        Fault(headers={"Content-Range": "bytes 7-1000/2000"}),
        Fault(status=500),
    ],
    ids=["closed in the middle", "reset", "half", "another part", "error"],
)
def test_half_a_download_is_fetched_again_and_never_kept(hub, data, fault):
    hub.serve(WEEKLY[0])
    failed = []

    def once(number: int, target: str) -> Fault | None:
        if "/objects/" not in target or len(failed) == 2:
            return None
        failed.append(number)
        return fault

    hub.fault = once
    code, said = hub.history()
    assert (code, len(failed)) == (0, 2), said
    assert query(data, "select count(*), sum(downloads) from hub_raw.models") == [
        (40, sum(row["downloads"] for row in listing("2026-06-03")))
    ]


def test_a_run_that_is_killed_at_any_write_goes_on_and_reads_no_part_twice(hub, data, monkeypatch):
    monkeypatch.setattr("loaders.archive.parquet_file.ROWS_A_BATCH", 100)
    monkeypatch.setattr("loaders.archive.parquet_file._GROUPS_AT_ONCE", 1)
    content = parquet(listing("2026-06-03", range(1, 501)), row_group_size=100)
    hub.serve(("2026-06-04", {"models/2026-06-03/models.parquet": content}))
    write = LandedCrawl._write
    written: list[str] = []

    def killed(self, name: str, content: bytes) -> None:
        if len(written) % 3 == 2:  # once for each third file, halfway
            written.append(f"cut {name}")
            write(self, name, content[: len(content) // 2])
            raise KeyboardInterrupt
        written.append(name)
        write(self, name, content)

    monkeypatch.setattr(LandedCrawl, "_write", killed)
    runs = 0
    while hub.history()[0] != 0:
        runs += 1
        assert runs < 20
    assert runs > 3
    whole = [name for name in written if name.endswith(".parquet") and not name.startswith("cut")]
    assert len(whole) <= 5 + runs
    assert query(data, "select count(*), count(distinct _id) from hub_raw.models") == [(500, 500)]
    kept = contents(data)
    assert hub.history("--offline")[0] == 0
    assert contents(data) == kept


def test_a_dry_run_reads_lists_and_footers_alone(hub, data):
    rows = [
        row | {"cardData": random.Random(row["downloads"]).randbytes(1_000).hex()}
        for row in listing("2026-06-03", range(1, 801))
    ]
    path = "models/2026-06-03/models.parquet"
    hub.serve(("2026-06-04", {path: parquet(rows)}))
    code, said = hub.history("--dry-run")
    assert code == 0, said
    assert "models: 1 files, 800 rows" in said
    assert hub.files[path].sent <= 200_000 < hub.files[path].size
    assert not data.exists()


def test_a_repository_that_is_not_there_or_no_name_is_told_in_one_line(hub, run):
    hub.serve(WEEKLY[0])
    code, said = run("history", "--hub", hub.endpoint, "--from", "hf://datasets/no/where")
    assert code == 1
    assert "hf://datasets/no/where" in said
    code, said = run("history", "--hub", hub.endpoint, "--from", "hf://models/a/b/c")
    assert (code, "is no dataset repository" in said) == (1, True)


def test_the_address_of_a_page_names_the_repository(hub, run, data):
    hub.serve(WEEKLY[0])
    page = f"{hub.endpoint}/datasets/{NAME}"
    code, said = run("history", "--hub", hub.endpoint, "--from", page)
    assert code == 0, said
    assert snapshots(data, "obtained_from") == [(f"{FROM}/models/2026-06-03/models.parquet",)]
