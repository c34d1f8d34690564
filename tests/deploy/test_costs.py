"""The table of costs in docs/deployment.md adds up, by its own counts and prices."""

import re

import pytest

from tests.deploy import ROOT

TEXT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("## What it costs")[2].partition("\n## ")[0]
ROWS = {
    cells[0]: cells[1:]
    for line in re.findall(r"^\|(.*)\|$", SECTION, re.MULTILINE)
    if len(cells := [cell.strip() for cell in line.split("|")]) == 4
}
TIB = 2**40

COMPUTED = {
    "Cloud Run": (30 + 18 + 68) * 60 * (2 * 0.000018 + 8 * 0.000002),
    "BigQuery, queries": (3 * (40.8 + 17.1) * 1e9 + 30 * 10 * 2**20) / TIB * 6.25,
    "BigQuery, storage": 20 * 0.02,
    "bucket, storage": (24 * 0.3 + 72 * 0.02) * 0.02,
    "bucket, operations": 13.1 * 0.005 + 8.4 * 0.0004,
    "images": (5 * 0.5 - 0.5) * 0.10,
    "schedules": 3 * 0.10,
    "secret": 0.06,
    "alerts": 4 * 0.10 + 3 * 30 * 24 * 120 / 1e6 * 0.35,
    "log": 0.0,
}


@pytest.mark.parametrize("name", COMPUTED)
def test_a_cost_is_its_count_times_its_price(name):
    assert float(ROWS[name][-1]) == pytest.approx(COMPUTED[name], abs=0.005)


def test_the_sum_is_that_of_the_rows():
    total = float(ROWS["**sum**"][-1].strip("*"))
    assert total == pytest.approx(sum(float(ROWS[name][-1]) for name in COMPUTED), abs=0.001)


def test_a_build_reads_what_was_measured():
    measured = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
    (build,) = re.findall(r"^\| a build \| \| \| ([\d.]+) \|", measured, re.MULTILINE)
    (tests,) = re.findall(r"^\| \d+ data tests \| \| \| ([\d.]+) \|", measured, re.MULTILINE)
    assert f"3 builds of {build} GB with tests of {tests} GB" in ROWS["BigQuery, queries"][0]
