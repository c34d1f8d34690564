"""The command ``parameters``: counts from real safetensors files, and from what is none."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from safetensors import TensorSpec, safe_open, serialize_file

from loaders.enrich import enrichment_run
from loaders.enrich import parameters as model_parameters
from loaders.hub.repository import HubReader
from loaders.hub.retry import NoAnswerError
from loaders.hub.session import RequestCount, hub_session
from loaders.landing.landed_answers import LandedAnswers
from loaders.warehouse.raw_tables import RawTables
from simulator import Fault
from tests.loaders.conftest import ServedHub, model, on_day
from tests.warehouse.bigquery import Project, emulated_bigquery

ROOT = Path(__file__).parents[2]
BYTES = {"float32": 4, "bfloat16": 2, "float8_e4m3fn": 1, "int32": 4, "uint8": 1, "int64": 8}
BYTES["float4_e2m1fn_x2"] = 1  # of two numbers, in a shape that counts bytes


def uncounted(number: int, **fields: Any) -> dict[str, Any]:
    """A model that has weights of which the listing gives no count."""
    return (
        model(number, id=f"org/m{number}", tags=["safetensors"], downloads=1000 - number)
        | {"lastModified": "2026-01-01T00:00:00.000Z"}
        | fields
    )


def write_safetensors(
    path: Path, tensors: dict[str, tuple[str, list[int]]], padding: int = 0
) -> None:
    """Write a file of zeros with the safetensors package: dtype and shape by tensor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    zeros = {
        name: np.zeros(int(np.prod(shape)) * BYTES[dtype], np.uint8)
        for name, (dtype, shape) in tensors.items()
    }
    specs = {
        name: TensorSpec(
            dtype=dtype,
            shape=shape,
            data_ptr=zeros[name].ctypes.data,
            data_len=zeros[name].nbytes,
        )
        for name, (dtype, shape) in tensors.items()
    }
    serialize_file(specs, path, {"padding": "x" * padding})


def counted_by_the_package(*paths: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in paths:
        with safe_open(path, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118
                tensor = file.get_slice(name)
                counts[tensor.get_dtype()] += int(np.prod(tensor.get_shape()))
    return counts


def counted(text: str | None) -> Counter[str]:
    """Parameters by dtype, from a row's JSON text."""
    return Counter({entry["dtype"]: entry["parameters"] for entry in json.loads(text or "[]")})


def write_sharded(hub: ServedHub, name: str, shards: int) -> list[Path]:
    """A model in several files and its index; gives the files."""
    paths = [hub.file(f"{name}/model-{n + 1:05}-of-{shards:05}.safetensors") for n in range(shards)]
    for n, path in enumerate(paths):
        write_safetensors(path, {f"layer.{n}": ("bfloat16", [n + 2, 8])})
    index = {"weight_map": {f"layer.{n}": path.name for n, path in enumerate(paths)}}
    hub.file(f"{name}/model.safetensors.index.json", json.dumps(index).encode())
    return paths


def write_small(hub: ServedHub, *names: str) -> None:
    for name in names:
        path = hub.file(f"{name}/model.safetensors")
        write_safetensors(path, {"weight": ("float32", [10, 10])})


SMALL = [{"dtype": "F32", "parameters": 100}]  # what such a one has


FILES: dict[str, dict[str, tuple[str, list[int]]]] = {
    "plain": {"a": ("float32", [7, 3, 2]), "b": ("bfloat16", [128]), "step": ("int64", [])},
    "eight bits": {"a": ("float8_e4m3fn", [64, 64]), "scale": ("float32", [1])},
    "four bits, packed by eight": {"a.qweight": ("int32", [64, 8])},
    "four bits, packed by two": {"a": ("uint8", [4096, 1]), "absmax": ("float32", [64])},
    "four bits": {"a": ("float4_e2m1fn_x2", [32, 16]), "scale": ("float8_e4m3fn", [32, 1])},
    "an empty tensor": {"a": ("float32", [0, 5]), "b": ("float32", [3])},
}
# Bytes of a header, and the requests that it takes: the first reads 100,000 bytes, of which
# eight are the header's length.
HEADERS = {99_984: 1, 99_992: 1, 100_000: 2, 100_008: 2, 1_200_000: 2}


def test_counts_are_those_of_the_safetensors_package(served_hub):
    written: dict[str, list[Path]] = {}
    requests: dict[str, int] = {}
    for case, tensors in FILES.items():
        path = served_hub.file(f"org/{case}/model.safetensors")
        write_safetensors(path, tensors)
        written[f"org/{case}"], requests[f"org/{case}"] = [path], 1
    for length, needed in HEADERS.items():
        path = served_hub.file(f"org/{length}/model.safetensors")
        tensors = {f"model.layers.{n}.weight": ("int32", [n, 2]) for n in range(40)}
        write_safetensors(path, tensors)
        write_safetensors(path, tensors, padding=length - length_of_header(path))
        assert length_of_header(path) == length
        written[f"org/{length}"], requests[f"org/{length}"] = [path], needed
    written["org/sharded"] = write_sharded(served_hub, "org/sharded", 5)
    requests["org/sharded"] = 7  # no single file, the index, its files
    served_hub.serve(*(uncounted(n, id=name) for n, name in enumerate(written)))
    served_hub.load()
    code, said = served_hub.run("parameters")
    assert code == 0, said
    for name, text, *rest in served_hub.rows(
        "model_parameters", "id, parameters, status, method, files, requests, error"
    ):
        files = len(written[name])
        assert counted(text) == counted_by_the_package(*written.pop(name)), name
        method = "safetensors_header" if files == 1 else "safetensors_index"
        assert rest == ["counted", method, files, requests[name], None], name
    assert not written


def length_of_header(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[:8], "little")


def test_an_unsharded_model_takes_hardly_more_than_one_request(served_hub):
    names = [f"org/m{n}" for n in range(40)]
    write_small(served_hub, *names)
    for name in names[:2]:  # the Hub has 3 % with so long a header
        path = served_hub.file(f"{name}/model.safetensors")
        write_safetensors(path, {"weight": ("float32", [10, 10])}, padding=200_000)
    served_hub.serve(*(uncounted(n) for n in range(40)))
    served_hub.load()
    _, said = served_hub.run("parameters")
    rows = served_hub.rows("model_parameters", "status, requests")
    assert {status for status, _ in rows} == {"counted"}
    assert sum(n for _, n in rows) == len(served_hub.requests) == 42
    assert "42 requests (1.05 a model)" in said


def test_only_models_with_weights_and_without_a_count_are_asked_about(served_hub):
    served_hub.serve(
        uncounted(0, id="org/in"),
        uncounted(1, id="org/in-too", safetensors={"parameters": {}}, downloads=None),
        uncounted(2, id="org/mapped", safetensors={"parameters": {"F32": 5}}),
        uncounted(3, id="org/totalled", safetensors={"total": 5}),
        uncounted(4, id="org/gguf", gguf={"total": 5}),
        uncounted(5, id="org/no-weights", tags=["pytorch"]),
        uncounted(6, id="org/no-tags", tags=None),
        uncounted(7, id="org/odd-tag", tags=['a "safetensors" file', "safetensors-not"]),
        uncounted(8, id="org/private", private=True),
        uncounted(9, id="org/disabled", disabled=True),
    )
    served_hub.load()
    served_hub.run("parameters")
    assert served_hub.rows("model_parameters", "id, status") == [
        ("org/in", "none"),
        ("org/in-too", "none"),
    ]


def test_the_most_downloaded_come_first_and_the_limits_hold(served_hub):
    downloads = [5, None, 900, 40, 7, 40]
    names = [f"org/m{n}" for n in range(len(downloads))]
    write_small(served_hub, *names)
    served_hub.serve(*(uncounted(n, downloads=d) for n, d in enumerate(downloads)))
    served_hub.load()

    def asked(*options: object) -> list[str]:
        before = len(served_hub.requests)
        code, said = served_hub.run("parameters", "--workers", 1, *options)
        assert code == 0, said
        return [r.path.split("/")[2] for r in served_hub.requests[before:]]

    assert asked("--dry-run") == []
    assert asked("--budget", 1) == ["m2"]
    assert asked("--limit", 2) == ["m3", "m5"]
    assert asked("--min-downloads", 6) == ["m4"]
    assert asked() == ["m0", "m1"]


def test_the_budget_is_never_passed_and_a_model_beyond_it_waits(served_hub):
    write_sharded(served_hub, "org/m0", 6)
    write_small(served_hub, "org/m1", "org/m2", "org/m3")
    served_hub.serve(*(uncounted(n) for n in range(4)))
    served_hub.load()
    served_hub.run("parameters", "--budget", 7, "--workers", 1)
    assert len(served_hub.requests) == 5  # two to see that eight are needed, and the small ones
    assert [id for (id,) in served_hub.rows("model_parameters", "id")] == [
        *("org/m1", "org/m2", "org/m3")
    ]
    served_hub.run("parameters", "--budget", 8)
    assert served_hub.rows("model_parameters", "id, files")[0] == ("org/m0", 6)


def test_nothing_is_asked_twice_unless_it_has_changed(served_hub):
    def models(modified: str) -> list[dict[str, Any]]:
        return [uncounted(n, lastModified=modified) for n in range(3)]

    write_small(served_hub, "org/m0")
    served_hub.file("org/m2/model.safetensors", b"no header")
    served_hub.serve(*models("2026-01-01T00:00:00.000Z"))
    served_hub.load("2026-09-15")
    served_hub.run("parameters")
    once = served_hub.rows("model_parameters", "id, status")
    assert once == [("org/m0", "counted"), ("org/m1", "none"), ("org/m2", "failed")]

    asked = len(served_hub.requests)
    code, said = served_hub.run("parameters")
    assert (code, len(served_hub.requests)) == (0, asked), said
    served_hub.run("parameters", "--retry-failed-after", 0)
    assert [r.path.split("/")[2] for r in served_hub.requests[asked:]] == ["m2"]

    served_hub.serve(*models("2026-10-01T00:00:00.000Z"))
    served_hub.load("2026-10-15")
    served_hub.run("parameters")
    assert len(served_hub.requests) == asked
    rows = served_hub.rows("model_parameters", "id, last_modified::date::varchar")
    assert [modified for id, modified in rows if id == "org/m0"] == ["2026-01-01", "2026-10-01"]


# What strangers can put into a file


def header(text: bytes | str, data: int = 64) -> bytes:
    text = text.encode() if isinstance(text, str) else text
    return len(text).to_bytes(8, "little") + text + bytes(data)


def tensor(**fields: Any) -> str:
    whole = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | fields
    return json.dumps({"__metadata__": {"format": "pt"}, "w": whole})


ODD_FILES: dict[str, tuple[bytes, str]] = {
    "no bytes": (b"", "416"),
    "three bytes": (b"abc", "ends within its header, after 3 bytes"),
    "a header of 2^60 bytes": ((2**60).to_bytes(8, "little") + b"{}", "claims a header of 1,152,9"),
    "a header of 2^64 - 1 bytes": (b"\xff" * 200_000, "claims a header of 18,446,744,073,709"),
    "a header beyond the end": ((5_000).to_bytes(8, "little") + b"{}", "ends within its header"),
    "a long header beyond the end": (
        (200_000).to_bytes(8, "little") + bytes(150_000),
        "ends within its header, after 150,008 bytes",
    ),
    "an empty header": (header(b""), "the header cannot be read"),
    "no JSON": (header(b"<html>"), "the header cannot be read"),
    "no UTF-8": (header(b'{"\xff": 1}'), "the header cannot be read"),
    "an array": (header(b"[]"), "the header cannot be read"),
    "a number for a tensor": (header('{"w": 5}'), "the header of tensor 'w' cannot be read"),
    "a nest": (
        header(b'{"w":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
        "the header cannot be read",
    ),
    "a negative shape": (header(tensor(shape=[-4, 2])), "the header of tensor 'w' cannot be read"),
    "a fractional shape": (header(tensor(shape=[1.5])), "the header of tensor 'w' cannot be read"),
    "a shape of text": (header(tensor(shape="12")), "the header of tensor 'w' cannot be read"),
    "no shape": (header('{"w":{"dtype":"F32"}}'), "the header of tensor 'w' cannot be read"),
    "a shape of many numbers": (header(tensor(shape=[9] * 10_000)), "of tensor 'w' cannot be read"),
    "a dtype that is none": (header(tensor(dtype="x" * 1_000)), "of tensor 'w' cannot be read"),
    "more than the file can hold": (
        header(tensor(shape=[10**6, 10**6])),
        "claims 1e+12 parameters",
    ),
    "more than anyone can count": (
        header(tensor(shape=[2**62] * 9)),
        "a tensor of more than 9,223,372,036,854,775,807 parameters",
    ),
    "more than a float can hold": (
        header(tensor(shape=[2**63 - 1] * 17)),
        "a tensor of more than 9,223,372,036,854,775,807 parameters",
    ),
    "a shape of thousands of digits": (
        header(tensor().replace("[2]", f"[{'9' * 5_000}]")),
        "the header of tensor 'w' cannot be read",
    ),
    "a name that is all of it": (header('{"%s": 1}' % ("n" * 50_000)), "of tensor 'nnn"),
}


ODD_INDEXES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"<html>", "cannot be read"),
    "no map": (b'{"metadata": {}}', "cannot be read"),
    "numbers for files": (b'{"weight_map": {"a": 1}}', "cannot be read"),
    "a nest": (
        b'{"weight_map": {}, "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "cannot be read",
    ),
    "a file that is not there": (b'{"weight_map": {"a": "lost"}}', "lost is missing"),
    "a file of another model": (
        b'{"weight_map": {"a": "../../../fine/resolve/main/model.safetensors"}}',
        "names the file '../../../fine/resolve/main/model.safetensors'",
    ),
    "a file of no name": (b'{"weight_map": {"a": ""}}', "names the file ''"),
    "very many files": (
        json.dumps({"weight_map": {str(n): str(n) for n in range(5_000)}}).encode(),
        "names 5,000 files",
    ),
}


def test_each_odd_file_is_recorded_with_its_error_and_none_stops_the_run(served_hub):
    cases: dict[str, str] = {}
    for case, (content, told) in ODD_FILES.items():
        served_hub.file(f"org/odd {case}/model.safetensors", content)
        cases[f"org/odd {case}"] = told
    for case, (content, told) in ODD_INDEXES.items():
        served_hub.file(f"org/index {case}/model.safetensors.index.json", content)
        cases[f"org/index {case}"] = told
    served_hub.file("org/empty/model.safetensors", header(b'{"__metadata__": {"shape": "no"}}'))
    write_small(served_hub, "org/fine")
    served_hub.serve(
        *(uncounted(n, id=name) for n, name in enumerate([*cases, "org/empty", "org/fine"]))
    )
    served_hub.load()
    code, said = served_hub.run("parameters")
    assert code == 0, said
    rows = served_hub.rows("model_parameters", "id, status, parameters, error, bytes_read")
    for name, status, text, error, bytes_read in rows:
        if name in cases:
            assert (status, text) == ("failed", None), name
            assert cases.pop(name) in error, name
            assert len(error) <= 500, name
            assert bytes_read <= 300_000, name
    assert cases == {}
    others = {name: (status, text) for name, status, text, *_ in rows}
    assert others["org/empty"] == ("none", None)
    assert others["org/fine"] == ("counted", json.dumps(SMALL, separators=(",", ":")))


# What can go wrong on the way

THE_FILE = "/org/m0/resolve/main/model.safetensors"
ITS_PLACE = "/0/"  # in the storage
# Where it goes wrong: at the Hub, or at the storage. Then the status of the row, and its error.
ODD_ANSWERS: dict[str, tuple[str, Fault, str, str]] = {
    "a redirect loop": (
        "hub",
        Fault(status=302, headers={"Location": THE_FILE}),
        "failed",
        "more than 5 redirects",
    ),
    "a redirect to a file here": (
        "hub",
        Fault(status=302, headers={"Location": "file:///etc/passwd"}),
        "failed",
        "UnsupportedProtocol",
    ),
    "a redirect to no address": (
        "hub",
        Fault(status=302, headers={"Location": "http://[::1"}),
        "failed",
        "Invalid IPv6 URL",
    ),
    "a refusal": ("hub", Fault(status=451, body=b"by law"), "failed", "451 by law"),
    "an error for ever": ("hub", Fault(status=500), "failed", "answered 500"),
    "a 404 of no file": (
        "hub",
        Fault(status=404, headers={"X-Error-Code": "RevisionNotFound"}),
        "failed",
        "404 RevisionNotFound",
    ),
    "an object lost": ("storage", Fault(status=404), "failed", "404 of the storage"),
    "an object refused": ("storage", Fault(status=401), "failed", "401 of the storage"),
    "a connection reset": ("storage", Fault(is_reset=True), "failed", "ReadError"),
    "a body cut off": ("storage", Fault(keep_bytes=9), "failed", "RemoteProtocolError"),
    "no size": ("storage", Fault(headers={"Content-Range": None}), "counted", ""),
}


def test_each_odd_answer_is_recorded_with_its_error_and_none_stops_the_run(served_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    names = [f"org/m{n}" for n in range(len(ODD_ANSWERS) + 1)]
    write_small(served_hub, *names)
    served_hub.serve(*(uncounted(n) for n in range(len(names))))
    served_hub.load()
    faults = {
        (f"/org/m{n}/resolve/" if where == "hub" else f"/{n}/"): fault
        for n, (where, fault, *_) in enumerate(ODD_ANSWERS.values())
    }
    # The loop leads back to m0, where it began.
    assert next(iter(ODD_ANSWERS)) == "a redirect loop"
    served_hub.fault = lambda number, target: next(
        (fault for start, fault in faults.items() if target.startswith(start)), None
    )
    code, said = served_hub.run("parameters", "--retries", 0)
    assert code == 0, said
    rows = {id: rest for id, *rest in served_hub.rows("model_parameters", "id, status, error")}
    for name, (case, (_, _, status, told)) in zip(names, ODD_ANSWERS.items(), strict=False):
        assert rows[name][0] == status, case
        assert told in (rows[name][1] or ""), case
    assert rows[names[-1]] == ["counted", None]


@pytest.mark.parametrize(
    "fault", [ZeroDivisionError("by 0"), OverflowError(), ValueError("\ud800")]
)
def test_whatever_reading_one_model_raises_is_its_answer_and_stops_nothing(
    served_hub, monkeypatch, fault
):
    read = model_parameters.count_parameters

    def fails(content: bytes, size: int | None) -> Counter[str]:
        if size == 80 + 8 + 2:
            raise fault
        return read(content, size)

    monkeypatch.setattr(model_parameters, "count_parameters", fails)
    served_hub.file("org/rotten/model.safetensors", header(b"{}", 80))
    write_small(served_hub, "org/fine")
    served_hub.serve(uncounted(1, id="org/rotten"), uncounted(2, id="org/fine"))
    served_hub.load()
    code, said = served_hub.run("parameters")
    assert code == 0, said
    rows = dict(served_hub.rows("model_parameters", "id, (status, error)"))
    assert rows["org/fine"] == ("counted", None)
    status, error = rows["org/rotten"]
    assert status == "failed"
    assert error.startswith(type(fault).__name__)


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("hf_stranger", 403)])
def test_a_gated_model_is_recorded_and_stops_nothing(served_hub, monkeypatch, token, status):
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    write_small(served_hub, "org/m0", "org/m1")
    served_hub.serve(uncounted(0, gated="manual"), uncounted(1, gated=False))
    served_hub.load()
    assert served_hub.run("parameters")[0] == 0
    assert served_hub.rows("model_parameters", "status, error, requests") == [
        ("failed", f"{status} GatedRepo", 1),
        ("counted", None, 1),
    ]


def test_what_goes_wrong_once_is_asked_for_again(served_hub):
    faults = {
        f"{place}": fault
        for n, fault in enumerate(
            (
                Fault(status=503),
                Fault(keep_bytes=20),
                Fault(is_reset=True),
                Fault(stall_seconds=2),
            )
        )
        for place in (f"/org/m{2 * n}/", f"/{2 * n + 1}/")
    }
    write_small(served_hub, *(f"org/m{n}" for n in range(len(faults))))
    served_hub.serve(*(uncounted(n) for n in range(len(faults))))
    served_hub.load()
    served_hub.fault = lambda number, target: faults.pop(
        next((start for start in faults if target.startswith(start)), ""), None
    )
    code, said = served_hub.run("parameters", "--timeout", 0.5)
    assert code == 0, said
    assert not faults
    assert served_hub.rows("model_parameters", "distinct status, id")[0][0] == "counted"


def test_a_storage_that_ignores_ranges_is_read_no_further_than_asked(served_hub):
    path = served_hub.file("org/m0/model.safetensors")
    write_safetensors(path, {"weight": ("float32", [5_000_000])})
    content = path.read_bytes()
    served_hub.serve(uncounted(0))
    served_hub.load()
    served_hub.fault = lambda number, target: (
        # It promises 20 MB, and would break off after one.
        Fault(status=200, body=content, keep_bytes=1_000_000)
        if target.startswith(ITS_PLACE)
        else None
    )
    served_hub.run("parameters", "--retries", 0)
    [(text, bytes_read)] = served_hub.rows("model_parameters", "parameters, bytes_read")
    assert counted(text) == counted_by_the_package(path)
    assert bytes_read == 100_000


def test_an_answer_that_drips_does_not_hold_a_run_up_for_ever(served_hub):
    write_small(served_hub, "org/m0")
    served_hub.serve(uncounted(0))
    served_hub.fault = lambda number, target: (
        Fault(seconds_a_byte=0.1) if target.startswith(ITS_PLACE) else None
    )
    # Each byte comes long before the timeout of the session.
    reader = HubReader(served_hub.endpoint, retries=0, longest_read=0.5)
    with hub_session(timeout=30), pytest.raises(NoAnswerError, match=r"not read in 0\.5 s"):
        reader.get(THE_FILE, RequestCount(), limit=1_000, is_beginning=True)


def test_the_token_goes_to_the_hub_and_nowhere_else(served_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    write_small(served_hub, "org/m0")
    served_hub.serve(uncounted(0))
    served_hub.load()
    served_hub.run("parameters")
    assert [request.has_token for request in served_hub.requests] == [True]
    assert [request.has_token for request in served_hub.storage_requests] == [False]


def test_a_wrong_token_ends_the_run_and_blames_no_model(served_hub, monkeypatch):
    served_hub.serve(*(uncounted(n) for n in range(30)))
    served_hub.load()
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    served_hub.fault = lambda number, target: Fault(status=401)
    code, said = served_hub.run("parameters")
    assert (code, "Check the token in HF_TOKEN" in said) == (1, True)
    assert served_hub.rows("model_parameters") == []


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


def test_paced_to_a_part_of_the_resolvers_quota_no_request_is_refused(served_hub):
    names = [f"org/m{n}" for n in range(40)]
    write_small(served_hub, *names)
    served_hub.serve(
        *(uncounted(n) for n in range(40)), quota=3, resolver_quota=20, window_seconds=1
    )
    served_hub.load()
    code, said = served_hub.run("parameters", "--workers", 4)
    assert (code, "0 of them answered with 429" in said) == (0, True)
    assert {request.status for request in served_hub.requests} == {302}


# Stopped, and run on


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


# What a person can get wrong


def test_a_database_without_models_is_told_what_comes_first(served_hub):
    served_hub.serve(uncounted(0))
    code, said = served_hub.run("parameters")
    assert (code, "holds no models yet. Load their listing first" in said) == (1, True)


def test_another_hub_than_the_databases_is_refused(served_hub, run):
    served_hub.serve(uncounted(0))
    served_hub.load()
    code, said = run("parameters", "--hub", "https://hub.invalid")
    assert (code, "holds the Hub" in said) == (1, True)
    assert served_hub.requests == []


@pytest.mark.parametrize(
    "option", ["--budget=0", "--limit=-1", "--workers=0", "--min-downloads=x", "--budget=1.5"]
)
def test_a_number_that_makes_no_sense_is_refused(run, option):
    assert run("parameters", option)[0] == 2


def test_a_dry_run_tells_what_is_to_come_and_asks_nothing(served_hub):
    served_hub.serve(*(uncounted(n) for n in range(30)))
    served_hub.load()
    code, said = served_hub.run("parameters", "--dry-run", "--budget", 20)
    assert code == 0
    assert "30 models" in said
    assert "20 requests" in said
    assert served_hub.requests == []


def test_the_sample_has_such_models_and_their_files(run, data):
    sample = ("--hub", "sample", "--sample-models", 2_000, "--sample-datasets", 10)
    run("load", *sample)
    code, said = run("parameters", *sample)
    assert code == 0, said
    statuses = {status for (status,) in ServedHub.rows("model_parameters", "status")}
    assert statuses == {"counted", "none", "failed"}


def test_bigquery_is_asked_about_the_same_models_and_gets_the_same_rows(
    served_hub, tmp_path, monkeypatch
):
    write_small(served_hub, "org/m0", "org/m1")
    models = [
        uncounted(0, downloads=None),
        uncounted(1, lastModified=None),
        uncounted(2, tags=["safetensors", "it's", "100 %", 'a "quote"', "back\\slash"]),
        uncounted(3, tags=["not-safetensors"]),
    ]
    served_hub.serve(*models)
    served_hub.load()
    served_hub.run("parameters", "--workers", 1)
    columns = "_id, id, last_modified, status, method, parameters, files, requests, error"
    on_duckdb = served_hub.rows("model_parameters", columns)
    order = [request.path for request in served_hub.requests]
    with emulated_bigquery(tmp_path / "errors.log") as url:
        project = Project(url, "test")
        for name, value in project.environment().items():
            monkeypatch.setenv(name, value)
        # Another landing zone: the answers of the first are not to be had from there.
        monkeypatch.setenv("HUB_LANDING", str(tmp_path / "landing-of-bigquery"))
        served_hub.serve(*models)
        bigquery = ("--target", "bigquery")
        with on_day("2026-10-15"):
            assert served_hub.run("load", "--force", *bigquery)[0] == 0
        for _ in range(2):  # the second run has nothing to ask
            code, said = served_hub.run("parameters", "--workers", 1, *bigquery)
            assert code == 0, said
        on_bigquery = project.rows(f"select {columns} from hub_raw.model_parameters order by id")
    assert [request.path for request in served_hub.requests] == order
    assert [tuple(row.values()) for row in on_bigquery] == on_duckdb
    assert len(on_duckdb) == 3
