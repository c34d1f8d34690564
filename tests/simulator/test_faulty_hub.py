"""A Hub on a bad day: the same faults for the same seed, and none twice running."""

import json
import subprocess
from http.client import (
    HTTPException,
)
from itertools import pairwise

from simulator import (
    LocalHubServer,
    SyntheticHub,
)
from tests.changing_hub import ChangingHub
from tests.faulty_hub import RandomFaults
from tests.simulator.client import KINDS, ROOT, command, get, walk


def bad_day(seed: int, targets: list[str]) -> list[tuple[str, str]]:
    faults = RandomFaults(seed, 0.5)
    for number, target in enumerate(targets):
        faults(number, target)
    return sorted(faults.injected)


def test_the_same_seed_gives_the_same_faults_however_two_crawls_interleave():
    models, datasets = ([f"/api/{kind}?cursor={n}" for n in range(40)] for kind in KINDS)
    one_by_one = bad_day(7, models + datasets)
    in_turn = bad_day(7, [target for both in zip(models, datasets, strict=True) for target in both])
    assert one_by_one == in_turn != bad_day(8, models + datasets)


def test_no_page_goes_wrong_in_the_same_way_twice_running():
    faults = RandomFaults(0, 0.99)
    for number in range(500):
        faults(number, "/api/models")
    kinds = [kind for _, kind in faults.injected]
    assert len(kinds) > 400
    assert all(kind != after for kind, after in pairwise(kinds))


def test_a_hub_that_changes_lists_what_neither_comes_nor_goes_once():
    still = SyntheticHub(models=300, datasets=0)
    changing = ChangingHub(still, 5)
    with LocalHubServer(still) as before, LocalHubServer(changing) as hub:
        expected, records = (
            [json.loads(bytes(record)) for record in walk(f"{server.endpoint}/api/models?limit=20")]
            for server in (before, hub)
        )
    ids, found = ([record["_id"] for record in side] for side in (expected, records))
    assert [i for i in found if not changing.comes_or_goes(i)] == [
        i for i in ids if not changing.comes_or_goes(i)
    ]
    come_or_gone = [i for i in ids if changing.comes_or_goes(i)]
    assert 0 < len(set(come_or_gone) & set(found)) < len(come_or_gone)


def test_a_bad_day_comes_from_the_command_line():
    arguments = ("--models", "30", "--datasets", "5", "--faults", "1", "--fault-rate", "0.9")
    process = subprocess.Popen(
        command(*arguments, module="tests.faulty_hub"), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        endpoint = process.stdout.readline().strip()
        statuses = set()
        for _ in range(20):
            try:
                statuses.add(get(f"{endpoint}/api/models?direction=1&limit=10")[0].status)
            except (OSError, HTTPException) as error:
                statuses.add(type(error).__name__)
        assert len(statuses) > 2
    finally:
        process.kill()
        process.communicate()
