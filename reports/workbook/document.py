"""The Tableau workbook as a document: data sources, sheets, dashboards and windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from reports.charts import ACCENT, GREY, MAIN
from reports.charts.style import INK
from reports.workbook.dashboards import Dashboard
from reports.workbook.fields import MEASURE_NAMES, Shelf, Source
from reports.workbook.worksheets import Worksheet, identity, words

# The version of the document format, not that of a program: Tableau has written it since 2018, and
# every release since then opens it.
_FORMAT = "18.1"
# Parts of the format that came later, by the names under which a document says that it uses them.
_FEATURES = (
    "SetMembershipControl",
    "SheetIdentifierTracking",
    "SortTagCleanup",
    "WindowsPersistSimpleIdentifiers",
)

# In pixels: of a dashboard, its title above, its caption below, and of each of its charts.
_WIDTH, _HEADER, _CHART, _FOOTER = 1200, 130, 380, 130
# Of a dashboard's width and height, whatever they are.
_WHOLE = 100_000
_SIDE = 22_000  # for filters and legend, to the right of each chart

_COLOURS = (MAIN, ACCENT, INK, GREY)


@dataclass(frozen=True)
class Page:
    """A dashboard with what it shows.

    Attributes:
        title: as it is published; also the name of its tab.
        mark: of synthetic or partial data; else empty.
        about: the table in a few sentences.
        caption: source, licence and method.
    """

    dashboard: Dashboard
    title: str
    mark: str
    about: str
    caption: str
    source: Source
    sheets: list[Worksheet]


def document(pages: Sequence[Page]) -> bytes:
    """The workbook as XML, ready to be a .twb file."""
    book = xml.Element(
        "workbook",
        {
            "source-build": "0.0.0 (0000.0.0.0)",  # no release of Tableau has written it
            "source-platform": "win",
            "version": _FORMAT,
        },
    )
    features = xml.SubElement(book, "document-format-change-manifest")
    for name in _FEATURES:
        xml.SubElement(features, name)
    xml.SubElement(book, "preferences")
    sheets = [sheet for page in pages for sheet in page.sheets]
    sources = xml.SubElement(book, "datasources")
    for page in pages:
        _colour_measures(page)
        sources.append(page.source.element)
    xml.SubElement(book, "worksheets").extend(sheet.element for sheet in sheets)
    xml.SubElement(book, "dashboards").extend(_dashboard(page) for page in pages)
    windows = xml.SubElement(book, "windows")
    windows.extend(_dashboard_window(page, is_first=page is pages[0]) for page in pages)
    windows.extend(_sheet_window(sheet) for sheet in sheets)
    xml.indent(book)
    return bytes(xml.tostring(book, encoding="utf-8", xml_declaration=True))


def _colour_measures(page: Page) -> None:
    """Give a colour to each measure that shares a sheet with others, as its source keeps it.

    Both ends of a range have the same, so that what lies between stands out.
    """
    colours: dict[str, str] = {}
    for one in page.sheets:
        if len(one.sheet.measures) > 1:
            others = iter(_COLOURS)
            for measure in one.sheet.measures:
                colour = GREY if measure in one.sheet.ends else next(others)
                colours.setdefault(one.shelf.measure(measure), colour)
    if not colours:
        return
    instances = {
        element.get("name", ""): element
        for one in page.sheets
        for element in one.shelf.instances(list(colours))
    }
    page.source.element.extend(instances[name] for name in sorted(instances))
    style = xml.SubElement(page.source.element, "style")
    rule = xml.SubElement(style, "style-rule", {"element": "mark"})
    palette = xml.SubElement(
        rule, "encoding", {"attr": "color", "field": MEASURE_NAMES, "type": "palette"}
    )
    for field, colour in colours.items():
        xml.SubElement(xml.SubElement(palette, "map", {"to": colour}), "bucket").text = f'"{field}"'


def _dashboard(page: Page) -> xml.Element:
    height = _HEADER + _CHART * len(page.sheets) + _FOOTER
    element = xml.Element("dashboard", {"name": page.title})
    xml.SubElement(element, "style")
    size = {"height": str(height), "width": str(_WIDTH)}
    limits = {f"{end}{side}": value for end in ("max", "min") for side, value in size.items()}
    xml.SubElement(element, "size", limits)
    xml.SubElement(element, "datasources").append(page.source.link())
    # What it shows a filter of, it must describe itself, as each sheet does.
    shelf = Shelf(page.source)
    for key in [key for sheet in page.sheets for key in sheet.sheet.choose]:
        shelf.dimension(key)
    element.append(shelf.dependencies())
    zones = _Zones()
    root = zones.zone((0, 0, _WHOLE, _WHOLE), {"type-v2": "layout-basic"})
    scale = _WHOLE / height

    def rows(above: int, pixels: int) -> tuple[int, int]:
        return round(above * scale), round(pixels * scale)

    y, h = rows(0, _HEADER)
    title = zones.zone((0, y, _WHOLE, h), {"type-v2": "text"})
    title.append(words((f"{page.mark}{page.title}", 18), (page.about, 9)))
    root.append(title)
    for number, sheet in enumerate(page.sheets):
        root.extend(_chart(zones, sheet, *rows(_HEADER + number * _CHART, _CHART)))
    y, h = rows(height - _FOOTER, _FOOTER)
    footer = zones.zone((0, y, _WHOLE, h), {"type-v2": "text"})
    footer.append(words((page.caption, 8)))
    root.append(footer)
    xml.SubElement(element, "zones").append(root)
    element.append(identity("dashboard", page.title))
    return element


class _Zones:
    """Numbers the zones of a dashboard."""

    def __init__(self) -> None:
        self._number = 0

    def zone(self, place: tuple[int, int, int, int], more: Mapping[str, str]) -> xml.Element:
        """A zone at a place: from the left, from above, its width and height."""
        self._number += 1
        sides = dict(zip("xywh", map(str, place), strict=True))
        return xml.Element("zone", {**sides, "id": str(self._number), **more})


def _chart(zones: _Zones, sheet: Worksheet, y: int, h: int) -> list[xml.Element]:
    """A chart, and to the right of it its filters and the legend of its colours."""
    name = {"name": sheet.sheet.name}
    found = [zones.zone((0, y, _WHOLE - _SIDE, h), name)]
    # One value at a time; who chooses all of them gets a line for each.
    single = {"mode": "dropdown", "type-v2": "filter", "values": "database"}
    beside = [name | single | {"param": field} for field in sheet.choices]
    filter_height = h // 6
    for number, more in enumerate(beside):
        place = (_WHOLE - _SIDE, y + number * filter_height, _SIDE, filter_height)
        found.append(zones.zone(place, more))
    if sheet.legend:
        used = len(beside) * filter_height
        legend = {"type-v2": "color", "pane-specification-id": "0", "param": sheet.legend}
        place = (_WHOLE - _SIDE, y + used, _SIDE, h - used)
        found.append(zones.zone(place, name | legend))
    return found


def _dashboard_window(page: Page, *, is_first: bool) -> xml.Element:
    window = xml.Element("window", {"class": "dashboard", "name": page.title})
    if is_first:
        window.set("maximized", "true")
    # Without its own, a sheet has "no visual representation", and Tableau opens nothing.
    viewpoints = xml.SubElement(window, "viewpoints")
    for sheet in page.sheets:
        viewpoint = xml.SubElement(viewpoints, "viewpoint", {"name": sheet.sheet.name})
        xml.SubElement(viewpoint, "zoom", {"type": "entire-view"})
    xml.SubElement(window, "active", {"id": "-1"})
    window.append(identity("window", page.title))
    return window


def _sheet_window(sheet: Worksheet) -> xml.Element:
    window = xml.Element("window", {"class": "worksheet", "name": sheet.sheet.name})
    cards = xml.SubElement(window, "cards")
    whole = "2147483647"
    strips = {
        "left": [("160", ["pages", "filters", "marks"])],
        "top": [(whole, ["columns"]), (whole, ["rows"]), ("31", ["title"])],
        "bottom": [("80", ["caption"])],
    }
    for edge, rows in strips.items():
        element = xml.SubElement(cards, "edge", {"name": edge})
        for size, types in rows:
            strip = xml.SubElement(element, "strip", {"size": size})
            for type_ in types:
                xml.SubElement(strip, "card", {"type": type_})
    if sheet.choices or sheet.legend:
        right = xml.SubElement(cards, "edge", {"name": "right"})
        strip = xml.SubElement(right, "strip", {"size": "160"})
        for field in sheet.choices:
            filter_ = {"mode": "dropdown", "param": field, "type": "filter", "values": "database"}
            xml.SubElement(strip, "card", filter_)
        if sheet.legend:
            legend = {"pane-specification-id": "0", "param": sheet.legend, "type": "color"}
            xml.SubElement(strip, "card", legend)
    window.append(identity("window", sheet.sheet.name))
    return window
