"""The workbook that Tableau opens: whole, valid, and drawn so that nobody is misled by it."""

import json
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import duckdb
import pytest

from reports import credit
from reports.dictionary import read_dictionary
from reports.report_data import ReportData
from reports.workbook.dashboards import DASHBOARDS
from reports.workbook.worksheets import words
from tests.reports.conftest import HOSTILE, Built, Report

_OWN = {"[:Measure Names]", "[Multiple Values]"}


def read(path: Path) -> xml.Element:
    if path.suffix == ".twb":
        return xml.parse(path).getroot()
    with zipfile.ZipFile(path) as package:
        return xml.fromstring(package.read(f"{path.stem}.twb"))


@pytest.fixture(scope="module", params=[".twbx", ".twb"])
def book(report: Report, request: pytest.FixtureRequest) -> xml.Element:
    return read(report.folder / "tableau" / f"hub_observatory{request.param}")


def sheets(book: xml.Element) -> list[xml.Element]:
    found = book.findall("worksheets/worksheet")
    assert len(found) == sum(len(dashboard.sheets) for dashboard in DASHBOARDS)
    return found


def source_of(sheet: xml.Element) -> str:
    (link,) = sheet.findall("table/view/datasources/datasource")
    return str(link.get("name"))


def table_of(sheet: xml.Element) -> str:
    return source_of(sheet).removeprefix("federated.")


def fields_of(sheet: xml.Element) -> dict[str, dict[str, str]]:
    """Attributes of the fields in use, by their names."""
    found = sheet.findall("table/view/datasource-dependencies/column-instance")
    return {str(one.get("name")): dict(one.attrib) for one in found}


def shown(sheet: xml.Element) -> set[str]:
    """Columns on an axis, a colour or the detail: each value of theirs makes a mark of its own."""
    table = sheet.find("table")
    assert table is not None
    texts = [table.findtext("rows") or "", table.findtext("cols") or ""]
    texts += [one.get("column", "") for one in table.iterfind("panes/pane/encodings/*")]
    return {column for text in texts for column in re.findall(r"\[(?:none|tmn):(\w+):", text)}


def members(sheet: xml.Element) -> dict[str, list[str]]:
    """Values that each filter keeps, by its column; none where it keeps all."""
    found = {}
    for one in sheet.iterfind("table/view/filter"):
        if match := re.search(r"\[none:(\w+):", one.get("column", "")):
            kept = [group.get("member", "") for group in one.iter("groupfilter")]
            found[match[1]] = [value for value in kept if value]
    return found


def contracts(book: xml.Element, built: Built, monkeypatch) -> dict[str, Any]:
    built.point_to(monkeypatch)
    return {table.name: table.columns for table in read_dictionary()}


def test_each_published_dashboard_is_there(book: xml.Element, built: Built):
    manifest = json.loads((built.target / "manifest.json").read_text("utf-8"))
    published = [
        exposure["label"]
        for exposure in manifest["exposures"].values()
        if exposure["type"] == "dashboard" and "public.tableau.com" in (exposure["url"] or "")
    ]
    assert len(published) == 7
    assert {one.get("name") for one in book.iter("dashboard")} == set(published)


def test_every_field_of_a_sheet_is_described_and_in_its_table(book: xml.Element, report: Report):
    for sheet in sheets(book):
        name = sheet.get("name")
        texts = [
            text for one in sheet.find("table").iter() for text in (one.text, *one.attrib.values())
        ]
        used = {
            match
            for text in texts
            for match in re.findall(r"\[(federated\.\w+)\]\.(\[[^\]]+\])", text or "")
        }
        assert {source for source, _ in used} == {source_of(sheet)}, name
        known = fields_of(sheet)
        assert {field for _, field in used} - _OWN == set(known), name
        described = {
            one.get("name") for one in sheet.findall("table/view/datasource-dependencies/column")
        }
        assert {field["column"] for field in known.values()} <= described, name
        of_source = {
            one.get("name"): one.find("calculation")
            for source in book.findall("datasources/datasource")
            if source.get("name") == source_of(sheet)
            for one in source.findall("column")
        }
        assert described <= set(of_source), name
        with (report.folder / "extracts" / f"{table_of(sheet)}.csv").open() as file:
            header = {
                f"[{column}]" for column in file.readline().strip().replace('"', "").split(",")
            }
        assert {one for one in described if of_source[one] is None} <= header, name


def test_every_part_of_a_dashboard_is_there(book: xml.Element):
    names = [sheet.get("name") for sheet in sheets(book)]
    windows = {one.get("name"): one for one in book.findall("windows/window")}
    placed = []
    for dashboard in book.findall("dashboards/dashboard"):
        zones = list(dashboard.iter("zone"))
        assert max(Counter(zone.get("id") for zone in zones).values()) == 1
        charts = [z.get("name") for z in zones if z.get("name") and not z.get("type-v2")]
        placed += charts
        # Without its viewpoint Tableau refuses the whole workbook.
        window = windows[dashboard.get("name")]
        assert [one.get("name") for one in window.iter("viewpoint")] == charts
        described = {one.get("name") for one in dashboard.iter("column-instance")}
        for zone in zones:
            if zone.get("type-v2") in ("filter", "color"):
                assert zone.get("name") in charts
            if zone.get("type-v2") == "filter":
                assert zone.get("param").partition("].")[2] in described
    assert sorted(placed) == sorted(names)
    titles = [one.get("name") for one in book.findall("dashboards/dashboard")]
    assert sorted(windows) == sorted(names + titles)
    assert max(Counter(names + titles).values()) == 1
    ids = [one.get("uuid") for one in book.iter("simple-id")]
    assert len(ids) == len(set(ids)) == 2 * len(names + titles)


def test_no_mark_combines_rows_that_do_not_add_up(
    book: xml.Element, built: Built, monkeypatch: pytest.MonkeyPatch
):
    """Neither populations nor scopes nor listings are mixed, whatever a reader chooses."""
    known = contracts(book, built, monkeypatch)
    manifest = json.loads((built.target / "manifest.json").read_text("utf-8"))
    grains = {
        node["attached_node"].rpartition(".")[2]: node["test_metadata"]["kwargs"]["grain"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "validation_rules"
    }
    derivations = {"sum": "Sum", "max": "Max", "none": "Avg"}
    for sheet in sheets(book):
        used = [one for one in fields_of(sheet).values() if one["type"] == "quantitative"]
        measures = {
            one["column"].strip("[]"): one["derivation"]
            for one in used
            if one["derivation"] in derivations.values()
        }
        of_table = known[table_of(sheet)]
        for measure, derivation in measures.items():
            assert derivation == derivations[of_table[measure].aggregation], measure
        drawn = set(
            next(
                one.measures
                for board in DASHBOARDS
                for one in board.sheets
                if one.name == sheet.get("name")
            )
        )
        for key in grains[table_of(sheet)]:
            if key in shown(sheet) or (
                key == "snapshot_date" and "newest_snapshot" in members(sheet)
            ):
                continue
            for measure in drawn:
                contract = of_table[measure]
                assert contract.aggregation == "max" or key in contract.additive_over, (
                    sheet.get("name"),
                    measure,
                    key,
                )


def test_no_running_month_stands_at_the_right_end(book: xml.Element):
    monthly = [sheet for sheet in sheets(book) if "[month]" in str(xml.tostring(sheet))]
    assert len(monthly) >= 15
    for sheet in monthly:
        assert members(sheet)["is_complete_month"] == ["true"], sheet.get("name")


def test_populations_are_compared_only_where_they_can_be_told_apart(book: xml.Element):
    for sheet in sheets(book):
        if {"scope_name", "population"} & shown(sheet) and "is_headline" not in members(sheet):
            kept = members(sheet)
            is_of_all = kept.get("population") == ['"all"']
            assert is_of_all or kept.get("is_relation_reliable") == ["true"], sheet.get("name")


def test_one_value_is_chosen_at_a_time_and_first_the_headline(book: xml.Element, built: Built):
    with duckdb.connect(str(built.database), read_only=True) as connection:
        scope, population = connection.execute(
            "select scope, population from marts.average_model_parameters where is_headline "
            "order by month desc limit 1"
        ).fetchone()
    (costs,) = [one for one in sheets(book) if one.get("name") == "Costs, intended use"]
    assert members(costs)["population"] == [f'"{population}"']
    (chosen,) = [one for one in sheets(book) if one.get("name") == "Parameters, chosen"]
    assert members(chosen)["scope"] == [f'"{scope}"']
    zones = [zone for zone in book.iter("zone") if zone.get("type-v2") == "filter"]
    assert zones
    assert {zone.get("mode") for zone in zones} == {"dropdown"}


def test_a_share_is_a_percentage_and_dollars_are_dollars(
    book: xml.Element, built: Built, monkeypatch: pytest.MonkeyPatch
):
    known = contracts(book, built, monkeypatch)
    forms = {"fraction": "p0.0%", "current US dollars": 'c"$"#,##0;-"$"#,##0'}
    seen = set()
    for sheet in sheets(book):
        for field in sheet.findall("table/view/datasource-dependencies/column"):
            contract = known[table_of(sheet)].get(field.get("name").strip("[]"))
            if contract and contract.unit in forms:
                seen.add(contract.unit)
                assert field.get("default-format") == forms[contract.unit]
    assert seen == set(forms)


def test_the_newest_listing_is_found_again_when_the_data_are_replaced(book: xml.Element):
    calculated = [one.get("formula") for one in book.findall("datasources//calculation")]
    assert calculated == ["[snapshot_date] = {MAX([snapshot_date])}"] * 2


def test_every_range_has_both_ends_and_one_colour(book: xml.Element):
    ranges = [one for board in DASHBOARDS for one in board.sheets if one.ends]
    assert len(ranges) >= 9
    colours = {
        one.findtext("bucket", "").partition("].")[2].strip('"'): one.get("to")
        for one in book.iter("map")
    }
    for sheet in ranges:
        low, middle, high = sheet.measures
        assert (low.endswith("_low"), high.endswith("_high")) == (True, True)
        of_ends = {colours[f"[avg:{one}:qk]"] for one in (low, high)}
        assert len(of_ends) == 1
        assert colours[f"[avg:{middle}:qk]"] not in of_ends


def test_source_licence_and_method_stand_on_every_sheet_and_dashboard(book: xml.Element):
    captions = ["".join(one.itertext()) for one in book.iter("caption")]
    assert len(captions) == len(sheets(book))
    for board in book.findall("dashboards/dashboard"):
        zones = [z for z in board.iter("zone") if z.get("type-v2") == "text"]
        captions.append("".join(zones[-1].itertext()))
    for caption in captions:
        assert "Source: own calculations" in caption
        assert f"Licence: {credit.LICENCE}." in caption
        assert "method 2." in caption


def test_made_up_data_say_so_in_every_title(synthetic_report: Report, book: xml.Element):
    for suffix in (".twb", ".twbx"):
        marked = read(synthetic_report.folder / "tableau" / f"synthetic-hub_observatory{suffix}")
        titles = [one.findtext(".//run") for one in marked.iter("title")]
        titles += [
            board.findtext("zones/zone/zone/formatted-text/run")
            for board in marked.findall("dashboards/dashboard")
        ]
        assert len(titles) == len(sheets(marked)) + 7
        assert [title for title in titles if not title.startswith("SYNTHETIC DATA: ")] == []
        assert "Synthetic data: not to be quoted" in str(xml.tostring(marked))
    assert "SYNTHETIC" not in str(xml.tostring(book))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_field_or_breaks_the_document(
    name: str, data: ReportData, report: Report
):
    said = credit.source(
        replace(data, crawled_from=f"/records/{name.replace('/', '')}", licence=name)
    )
    text = xml.fromstring(xml.tostring(words((said, 8))))
    assert not re.search("[<>]", "".join(text.itertext()))
