"""The report page: one file, with no script and nothing fetched from elsewhere."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath

import jinja2

from reports import text
from reports.charts import NARROW, WIDE
from reports.edition import Edition
from reports.extracts import Extract
from reports.figures import Figure, Section, headlines, sections
from reports.files import name_of, table_of
from reports.render import Picture, as_png, draw, with_words

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Drawn:
    """A figure with its pictures: one for a page, one for a phone; none where nothing is drawn."""

    figure: Figure
    wide: Picture | None
    narrow: Picture | None


def draw_figures(edition: Edition) -> Iterator[tuple[Section, list[Drawn]]]:
    """Every section with its figures drawn, one section at a time."""
    for section in sections(edition):
        yield section, [_draw(figure, edition) for figure in section.figures]


def _draw(figure: Figure, edition: Edition) -> Drawn:
    if figure.chart is None or figure.missing:
        return Drawn(figure, None, None)
    pictures = []
    for width in (WIDE, NARROW):
        chart = figure.chart(width)
        if chart is None:
            return Drawn(figure, None, None)
        name = f"{figure.key}-{width}"
        pictures.append(draw(chart, name, is_synthetic=edition.is_synthetic))
    return Drawn(figure, *pictures)


def source(edition: Edition) -> str:
    """What stands under every figure."""
    return (
        f"Snapshot of {text.full_date(edition.snapshot_date)}. Source: own calculations on "
        f"{_listed(edition)}, method {edition.method_version}."
    )


def _listed(edition: Edition) -> str:
    """Where the records come from; of a folder its name, and not its whereabouts."""
    if edition.is_synthetic:
        return "an invented Hub"
    if edition.crawled_from.startswith(("http://", "https://")):
        return f"the public listing of {text.plain(edition.crawled_from)}"
    return f"the records in {text.plain(PurePath(edition.crawled_from).name)}"


def write_charts(drawn: list[Drawn], edition: Edition, folder: Path) -> int:
    """Write each chart as SVG and PNG, with its title, unit, notes and source; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    charts = 0
    for one in drawn:
        if one.wide is None:
            continue
        svg = with_words(
            one.wide,
            heading=one.figure.heading,
            unit=one.figure.unit,
            footer=[one.figure.sample, *one.figure.notes, source(edition)],
            description=one.figure.description,
            is_synthetic=edition.is_synthetic,
        )
        (folder / f"{one.figure.key}.svg").write_text(svg, encoding="utf-8")
        (folder / f"{one.figure.key}.png").write_bytes(as_png(svg))
        charts += 1
    return charts


def page(
    drawn: list[tuple[Section, list[Drawn]]],
    edition: Edition,
    extracts: list[Extract],
    data_sources: list[Path],
    *,
    has_docs: bool,
) -> str:
    """The page as HTML.

    Args:
        drawn: what ``draw_figures`` gives.
        extracts, data_sources: files in the folders extracts and tableau beside it.
        has_docs: whether dbt's documentation lies beside it.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        css=css,
        css_hash=b64encode(sha256(css.encode()).digest()).decode(),
        sections=drawn,
        headlines=headlines(edition),
        edition=edition,
        source=source(edition),
        snapshot=text.full_date(edition.snapshot_date),
        listed=_listed(edition),
        newest_month=newest_month(edition),
        extracts={extract.table.name: extract for extract in extracts},
        data_sources=_by_table(data_sources),
        count=text.count,
        dictionary=f"{name_of('data_dictionary', is_synthetic=edition.is_synthetic)}.csv",
        has_docs=has_docs,
    )


def newest_month(edition: Edition) -> str | None:
    """The newest complete month in words; None where there is none."""
    months = [row["month"] for row in edition.rows("new_models") if row["is_complete_month"]]
    return text.month(max(months)) if months else None


def _by_table(data_sources: list[Path]) -> dict[str, list[Path]]:
    sources: dict[str, list[Path]] = {}
    for path in data_sources:
        sources.setdefault(table_of(path), []).append(path)
    return sources
