"""Records of an archive's file: decoded as those of a crawl are, the monstrous ones included."""

import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from loaders.archive.columns import needed_columns
from loaders.archive.decoding import ArchiveDecoder
from loaders.archive.files import UnusableFileError
from loaders.hub.fields import json_text, parameter_entries
from loaders.limits import MAX_COUNT, MAX_NAME_LENGTH, MAX_TAG_LENGTH, MAX_TAGS
from loaders.warehouse import raw_schema
from loaders.warehouse.decoding import SnapshotDecoder
from tests.loaders.archives import MODELS, archived, listing, parquet

DAY = "2026-09-05"


def decoded(decoder, *parts):
    """Give the rows and the rejects of each part of a file."""
    return list(decoder.decode_all(lambda: enumerate(parts, 1)))


def decode(*rows, types=None, kind="models", **options):
    decoder = ArchiveDecoder(kind, date.fromisoformat(DAY))
    ((made, rejects),) = decoded(decoder, parquet(rows, types, **options))
    assert made.schema == raw_schema.TABLES[kind]
    assert decoder.records == made.num_rows
    assert decoder.rejects.total() == rejects.num_rows
    return made.to_pylist(), rejects.to_pylist(), decoder


def as_listed(row):
    """The record of a crawl that says the same as a row of an archive."""
    record = {name: value for name, value in row.items() if value is not None}
    for name in ("createdAt", "lastModified"):
        if name in record:
            record[name] = record[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if "gguf" in record:
        record["gguf"] = json.loads(record["gguf"])
    if "safetensors" in record:
        formats = record["safetensors"]["parameters"]
        present = {name: n for name, n in formats.items() if n is not None}
        record["safetensors"] = record["safetensors"] | {"parameters": present}
    return record


TEXTS = [
    "plain",
    'qu"ote',
    "back\\slash",
    "tab\tend\n",
    "null",
    "ünï 模型 🤗",
    "a/b",
    "\x7f\x01 x",
    "",
]


def test_a_row_becomes_what_the_same_record_becomes_in_a_crawl():
    rows = [
        archived(1, DAY),
        archived(2, DAY, tags=TEXTS, author='o"rg', downloads=None, likes=0, trendingScore=-1.5),
        archived(3, DAY, tags=[], safetensors=None, pipeline_tag=None, createdAt=None),
        archived(4, DAY, tags=None, safetensors={"parameters": {}, "total": 5}, library_name=""),
        archived(5, DAY, gguf='{"total": 8030261312, "architecture": "lla\\u006da", "x": [1]}'),
        archived(6, DAY, gguf='{"context_length": 131072, "architecture": null, "total": null}'),
        archived(7, DAY, createdAt=datetime(1969, 5, 4, 3, 2, 1, 123456), downloads=MAX_COUNT),
    ]
    made, rejects, _ = decode(*rows)
    crawl = SnapshotDecoder("models", date.fromisoformat(DAY))
    listed, _ = crawl.decode(1, json_text([as_listed(row) for row in rows]))
    assert rejects == []
    expected = listed.to_pylist()
    for row, other in zip(made, expected, strict=True):
        assert json.loads(row.pop("tags") or "null") == json.loads(other.pop("tags") or "null")
        assert row == other


def test_tags_are_written_without_blanks_as_those_of_a_crawl():
    ((row,), _, _) = decode(archived(1, DAY, tags=["license:mit", "ü"]))
    assert row["tags"] == json_text(["license:mit", "ü"]).decode()


@pytest.mark.parametrize(
    "name", ["F8_E4M3", 'a"b', "it's", "back\\slash", "モデル", "a.b", "", "x\x01"]
)
def test_a_number_format_of_any_name_is_an_entry_like_the_others(name):
    formats = pa.struct([("BF16", pa.int32()), (name, pa.int64()), ("I8", pa.int64())])
    types = {"safetensors": pa.struct([("parameters", formats), ("total", pa.uint32())])}
    counts = {"BF16": 3, name: 4, "I8": None}
    ((row,), _, _) = decode(
        archived(1, DAY, safetensors={"parameters": counts, "total": 7}), types=types
    )
    assert row["safetensors_parameters"] == parameter_entries({"BF16": 3, name: 4}).decode()
    assert row["safetensors_total"] == 7


def test_columns_that_a_file_lacks_are_null_and_a_missing_key_is_empty():
    absent = ("_id", "downloadsAllTime", "trendingScore", "cardData", "gguf", "safetensors", "tags")
    ((row, other), rejects, _) = decode(
        archived(1, DAY), archived(2, DAY), types=dict.fromkeys(absent)
    )
    assert (row["_id"], other["_id"], rejects) == ("", "", [])
    assert [row[name] for name in ("downloads_all_time", "tags", "gguf_total")] == [None] * 3
    assert (row["id"], row["downloads"]) == ("org-1/model-1", 3 + 9 * 31 + 5)


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"id": None}, "id: no name"),
        ({"id": ""}, "id: no name"),
        ({"id": "x" * (MAX_NAME_LENGTH + 1)}, "id: more than 1000 characters"),
        ({"_id": "x" * (MAX_NAME_LENGTH + 1)}, "_id: more than 1000 characters"),
        ({"author": "x" * (MAX_NAME_LENGTH + 1)}, "author: more than 1000 characters"),
        ({"downloads": -1}, "downloads: a number beyond all limits"),
        ({"downloadsAllTime": MAX_COUNT + 1}, "downloadsAllTime: a number beyond all limits"),
        ({"trendingScore": float("nan")}, "trendingScore: a number beyond all limits"),
        ({"trendingScore": float("inf")}, "trendingScore: a number beyond all limits"),
        ({"tags": ["a", None]}, "tags: a tag that is no text"),
        ({"gguf": "{"}, "gguf: no valid object of JSON"),
        ({"gguf": "[1]"}, "gguf: no valid object of JSON"),
        ({"gguf": '{"total": 1.5}'}, "gguf.total: no integer of 64 bits"),
        ({"gguf": '{"total": 1e30}'}, "gguf.total: no integer of 64 bits"),
        ({"gguf": '{"total": 99999999999999999999}'}, "gguf.total: no integer of 64 bits"),
        ({"gguf": '{"architecture": 7}'}, "gguf.architecture: no text"),
        ({"gguf": '{"context_length": "7"}'}, "gguf.context_length: no integer of 64 bits"),
    ],
)
def test_one_bad_record_costs_itself_and_says_why(values, detail):
    made, (reject,), _ = decode(archived(1, DAY), archived(2, DAY, **values), archived(3, DAY))
    assert [row["id"] for row in made] == ["org-1/model-1", "org-3/model-3"]
    assert (reject["reason"], reject["detail"]) == ("malformed", detail)
    assert (reject["page"], reject["position"]) == (1, 2)
    assert len(reject["raw_text"]) <= 10_000


def test_a_record_that_was_created_after_the_listing_is_left_out_with_its_text():
    late = datetime(2026, 9, 6)
    (_,), (reject,), _ = decode(archived(1, DAY), archived(2, DAY, createdAt=late))
    assert (reject["reason"], reject["position"]) == ("created_after_snapshot", 2)
    assert json.loads(reject["raw_text"])["id"] == "org-2/model-2"


def test_a_key_that_comes_again_is_left_out_be_it_in_this_part_or_an_earlier_one():
    decoder = ArchiveDecoder("models", date.fromisoformat(DAY))
    parts = [[1, 2, 2, 3], [4, 1, 5], [6, 6, 6]]
    bodies = [parquet([archived(key, DAY) for key in keys]) for keys in parts]
    kept = []
    for made, rejects in decoded(decoder, *bodies):
        kept += [int(key, 16) for key in made["_id"].to_pylist()]
        assert set(rejects["reason"].to_pylist()) <= {"duplicate"}
    assert (kept, decoder.rejects) == ([1, 2, 3, 4, 5, 6], {"duplicate": 4})


def test_a_record_that_is_left_out_does_not_stand_in_the_way_of_the_next_with_its_key():
    rows = [archived(1, DAY, downloads=-1), archived(1, DAY), archived(2, DAY), archived(2, DAY)]
    made, rejects, _ = decode(*rows)
    assert [row["id"] for row in made] == ["org-1/model-1", "org-2/model-2"]
    assert [(r["reason"], r["position"]) for r in rejects] == [
        ("malformed", 1),
        ("duplicate", 4),
    ]


@pytest.mark.parametrize("type", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_keys_of_any_type_of_text_are_compared(type):
    made, rejects, _ = decode(archived(1, DAY), archived(1, DAY), types={"_id": type, "id": type})
    assert (len(made), len(rejects)) == (1, 1)


def test_without_keys_it_is_the_name_that_may_not_come_again():
    made, rejects, _ = decode(
        archived(1, DAY), archived(1, DAY), archived(2, DAY), types={"_id": None}
    )
    assert ([row["id"] for row in made], len(rejects)) == (["org-1/model-1", "org-2/model-2"], 1)


def test_tags_beyond_the_limits_are_cut_and_counted():
    long, many = "x" * (MAX_TAG_LENGTH + 1), [f"t{n}" for n in range(MAX_TAGS + 7)]
    wide = ["ü" * MAX_TAG_LENGTH] * 3  # characters count, and not bytes
    made, _, decoder = decode(
        archived(1, DAY, tags=["a", long, "b"]),
        archived(2, DAY, tags=many),
        archived(3, DAY, tags=wide),
    )
    assert [json.loads(row["tags"]) for row in made] == [["a", "b"], many[:MAX_TAGS], wide]
    assert decoder.tags_cut == 1 + 7


def test_a_record_of_megabytes_costs_itself():
    monstrous = '{"chat_template": "' + "x" * 5_000_000 + '"}'
    (row,), (reject,), _ = decode(archived(1, DAY, gguf=monstrous), archived(2, DAY))
    assert (row["id"], reject["reason"]) == ("org-2/model-2", "too_large")
    assert len(reject["raw_text"]) <= 10_000


def test_a_text_that_is_no_utf_8_costs_its_record_and_not_the_file():
    rows = [archived(number, DAY) for number in (1, 2, 3)]
    broken = [row | {"author": row["author"].encode()} for row in rows]
    broken[1]["author"] = b"\xff\xfe bad"
    decoder = ArchiveDecoder("models", date.fromisoformat(DAY))
    table = pa.parquet.read_table(pa.BufferReader(parquet(broken, {"author": pa.binary()})))
    author = table["author"].combine_chunks()
    text = pa.Array.from_buffers(pa.string(), len(author), author.buffers())
    table = table.set_column(table.schema.get_field_index("author"), "author", text)
    file = pa.BufferOutputStream()
    pa.parquet.write_table(table, file)
    ((made, rejects),) = decoded(decoder, file.getvalue().to_pybytes())
    assert made["author"].to_pylist() == ["org-1", "org-3"]
    assert rejects["detail"].to_pylist() == ["a text that is no UTF-8"]
    assert "org-2/model-2" in rejects["raw_text"][0].as_py()


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (pa.timestamp("s"), datetime(2025, 1, 2, 3, 4, 5)),
        (pa.timestamp("ms", "UTC"), datetime(2025, 1, 2, 3, 4, 5, 678_000)),
        (pa.timestamp("us", "Europe/Berlin"), datetime(2025, 1, 2, 3, 4, 5, 678_901, UTC)),
        (pa.timestamp("ns"), datetime(2025, 1, 2, 3, 4, 5, 678_901)),
    ],
)
def test_instants_of_any_unit_and_zone_are_the_same_instants(type, value):
    ((row,), _, _) = decode(archived(1, DAY, createdAt=value), types={"createdAt": type})
    assert row["created_at"].astimezone(UTC) == value.replace(tzinfo=UTC)


def test_an_instant_that_no_engine_has_costs_its_record():
    far = pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("us"))
    table = pa.parquet.read_table(pa.BufferReader(parquet(listing(DAY, [1, 2]))))
    table = table.set_column(table.schema.get_field_index("lastModified"), "lastModified", far)
    file = pa.BufferOutputStream()
    pa.parquet.write_table(table, file)
    decoder = ArchiveDecoder("models", date.fromisoformat(DAY))
    ((made, rejects),) = decoded(decoder, file.getvalue().to_pybytes())
    assert made["id"].to_pylist() == ["org-2/model-2"]
    assert rejects["detail"].to_pylist() == ["lastModified: a value beyond all limits"]


def test_a_count_without_a_sign_that_no_integer_holds_costs_its_record():
    types = {"downloads": pa.uint64()}
    (row,), (reject,), _ = decode(
        archived(1, DAY, downloads=2**64 - 1), archived(2, DAY, downloads=7), types=types
    )
    assert (row["downloads"], reject["detail"]) == (7, "downloads: a number beyond all limits")


@pytest.mark.parametrize(
    ("column", "type"),
    [
        ("downloads", pa.string()),
        ("downloads", pa.float64()),
        ("id", pa.int64()),
        ("tags", pa.string()),
        ("tags", pa.list_(pa.int64())),
        ("createdAt", pa.string()),
        ("createdAt", pa.date32()),
        ("safetensors", pa.string()),
        ("safetensors", pa.struct([("parameters", pa.struct([("BF16", pa.string())]))])),
        ("safetensors", pa.struct([("total", pa.float64())])),
        ("gguf", pa.struct([("total", pa.int64())])),
    ],
)
def test_a_column_of_another_type_is_refused_with_both_types(column, type):
    schema = pa.schema((MODELS | {column: type}).items())
    with pytest.raises(UnusableFileError) as error:
        needed_columns(schema, "models", "models/2026-09-02/models.parquet")
    said = str(error.value)
    assert column in said
    assert str(type) in said
    assert "models/2026-09-02/models.parquet" in said


def test_a_file_without_names_or_with_a_column_twice_is_no_listing():
    with pytest.raises(UnusableFileError, match="no column id"):
        needed_columns(pa.schema([("_id", pa.string())]), "models", "file")
    twice = pa.schema([("id", pa.string()), ("likes", pa.int64()), ("likes", pa.int64())])
    with pytest.raises(UnusableFileError, match="likes 2 times"):
        needed_columns(twice, "models", "file")
