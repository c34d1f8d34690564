"""The guards warn of what each is for, say what it is, and stop nothing.

On a few rows made by hand, in the place of a build.
"""

import os
import shutil
from pathlib import Path

import duckdb

from tests import forked
from tests.warehouse import builds

# In a good month nothing is to be said: what is odd stays below each limit.
TABLES = """
    create schema staging; create schema intermediate; create schema marts;
    create table intermediate.int_snapshots as from (values
        ('models', date '2026-09-03', false, true, 'row_count'),
        ('models', date '2026-10-03', true, false, null),
        ('datasets', date '2026-10-03', true, false, null)
    ) as _ (kind, snapshot_date, is_newest, is_forced, overruled);
    create table intermediate.int_snapshot_fields as from (values
        ('models', date '2026-09-03', 'author', 100, 100),
        ('models', date '2026-10-03', 'author', 100, 96)
    ) as _ (kind, snapshot_date, field, records, filled);
    create table staging.stg_hub__snapshots as
        select 'models' as kind, date '2026-10-03' as snapshot_date, 9999 as records;
    create table staging.stg_hub__rejects as
        select 'models' as kind, date '2026-10-03' as snapshot_date, 'malformed' as reason,
            'downloads: no number' as detail
        from range(10);
    create table intermediate.int_tasks as select 'chess' as declared_task;
    create table intermediate.int_models as
        select 'go' as task, true as is_listed from range(19);
    create table intermediate.int_lineage as from (values
        ('child', null::double)
    ) as _ (model_key, fraction_not_followed);
    create table intermediate.int_dataset_tasks as select '[]' as tag_set_key, 'halma' as task;
    create table intermediate.int_dataset_groups as
        select '[]' as tag_set_key, date '2026-10-03' as snapshot_date, 19 as datasets;
    create table marts.dataset_share_by_language as
        select date '2026-10-03' as snapshot_date, 'xx' as language, 19 as datasets,
            'unrecognised' as language_kind;
    create table marts.new_models as
        select month, value as new_models, 'all' as population, true as is_complete_month
        from (values
            (date '2026-07-01', 100), (date '2026-08-01', 200), (date '2026-09-01', 110)
        ) as _ (month, value);
    create table marts.average_model_parameters as
        select null::date as month, 1.0 as geometric_mean_parameters, 'all' as population,
            'all' as scope, true as is_complete_month
        limit 0;
    create table marts.average_training_costs as
        select null::date as month, 1.0 as geometric_mean_cost_usd_central, 'all' as population,
            'all' as scope, true as is_complete_month
        limit 0;
    create table marts.training_cost_per_million_parameters as
        select null::date as month, 1.0 as cost_per_million_usd_central, 'all' as population,
            'all' as scope, true as is_complete_month
        limit 0;
    create table marts.new_models_by_intended_use as
        select null::date as month, 1.0 as share_of_all, 'x' as task, true as is_complete_month
        limit 0;
"""

ACCIDENTS = {
    "no_snapshot_was_forced": (
        "update intermediate.int_snapshots set is_forced = is_newest where kind = 'models'",
        "The snapshot of models for 2026-10-03 was loaded although a check refused it (row_count)",
    ),
    "no_field_vanished": (
        "update intermediate.int_snapshot_fields set filled = 94 where filled = 96",
        "The field author of models is filled in 94.0% of the records of 2026-10-03",
    ),
    "few_records_are_malformed": (
        "update staging.stg_hub__snapshots set records = 9980",
        "10 records of models were left out of the snapshot of 2026-10-03",
    ),
    "every_task_is_known": (
        "insert into intermediate.int_models values ('go', true)",
        "The task go of 20 models",
    ),
    "every_language_is_known": (
        "update marts.dataset_share_by_language set datasets = 20",
        "The language xx of 20 datasets",
    ),
    "no_lineage_is_too_long": (
        "update intermediate.int_lineage set fraction_not_followed = 0.5",
        "The lineage of 1 models goes on beyond the 512 generations that are followed",
    ),
    "no_figure_moved_more_than_ever": (
        "update marts.new_models set new_models = 90 where new_models = 110",
        "new_models.new_models moved by a factor of 2.22 in 2026-09-01",
    ),
}


def warnings(folder: Path, accidents: list[str]) -> dict[str, str]:
    """The words of each guard that warns, by its name."""
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    with duckdb.connect(str(folder / "hub.duckdb")) as connection:
        for statement in (TABLES, *accidents):
            connection.execute(statement)
    by_hand = {"--quiet", "--no-use-colors"}
    options = [option for option in builds.dbt_options("duckdb", folder) if option not in by_hand]
    run = forked.run(
        ["dbt", "test", "--select", "path:tests/dbt/guards", *options],
        os.environ
        | builds.QUIET
        | {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    assert run.returncode == 0, run.output
    assert "\x1b" not in run.output  # in a log that somebody keeps
    told = [line.partition("WARNING ")[2] for line in run.output.splitlines()]
    return {line.partition(": ")[0]: line.partition(": ")[2] for line in told if line}


def test_a_good_month_is_passed_in_silence(tmp_path):
    assert warnings(tmp_path, []) == {}


def test_each_guard_says_what_is_wrong_and_ends_nothing(tmp_path):
    told = warnings(tmp_path, [accident for accident, _ in ACCIDENTS.values()])
    guards = (builds.ROOT / "tests" / "dbt" / "guards").glob("*.sql")
    assert set(told) == set(ACCIDENTS) == {path.stem for path in guards}
    for guard, (_, reason) in ACCIDENTS.items():
        assert reason in told[guard]
