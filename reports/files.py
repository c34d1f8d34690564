"""Names of the files that a report writes."""

from pathlib import Path

from reports.marking import MARKINGS, Marking


def name_of(table: str, *, marking: Marking | None) -> str:
    """A table's name as that of a file, which says so where the data are marked."""
    return f"{marking.prefix}{table}" if marking else table


def path_of(folder: Path, table: str, suffix: str, *, marking: Marking | None) -> Path:
    """The path of a table's file."""
    return folder / f"{name_of(table, marking=marking)}{suffix}"


def table_of(path: Path) -> str:
    """The table that a file of ``path_of`` holds."""
    name = path.stem
    for marking in MARKINGS:
        name = name.removeprefix(marking.prefix)
    return name
