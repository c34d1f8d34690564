"""Choices that move the headlines of the sample, built as the command builds them."""

import hashlib
import shutil

import pytest
import yaml

from tests.warehouse import builds
from tools.sensitivity.choices import Choice
from tools.sensitivity.measure import measure


# dbt is started four times, and before it perhaps for the sample: minutes each on a busy machine.
@pytest.mark.timeout(1500)
def test_a_choice_moves_what_depends_on_it_and_the_default_nothing(duckdb_build, tmp_path):
    settings = yaml.safe_load(builds.SETTINGS[1])
    path = tmp_path / "hub.duckdb"
    shutil.copyfile(duckdb_build.database, path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    # With the limit as it is: sizes are built anew, and must come out the same.
    high_prices = {"central_price": "high", "min_values": settings["min_values"]}
    found = measure(
        path, [Choice("High prices", high_prices), Choice("Everything", population="all")], settings
    )
    high, everything = (
        {name: figure.change for name, figure in effect.figures.items()} for effect in found.effects
    )
    assert high["Median parameters"] == high["New models"] == 0
    assert high["Median cost"] > 1
    assert everything["New models"] > 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert "made-up" in found.records
