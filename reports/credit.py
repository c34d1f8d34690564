"""Source, licence and citation: what goes with every chart and extract."""

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from reports import text
from reports.dictionary import TableText
from reports.marking import SYNTHETIC
from reports.report_data import ReportData

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
METHODOLOGY = "methodology.html"
QUALITY = "quality.html"
EXPLORER = "explore.html"


def listed(data: ReportData) -> str:
    """The origin of the records; of a folder its name, and not its whereabouts."""
    if data.is_synthetic:
        return "an invented Hub"
    where = data.crawled_from
    if where.startswith(("http://", "https://")):
        name = f"the public listing of {text.plain(where)}"
    else:
        name = f"the records of {text.plain(PurePath(where).name)}"
    if not data.is_complete:
        name = f"a part of {name}" if name.startswith("the public") else f"{name}, a part of a Hub"
    said = []
    if data.obtained_from:
        said.append(f"obtained from: {text.plain(data.obtained_from, 200)}")
    if data.licence:
        said.append(f"licence of the records: {text.plain(data.licence, 200)}")
    return f"{name} ({'; '.join(said)})" if said else name


def source(data: ReportData) -> str:
    """The line under every figure."""
    return (
        f"Snapshot of {text.full_date(data.snapshot_date)}. Source: own calculations on "
        f"{listed(data)}, method {data.method_version}."
    )


def of_table(table: TableText, data: ReportData, *, is_of_newest: bool = False) -> tuple[str, ...]:
    """Name what a table rests on beside the Hub: sources of its seeds, earlier listings.

    Args:
        is_of_newest: only its rows of the newest listings are of interest.
    """
    return (*table.credits, *earlier_listings(data, is_of_newest=is_of_newest))


def earlier_listings(data: ReportData, *, is_of_newest: bool = False) -> tuple[str, ...]:
    """Name who kept earlier listings, and under which licence, each archive once.

    Every table is made from all of them: who a repository is, and what became of it.

    Args:
        is_of_newest: only who kept the newest listing of a kind.
    """
    newest = {"models": data.snapshot_date, "datasets": data.datasets_date}
    days: dict[tuple[str, str], list[date]] = {}
    for row in data.rows("earlier_listings", "obtained_from", "licence", "kind"):
        if is_of_newest and row["last_snapshot_date"] != newest[row["kind"]]:
            continue
        archive = (_archive(row["obtained_from"]), text.plain(row["licence"], 200))
        span = [row["first_snapshot_date"], row["last_snapshot_date"]]
        days.setdefault(archive, []).extend(span)
    return tuple(
        f"earlier listings ({text.full_date(min(span))} to {text.full_date(max(span))}) from "
        f"{name}, {_under(licence)}"
        for (name, licence), span in days.items()
    )


def _under(licence: str) -> str:
    """In the words that the Open Database Licence asks for."""
    if not licence:
        return "which names no licence"
    return f"which is made available under the licence {licence}"


def _archive(obtained_from: str | None) -> str:
    """The name of an archive; of a folder its name, and not its whereabouts."""
    if not obtained_from:
        return "a folder of records"
    is_path = PurePath(obtained_from).is_absolute()
    return text.plain(PurePath(obtained_from).name if is_path else obtained_from, 200)


def citation(data: ReportData, credits: Sequence[str] = (), table: str = "") -> str:
    """The citation of a chart or a table; of what was made up, that it is not to be cited.

    Args:
        credits: whose data it rests on beside the Hub's.
        table: its name, of an extract.
    """
    if data.marking is SYNTHETIC:
        return "Synthetic data: not to be quoted or cited."
    part = "" if data.is_complete else ", a part of a listing"
    counted = "the Hugging Face Hub" if data.is_of_the_hub else "the records named as the source"
    cited = (
        f"Hub Observatory, {f'{table}, ' if table else ''}snapshot of "
        f"{text.full_date(data.snapshot_date)}{part}, method {data.method_version}; "
        f"counts of {counted}"
    )
    return "; ".join([f"Cite as: {cited}", *credits]) + "."


def terms(data: ReportData, credits: Sequence[str] = ()) -> str:
    """Licence, credit, citation and where the method is written down, in a line."""
    rests = [f"Rests on: {'; '.join(credits)}."] if credits else []
    return " ".join(
        [
            f"Licence: {LICENCE}.",
            *rests,
            citation(data, credits),
            f"Method: {METHODOLOGY} in the same report.",
        ]
    )
