"""A build of dbt that is killed."""

import shutil

from tests.warehouse.parity import build_differences
from tools.faults.kills import Place, build_step


def test_a_killed_build_is_made_good_by_the_next_one(duckdb_build, tmp_path):
    place = Place(tmp_path)
    shutil.copy(duckdb_build.database, tmp_path / "hub.duckdb")
    build, seconds = build_step(place), 5.0
    while place.run([build], kill_after=seconds) is None:  # on a fast machine
        seconds /= 2
    place.run([build])
    made = place.tables(*{name.partition(".")[0] for name in duckdb_build.tables})
    assert build_differences(duckdb_build.tables, made) == []
