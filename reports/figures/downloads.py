"""Section on downloads by month."""

from reports import text
from reports.charts import MAIN, Scale, Series, time_series
from reports.figures import findings_of_history as findings
from reports.figures.base import Column, Figure, Section, Table, column, newest_first
from reports.figures.notes import Marks
from reports.report_data import ReportData, Row


def section(data: ReportData) -> Section:
    """The section on how often models and datasets are downloaded."""
    return Section(
        key="downloads",
        title="How often are they downloaded?",
        figures=[_downloads(data, "model"), _downloads(data, "dataset")],
    )


def _downloads(data: ReportData, kind: str) -> Figure:
    rows = [row for row in data.rows("downloads_by_month", "month") if row["kind"] == kind]
    known = [row for row in rows if row["downloads"] is not None]
    marks = Marks()
    _mark_counter(marks, known)
    things = f"{kind}s"
    return Figure(
        key=f"downloads_of_{things}",
        heading=findings.downloads_of_months(rows, things, is_complete=data.is_complete),
        unit=f"Downloads of {things} per month"
        + ("; dashed where it is an estimate" if any(map(_is_estimated, known)) else ""),
        shape=f"Line chart of downloads of {things} by month.",
        chart=lambda width: time_series(
            width,
            [
                Series(
                    "",
                    MAIN,
                    [(row["month"], row["downloads"]) for row in rows],
                    estimated=[row["month"] for row in known if _is_estimated(row)],
                )
            ],
            Scale(text.rounded),
            breaks=marks.breaks,
        ),
        table=Table([*_COLUMNS, *(_OF_MODELS if kind == "model" else ())], newest_first(known)),
        sample=f"All {things} that were listed near a month’s two ends"
        + ("" if data.is_complete else " in these records")
        + ". Automatic downloads count, too.",
        notes=[*marks.notes, *_estimates(data, known), *_gaps(rows), *_unknown(known, things)],
        extract="downloads_by_month",
        missing="" if known else _missing(things),
    )


def _is_estimated(row: Row) -> bool:
    return bool(row["observation_status"] == "E")


def _missing(things: str) -> str:
    return (
        f"No month has a snapshot of {things} near each of its two ends yet. Downloads of a month "
        "are known from the second monthly snapshot on; “make history” loads earlier listings from "
        "an archive."
    )


def _mark_counter(marks: Marks, known: list[Row]) -> None:
    """Mark where differences of the counter of all time take the place of the 30-day count."""
    first = next((row["month"] for row in known if row["is_exact"]), None)
    if first and first > known[0]["month"]:
        marks.add(
            first,
            "from here on the all-time counter is known, and a month’s downloads are its growth; "
            "before, they are the 30-day count at the end of the month, scaled to the "
            "month.",
        )


def _estimates(data: ReportData, known: list[Row]) -> list[str]:
    """Explain the dashes, where there are any."""
    estimated = [row for row in known if _is_estimated(row)]
    if not estimated:
        return []
    stretched = sum(not row["is_exact"] for row in estimated)
    reasons = [
        f"{text.count(stretched)} from the 30-day count" if stretched else "",
        f"{text.count(len(estimated) - stretched)} from snapshots more than "
        f"{data.limits.max_days_interpolated} days apart at an end of the month"
        if len(estimated) > stretched
        else "",
    ]
    are = "month is an estimate" if len(estimated) == 1 else "months are estimates"
    return [f"Dashed: {len(estimated)} {are}, {' and '.join(filter(None, reasons))}."]


def _gaps(rows: list[Row]) -> list[str]:
    """Explain the months without a value between those that have one."""
    known = [row["month"] for row in rows if row["downloads"] is not None]
    gaps = [
        row["month"]
        for row in rows
        if row["downloads"] is None and known and known[0] < row["month"] < known[-1]
    ]
    if not gaps:
        return []
    months = "month has" if len(gaps) == 1 else "months have"
    return [f"Gaps: {len(gaps)} {months} no snapshot near an end, and so no value."]


def _unknown(known: list[Row], things: str) -> list[str]:
    """Say of how many the newest month knows nothing."""
    if not known or not known[-1]["unknown_repositories"]:
        return []
    row = known[-1]
    number = row["unknown_repositories"]
    unknown, are = (things.removesuffix("s"), "is") if number == 1 else (things, "are")
    return [
        f"In {text.month(row['month'])} {text.count(number)} {unknown} of unknown downloads, which "
        f"no snapshot near an end of the month lists, {are} left out."
    ]


def _basis(row: Row) -> str:
    if not row["is_exact"]:
        return "estimate: 30-day count"
    return "estimate: interpolated" if _is_estimated(row) else "exact"


_COLUMNS = (
    Column("Month", lambda row: text.month(row["month"]), is_number=False),
    column("Downloads", "downloads"),
    Column("Value", _basis, is_number=False),
    column("By the 30-day count", "downloads_from_30_day_count"),
    column("With a download", "active"),
    column("Listed at the end", "listed"),
    column("Left out as unknown", "unknown_repositories"),
    column("Falls of the counter, taken as 0", "clipped_downloads"),
)
_OF_MODELS = (
    column("Parameters of the typical download", "weighted_median_parameters", text.parameters),
    column("Downloads of known size", "share_known_size", text.share),
)
