"""The quality report: a page in the order of the Euro-SDMX Metadata Structure (ESMS 2.0).

Its numbers are rows of ``reporting.quality_indicators`` and ``revisions_of_headlines``.
"""

import os
from datetime import date, timedelta
from pathlib import Path

from reports import credit, documents, html, page, text
from reports.figures import revisions
from reports.figures.notes import known_breaks
from reports.marking import SYNTHETIC
from reports.report_data import ReportData, Row

# Days of a month on which the schedule that the project comes with reads the Hub.
LISTING_DAY, PARAMETERS_DAY, DETAILS_DAY = 1, 8, 15
_RELEASES = 6  # that the calendar names

_TITLE = "Hub Observatory: a monthly observatory of open AI"
_AUTHOR = "The Hub Observatory project"


def write_quality(path: Path, data: ReportData) -> None:
    """Write the quality report as a page beside the report's."""
    figure = revisions.section(data).figures[0]
    path.write_text(
        html.render(
            "quality.html.j2",
            data=data,
            marking=data.marking,
            contact=text.plain(os.environ.get("HUB_CONTACT", ""), 300),
            indicators=_by_concept(data),
            value=value,
            revisions=figure,
            breaks=known_breaks(),
            full_date=text.full_date,
            releases=releases(data.snapshot_date),
            newest_month=page.newest_month(data),
            source=credit.source(data),
            archives=credit.earlier_listings(data),
            citation=credit.citation(data),
            bibtex=bibtex(data),
            licence=credit.LICENCE,
            licence_url=credit.LICENCE_URL,
            methodology=credit.METHODOLOGY,
            documents=documents.titles(),
            limits=data.limits,
            share=text.share,
            month=text.month,
        ),
        encoding="utf-8",
    )


def value(row: Row) -> str:
    """An indicator as people write it; a dash where it cannot be said."""
    number, unit = row["value"], row["unit"]
    if number is None:
        return "–"
    if unit == "fraction":
        return text.share(number)
    if unit == "ratio":
        return text.times(number)
    return f"{text.count(number)} days" if unit == "days" else text.count(number)


def releases(snapshot: date) -> list[dict[str, date]]:
    """The listings that follow a snapshot by the project's own schedule, and their additions."""
    found = []
    first = snapshot.replace(day=1)
    for _ in range(_RELEASES):
        first = (first + timedelta(days=31)).replace(day=LISTING_DAY)
        found.append(
            {
                "listing": first,
                "parameters": first.replace(day=PARAMETERS_DAY),
                "details": first.replace(day=DETAILS_DAY),
            }
        )
    return found


def bibtex(data: ReportData) -> str:
    """An entry for this snapshot; none for what was made up, which is not to be cited."""
    if data.marking is SYNTHETIC:
        return ""
    day = data.snapshot_date
    counted = "Hugging Face Hub" if data.is_of_the_hub else "records named as the source"
    part = "" if data.is_complete else ", a part of a listing"
    note = (
        f"Snapshot of {text.full_date(day)}{part}, method {data.method_version}; counts of the "
        f"{counted}; {credit.LICENCE}"
    ).replace(text.NBSP, " ")
    fields = {
        "author": f"{{{_AUTHOR}}}",
        "title": f"{{{_TITLE}}}",
        "year": str(day.year),
        "version": data.method_version,
        "note": note,
    }
    lines = [f"  {name:<7} = {{{content}}}," for name, content in fields.items()]
    return "\n".join([f"@misc{{hub_observatory_{day:%Y_%m_%d},", *lines, "}"])


def _by_concept(data: ReportData) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in data.rows("quality_indicators", "indicator_order"):
        found.setdefault(row["concept"], []).append(row)
    return found
