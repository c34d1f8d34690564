"""Charts as pictures: for the page without words around them, as files with all of them."""

import re
import textwrap
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import vl_convert

from reports.charts.bubbles import DARK_STEPS
from reports.charts.style import ACCENT, DARK, FONT, GREY, INK
from reports.marking import Marking

_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"')
_ARIA = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_MARGIN = 24


@dataclass(frozen=True)
class Picture:
    """An SVG document without text around the chart.

    Attributes:
        svg: the document.
        width, height: in pixels.
    """

    svg: str
    width: float
    height: float

    @property
    def address(self) -> str:
        """The picture itself as a URL, for an image of a page, whose dark colours it takes on."""
        svg = self.svg.replace(">", f"><style>{_dark_style()}</style>", 1)
        return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


@cache
def _dark_style() -> str:
    """Rules that set a dark colour in place of each of the charts', on a screen alone."""
    rules = "".join(
        f'[{kind}="{light}"]{{{kind}:{dark}}}'
        for light, dark in (DARK | DARK_STEPS).items()
        for kind in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme:dark){{{rules}}}"


def draw(chart: Any, name: str, *, marking: Marking | None) -> Picture:
    """A chart as a picture.

    Args:
        chart: as ``reports.charts`` makes them.
        name: unique among the pictures of one page, for the ids within.
        marking: what to write across it.
    """
    # Checking against Vega-Lite's schema takes twice as long as drawing; the tests do it.
    svg = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    # Ids are the page's, not the picture's: the same one twice, and one chart cuts another's lines.
    svg = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{name}-", svg)
    # A picture is described as a whole: a group of marks that calls itself one and has no words of
    # its own is a riddle to who hears it.
    svg = re.sub(r"<[^>]*>", lambda tag: _ARIA.sub("", tag[0]), svg)
    size = _SIZE.search(svg)
    assert size is not None, "vl-convert gives a picture its size"
    width, height = map(float, size.groups())
    if marking:
        svg = svg.removesuffix("</svg>") + _watermark(marking.label, width, height) + "</svg>"
    return Picture(svg, width, height)


def with_words(
    picture: Picture,
    *,
    heading: str,
    unit: str,
    footer: list[str],
    description: str,
    marking: Marking | None,
) -> str:
    """A picture as an SVG document of its own, with what a page would set around it.

    Args:
        heading, unit: above the chart.
        footer: paragraphs below it.
        description: what a person who cannot see it should know.
    """
    width = round(picture.width) + 2 * _MARGIN
    body: list[str] = []
    y = 18.0

    def paragraph(text: str, size: int, colour: str, weight: str = "normal") -> None:
        nonlocal y
        for line in textwrap.wrap(text, int((width - 2 * _MARGIN) / (size * 0.52))):
            y += size * 1.3
            body.append(
                f'<text x="{_MARGIN}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
                f'fill="{colour}">{escape(line)}</text>'
            )

    if marking:
        paragraph(f"{marking.label}: {marking.warning}", 13, ACCENT, "bold")
        y += 4
    paragraph(heading, 20, INK, "bold")
    y += 2
    paragraph(unit, 13, GREY)
    y += 12
    body.append(f'<g transform="translate({_MARGIN} {y:.1f})">{picture.svg}</g>')
    y += picture.height + 4
    for text in footer:
        paragraph(text, 11, GREY)
    height = round(y + 20)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="{FONT}"><title>{escape(heading)}</title><desc>{escape(description)}</desc>'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(body)}</svg>'
    )


def as_png(svg: str) -> bytes:
    """An SVG document as PNG, at twice its size."""
    return vl_convert.svg_to_png(svg, scale=2)


def _watermark(words: str, width: float, height: float) -> str:
    size = min(1.25 * width / len(words), height / 4)  # so that it stays within, slanted as it is
    return (
        f'<text x="{width / 2:.0f}" y="{height / 2:.0f}" text-anchor="middle" '
        f'transform="rotate(-18 {width / 2:.0f} {height / 2:.0f})" font-family="{FONT}" '
        f'font-size="{size:.0f}" font-weight="bold" fill="{ACCENT}" fill-opacity="0.1" '
        f'pointer-events="none">{words}</text>'
    )
