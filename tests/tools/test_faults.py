"""A few dozen crawls through faults and a few kills; ``make faults`` does it by the hundred."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from loaders.archive import parquet_file
from tests.faulty_hub import LASTING, TRANSIENT
from tools.faults import histories, kills, syscalls
from tools.faults.crawls import Crawls


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setattr(os, "environ", os.environ.copy())
        yield Crawls(tmp_path_factory.mktemp("crawls"), rate=0.4)


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_fault_that_passes_costs_no_record_and_doubles_none(crawls, kind):
    outcomes = (crawls.run(seed, [kind]) for seed in count())
    outcome = next(outcome for outcome in outcomes if outcome.counts)
    assert outcome.counts[kind].injected
    assert outcome.problems == []


def test_a_file_of_an_archive_that_is_read_through_faults_is_that_of_a_good_day(monkeypatch):
    monkeypatch.setattr(parquet_file, "ROWS_A_BATCH", parquet_file.ROWS_A_BATCH)
    outcomes = histories.read_all(range(4), rate=0.4)
    assert [outcome.problem for outcome in outcomes] == [""] * 4
    assert sum(outcome.faults for outcome in outcomes) > 10


@pytest.mark.parametrize("is_changing", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_faults_of_all_kinds_together_leave_the_records_of_a_good_day(crawls, seed, is_changing):
    assert crawls.run(seed, is_changing=is_changing).problems == []


def test_the_tables_after_faults_are_those_of_a_good_day(crawls):
    assert crawls.run(4, is_loaded=True).problems == []


@pytest.mark.parametrize("kind", LASTING)
def test_a_broken_listing_is_refused_and_replaces_nothing(crawls, kind):
    outcome = crawls.run(5, lasting=kind)
    assert outcome.problems == []
    assert outcome.counts[f"for good: {kind}"].refused == 1


def test_loads_that_are_killed_and_run_again_leave_the_tables_of_one_that_was_not(tmp_path):
    report = kills.kill_loads(tmp_path, kills=3, seed=1)
    assert report.problems == []
    assert report.kills.total() >= 3


@pytest.mark.skipif(not syscalls.can_trace(), reason="strace is not installed, or may not trace")
def test_a_load_that_is_killed_at_a_system_call_is_made_good_by_the_next_one(tmp_path):
    for seed in count():  # a call near the end may not come in each run
        (load,) = syscalls.kill_all(tmp_path / str(seed), {"load": 1}, seed)
        assert load.points > 100
        assert load.problems == []
        if load.killed:
            return
