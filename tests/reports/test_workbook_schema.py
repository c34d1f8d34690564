"""The workbook, held against the schemas that Tableau publishes.

Their folder is had from github.com/tableau/tableau-document-schemas; docs/tableau.md says how.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from tests.reports.conftest import Report
from tests.reports.test_workbook import read

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lxml") is None or not os.environ.get("TABLEAU_SCHEMAS"),
    reason="needs lxml, and in TABLEAU_SCHEMAS the folder of Tableau's schema files",
)

_XSD = "http://www.w3.org/2001/XMLSchema"
# The schemas import these two without saying where they are; here each allows what Tableau does.
_IMPORTED = {
    "http://www.tableausoftware.com/xml/user": '<xs:attributeGroup name="UserAttributes-AG">'
    '<xs:anyAttribute processContents="skip"/></xs:attributeGroup>',
    "http://www.w3.org/XML/1998/namespace": '<xs:attribute name="base" type="xs:string"/>',
}


def violations(book: xml.Element, file: Path) -> list[str]:
    """The rules of a schema that a workbook breaks.

    ``explain-data`` is added first: the schemas ask for it, releases before 2026 refuse it, and
    Tableau's own validator lets it be missing.
    """
    from lxml import etree

    whole = etree.fromstring(xml.tostring(book))
    explained = etree.SubElement(
        whole,
        "explain-data",
        {"enabled-for-viewer": "false", "extreme-values-enabled-for-all": "false"},
    )
    etree.SubElement(explained, "explanation-types")
    schema = _schema(file, etree)
    schema.validate(whole)
    return [f"line {error.line}: {error.message}" for error in schema.error_log]


def _schema(file: Path, etree: Any) -> Any:
    class Imported(etree.Resolver):
        def resolve(self, address: str, _: object, context: object) -> Any:
            content = _IMPORTED.get(address)
            if content is None:
                return None
            text = f'<xs:schema xmlns:xs="{_XSD}" targetNamespace="{address}">{content}</xs:schema>'
            return self.resolve_string(text, context)

    parser = etree.XMLParser()
    parser.resolvers.add(Imported())
    root = etree.parse(str(file), parser).getroot()
    for one in root.findall(f"{{{_XSD}}}import"):
        one.set("schemaLocation", one.get("namespace"))
    return etree.XMLSchema(etree.fromstring(etree.tostring(root), parser))


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """The schema files at hand, of the releases from which on they describe today's documents."""
    found = [
        file
        for file in Path(os.environ["TABLEAU_SCHEMAS"]).rglob("twb_*.xsd")
        if file.stem >= "twb_2026"
    ]
    assert found, "TABLEAU_SCHEMAS holds no schema of 2026 or later"
    return sorted(found)


@pytest.mark.parametrize("suffix", [".twbx", ".twb"])
def test_the_workbook_is_valid(report: Report, files: list[Path], suffix: str):
    book = read(report.folder / "tableau" / f"hub_observatory{suffix}")
    for file in files:
        assert violations(book, file) == [], file.name


@pytest.mark.parametrize("part", ["panes/pane/mark", "view/aggregation", "cols"])
def test_the_check_sees_what_is_missing(report: Report, files: list[Path], part: str):
    book = read(report.folder / "tableau" / "hub_observatory.twb")
    above, _, last = f"worksheets/worksheet/table/{part}".rpartition("/")
    parent = book.find(above)
    parent.remove(parent.find(last))
    assert violations(book, files[-1])
