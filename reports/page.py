"""The report page: one file, with no script and nothing fetched from elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from reports import catalogue, credit, documents, text
from reports.chart_data import write_chart_data
from reports.charts import NARROW, WIDE
from reports.dictionary import TableText
from reports.extracts import Extract
from reports.figures import Figure, Section, headlines, sections
from reports.figures.base import ENOUGH
from reports.files import name_of, table_of
from reports.html import render
from reports.render import Picture, as_png, draw, with_words
from reports.report_data import ReportData
from reports.workbook import NAME as WORKBOOK


@dataclass(frozen=True)
class DrawnFigure:
    """A figure with its pictures: one for a page, one for a phone; none where nothing is drawn."""

    figure: Figure
    wide: Picture | None
    narrow: Picture | None


def draw_figures(data: ReportData) -> Iterator[tuple[Section, list[DrawnFigure]]]:
    """Draw the figures of every section, one section at a time."""
    for section in sections(data):
        yield section, [_draw(figure, data) for figure in section.figures]


def _draw(figure: Figure, data: ReportData) -> DrawnFigure:
    if figure.chart is None or figure.missing:
        return DrawnFigure(figure, None, None)
    pictures = []
    for width in (WIDE, NARROW):
        chart = figure.chart(width)
        if chart is None:
            return DrawnFigure(figure, None, None)
        name = f"{figure.key}-{width}"
        pictures.append(draw(chart, name, marking=data.marking))
    return DrawnFigure(figure, *pictures)


def heading(figure: Figure, data: ReportData) -> str:
    """Heading of a figure; it names the records where those are not the whole Hub."""
    mark = data.marking.heading if data.marking and figure.is_of_records else ""
    return f"{mark}{figure.heading}"


def description(figure: Figure, data: ReportData) -> str:
    """The chart in words, for a person who cannot see it."""
    mark = f" {data.marking.label.capitalize()}." if data.marking else ""
    return f"{figure.shape} {heading(figure, data)}.{mark}"


def write_charts(
    drawn: list[DrawnFigure], data: ReportData, tables: Sequence[TableText], folder: Path
) -> int:
    """Write each chart as SVG and PNG, with all that the page sets around it, and its data as CSV.

    Args:
        tables: the tables that they are made from, which say whose data they rest on.

    Returns:
        How many there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    charts = 0
    for one in drawn:
        if one.wide is None:
            continue
        svg = with_words(
            one.wide,
            heading=heading(one.figure, data),
            unit=one.figure.unit,
            footer=[
                one.figure.sample,
                *one.figure.notes,
                credit.source(data),
                credit.terms(data, credits(one.figure, data, tables)),
            ],
            description=description(one.figure, data),
            marking=data.marking,
        )
        (folder / f"{one.figure.key}.svg").write_text(svg, encoding="utf-8")
        (folder / f"{one.figure.key}.png").write_bytes(as_png(svg))
        write_chart_data(one.figure, data, folder / f"{one.figure.key}.csv")
        charts += 1
    return charts


def credits(figure: Figure, data: ReportData, tables: Sequence[TableText]) -> tuple[str, ...]:
    """Sources of a figure beside the Hub: those of the table that it can be made from."""
    table = next((table for table in tables if table.name == figure.extract), None)
    if table is None:
        return ()
    if not figure.is_of_records:
        return table.credits
    return credit.of_table(table, data, is_of_newest=figure.is_of_newest)


def page(
    drawn: list[tuple[Section, list[DrawnFigure]]],
    data: ReportData,
    extracts: list[Extract],
    data_sources: list[Path],
    *,
    has_docs: bool,
    sdmx: Sequence[Path] = (),
    spreadsheet: Path | None = None,
) -> str:
    """Write the page as HTML.

    Args:
        drawn: as ``draw_figures`` gives them.
        extracts, data_sources, sdmx: files in the folders extracts, tableau and sdmx beside it, the
            workbooks among the second.
        has_docs: whether dbt's documentation lies beside it.
        spreadsheet: the file in the folder extracts that has them all.
    """
    tables = [extract.table for extract in extracts]
    return render(
        "page.html.j2",
        sections=drawn,
        headlines=headlines(data),
        data=data,
        marking=data.marking,
        heading=lambda figure: heading(figure, data),
        description=lambda figure: description(figure, data),
        source=credit.source(data),
        terms=lambda figure: credit.terms(data, credits(figure, data, tables)),
        citation=credit.citation(data),
        credits=sorted({one for table in tables for one in table.credits}),
        archives=credit.earlier_listings(data),
        licence=credit.LICENCE,
        licence_url=credit.LICENCE_URL,
        methodology=credit.METHODOLOGY,
        quality=credit.QUALITY,
        documents=documents.titles(),
        explorer=credit.EXPLORER,
        snapshot=text.full_date(data.snapshot_date),
        listed=credit.listed(data),
        newest_month=newest_month(data),
        extracts={extract.table.name: extract for extract in extracts},
        data_sources=_by_table(data_sources),
        workbooks=_by_table(data_sources).get(WORKBOOK, []),
        sdmx=_by_table(sdmx),
        spreadsheet=spreadsheet,
        dataset=Markup(catalogue.as_script(catalogue.dataset(extracts, data))),
        count=text.count,
        share=text.share,
        month=text.month,
        limits=data.limits,
        enough=ENOUGH,
        dictionary=f"{name_of('data_dictionary', marking=data.marking)}.csv",
        has_docs=has_docs,
    )


def newest_month(data: ReportData) -> str | None:
    """Name the newest complete month; None where there is none."""
    months = [row["month"] for row in data.rows("new_models") if row["is_complete_month"]]
    return text.month(max(months)) if months else None


def _by_table(files: Sequence[Path]) -> dict[str, list[Path]]:
    sources: dict[str, list[Path]] = {}
    for path in files:
        sources.setdefault(table_of(path), []).append(path)
    return sources
