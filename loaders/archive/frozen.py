"""Frozen files: those that repeat the counts of the archive's own file before them.

By methodology, D0: of the repositories that a file shares with the newest usable one at least three
days older, and that have downloads in both, over half show the very same 30-day count. For that,
two columns of the older file are enough.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.archive.files import Archive, ArchiveFile, UnusableFileError
from loaders.archive.land import describe, land
from loaders.archive.parquet_file import ParquetFile
from loaders.landing.landed_file import LandedFile, Verdict

log = logging.getLogger(__name__)

_DAYS_OLDER = timedelta(days=3)
_COUNT = "downloads"
# The folder of what is read of a file that another one is compared with, beside that of its kind.
_COUNTERS = "counters"

_COMPARE = """
select count(*), count_if(newer.count = older.count)
from newer inner join older using (key)
"""


class FreezeCheck:
    """Tells whether files of an archive are frozen.

    Args:
        archive: the archive.
        files: all its files of one kind, the oldest first.
        place: gives the folder of the landing zone for a kind, or a part of one, and a file.
        source: the name of the Hub, for manifests.
        check_lock: raises where another run has taken over.
    """

    def __init__(
        self,
        archive: Archive,
        files: Sequence[ArchiveFile],
        place: Callable[[str, ArchiveFile], LandedFile],
        source: str,
        check_lock: Callable[[], None],
    ) -> None:
        self._archive = archive
        self._files = files
        self._place = place
        self._source = source
        self._check_lock = check_lock

    def judge(self, file: ArchiveFile, landed: LandedFile) -> Verdict:
        """Compare a landed file with the one before it, and keep the verdict beside it.

        Raises:
            LoaderError: the older file cannot be read now.
        """
        if landed.verdict is not None:
            return landed.verdict
        verdict = Verdict(None)
        columns = landed.file.columns if landed.file else []
        if _COUNT in columns:
            for older in reversed(self._files):
                if older.snapshot_date > file.snapshot_date - _DAYS_OLDER:
                    continue
                try:
                    found = self._compare(file, landed, older)
                except UnusableFileError as error:
                    log.warning("%s is compared with an older one: %s", file, error)
                    continue
                if found is not None:
                    verdict = found
                    break
        landed.judge(verdict)
        return verdict

    def _compare(self, file: ArchiveFile, landed: LandedFile, older: ArchiveFile) -> Verdict | None:
        """Compare with one older file; None where that is of no use."""
        settled = self._archive.settle(older)
        if settled is None:
            return None
        whole = self._place(file.kind, settled)
        is_same = whole.file is not None and whole.file.identity == settled.identity
        if is_same and whole.verdict is not None and whole.verdict.is_frozen:
            return None
        if not (is_same and whole.snapshot is not None):
            found = self._land_counters(file.kind, settled, landed)
            if found is None:
                return None
            whole = found
        if whole.file is None or _COUNT not in whole.file.columns:
            return None
        both = {*whole.file.columns} & {*(landed.file.columns if landed.file else ())}
        key = "_id" if "_id" in both else "id"
        with duckdb.connect(config={"threads": 2}) as database:
            for name, one in (("newer", landed), ("older", whole)):
                database.execute(f"create table {name} (key ubigint, count bigint)")
                for counts in _counts(one, key):
                    database.register("counts", counts)
                    database.execute(
                        f'insert into {name} select hash("{key}"), try_cast("{_COUNT}" as bigint) '
                        f'from counts where "{_COUNT}" > 0'
                    )
                    database.unregister("counts")
            ((shared, same),) = database.execute(_COMPARE).fetchall()
        is_frozen = 2 * same > shared if shared else None
        return Verdict(is_frozen, settled.identity, shared, same)

    def _land_counters(
        self, kind: str, older: ArchiveFile, landed: LandedFile
    ) -> LandedFile | None:
        """Bring the key and the counts of an older file into the landing zone."""
        content = self._archive.open(older)
        parquet = ParquetFile(content, str(older))
        there = {*parquet.schema.names}
        if _COUNT not in there or not pa.types.is_integer(parquet.schema.field(_COUNT).type):
            return None
        has_id = "_id" in there and landed.file is not None and "_id" in landed.file.columns
        key = "_id" if has_id else "id"
        if key not in there:
            return None
        counters = self._place(f"{kind}-{_COUNTERS}", older)
        facts = describe(self._archive, older, parquet, [key, _COUNT])
        land(content, parquet, facts, counters, self._source, self._check_lock)
        return counters


def _counts(landed: LandedFile, key: str) -> Iterator[pa.Table]:
    bodies: Iterable[tuple[int, bytes]] = landed.bodies()
    for _, body in bodies:
        yield pq.ParquetFile(pa.BufferReader(body)).read(columns=[key, _COUNT])
