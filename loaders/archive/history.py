"""The command ``history``: earlier listings of the Hub, from an archive into ``hub_raw``."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from loaders.archive.columns import needed_columns
from loaders.archive.decoding import ArchiveDecoder
from loaders.archive.files import Archive, ArchiveFile, UnusableFileError
from loaders.archive.forecast import print_forecast
from loaders.archive.frozen import FreezeCheck
from loaders.archive.land import describe, land
from loaders.archive.opening import landing_key, open_archive
from loaders.archive.parquet_file import ParquetFile
from loaders.archive.periods import Period, periods
from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS
from loaders.landing.landed_file import LandedFile, Verdict
from loaders.landing.lock import run_lock
from loaders.progress import Progress
from loaders.settings import HistoryOptions
from loaders.sources import Source, find_source
from loaders.summary import ArchiveSummary, RunSummary
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.snapshots import KeptSnapshot, Origin, TruncatedError, find_snapshot

FROZEN, REPLACED_CRAWL = "frozen", "replaced_crawl"  # in hub_raw.snapshots.overruled


def history(options: HistoryOptions, summary: RunSummary) -> None:
    """Read an archive into the warehouse, or with ``--dry-run`` say what that would take.

    Raises:
        LoaderError: a file cannot be used and none stands in for it, or archive, landing zone or
            warehouse cannot be used. What was read and loaded stays.
    """
    source = find_source(options.source)
    summary.hub = source.name
    summary.archives = {kind: ArchiveSummary() for kind in _kinds(options)}
    if options.dry_run:
        warehouse = RawTables(destination(options.run.target, is_read_only=True))
        kept = _kept(source, warehouse)
        with open_archive(options, source) as archive:
            print(f"Dry run, nothing is loaded. Of {archive.name}, into {warehouse.name}:")
            for kind in _kinds(options):
                print_forecast(archive, kind, _wanted(options, archive.files(kind)), kept)
        return
    run = options.run
    with run_lock(
        run.landing_zone, source.name, summary.command, wait_minutes=run.lock_wait_minutes
    ) as check_lock:
        warehouse = RawTables(destination(run.target), check_lock)
        _kept(source, warehouse)
        with open_archive(options, source) as archive:
            failed = []
            for kind in _kinds(options):
                files = archive.files(kind)
                wanted = _wanted(options, files)
                if not wanted:
                    print(f"{archive.name} has no {kind} to read")
                part = _KindRun(options, source, archive, kind, files, warehouse, check_lock)
                failed += part.load(wanted, summary.archives[kind])
        if failed:
            raise LoaderError(
                f"{len(failed)} of the files cannot be used, and nothing stands in for them; all "
                f"others are loaded. The first: {failed[0]}"
            )


@dataclass(frozen=True)
class _KindRun:
    """The reading of one kind of listing."""

    options: HistoryOptions
    source: Source
    archive: Archive
    kind: str
    files: list[ArchiveFile]
    warehouse: RawTables
    check_lock: Callable[[], None]

    def load(self, wanted: list[Period], summary: ArchiveSummary) -> list[str]:
        """Load the first usable file of each period; gives why there is none, where so."""
        failed = []
        for period in wanted:
            refused = []
            for file in period.files:
                try:
                    if self._is_there(file) or self._load_file(file, summary):
                        break
                except (UnusableFileError, TruncatedError) as error:
                    print(f"{file.snapshot_date}: {error}")
                    summary.refused += 1
                    refused.append(str(error))
            else:
                failed += refused[:1]
        return failed

    def _is_there(self, file: ArchiveFile) -> bool:
        """Tell, and say, whether nothing is to be done for a file."""
        loaded = find_snapshot(self.warehouse.kept_snapshots(), self.kind, file.snapshot_date)
        if loaded is None or self.options.force:
            return False
        if not loaded.is_from_archive:
            print(f"{file.snapshot_date}: the {self.kind} of that day were crawled: left alone")
            return True
        is_same = (loaded.obtained_from, loaded.archive_revision) == (
            f"{self.archive.name}/{file.path}",
            file.revision,
        )
        if is_same and file.revision is None:  # a folder's file can change
            landed = self._place(self.kind, file, is_read_only=True)
            is_same = landed.file is None or landed.file.identity == file.identity
        if is_same:
            print(f"{file.snapshot_date}: the {self.kind} of {file} are loaded already")
        return is_same

    def _load_file(self, file: ArchiveFile, summary: ArchiveSummary) -> bool:
        """Land and load a file; gives False for one to be passed over."""
        settled = self.archive.settle(file)
        if settled is None:
            return False
        landed = self._place(self.kind, settled)
        started = time.monotonic()
        self._land(settled, landed, summary)
        verdict = FreezeCheck(
            self.archive, self.files, self._place, self.source.name, self.check_lock
        ).judge(settled, landed)
        if verdict.is_frozen and not self.options.force:
            print(
                f"{settled.snapshot_date}: {settled} is frozen, {verdict.same:,} of its "
                f"{verdict.shared:,} counts of downloads are those of the file before it: skipped"
            )
            summary.frozen += 1
            return False
        loaded = self._load_landed(landed, verdict)
        summary.count(loaded, time.monotonic() - started)
        print(
            f"{settled.snapshot_date}: {loaded.records:,} {self.kind} from {settled}"
            + (f", {loaded.rejects:,} records left out" if loaded.rejects else "")
        )
        return True

    def _land(self, file: ArchiveFile, landed: LandedFile, summary: ArchiveSummary) -> None:
        if (
            landed.snapshot is not None
            and landed.file is not None
            and (landed.file.path, landed.file.identity) == (file.path, file.identity)
        ):
            return
        content = self.archive.open(file)
        parquet = ParquetFile(content, str(file))
        columns = needed_columns(parquet.schema, self.kind, str(file))
        facts = describe(self.archive, file, parquet, columns)
        done = landed.rows if landed.file == facts else 0
        with Progress(
            f"reading {self.kind} of {file.snapshot_date}", parquet.rows, done
        ) as progress:
            land(
                content, parquet, facts, landed, self.source.name, self.check_lock, progress.advance
            )
        summary.bytes_read += parquet.bytes_of(columns)
        summary.requests += content.requests

    def _load_landed(self, landed: LandedFile, verdict: Verdict) -> KeptSnapshot:
        file = landed.file
        assert file is not None
        overruled = [FROZEN] if verdict.is_frozen else []
        before = find_snapshot(self.warehouse.kept_snapshots(), self.kind, landed.snapshot_date)
        if before is not None and not before.is_from_archive:
            overruled.append(REPLACED_CRAWL)
        origin = Origin(
            self.source.name,
            self.source.is_synthetic,
            obtained_from=file.obtained_from,
            licence=file.licence,
            archive_date=file.archive_date,
            archive_revision=file.revision,
            is_frozen=verdict.is_frozen,
        )
        with Progress(f"loading {self.kind} of {landed.snapshot_date}", file.rows) as progress:
            return self.warehouse.load(
                landed,
                ArchiveDecoder(self.kind, landed.snapshot_date),
                origin,
                overruled=overruled,
                force=self.options.force,
                on_page=progress.advance,
            ).snapshot

    def _place(self, kind: str, file: ArchiveFile, *, is_read_only: bool = False) -> LandedFile:
        """Open the folder of a file in the landing zone."""
        return LandedFile(
            self.options.run.landing_zone,
            landing_key(self.source, self.archive),
            kind,
            file.snapshot_date,
            is_read_only=is_read_only,
        )


def _kinds(options: HistoryOptions) -> tuple[str, ...]:
    return (options.kind,) if options.kind else LISTINGS


def _kept(source: Source, warehouse: RawTables) -> list[KeptSnapshot]:
    """Read the snapshots of a warehouse. Raises LoaderError: it holds another Hub."""
    kept = warehouse.kept_snapshots()
    source.check_warehouse(kept, warehouse.name)
    return kept


def _wanted(options: HistoryOptions, files: list[ArchiveFile]) -> list[Period]:
    return periods(files, options.every, options.since, options.until)
