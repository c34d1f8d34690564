"""The data of each chart, as a file that says all by itself."""

import csv
from pathlib import Path

from reports.figures import sections
from reports.report_data import ReportData
from tests.reports.conftest import HOSTILE, Report


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_chart_has_its_data_with_unit_source_licence_and_snapshot(
    report: Report, data: ReportData
):
    folder = report.folder / "charts"
    figures = {figure.key: figure for section in sections(data) for figure in section.figures}
    charts = sorted(folder.glob("*.svg"))
    assert charts
    assert {path.stem for path in charts} == {path.stem for path in folder.glob("*.csv")}
    for chart in charts:
        figure, rows = figures[chart.stem], read(chart.with_suffix(".csv"))
        assert len(rows) == len(figure.table.rows) > 0
        for row in rows:
            assert row["chart_unit"] == figure.unit
            assert row["source"].startswith("Snapshot of 15\u00a0March\u00a02025. Source: own")
            assert (row["licence"], row["snapshot"]) == ("CC BY 4.0", "2025-03-15")
            assert "mark" not in row
        assert f'href="charts/{chart.stem}.csv"' in report.html


def test_a_chart_has_its_values_in_full(report: Report, data: ReportData):
    rows = read(report.folder / "charts" / "model_sizes.csv")
    expected = {
        (row["month"].isoformat(), row["population"]): row["median_parameters"]
        for row in data.rows("average_model_parameters")
        if row["scope"] == "all" and row["population"] in ("all", "no_known_parent")
    }
    found = {
        (row["month"], row["population"]): float(row["median_parameters"] or "nan") for row in rows
    }
    assert found.keys() == expected.keys()
    assert any(value for value in expected.values())
    for key, value in expected.items():
        assert found[key] == value or (value is None and found[key] != found[key])


def test_no_name_in_a_chart_runs_as_a_formula(report: Report):
    cells = {
        cell
        for path in (report.folder / "charts").glob("*.csv")
        for row in read(path)
        for cell in row.values()
    }
    assert any(name in cells for name in HOSTILE)
    assert not cells & {name for name in HOSTILE if name[0] in "=+-@"}


def test_data_of_a_synthetic_chart_say_so_in_every_row(synthetic_report: Report):
    for path in (synthetic_report.folder / "charts").glob("*.csv"):
        for row in read(path):
            assert row["mark"] == "SYNTHETIC DATA: made up, and not to be quoted"
