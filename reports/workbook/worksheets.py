"""Sheets of the Tableau workbook: one chart each, with its filters, title and caption."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as xml

from reports.text import plain
from reports.workbook.dashboards import NEWEST, SNAPSHOT, Sheet
from reports.workbook.fields import MEASURE_NAMES, MEASURE_VALUES, Shelf, Source

USER = "{http://www.tableausoftware.com/xml/user}"
xml.register_namespace("user", USER.strip("{}"))


@dataclass(frozen=True)
class Worksheet:
    """A sheet as it stands in the workbook.

    Attributes:
        shelf: the fields that it uses.
        choices: qualified names of the fields of which a reader chooses a value.
        legend: that of the field which its colours stand for; empty where there is one colour.
    """

    sheet: Sheet
    element: xml.Element
    shelf: Shelf
    choices: list[str]
    legend: str


def worksheet(
    sheet: Sheet, source: Source, headline: Mapping[str, str], *, mark: str, caption: str
) -> Worksheet:
    """Describe a sheet.

    No mark of it adds up or averages what the contracts do not let combine: each key that tells
    rows apart is on an axis, a colour or the detail, held to one value, or one over which every
    measure of the sheet adds up.

    Args:
        headline: the value that a key has in the headline.
        mark: of synthetic or partial data, for titles; else empty.
        caption: source, licence and method.
    """
    shelf = Shelf(source)
    measures = [shelf.measure(measure) for measure in sheet.measures]
    several = len(measures) > 1
    value = source.qualified(MEASURE_VALUES) if several else measures[0]
    colour = shelf.dimension(sheet.colour) if sheet.colour else ""
    if several:
        colour = source.qualified(MEASURE_NAMES)
    filters, choices = _filters(sheet, shelf, headline, measures if several else [])
    rows, columns, sorts = _axes(sheet, shelf, value)
    details = [shelf.dimension(key) for key in _apart(sheet, source)]
    if not sheet.rows and "observation_status" in source.columns:
        details.append(shelf.attribute("observation_status"))

    table = xml.Element("table")
    table.append(_view(shelf, filters, sorts))
    table.append(_style(sheet, source, value))
    table.append(_panes(sheet, value, colour, details))
    xml.SubElement(table, "rows").text = rows
    xml.SubElement(table, "cols").text = columns

    element = xml.Element("worksheet", {"name": sheet.name})
    options = xml.SubElement(element, "layout-options")
    title = words((f"{mark}{sheet.title}", 12), (_rows_kept(sheet, source), 9))
    xml.SubElement(options, "title").append(title)
    xml.SubElement(options, "caption").append(words((caption, 8)))
    element.append(table)
    element.append(identity("worksheet", sheet.name))
    return Worksheet(sheet, element, shelf, choices, colour)


def words(*lines: tuple[str, int]) -> xml.Element:
    """A formatted text of lines, each with the size of its letters; of several the first is bold.

    Tableau takes what stands in angle brackets for a field, so nothing does.
    """
    text = xml.Element("formatted-text")
    for number, (line, size) in enumerate(line for line in lines if line[0]):
        run = xml.SubElement(text, "run", {"fontsize": str(size)})
        if len(lines) > 1 and not number:
            run.set("bold", "true")
        run.text = ("\n" if number else "") + line.translate(
            {ord("<"): "\u2039", ord(">"): "\u203a"}
        )
    return text


def identity(kind: str, name: str) -> xml.Element:
    """An identifier that is the same each time that the same workbook is made."""
    uuid = uuid5(NAMESPACE_URL, f"hub-observatory/{kind}/{name}")
    return xml.Element("simple-id", {"uuid": f"{{{str(uuid).upper()}}}"})


def unit(sheet: Sheet, source: Source) -> str:
    """The unit of a sheet's measures, as its axis names it.

    Raises:
        ValueError: they have several, and cannot share an axis.
    """
    (name,) = {source.columns[measure].unit for measure in sheet.measures}
    return "Share" if name == "fraction" else name[:1].upper() + name[1:]


def _rows_kept(sheet: Sheet, source: Source) -> str:
    """The filters that a reader does not see beside the chart, in a line."""
    kept = [
        source.field(name).get("caption", "")
        + (f": {', '.join(values)}" if isinstance(values, tuple) else "")
        for name, values in sorted(sheet.only.items())
    ]
    return f"Rows: {'; '.join(kept)}" if kept else ""


def _apart(sheet: Sheet, source: Source) -> list[str]:
    """Keys that rows must be told apart by, and no axis or colour does."""
    shown = {sheet.colour, sheet.rows, sheet.columns}
    if not sheet.rows:
        shown.add(sheet.time)
    if NEWEST in sheet.only:
        shown.add(SNAPSHOT)  # held to one value
    contracts = [source.columns[measure].contract for measure in sheet.measures]
    return [
        key
        for key in source.grain
        if key not in shown
        and not all(one.aggregation == "max" or key in one.additive_over for one in contracts)
    ]


def _filters(
    sheet: Sheet, shelf: Shelf, headline: Mapping[str, str], measures: Sequence[str]
) -> tuple[list[xml.Element], list[str]]:
    filters = [_keep(shelf.dimension(name), kept) for name, kept in sorted(sheet.only.items())]
    choices = []
    for key, value in sheet.choose.items():
        choices.append(shelf.dimension(key))
        opens_at = value or headline.get(key)
        filters.append(_keep(choices[-1], (opens_at,) if opens_at else ()))
    if measures:
        element = xml.Element(
            "filter",
            {"class": "categorical", "column": shelf.source.qualified(MEASURE_NAMES)},
        )
        union = xml.SubElement(element, "groupfilter", {"function": "union", f"{USER}op": "manual"})
        _members(union, MEASURE_NAMES, [f'"{measure}"' for measure in measures])
        filters.append(element)
    return filters, choices


def _keep(field: str, kept: bool | Sequence[str]) -> xml.Element:
    """A filter that keeps some values of a field; all of them where none is named."""
    element = xml.Element("filter", {"class": "categorical", "column": field})
    level = field.partition("].")[2]
    if kept == ():
        attributes = {"function": "level-members", "level": level, f"{USER}ui-enumeration": "all"}
        xml.SubElement(element, "groupfilter", attributes).set(f"{USER}ui-marker", "enumerate")
        return element
    members = [str(kept).lower()] if isinstance(kept, bool) else [f'"{one}"' for one in kept]
    parent = element
    if len(members) > 1:
        parent = xml.SubElement(element, "groupfilter", {"function": "union"})
    _members(parent, level, members)
    for name, value in (
        ("ui-domain", "database"),
        ("ui-enumeration", "inclusive"),
        ("ui-marker", "enumerate"),
    ):
        element[0].set(f"{USER}{name}", value)
    return element


def _members(parent: xml.Element, level: str, members: Iterable[str]) -> None:
    for member in members:
        attributes = {"function": "member", "level": level, "member": member}
        xml.SubElement(parent, "groupfilter", attributes)


def _axes(sheet: Sheet, shelf: Shelf, value: str) -> tuple[str, str, list[xml.Element]]:
    """Fields on rows and on columns, and how bars and cells are ordered."""
    if not sheet.rows:
        return value, shelf.time(sheet.time), []
    across = shelf.dimension(sheet.columns) if sheet.columns else ""
    down = shelf.dimension(sheet.rows)
    by = shelf.measure(sheet.sort_by) if sheet.sort_by else value
    sorts = [
        xml.Element("computed-sort", {"column": field, "direction": "DESC", "using": by})
        for field in (down, across)
        if field
    ]
    return down, across or value, sorts


def _view(
    shelf: Shelf, filters: Sequence[xml.Element], sorts: Sequence[xml.Element]
) -> xml.Element:
    view = xml.Element("view")
    xml.SubElement(view, "datasources").append(shelf.source.link())
    view.append(shelf.dependencies())
    view.extend(filters)
    view.extend(sorts)
    if filters:
        slices = xml.SubElement(view, "slices")
        for one in filters:
            xml.SubElement(slices, "column").text = one.get("column")
    xml.SubElement(view, "aggregation", {"value": "true"})
    return view


def _style(sheet: Sheet, source: Source, value: str) -> xml.Element:
    style = xml.Element("style")
    if sheet.columns:
        return style
    axis = {"class": "0", "field": value, "scope": "cols" if sheet.rows else "rows"}
    rule = xml.SubElement(style, "style-rule", {"element": "axis"})
    if sheet.is_logarithmic:
        scale = {"attr": "space", "field-type": "quantitative", "scale": "log", "type": "space"}
        xml.SubElement(rule, "encoding", axis | scale)
    title = plain(unit(sheet, source))
    xml.SubElement(rule, "format", axis | {"attr": "title", "value": title})
    # A suppressed row has no figure: the line breaks, and does not fall to zero.
    table = xml.SubElement(style, "style-rule", {"element": "table"})
    for name in ("omit-on-special", "break-on-special"):
        xml.SubElement(table, "format", {"attr": name, "value": "true"})
    return style


def _panes(sheet: Sheet, value: str, colour: str, details: Sequence[str]) -> xml.Element:
    panes = xml.Element("panes")
    pane = xml.SubElement(
        panes, "pane", {"selection-relaxation-option": "selection-relaxation-allow"}
    )
    xml.SubElement(xml.SubElement(pane, "view"), "breakdown", {"value": "auto"})
    mark = "Square" if sheet.columns else "Bar" if sheet.rows else "Line"
    xml.SubElement(pane, "mark", {"class": mark})
    encodings = xml.SubElement(pane, "encodings")
    if sheet.columns:
        colour = value
        xml.SubElement(encodings, "text", {"column": value})
    if colour:
        xml.SubElement(encodings, "color", {"column": colour})
    for field in details:
        xml.SubElement(encodings, "lod", {"column": field})
    if sheet.columns:
        style = xml.SubElement(xml.SubElement(pane, "style"), "style-rule", {"element": "mark"})
        xml.SubElement(style, "format", {"attr": "mark-labels-show", "value": "true"})
    return panes
