"""A build of dbt that is killed."""

import shutil

from tests.faults.kills import Place, build_step
from tests.warehouse.parity import build_differences


def test_a_killed_build_is_made_good_by_the_next_one(duckdb_build, sample_file, tmp_path):
    place = Place(tmp_path)
    shutil.copy(sample_file, tmp_path / "hub.duckdb")
    build = build_step(place)
    assert place.run([build], kill_after=5.0) == "dbt build"
    place.run([build])
    assert (
        build_differences(
            duckdb_build.tables, place.tables("staging", "intermediate", "marts", "trends")
        )
        == []
    )
