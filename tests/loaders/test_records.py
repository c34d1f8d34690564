"""The records of a page: each becomes a row, or a reject with its reason."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from loaders.hub.page_survey import split_page
from loaders.limits import MAX_RECORD_BYTES
from loaders.warehouse import raw_schema
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.rejects import MAX_REJECT_TEXT
from loaders.warehouse.seen_ids import SeenIds

SNAPSHOT_DATE = date(2026, 10, 15)


def hub_id(number: int) -> str:
    return f"{number:024x}"


def model(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"_id": hub_id(number), "id": f"org/model-{number}", **fields}


def decode(*records: Any, kind: str = "models") -> tuple[list[dict], list[dict], SnapshotDecoder]:
    decoder = SnapshotDecoder(kind, SNAPSHOT_DATE)
    rows, rejects = decoder.decode(1, json.dumps(records).encode())
    return rows.to_pylist(), rejects.to_pylist(), decoder


def test_absent_fields_are_null_and_not_an_error():
    rows, rejects, _ = decode(model())
    assert rejects == []
    given = {"snapshot_date": SNAPSHOT_DATE, "_id": hub_id(1), "id": "org/model-1"}
    assert rows == [dict.fromkeys(raw_schema.MODELS.names) | given]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(False, "false"), (True, "true"), ("auto", "auto"), ("manual", "manual"), (None, None)],
)
def test_gated_is_kept_as_text_whatever_its_type(sent, kept):
    rows, _, _ = decode(model(gated=sent))
    assert rows[0]["gated"] == kept


def test_a_fractional_trending_score_is_not_cut_off():
    rows, _, _ = decode(model(1, trendingScore=0.7), model(2, trendingScore=3))
    assert [row["trending_score"] for row in rows] == [0.7, 3.0]


def test_a_safetensors_map_with_any_key_travels_as_entries():
    rows, _, _ = decode(
        model(1, safetensors={"parameters": {"BF16": 7, 'x":1}': 2}, "total": 9}),
        model(2, safetensors={"total": 5}),
        model(3, safetensors={"parameters": {}}),
        model(4, gguf={"total": 4, "architecture": "llama", "chat_template": "x" * 1000}),
    )
    assert [row["safetensors_parameters"] for row in rows] == [
        '[{"dtype":"BF16","parameters":7},{"dtype":"x\\":1}","parameters":2}]',
        None,
        "[]",
        None,
    ]
    assert [row["safetensors_total"] for row in rows] == [9, 5, None, None]
    assert [row["gguf_total"] for row in rows] == [None, None, None, 4]


def test_tags_of_strangers_survive_to_the_letter():
    tags = ['"quoted"', "back\\slash", "<script>", "=HYPERLINK(1)", "\u202etfel", "🤗", "a,b", ""]
    rows, _, _ = decode(model(tags=tags), model(2, tags=[]))
    assert json.loads(rows[0]["tags"]) == tags
    assert rows[1]["tags"] == "[]"


def test_a_dataset_has_the_columns_of_a_dataset():
    rows, _, _ = decode(
        {"_id": hub_id(1), "id": "o/d", "citation": None, "cardData": {"language": False}},
        kind="datasets",
    )
    assert list(rows[0]) == raw_schema.DATASETS.names


def test_a_model_without_a_creation_date_is_kept_and_counted():
    rows, rejects, decoder = decode(model(1), model(2, createdAt="2022-03-02T23:29:04.000Z"))
    assert (len(rows), rejects, decoder.without_created_at) == (2, [], 1)
    assert rows[1]["created_at"] == datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        ({"id": "org/model"}, "malformed", "missing required field `_id`"),
        ({"_id": hub_id(1)}, "malformed", "missing required field `id`"),
        ({"_id": hub_id(1), "id": ""}, "malformed", "$.id"),
        (model(downloads=-1), "malformed", "$.downloads"),
        (model(downloads=2**70), "malformed", "$.downloads"),
        (model(tags=["nlp", 7]), "malformed", "$.tags[1]"),
        (model(tags="nlp"), "malformed", "$.tags"),
        (model(createdAt="yesterday"), "malformed", "$.createdAt"),
        (model(createdAt="2024-01-01T00:00:00"), "malformed", "$.createdAt"),
        (model(safetensors={"parameters": {"F32": "many"}}), "malformed", "$.safetensors"),
        ("a string", "malformed", "Expected `object`"),
        (None, "malformed", "Expected `object`"),
        (model(tags=["x" * 10_000_000]), "too_large", "10000"),
        (model(createdAt="2026-10-16T00:00:00.000Z"), "created_after_snapshot", "2026-10-16"),
    ],
)
def test_one_bad_record_costs_that_record_and_nothing_else(record, reason, detail):
    rows, rejects, decoder = decode(model(8), record, model(9))
    assert [row["id"] for row in rows] == ["org/model-8", "org/model-9"]
    (reject,) = rejects
    assert (reject["kind"], reject["page"], reject["position"]) == ("models", 1, 2)
    assert reject["reason"] == reason
    assert detail in reject["detail"]
    assert reject["raw_text"] == json.dumps(record)[:MAX_REJECT_TEXT]
    assert decoder.rejects == {reason: 1}
    assert decoder.records == 2


def test_the_last_instant_of_the_snapshot_date_belongs_to_it():
    rows, rejects, _ = decode(model(createdAt="2026-10-15T23:59:59.999Z"))
    assert (len(rows), rejects) == (1, [])


def test_bytes_that_are_no_text_cost_one_record():
    decoder = SnapshotDecoder("models", SNAPSHOT_DATE)
    page = json.dumps([model(1), model(2, author="AAA"), model(3)]).encode()
    rows, rejects = decoder.decode(1, page.replace(b"AAA", b"A\xffA"))
    assert rows["id"].to_pylist() == ["org/model-1", "org/model-3"]
    assert "A\ufffdA" in rejects["raw_text"][0].as_py()


def test_half_a_surrogate_pair_in_a_tag_costs_one_record_and_not_the_crawl():
    page = b'[{"_id":"1","id":"a"},{"_id":"2","id":"b","tags":["\\ud800"]},{"_id":"3","id":"c"}]'
    assert len(split_page(page)) == 3
    rows, rejects = SnapshotDecoder("models", SNAPSHOT_DATE).decode(1, page)
    assert rows["id"].to_pylist() == ["a", "c"]
    assert "ud800" in rejects["raw_text"][0].as_py()


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": 1}', b"[1, 2", b"[" * 100_000, b"\xff"])
def test_what_is_no_page_is_told_apart_from_a_bad_record(body):
    with pytest.raises(ValueError, match=r"."):  # what was wrong with it
        split_page(body)


def test_a_record_that_comes_twice_is_counted_once_within_and_across_pages():
    decoder = SnapshotDecoder("models", SNAPSHOT_DATE)
    first, _ = decoder.decode(1, json.dumps([model(5), model(3), model(5)]).encode())
    second, rejects = decoder.decode(2, json.dumps([model(3), model(7), model(5)]).encode())
    assert first["id"].to_pylist() == ["org/model-5", "org/model-3"]
    assert second["id"].to_pylist() == ["org/model-7"]
    assert rejects["position"].to_pylist() == [1, 3]
    assert decoder.rejects == {"duplicate": 3}


def test_ids_in_any_order_and_of_any_shape_are_told_apart():
    ids = [hub_id(n) for n in (1, 5, 9, 7, 5, 1, 9, 7, 2)] + ["short", "ü" * 24, "short", "ü" * 24]
    seen = SeenIds()
    new = [seen.add(i) for i in ids]
    assert new == [i not in ids[:position] for position, i in enumerate(ids)]


def test_a_large_page_of_small_records_is_read_whole():
    records = [model(n, tags=["x" * 2_000]) for n in range(MAX_RECORD_BYTES // 2_000 + 10)]
    rows, rejects, _ = decode(*records)
    assert (len(rows), rejects) == (len(records), [])
