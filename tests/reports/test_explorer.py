"""The explorer as a file: what it carries is what the tables have, and its policy lets it be."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import cli
from reports.dictionary import SCHEMAS, read_dictionary
from reports.explorer.tables import query
from reports.explorer.views import VIEWS, ExploredTable
from reports.exposure import read_limits_of_explorer
from reports.manifest import read_manifest
from tests.reports.conftest import HOSTILE, Built, Report
from tests.warehouse.googlesql import GoogleSQL, arrow_type_name, scalar_type, table_of

TABLES = [table for view in VIEWS for table in view.tables]
MOST_BYTES = 3_000_000


def html(report: Report) -> str:
    return (report.folder / "explore.html").read_text(encoding="utf-8")


def held(report: Report) -> str:
    """All that the element of the data holds, which the first end of a script ends."""
    (found,) = re.findall(
        r'<script type="application/json" id="content">(.*?)</script>', html(report), re.DOTALL
    )
    return found


def content(report: Report) -> dict[str, Any]:
    return json.loads(held(report))


def scripts(document: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", document, flags=re.DOTALL)


def cells(column: Any, rows: int) -> list[Any]:
    """A column as the page decodes it, without the names of texts."""
    if isinstance(column, list):
        return column
    values = [one[0] if isinstance(one, list) else one for one in column["of"]]
    return [values[place] for place in column.get("at", [0] * rows)]


def written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def described(built: Built, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    built.point_to(monkeypatch)
    return {one.name: one for one in read_dictionary((*SCHEMAS, "reporting"))}


def test_the_explorer_has_the_rows_of_its_tables(
    report: Report, built: Built, monkeypatch: pytest.MonkeyPatch
):
    texts = described(built, monkeypatch)
    tables = content(report)["tables"]
    assert set(tables) == {table.table for table in TABLES}
    compared = 0
    with duckdb.connect(str(built.database), read_only=True) as connection:
        for explored in TABLES:
            found = tables[explored.table]
            # What is cut away is another test's.
            uncut = query(replace(explored, largest=None), texts[explored.table], {})
            rows = connection.execute(uncut).to_arrow_table().to_pylist()
            assert found["rows"] == len(rows), "this Hub is small: nothing is to be cut"
            for name, column in found["columns"].items():
                expected = [written(row[name]) for row in rows]
                got = cells(column, found["rows"])
                numbers = [isinstance(value, float) for value in expected]
                for one, other, is_number in zip(got, expected, numbers, strict=True):
                    assert one == (pytest.approx(other, rel=1e-6) if is_number else other), name
                compared += len(got)
    assert compared > 10_000


def test_a_table_that_is_too_long_keeps_its_largest_values(
    built: Built, monkeypatch: pytest.MonkeyPatch
):
    texts = described(built, monkeypatch)
    limits = dict.fromkeys(read_limits_of_explorer(), 2)
    cut = [table for table in TABLES if table.largest]
    assert {table.table for table in cut} >= {"base_models", "usage_by_month"}
    with duckdb.connect(str(built.database), read_only=True) as connection:
        for table in cut:
            kept = connection.execute(query(table, texts[table.table], limits)).to_arrow_table()
            largest, only = table.largest, table.only or "true"
            groups = f"{largest.within}, " if largest.within else ""
            every = connection.execute(
                f"select {groups}{largest.key} from {table} where {only} "
                f"group by all order by coalesce(sum({largest.by}), 0) desc, {largest.key}"
            ).fetchall()
            expected = set()
            for row in every:
                if sum(other[:-1] == row[:-1] for other in expected) < 2:
                    expected.add(row)
            columns = [*filter(None, [largest.within]), largest.key]
            rows = kept.select(columns).to_pylist()
            assert {tuple(row.values()) for row in rows} == expected, table
            assert len(rows) > 0 or not every


def test_a_line_has_one_row_a_month(built: Built, monkeypatch: pytest.MonkeyPatch):
    texts = described(built, monkeypatch)
    for table in TABLES:
        keys = {table.by, *table.choose, *filter(None, [table.time])}
        columns = set(texts[table.table].columns)
        assert keys | set(table.filters) | {table.measure} <= columns, table
        # Of a single listing its day is the same in every row; a model's name is told by its key.
        settled = {"snapshot_date"} if "max(snapshot_date)" in table.only else set()
        same = {"model_id": "model_key"}
        assert {same.get(key, key) for key in keys} | settled == set(texts[table.table].keys), table


def test_every_number_is_a_measure_or_the_end_of_one(report: Report):
    for name, table in content(report)["tables"].items():
        for measure in table["measures"]:
            assert measure["unit"], name
            assert measure["about"] == table["texts"][measure["column"]]
            assert len(measure["ends"]) in (0, 2)
            assert set(measure["ends"]) <= set(table["columns"])
        ends = {measure["column"]: measure["ends"] for measure in table["measures"]}
        assert table["measure"] in ends
        if name == "average_training_costs":
            expected = ["median_cost_usd_low", "median_cost_usd_high"]
            assert ends["median_cost_usd_central"] == expected
        if name == "average_model_parameters":
            assert ends["geometric_mean_parameters"][0] == "geometric_mean_ci_low"
            assert "median_parameters_ci_low" not in ends


def test_the_exposure_names_what_the_explorer_reads(built: Built, monkeypatch: pytest.MonkeyPatch):
    built.point_to(monkeypatch)
    exposures = read_manifest()["exposures"].values()
    (exposure,) = [one for one in exposures if one["name"] == "explorer"]
    read = {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]}
    assert read == {table.table for table in TABLES}
    assert {table.largest.limit for table in TABLES if table.largest} == set(
        read_limits_of_explorer()
    )


def test_bigquery_takes_what_the_explorer_asks(built: Built, monkeypatch: pytest.MonkeyPatch):
    texts = described(built, monkeypatch)
    limits = read_limits_of_explorer()
    language = GoogleSQL()
    with duckdb.connect(str(built.database), read_only=True) as connection:
        for table in TABLES:
            empty = connection.execute(f"select * from {table} limit 0").to_arrow_table()
            columns = {
                field.name: scalar_type(arrow_type_name(field.type)) for field in empty.schema
            }
            language.put_table((table.schema, table.table), table_of(columns, []))
            asked = query(table, texts[table.table], limits)
            assert set(language.analyse(asked).columns) == set(empty.schema.names)


def test_the_policy_lets_three_hashes_be_and_nothing_else(report: Report):
    document = html(report)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', document)
    (style,) = re.findall(r"<style>(.*?)</style>", document, flags=re.DOTALL)

    def allowed(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    vega, own = scripts(document)
    assert "vegaEmbed" in vega
    assert "readState" in own
    assert " ".join(policy.split()) == (
        f"default-src 'none'; script-src {allowed(vega)} {allowed(own)} ; "
        f"style-src {allowed(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    around = re.sub(r"<(script|style)\b.*?</\1>", "", document, flags=re.DOTALL)
    assert not re.search(r'\s(?:on\w+|style|src|srcset)="', around)
    assert re.findall(r'<link[^>]*href="([^"]*)"', around) == ["data:,"]


def test_no_name_ends_the_element_that_holds_the_data(report: Report):
    assert "<" not in held(report)
    models = content(report)["tables"]["base_models"]["columns"]["model_id"]["of"]
    assert {f"{name}/{name}" for name in HOSTILE[:2]} <= {value for value, _ in models}
    tasks = content(report)["tables"]["new_models_by_intended_use"]["columns"]["task"]["of"]
    assert set(HOSTILE) <= {value for value, _ in tasks}
    # As they are shown, they turn nothing around and speak to nobody.
    assert not re.search("[\u200e\u200f\u202a-\u202e\x00-\x1f]", "".join(name for _, name in tasks))


def test_a_made_up_hub_is_marked_as_such(report: Report, synthetic_report: Report):
    assert content(synthetic_report)["label"] == "SYNTHETIC DATA"
    assert '<aside class="banner"' in html(synthetic_report)
    assert content(report)["label"] == ""
    assert '<aside class="banner"' not in html(report)
    extract = content(synthetic_report)["tables"]["new_models"]["extract"]
    assert (synthetic_report.folder / extract).is_file()


def test_the_explorer_is_small(report: Report):
    assert (report.folder / "explore.html").stat().st_size < MOST_BYTES


def test_a_table_that_is_missing_is_said_in_one_line(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    database = tmp_path / "hub.duckdb"
    database.write_bytes(built.database.read_bytes())
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table ecosystem.base_models")
    built.point_to(monkeypatch, database)
    assert cli.main(["build", "--output", str(tmp_path / "report"), "--no-docs"]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ")
    assert "lacks tables that the explorer reads: ecosystem.base_models. 'make build'" in said
    assert not (tmp_path / "report").exists()


def test_no_two_views_share_a_table_or_a_word_of_the_address():
    names = [table.table for table in TABLES]
    assert len(set(names)) == len(names)
    words = {"view", "table", "measure", "by", "show", "from", "to", "at", "form", "scale", "find"}
    for table in TABLES:
        assert not words & {*table.choose, *table.filters, table.by}, table
    assert isinstance(TABLES[0], ExploredTable)
