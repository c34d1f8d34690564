"""Random records and headers, among good ones, through the real decoder, client and loader.

The seeds are fixed, so that what fails once fails again. More of them: HUB_FUZZ=100 pytest ….
"""

import json
import os
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import httpx2
import pytest

from loaders.hub import fields
from loaders.hub.fields import LISTINGS
from loaders.hub.page_survey import survey_page
from loaders.hub.rate_limiter import RateLimiter, retry_after
from loaders.warehouse import raw_schema
from loaders.warehouse.decoding import SnapshotDecoder
from simulator import Fault
from tests.loaders.conftest import model, on_day, query

SEEDS = range(int(os.environ.get("HUB_FUZZ", "3")))
SNAPSHOT_DATE = date(2026, 10, 15)
RECORDS = 100  # random ones of a page; a good one stands before each

# Of a record and of the objects in it, wherever they turn up; and one that nobody asks for.
FIELDS = sorted({name for field in fields.FIELDS for name in field.json_name.split(".")})
FIELDS.append("widgetData")
TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "\u202e",
        "'",
        '"',
        "\\",
        "\\u0000",
        "[",
        "]}",
        ",",
        "a,b",
        "🤗" * 300,
        "=1+1",
    ),
    *(
        "language:en",
        "language:",
        "license:mit",
        "base_model:org/x",
        "base_model::",
        "task_categories:x",
    ),
    *(
        "2024-01-01T00:00:00.000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "x" * 5_000,
    ),
    *(
        "2022-03-02T23:29:04.000Z",
        "1969-12-31T23:59:59.999999Z",
        "2024-02-30T00:00:00Z",
        "true",
        "NULL",
    ),
)
NUMBERS = (
    *("0", "-0", "-1", "1", "7.5", "1e3", "1e308", "1e309", "-1e-400", "1e400", "NaN", "Infinity"),
    *(
        "1000000000000000",
        "1000000000000001",
        str(2**63 - 1),
        str(2**63),
        str(-(2**63)),
        "9" * 5_000,
    ),
)
ROTTEN = ("", "01", "tru", "nul", "'a'", '"\\ud800"', '"\\x"', '"\t"', "{]", "}", '{"a":}', "\x0b")


def value(random: Random, depth: int = 0) -> str:
    """JSON text of anything, and now and then no JSON."""
    kind = random.randrange(12)
    if kind < 4 or depth > 3:
        return json.dumps(random.choice(TEXTS), ensure_ascii=random.random() < 0.5)
    if kind < 7:
        return random.choice(NUMBERS)
    if kind < 9:
        return f"[{','.join(value(random, depth + 1) for _ in range(random.randrange(6)))}]"
    if kind == 9:
        return random.choice(("true", "false", "null"))
    if kind == 10:
        return record(random, depth + 1)
    levels = random.choice((10, 500, 2_000))
    return "[" * levels + "]" * levels


def record(random: Random, depth: int = 0) -> str:
    names = random.sample(FIELDS, random.randrange(1, 8))
    told = [f"{json.dumps(name)}:{value(random, depth)}" for name in names]
    return "{" + ",".join(told) + "}"


def stranger(random: Random, number: int) -> str:
    """A record with a name of its own and some random fields; one in twenty is no JSON."""
    chance = random.random()
    if chance < 0.05:
        return random.choice([text for text in ROTTEN if text not in ("{]", "}", '{"a":}')])
    if chance < 0.1:
        return value(random)
    fields = record(random)
    return f'{{"_id":"{number:024x}","id":"org/m-{number}",{fields[1:]}'


def fuzzed_page(seed: int) -> tuple[bytes, list[str]]:
    """A page, and the ids of its good records."""
    random, records, good = Random(seed), [], []
    for number in range(RECORDS):
        record = model(3 * number)
        records += [json.dumps(record), stranger(random, 3 * number + 1)]
        good.append(record["_id"])
    return f"[{','.join(records)}]".encode(), good


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", LISTINGS)
def test_no_random_record_costs_a_good_one_or_the_page(seed, kind):
    page, good = fuzzed_page(seed)
    survey = survey_page(page)
    assert (survey.records, survey.middle_id != "") == (2 * RECORDS, True)
    decoder = SnapshotDecoder(kind, SNAPSHOT_DATE)
    rows, rejects = decoder.decode(1, page)
    assert set(good) <= set(rows["_id"].to_pylist())
    assert rows.num_rows + rejects.num_rows == 2 * RECORDS
    assert rejects["position"].to_pylist() == sorted(set(rejects["position"].to_pylist()))
    assert rows.schema.equals(raw_schema.TABLES[kind])


def test_random_records_are_loaded_or_rejected(served_hub, data):
    page, good = fuzzed_page(len(SEEDS))
    served_hub.serve(model(1))
    served_hub.fault = lambda number, target: Fault(body=page) if "/models" in target else None
    with on_day(str(SNAPSHOT_DATE)):
        code, said = served_hub.run("load", "--snapshot-date", str(SNAPSHOT_DATE))
    assert code == 0, said
    (records,) = query(data, "select count(*) from hub_raw.models")[0]
    (rejects,) = query(data, "select count(*) from hub_raw.rejects where kind = 'models'")[0]
    assert records + rejects == 2 * RECORDS
    assert {row[0] for row in query(data, "select _id from hub_raw.models")} >= set(good)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_random_header_is_a_traceback(seed):
    random = Random(seed)
    digits = ("", "0", "1", "-1", "9" * 400, "9" * 5_000, "1.5", "²", "٣", " ", "x")
    forms: tuple[Callable[[str, str], dict[str, str]], ...] = (
        lambda a, b: {"RateLimit": f'"api";r={a};t={b}'},
        lambda a, b: {"RateLimit": '"api";r=1;t=1', "RateLimit-Policy": f'"w";"api";q={a};w={b}'},
        lambda a, b: {"Retry-After": a},
        lambda a, b: {"Retry-After": f"Thu, {a} Oct {b} 12:00:00 GMT"},
        lambda a, b: {
            "Retry-After": "Thu, 15 Oct 2026 12:00:00 GMT",
            "Date": f"Thu, 15 Oct {a} {b}:00",
        },
    )
    limiter = RateLimiter(0.8)
    for _ in range(100):
        sent: dict[str, Any] = random.choice(forms)(random.choice(digits), random.choice(digits))
        headers = httpx2.Headers([(k.encode(), v.encode()) for k, v in sent.items()])
        limiter.observe(headers)
        seconds = retry_after(headers)
        assert seconds is None or seconds >= 0
