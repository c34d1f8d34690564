"""The command that tells how far each choice moves the headlines, but for its builds."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from tools.sensitivity import __main__, builds, database, measure, table
from tools.sensitivity.choices import CHOICES, HEADLINES, Choice, SensitivityError

ROOT = Path(__file__).parents[2]
JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)


def built(path: Path, *months: tuple[date, float | None], version: str | None = None) -> Path:
    """A database whose marts show a value, or none, for each month."""
    version = version or database.method_version()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for mart in sorted({headline.mart for headline in HEADLINES}):
            shown = [c for h in HEADLINES if h.mart == mart for c in h.readings.values()]
            columns = ", ".join(f"$value::double as {column}" for column in shown)
            row = (
                "select $version as method_version, $month::date as month, 'all' as scope,"
                " 'no_known_parent' as population, true as is_complete_month,"
                f" true as is_headline, 'A' as observation_status, {columns}"
            )
            for number, (month, value) in enumerate(months):
                verb = f"insert into marts.{mart}" if number else f"create table marts.{mart} as"
                values = {"version": version, "month": month, "value": value}
                connection.execute(f"{verb} {row}", values)
    return path


def error_of(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert __main__.main(["--database", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    return said.err


def test_a_database_that_is_not_there_is_named(tmp_path, capsys):
    assert "There is no database" in error_of(tmp_path / "none.duckdb", capsys)
    assert not (tmp_path / "none.duckdb").exists()


def test_a_file_that_is_no_database_is_told_from_one_that_is_not_built(tmp_path, capsys):
    (tmp_path / "text.duckdb").write_text("no database\n" * 1000)
    assert "no DuckDB database" in error_of(tmp_path / "text.duckdb", capsys)
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert "is not built" in error_of(tmp_path / "empty.duckdb", capsys)


def test_figures_of_another_method_are_not_held_against_this_one(tmp_path, capsys):
    path = built(tmp_path / "old.duckdb", (JANUARY, 1.0), version="1.0.0")
    assert "built by method 1.0.0" in error_of(path, capsys)


def test_records_without_a_headline_are_refused(tmp_path, capsys):
    path = built(tmp_path / "few.duckdb", (JANUARY, None))
    assert "no complete month in which every headline is shown" in error_of(path, capsys)


def test_a_database_that_another_process_writes_to_is_not_copied(tmp_path, capsys):
    path = built(tmp_path / "held.duckdb", (JANUARY, 1.0))
    holds = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", holds, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        told = error_of(path, capsys)
        holder.stdin.close()
    assert f"process {holder.pid}" in told


def test_a_wrong_setting_is_an_argument_that_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        __main__.main(["--vars", "min_values"])
    assert refused.value.code == 2
    assert "--vars" in capsys.readouterr().err


def test_another_build_is_not_blamed_on_a_choice(tmp_path):
    found = database.read(built(tmp_path / "a.duckdb", (JANUARY, 1.0)))
    other = database.read(built(tmp_path / "b.duckdb", (JANUARY, 1.5)))
    headlines = {name: rows[0] for name, rows in found.items()}
    measure.refuse_another_build(Path("a"), headlines, found)
    with pytest.raises(SensitivityError, match="not what this code makes"):
        measure.refuse_another_build(Path("a"), headlines, other)


def test_a_choice_is_held_against_the_same_month_and_tells_of_a_newer_one(tmp_path):
    as_it_is = database.read(built(tmp_path / "a.duckdb", (JANUARY, 2e9), (FEBRUARY, None)))
    changed = database.read(built(tmp_path / "b.duckdb", (JANUARY, 1.9e9), (FEBRUARY, 8e9)))
    headlines = {name: rows[0] for name, rows in as_it_is.items()}
    choice = Choice("Another", {"min_values": 1})
    effect = measure.effect_of(choice, changed, JANUARY, headlines)
    assert {figure.value for figure in effect.figures.values()} == {1.9e9}
    assert {round(figure.change, 9) for figure in effect.figures.values()} == {-0.05}
    newest, figures = effect.newest
    assert newest == FEBRUARY
    assert {figure.change for figure in figures.values()} == {3.0}
    found = measure.Sensitivity("made by hand", JANUARY, headlines, [effect])
    printed = table.table(found)
    assert "| Another | 1.9 billion (\N{MINUS SIGN}5.0%) | " in printed
    assert "| … and then the newest month is February 2025 | 8 billion (+300%) | " in printed
    machine = json.loads(json.dumps(table.as_json(found)))
    assert machine["choices"][0]["newest_month"] == "2025-02-01"


def test_a_choice_that_hides_the_headline_shows_no_figure(tmp_path):
    rows = database.read(built(tmp_path / "a.duckdb", (JANUARY, 2e9)))
    hidden = database.read(built(tmp_path / "b.duckdb", (JANUARY, None)))
    headlines = {name: months[0] for name, months in rows.items()}
    effect = measure.effect_of(Choice("Hides"), hidden, JANUARY, headlines)
    assert effect.newest is None
    found = measure.Sensitivity("made by hand", JANUARY, headlines, [effect])
    assert "| Hides | not shown | not shown | not shown | not shown |" in table.table(found)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (0.0, "0%"),
        (0.004, "+0.4%"),
        (-1e-6, "0.0%"),
        (-0.55, "\N{MINUS SIGN}55%"),
        (11.06, "+1,106%"),
        (None, "–"),
    ],
)
def test_a_change_of_nothing_is_told_from_a_small_one(change, shown):
    assert table.percentage(change) == shown


def test_models_that_read_a_setting_by_a_macro_of_a_macro_are_found():
    def node(code: str, *macros: str) -> dict:
        called = {"macros": list(macros)}
        return {"raw_code": code, "macro_sql": code, "depends_on": called}

    manifest = {
        "macros": {"inner": node("{{ var('limit') }}"), "outer": node("{{ inner() }}", "inner")},
        "nodes": {
            name: {**one, "name": name, "resource_type": "model"}
            for name, one in (
                ("itself", node('{{ var("limit") }}')),
                ("by_macros", node("{{ outer() }}", "outer")),
                ("neither", node("{{ var('limits') }}")),
            )
        },
    }
    assert builds.readers(manifest, {"limit": 1}) == ["by_macros", "itself"]
    with pytest.raises(SensitivityError, match="no model reads the setting limi"):
        builds.readers(manifest, {"limi": 1})


def test_every_choice_moves_a_setting_that_there_is():
    defaults = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    for choice in CHOICES:
        assert choice.settings or choice.reading or choice.population, choice.name
        for name, value in choice.settings.items():
            assert name in defaults
            assert value != defaults[name], choice.name


def test_the_methodology_has_a_line_for_each_choice():
    text = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
    section = text.partition("### Sensitivity")[2].partition("\n#")[0]
    lines = [line.split("|")[1].strip() for line in section.splitlines() if line[:1] == "|"]
    named = [line for line in lines[2:] if not line.startswith("…")]
    assert named == ["**As it is**", *(choice.name for choice in CHOICES)]
