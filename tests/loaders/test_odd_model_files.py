"""The command ``parameters`` and files that are none: each is recorded, none stops the run."""

import json
from collections import Counter
from typing import Any

import pytest

from loaders.enrich import parameters as model_parameters
from loaders.hub.repository import HubReader
from loaders.hub.retry import NoAnswerError
from loaders.hub.session import RequestCount, hub_session
from simulator import Fault
from tests.loaders.safetensors_files import (
    SMALL,
    counted,
    counted_by_the_package,
    uncounted,
    write_safetensors,
    write_small,
)


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
