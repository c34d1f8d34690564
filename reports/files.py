"""Names of the files that a report writes."""

from pathlib import Path

_MARK = "synthetic-"


def name_of(table: str, *, is_synthetic: bool) -> str:
    """A table's name as that of a file, which says so where the data are made up."""
    return f"{_MARK}{table}" if is_synthetic else table


def path_of(folder: Path, table: str, suffix: str, *, is_synthetic: bool) -> Path:
    """Where a table's file goes."""
    return folder / f"{name_of(table, is_synthetic=is_synthetic)}{suffix}"


def table_of(path: Path) -> str:
    """The table that a file of ``path_of`` holds."""
    return path.stem.removeprefix(_MARK)
