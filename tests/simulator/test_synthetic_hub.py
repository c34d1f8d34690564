"""The synthetic Hub stays the same Hub: in another process, a month later and a year ago."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta

import pytest

from simulator import (
    SAMPLE_DATE,
    LocalHubError,
    SyntheticHub,
)
from tests.simulator.client import KINDS, ROOT, listed

DIGEST = """
import hashlib, msgspec
from simulator import SyntheticHub
digest = hashlib.sha256()
for listing in SyntheticHub(models=700, datasets=300, seed=5).open().values():
    for at in range(len(listing)):
        digest.update(msgspec.json.encode(listing.record(at)))
print(digest.hexdigest())
"""


def test_another_process_makes_the_same_records():
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_makes_another_hub():
    one, other = (listed(SyntheticHub(models=100, datasets=0, seed=s), "models") for s in (1, 2))
    assert not {r["_id"] for r in one} & {r["_id"] for r in other}


@pytest.mark.parametrize("size", [0, 1, 14, 15, 16, 17, 1000])
def test_it_lists_as_many_as_asked_for(size):
    hub = SyntheticHub(models=size, datasets=size)
    assert [len(listed(hub, kind)) for kind in KINDS] == [size, size]


def test_a_large_hub_lists_as_many_as_asked_for_too():
    listing = SyntheticHub(models=3_000_000, datasets=0).open()["models"]
    # What is never listed on the sample date is one position in sixteen.
    assert sum(at % 16 != 15 for at in range(len(listing))) == 3_000_000


def test_a_hub_that_cannot_be_is_refused():
    for arguments in ({"models": -1}, {"datasets": -1}, {"seed": -1}):
        with pytest.raises(LocalHubError, match="negative"):
            SyntheticHub(**arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_ids_ascend_with_time_and_are_unique(kind):
    records = listed(SyntheticHub(models=5000, datasets=5000), kind)
    ids = [record["_id"] for record in records]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[0-9a-f]{24}", hub_id) for hub_id in ids)
    dates = [record["createdAt"] for record in records if "createdAt" in record]
    assert dates == sorted(dates)
    names = [record["id"] for record in records]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_a_month_later_it_is_the_same_hub_grown_by_a_month(kind):
    later_date = SAMPLE_DATE + timedelta(days=31)
    now = {r["_id"]: r for r in listed(SyntheticHub(5000, 5000), kind)}
    later = {r["_id"]: r for r in listed(SyntheticHub(5000, 5000, as_of=later_date), kind)}
    kept = now.keys() & later.keys()
    assert 0.99 < len(kept) / len(now) < 1  # some are removed
    assert 1.02 < len(later) / len(now) < 1.04  # 40 % a year
    for hub_id in kept:
        before, after = now[hub_id], later[hub_id]
        for field in ("createdAt", "pipeline_tag", "library_name", "safetensors", "gguf"):
            assert before.get(field) == after.get(field)
        for field in ("likes", "downloadsAllTime", "lastModified"):
            assert before[field] <= after[field]
    for field in ("downloads", "likes", "downloadsAllTime", "lastModified"):
        assert any(now[hub_id][field] != later[hub_id][field] for hub_id in kept)
    new = [later[hub_id]["createdAt"] for hub_id in later.keys() - now.keys()]
    assert min(new) >= "2026-10-16T00:00:00.000Z"
    assert max(new) <= "2026-11-15T23:59:59.000Z"


def test_earlier_it_lists_what_is_removed_by_now_and_nothing_of_later():
    day = date(2024, 6, 30)
    then = {r["_id"]: r for r in listed(SyntheticHub(5000, 0, as_of=day), "models")}
    now = {r["_id"]: r for r in listed(SyntheticHub(5000, 0), "models")}
    assert 0.02 < len(then.keys() - now.keys()) / len(then) < 0.07
    end = "2024-06-30T23:59:59.000Z"
    assert max(r["createdAt"] for r in then.values() if "createdAt" in r) <= end
    assert max(r["lastModified"] for r in then.values()) <= end
    survivors = {r["_id"] for r in now.values() if r.get("createdAt", "9") <= end}
    assert survivors <= then.keys()
    assert listed(SyntheticHub(5000, 5000, as_of=date(2022, 3, 1)), "models") == []


@pytest.mark.parametrize("kind", KINDS)
def test_some_are_renamed_and_some_names_come_back_under_a_new_id(kind):
    years = [
        {r["_id"]: r["id"] for r in listed(SyntheticHub(6000, 6000, as_of=day), kind)}
        for day in (date(2025, 6, 1), date(2026, 6, 1), date(2027, 6, 1))
    ]
    ids_of_name, names_of_id = defaultdict(set), defaultdict(set)
    for names in years:
        assert len(set(names.values())) == len(names)
        for hub_id, name in names.items():
            ids_of_name[name].add(hub_id)
            names_of_id[hub_id].add(name)
    assert any(len(names) == 2 for names in names_of_id.values())
    assert any(len(ids) == 2 for ids in ids_of_name.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_name_is_found_and_no_other(kind):
    for day in (SAMPLE_DATE, date(2027, 10, 1)):
        listing = SyntheticHub(2000, 2000, as_of=day).open()[kind]
        for position in range(len(listing)):
            found = listing.find(listing.name(position))
            if listing.is_listed(position):
                assert found == position
            else:  # its name may have been taken up again
                assert found is None or found > position
        assert listing.find("synthetic-org-0000/text-model-999999") is None
        assert listing.find("nobody/knows") is None
        assert listing.new_name("nobody/knows") is None
