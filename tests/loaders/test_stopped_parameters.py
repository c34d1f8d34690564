"""The command ``parameters``, stopped and run on: nothing is asked twice, and nothing is lost."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pyarrow as pa
import pytest

from loaders.enrich import enrichment_run
from loaders.landing.landed_answers import LandedAnswers
from loaders.warehouse.raw_tables import RawTables
from simulator import Fault
from tests.loaders.conftest import ServedHub
from tests.loaders.safetensors_files import (
    ROOT,
    SMALL,
    uncounted,
    write_small,
)


def loader(*arguments: object, hub: ServedHub) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "loaders", *map(str, arguments), "--hub", hub.endpoint],
        cwd=ROOT,
        env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(("killed_at", "workers"), [(1, 1), (17, 1), (40, 4), (23, 4)])
def test_killed_and_run_on_nothing_is_asked_twice_and_nothing_is_lost(
    served_hub, killed_at, workers
):
    names = [f"org/m{n}" for n in range(40)]
    write_small(served_hub, *names)
    served_hub.serve(*(uncounted(n) for n in range(40)))
    served_hub.load()
    is_reached = threading.Event()

    def stall(number: int, target: str) -> Fault | None:
        if "/resolve/" in target and f"/m{killed_at - 1}/" in target:
            is_reached.set()
            return Fault(stall_seconds=3_600)
        return None

    served_hub.fault = stall
    process = loader("parameters", "--workers", workers, hub=served_hub)
    assert is_reached.wait(300)
    process.send_signal(signal.SIGKILL)
    process.wait()
    served_hub.fault = lambda number, target: None
    code, said = served_hub.run("parameters")
    assert code == 0, said
    rows = served_hub.rows("model_parameters", "id, status, parameters")
    assert [(id, status) for id, status, _ in rows] == [(name, "counted") for name in sorted(names)]
    assert all(json.loads(text) == SMALL for _, _, text in rows)
    # What was under way at that instant was asked and never answered.
    asked = Counter(request.path for request in served_hub.requests)
    assert len(asked) == 40
    assert sum(asked.values()) <= 40 + workers


def test_an_answer_that_a_kill_cut_short_is_asked_for_again(served_hub, data):
    write_small(served_hub, *(f"org/m{n}" for n in range(3)))
    served_hub.serve(*(uncounted(n) for n in range(3)))
    served_hub.load()
    served_hub.run("parameters")
    [batch] = (data / "landing").glob("*/parameters/*.jsonl")
    lines = batch.read_bytes().splitlines(keepends=True)
    (data / "hub.duckdb").unlink()
    batch.write_bytes(b"".join(lines[:2]) + lines[2][:50])
    served_hub.load()
    asked = len(served_hub.requests)
    _, said = served_hub.run("parameters")
    assert "Loaded 2 answers that an earlier run had kept" in said
    assert len(served_hub.requests) == asked + 1
    rows = served_hub.rows("model_parameters", "id, status")
    assert rows == [(f"org/m{n}", "counted") for n in range(3)]


@pytest.mark.parametrize("is_loaded", [False, True])
def test_stopped_right_before_or_after_a_load_no_answer_is_lost_or_doubled(
    served_hub, monkeypatch, is_loaded
):
    write_small(served_hub, *(f"org/m{n}" for n in range(3)))
    served_hub.serve(*(uncounted(n) for n in range(3)))
    served_hub.load()
    append = RawTables.append

    def stop(warehouse: RawTables, table: str, rows: pa.Table) -> None:
        if is_loaded:
            append(warehouse, table, rows)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RawTables, "append", stop)
        assert served_hub.run("parameters")[0] == 130
    assert len(served_hub.requests) == 3
    assert served_hub.run("parameters")[0] == 0
    assert len(served_hub.requests) == 3
    rows = served_hub.rows("model_parameters", "id, status")
    assert rows == [(f"org/m{n}", "counted") for n in range(3)]


def test_a_batch_is_loaded_as_soon_as_it_is_full(served_hub, monkeypatch):
    monkeypatch.setattr(enrichment_run, "BATCH_SIZE", 4)
    served_hub.serve(*(uncounted(n) for n in range(14)))
    served_hub.load()
    steps: list[str] = []
    add, append = LandedAnswers.add, RawTables.append

    def kept(landed: LandedAnswers, answer: object) -> None:
        add(landed, answer)
        steps.append("keep")

    def loaded(warehouse: RawTables, table: str, rows: pa.Table) -> None:
        append(warehouse, table, rows)
        steps.append(f"load {rows.num_rows}")

    monkeypatch.setattr(LandedAnswers, "add", kept)
    monkeypatch.setattr(RawTables, "append", loaded)
    assert served_hub.run("parameters", "--workers", 1)[0] == 0
    assert steps == 3 * [*4 * ["keep"], "load 4"] + ["keep", "keep", "load 2"]
    rows = served_hub.rows("model_parameters", "id, batch")
    assert len({id for id, _ in rows}) == 14
    assert sorted(Counter(batch for _, batch in rows).values()) == [2, 4, 4, 4]


def test_a_lost_database_gets_its_answers_back_without_a_request(served_hub, data):
    write_small(served_hub, "org/m0")
    served_hub.serve(*(uncounted(n) for n in range(3)))
    served_hub.load()
    served_hub.run("parameters")
    before = served_hub.rows("model_parameters")
    (data / "hub.duckdb").unlink()
    served_hub.load()
    asked = len(served_hub.requests)
    assert served_hub.run("parameters")[0] == 0
    assert served_hub.rows("model_parameters") == before
    assert len(served_hub.requests) == asked


def test_a_damaged_batch_is_named(served_hub, data):
    served_hub.serve(uncounted(0))
    served_hub.load()
    folder = data / "landing" / served_hub.endpoint.removeprefix("http://").replace(":", "_")
    (folder / "parameters").mkdir()
    (folder / "parameters" / "20260101T000000.000000Z.jsonl").write_bytes(b'{"_id": 1}\n')
    code, said = served_hub.run("parameters")
    assert code == 1
    assert "20260101T000000.000000Z.jsonl is not as it was written" in said


def test_a_hub_that_is_down_ends_the_run_and_blames_no_model(served_hub, tmp_path):
    write_small(served_hub, *(f"org/m{n}" for n in range(30)))
    served_hub.serve(*(uncounted(n) for n in range(30)))
    served_hub.load()
    down_after = 5
    served_hub.fault = lambda number, target: (
        Fault(status=503) if len(served_hub.requests) >= down_after else None
    )
    summary = tmp_path / "summary.json"
    code, said = served_hub.run("parameters", "--retries", 0, "--workers", 2, "--summary", summary)
    assert (code, "The Hub did not answer for 10 models in a row" in said) == (1, True)
    assert json.loads(summary.read_bytes())["requests"] >= 10
    served_hub.fault = lambda number, target: None
    assert served_hub.run("parameters")[0] == 0
    rows = served_hub.rows("model_parameters", "id, status")
    assert Counter(status for _, status in rows) == {"counted": 30}
    assert len(dict(rows)) == 30


def test_an_answer_that_was_under_way_when_the_hub_went_down_blames_no_other_model(served_hub):
    write_small(served_hub, *(f"org/m{n}" for n in range(30)))
    served_hub.serve(*(uncounted(n) for n in range(30)))
    served_hub.load()
    asked = itertools.count()
    # The third refusal is asked for when the run has heard of the first.
    three_are_refused = threading.Event()

    def fault(number: int, target: str) -> Fault | None:
        if not target.startswith("/org/"):  # the storage
            return None
        refused = next(asked)
        if refused == 0:
            three_are_refused.wait(60)
            return None
        if refused == 3:
            three_are_refused.set()
        return Fault(status=503)

    served_hub.fault = fault
    assert served_hub.run("parameters", "--retries", 0, "--workers", 2)[0] == 1
    served_hub.fault = lambda number, target: None
    assert served_hub.run("parameters")[0] == 0
    statuses = Counter(status for _, status in served_hub.rows("model_parameters", "id, status"))
    assert statuses == {"counted": 30}
