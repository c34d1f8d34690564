"""Records that are valid and monstrous: each costs itself, and what it costs is bounded."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from loaders.hub.fields import FIELDS, GATED, NAME, TEXT
from loaders.hub.listing import HubListing
from loaders.hub.page_survey import split_page, survey_page
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.limits import (
    MAX_COUNT,
    MAX_PAGE_RECORDS,
    MAX_RECORD_BYTES,
    MAX_TAG_LENGTH,
    MAX_TAGS,
)
from loaders.load.crawl import crawl
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.records import RecordFormat
from loaders.warehouse.rejects import MAX_REJECT_TEXT
from loaders.warehouse.seen_ids import SeenIds
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import model, query, write_records

SNAPSHOT_DATE = date(2026, 10, 15)
DEEP = "[" * 100_000 + "]" * 100_000


def page(*texts: str | dict[str, Any]) -> bytes:
    told = (text if isinstance(text, str) else json.dumps(text) for text in texts)
    return f"[{', '.join(told)}]".encode()


def decode(body: bytes) -> tuple[list[dict], list[dict], SnapshotDecoder]:
    decoder = SnapshotDecoder("models", SNAPSHOT_DATE)
    rows, rejects = decoder.decode(1, body)
    return rows.to_pylist(), rejects.to_pylist(), decoder


def rotten(**fields: str) -> str:
    """A record of which some fields are JSON text as it stands here."""
    told = ", ".join(f'"{name}": {text}' for name, text in fields.items())
    return f'{{"_id": "{5:024x}", "id": "org/rotten", {told}}}'


@pytest.mark.parametrize(
    "record",
    [
        rotten(widgetData=DEEP),
        rotten(tags=DEEP),
        rotten(tags='["\\ud800"]'),
        rotten(author='"\\ud800"'),
        rotten(likes="01"),
        rotten(likes="NaN"),
        rotten(likes="tru"),
        rotten(likes="9" * 5_000),
        rotten(author='"a\tb"'),
        rotten(author="'a'"),
        rotten(likes="1,"),
        "",
        "{}",
        "nul",
        "{,}",
        f'"{"x" * 100}"',
        DEEP,
    ],
    ids=lambda text: repr(text[:80]),
)
@pytest.mark.parametrize("after", ["", '"], \\"[{", ]}'], ids=["", "brackets in a text"])
def test_a_page_with_one_rotten_record_keeps_its_others(record, after):
    others = [model(1, author=after), model(9, author=after)]
    body = page(others[0], record, others[1])
    survey = survey_page(body)
    assert (survey.records, survey.last_id) == (3, others[1]["_id"])
    rows, rejects, _ = decode(body)
    assert [row["_id"] for row in rows] == [other["_id"] for other in others]
    assert [row["author"] for row in rows] == [after or None, after or None] or not after
    (reject,) = rejects
    assert (reject["position"], reject["reason"]) == (2, "malformed")
    assert reject["raw_text"] == record[:MAX_REJECT_TEXT]
    assert len(reject["detail"]) <= 500


@pytest.mark.parametrize(
    "body",
    [
        b'[{"_id": "1"}',
        b'[{"_id": "1"}] [',
        b'[{"_id": "1"]}',
        b'[{"_id": "1}]',
        b'[{"_id": "1", "tags": [' + b"[" * 100_000 + b"]}]",
        b'{"_id": "1"}' + DEEP.encode(),
        b'[{"_id": "1"}]]',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_page_that_is_cut_short_is_no_page_with_a_rotten_record(body):
    with pytest.raises(ValueError, match=r"."):
        split_page(body)


@pytest.mark.parametrize("count", [MAX_COUNT + 1, 2**63 - 1, 2**63, 10**400])
@pytest.mark.parametrize(
    "fields",
    [
        lambda count: {"downloads": count},
        lambda count: {"downloadsAllTime": count},
        lambda count: {"likes": count},
        lambda count: {"trendingScore": count},
    ],
)
def test_a_count_that_cannot_be_is_malformed(count, fields):
    rows, rejects, _ = decode(page(model(1, **fields(count))))
    assert (rows, [reject["reason"] for reject in rejects]) == ([], ["malformed"])


def test_the_largest_count_is_loaded():
    rows, _, _ = decode(page(model(1, downloads=MAX_COUNT, likes=MAX_COUNT, downloadsAllTime=0)))
    assert (rows[0]["downloads"], rows[0]["likes"]) == (MAX_COUNT, MAX_COUNT)


@pytest.mark.parametrize("field", ["createdAt", "lastModified"])
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("0001-01-01T00:00:00+14:00", "malformed"),
        ("9999-12-31T23:59:59-14:00", "malformed"),
    ],
)
def test_a_date_that_no_engine_has_is_a_reject(field, said, reason):
    rows, rejects, _ = decode(page(model(1), model(2, **{field: said}), model(3)))
    assert [row["_id"] for row in rows] == [model(1)["_id"], model(3)["_id"]]
    later = field == "createdAt" and said > "2026"
    assert rejects[0]["reason"] == ("created_after_snapshot" if later else reason)


@pytest.mark.parametrize(
    "field",
    [field.json_name for field in FIELDS if field.type in (NAME, TEXT, GATED) and not field.parent],
)
def test_a_name_of_a_megabyte_is_malformed(field):
    rows, rejects, _ = decode(page(model(1), model(2, **{field: "x" * 1_000_000}), model(3)))
    assert [row["_id"] for row in rows] == [model(1)["_id"], model(3)["_id"]]
    assert (rejects[0]["reason"], len(rejects[0]["raw_text"])) == ("malformed", 10_000)


def test_tags_beyond_the_limits_are_cut_and_counted():
    many = [f"tag-{number}" for number in range(MAX_TAGS + 7)]
    rows, rejects, decoder = decode(
        page(
            model(1, tags=many),
            model(2, tags=["a", "x" * (MAX_TAG_LENGTH + 1), "b", "y" * MAX_TAG_LENGTH]),
            model(3, tags=many[:MAX_TAGS]),
        )
    )
    kept = [json.loads(row["tags"]) for row in rows]
    assert kept == [many[:MAX_TAGS], ["a", "b", "y" * MAX_TAG_LENGTH], many[:MAX_TAGS]]
    assert (rejects, decoder.tags_cut) == ([], 8)


def test_tags_are_cut_alike_where_a_page_is_taken_apart():
    many = ["x" * 400] * (MAX_TAGS + 7)
    body = page(*(model(number, tags=many) for number in range(3)))
    assert len(body) > MAX_RECORD_BYTES
    rows, _, decoder = decode(body)
    assert ({len(json.loads(row["tags"])) for row in rows}, decoder.tags_cut) == ({MAX_TAGS}, 21)


def test_a_record_of_which_no_row_can_be_made_is_a_reject(monkeypatch):
    """Decoding that raises anything, anywhere: the columns as a whole, or one of them."""
    columns = RecordFormat.columns

    def fails(made: RecordFormat, records: list[Any]) -> Any:
        if any(record.gated == "rotten" for record in records):
            raise OverflowError("too large to convert")
        return columns(made, records)

    monkeypatch.setattr(RecordFormat, "columns", fails)
    rows, rejects, decoder = decode(page(model(1), model(2, gated="rotten"), model(3)))
    assert [row["_id"] for row in rows] == [model(1)["_id"], model(3)["_id"]]
    assert [(r["position"], r["reason"], r["detail"]) for r in rejects] == [
        (2, "malformed", "too large to convert")
    ]
    assert (decoder.records, decoder.rejects) == (2, {"malformed": 1})


def test_memory_that_is_used_up_is_no_fault_of_a_record(monkeypatch):
    def fails(made: RecordFormat, records: list[Any]) -> Any:
        raise MemoryError

    monkeypatch.setattr(RecordFormat, "columns", fails)
    with pytest.raises(MemoryError):
        decode(page(model(1)))


@pytest.mark.parametrize("record", ["{}", "1", '{"_id":"1"}', '{"_id":"1","tags":["a,{"]}'])
@pytest.mark.parametrize("size", [MAX_PAGE_RECORDS + 1, 2_000_000])
def test_a_page_of_millions_of_records_is_no_page(record, size):
    body = b"[" + b",".join([record.encode()] * size) + b"]"
    with pytest.raises(ValueError, match="more than 10,000 records"):
        split_page(body)
    with pytest.raises(ValueError, match="more than 10,000 records"):
        survey_page(body)


def test_one_id_above_all_others_does_not_make_the_rest_cost_memory():
    seen = SeenIds()
    ids = [f"{number:024x}" for number in range(1_000)]
    assert all(seen.add(hub_id) for hub_id in [*ids[:500], "f" * 24, *ids[500:]])
    assert (len(seen), len(seen._others)) == (1_000, 1)
    assert not any(seen.add(hub_id) for hub_id in [*ids, "f" * 24])


def spoilt(number: int) -> Callable[[int, str], Fault | None]:
    """The last record of one page has an _id above all."""

    def edit(body: bytes, link: str | None) -> bytes:
        listed = json.loads(body)
        listed[-1]["_id"] = "f" * 24
        return json.dumps(listed).encode()

    return lambda asked, target: Fault(edit=edit) if asked == number else None


def test_a_spoilt_last_id_costs_its_record_and_not_the_crawl(tmp_path):
    folder = write_records(tmp_path / "hub", models=(model(number) for number in range(2_500)))
    with LocalHubServer(RecordFolder(folder), fault=spoilt(1)) as server, hub_session():
        landed = LandedCrawl(str(tmp_path / "landing"), "hub", "models", SNAPSHOT_DATE)
        crawl(HubListing(server.endpoint, "models", retries=0, longest_wait=0), landed, "hub")
    decoder = SnapshotDecoder("models", SNAPSHOT_DATE)
    for number, body in landed.bodies():
        decoder.decode(number, body)
    assert (decoder.records, decoder.rejects.total()) == (2_500, 0)


def test_a_monstrous_record_is_loaded_as_a_reject_and_cut_tags_are_told(served_hub, data):
    served_hub.serve(model(1), model(5), model(9, tags=["a"] * (MAX_TAGS + 3)))
    body = page(model(1), rotten(widgetData=DEEP), model(9, tags=["a"] * (MAX_TAGS + 3)))
    served_hub.fault = lambda number, target: Fault(body=body) if "/models" in target else None
    code, said = served_hub.run("load")
    assert code == 0, said
    assert "1 malformed" in said
    assert "3 tags beyond the limits" in said
    assert query(data, "select kind, tags_cut from hub_raw.snapshots order by kind") == [
        ("datasets", 0),
        ("models", 3),
    ]
