"""The local Hub's server: what a loader or a person can meet when talking to it."""

import base64
import gzip
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from huggingface_hub import HfApi

from simulator import (
    Fault,
    LocalHubError,
    LocalHubServer,
    RecordFolder,
    SyntheticHub,
    serve,
)
from tests.faulty_hub import ChangingHub, RandomFaults

ROOT = Path(__file__).parents[2]
KINDS = ("models", "datasets")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., RecordFolder]:
    """Makes a folder of the given lines."""

    def make(models: list[bytes] | None = None, datasets: list[bytes] | None = None):
        for kind, lines in (("models", models), ("datasets", datasets)):
            if lines is not None:
                (tmp_path / f"{kind}.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
        return RecordFolder(tmp_path)

    return make


def plain(n: int) -> bytes:
    return b'{"_id":"%024x","id":"org/m%d","likes":%d,"tags":[]}' % (n, n, n)


def get(
    url: str, headers: dict[str, str] | None = None, follow: bool = True
) -> tuple[HTTPResponse, bytes]:
    """One request; an error status is an answer like any other."""
    openers = [] if follow else [_NoRedirect]
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.build_opener(*openers).open(request, timeout=30) as response:
            return response, response.read()
    except urllib.error.HTTPError as response:
        return response, response.read()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def next_url(response: HTTPResponse) -> str | None:
    link = response.headers["Link"]
    if link is None:
        return None
    assert link.endswith('>; rel="next"')
    return link[1 : link.index(">")]


def walk(url: str) -> list[msgspec.Raw]:
    """All records from a page on, as received."""
    records = []
    while url:
        response, body = get(url)
        assert response.status == 200, body
        records += msgspec.json.decode(body, type=list[msgspec.Raw])
        url = next_url(response)
    return records


def cursor(content: Any) -> str:
    return urlencode({"cursor": base64.b64encode(json.dumps(content).encode()).decode()})


# Records that JSON allows and no Hub should send.
ODD_LINES = [
    b'{"id":"org/no-id","n":0}',
    b'{"_id":null,"id":"org/null-id","n":1}',
    b'{"_id":17,"id":"org/number-id","n":2}',
    b'{"_id":"","id":"org/empty-id","n":3}',
    b'{"_id":"a","id":"org/twin","n":4}',
    b'{"_id":"a","id":"org/twin","n":5}',
    b'{"_id":"a","id":"org/triplet","n":6}',
    b'{"_id":"\\ud83e\\udd16 \\"quoted\\" %3D","id":"org/emoji-id","n":7}',
    b'{"_id":"b","id":["a","list"],"tags":"no list","n":8}',
    b'["no","object",9]',
    b'"text 10"',
    b"null",
    b'{"_id":"c","likes":1e400,"n":123456789012345678901234567890}',
    b'{"_id":"d","n":13}',
]


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_a_walk_meets_records_that_share_an_id_or_have_none_once_each(folder, limit, direction):
    with LocalHubServer(folder(ODD_LINES)) as hub:
        url = f"{hub.endpoint}/api/models?limit={limit}&direction={direction}&expand[]=likes"
        records = walk(url)
        assert len(records) == len(ODD_LINES)
        everything = walk(f"{hub.endpoint}/api/models?direction={direction}&expand[]=likes")
        assert records == everything
        backwards = walk(f"{hub.endpoint}/api/models?direction={-direction}&expand[]=likes")
        assert records == backwards[::-1]


def test_an_odd_record_is_served_byte_for_byte(folder):
    lines = [
        b'["no","object",9]',
        b'{"_id":"a","id":["a",  "list"],"tags":"no list","likes":1e400}',
        b'{"_id":"b","tags":[null,{"x":123456789012345678901234567890}],"gated":"\\u0061"}',
        b'{"_id":"c","id":"half a character: \\ud800","likes":1}',
    ]
    with LocalHubServer(folder(lines)) as hub:
        query = "expand[]=tags&expand[]=likes&expand[]=gated&direction=1"
        _, body = get(f"{hub.endpoint}/api/models?{query}")
    assert body == b"[" + b",".join(lines) + b"]"


def test_without_a_direction_the_newest_come_first_as_on_the_hub(folder):
    with LocalHubServer(folder([plain(1), plain(2)])) as hub:
        _, body = get(f"{hub.endpoint}/api/models?sort=createdAt")
    assert [record["id"] for record in json.loads(body)] == ["org/m2", "org/m1"]


def test_only_the_expanded_fields_come_back(folder):
    with LocalHubServer(folder([b'{"_id":"a","id":"x","likes":1,"tags":[],"sha":"s"}'])) as hub:
        expanded = get(f"{hub.endpoint}/api/models?expand[]=sha&expand%5B%5D=likes&expand[]=gguf")[
            1
        ]
        default = get(f"{hub.endpoint}/api/models")[1]
    assert json.loads(expanded) == [{"_id": "a", "id": "x", "likes": 1, "sha": "s"}]
    assert json.loads(default) == [{"_id": "a", "id": "x", "likes": 1, "tags": []}]


@pytest.mark.parametrize(
    "query",
    [
        "expand[]=usedStorage",
        "expand[]=childrenModelCount",
        "expand[]=noSuchField",
        "filter=text-generation",
        "sort=downloads",
        "direction=up",
        "limit=0",
        "limit=-1",
        "limit=many",
        "cursor=",
        "cursor=no-base64!",
        "cursor=" + base64.b64encode(b"no json").decode(),
        cursor({}),
        cursor([1]),
        cursor({"_id": {"$gt": 5}}),
        cursor({"_id": {"$gt": "a"}}),  # of the other direction
        cursor({"_id": {"$lt": "a", "$gt": "a"}}),
        cursor({"_id": {"$lte": "a"}, "$skip": -1}),
        cursor({"_id": {"$lt": "a"}, "$skip": True}),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_not_half_understood(folder, query):
    with LocalHubServer(folder([plain(1)])) as hub:
        response, body = get(f"{hub.endpoint}/api/models?{query}")
    assert response.status == 400
    assert json.loads(body)["error"]


def test_a_cursor_whose_record_is_gone_goes_on_after_its_place(folder):
    with LocalHubServer(folder([plain(n) for n in (1, 2, 4)])) as hub:
        gone = cursor({"_id": {"$gt": f"{3:024x}"}})
        _, body = get(f"{hub.endpoint}/api/models?direction=1&{gone}")
    assert [record["likes"] for record in json.loads(body)] == [4]


def test_a_limit_above_a_thousand_is_clamped(folder):
    with LocalHubServer(folder([plain(n) for n in range(1001)])) as hub:
        response, body = get(f"{hub.endpoint}/api/models?limit=5000")
        assert len(json.loads(body)) == 1000
        assert len(json.loads(get(next_url(response))[1])) == 1


def test_the_last_page_names_no_next_one_even_if_it_is_full(folder):
    with LocalHubServer(folder([plain(n) for n in range(4)])) as hub:
        first, _ = get(f"{hub.endpoint}/api/models?limit=2")
        last, body = get(next_url(first))
    assert len(json.loads(body)) == 2
    assert next_url(last) is None


def test_the_next_link_keeps_the_query_and_escapes_the_cursor(folder):
    lines = [b'{"_id":"%04d"}' % n for n in range(4)]  # so short that base64 needs padding
    with LocalHubServer(folder(lines)) as hub:
        url = f"{hub.endpoint}/api/models?limit=2&sort=createdAt&direction=1&expand[]=likes"
        following = next_url(get(url)[0])
    path, _, encoded = following.partition("&cursor=")
    assert path == url.replace("[]", "%5B%5D")
    assert encoded.endswith("%3D")
    content = base64.b64decode(encoded.replace("%3D", "="))
    assert json.loads(content) == {"_id": {"$gt": "0001"}}


def test_a_missing_file_is_an_empty_listing(folder):
    with LocalHubServer(folder(datasets=[plain(1)])) as hub:
        response, body = get(f"{hub.endpoint}/api/models")
        assert (response.status, body, next_url(response)) == (200, b"[]", None)
        assert len(walk(f"{hub.endpoint}/api/datasets")) == 1


def test_anything_else_is_not_found(folder):
    with LocalHubServer(folder([plain(1)])) as hub:
        for path in (
            "/",
            "/api",
            "/api/spaces",
            "/api/modelsx",
            "/org/m1/resolve/main/config.json",
        ):
            assert get(hub.endpoint + path)[0].status == 404


def test_one_connection_serves_many_requests(folder):
    with LocalHubServer(folder([plain(n) for n in range(4)])) as hub:
        connection = HTTPConnection(hub.endpoint.removeprefix("http://"))
        connection.connect()
        socket = connection.sock
        for path in ("/api/models?limit=1", "/api/nothing", "/api/models?limit=0", "/api/models"):
            connection.request("GET", path)
            response = connection.getresponse()
            assert len(response.read()) == int(response.headers["Content-Length"])
            assert connection.sock is socket
        connection.close()


# One repository


def test_one_repository_gives_what_a_listing_refuses(folder):
    line = b'{"_id":"a","id":"org/x","likes":1,"usedStorage":5,"spaces":["s"]}'
    with LocalHubServer(folder([line, b"null", b'{"id":7}'], [line])) as hub:
        query = "expand[]=usedStorage&expand[]=spaces"
        model = get(f"{hub.endpoint}/api/models/org/x?{query}")[1]
        escaped = get(f"{hub.endpoint}/api/models/org%2Fx")[1]
        dataset = get(f"{hub.endpoint}/api/datasets/org/x?expand[]=usedStorage")[1]
    assert json.loads(model) == {"_id": "a", "id": "org/x", "usedStorage": 5, "spaces": ["s"]}
    assert json.loads(escaped) == json.loads(line)
    assert json.loads(dataset) == {"_id": "a", "id": "org/x", "usedStorage": 5}


def test_a_missing_repository_is_hidden_from_strangers_only(folder):
    with LocalHubServer(folder([plain(1)])) as hub:
        url = f"{hub.endpoint}/api/models/org/nothing"
        stranger, _ = get(url)
        known, _ = get(url, {"Authorization": "Bearer synthetic"})
    assert (stranger.status, stranger.headers["X-Error-Code"]) == (401, None)
    assert (known.status, known.headers["X-Error-Code"]) == (404, "RepoNotFound")


def test_a_legacy_id_leads_to_the_new_one():
    hub_source = SyntheticHub(models=2000, datasets=0)
    listing = hub_source.open()["models"]
    former, position = next(
        (name, position)
        for position in range(len(listing))
        if (name := listing.name(position, before=True)) != listing.name(position)
        and listing.is_listed(position)
    )
    with LocalHubServer(hub_source) as hub:
        url = f"{hub.endpoint}/api/models/{former}?expand[]=usedStorage"
        redirect, _ = get(url, follow=False)
        assert redirect.status == 307
        location = f"/api/models/{listing.name(position)}?expand[]=usedStorage"
        assert redirect.headers["Location"] == location
        record = json.loads(get(url)[1])
    assert record.keys() == {"_id", "id", "usedStorage"}
    assert record["_id"] == listing.key(position)


# The rate limit


def test_the_quota_runs_out_and_comes_back_with_the_next_window(folder):
    with LocalHubServer(folder([plain(1)]), quota=2, window_seconds=300) as hub:
        answers = [get(f"{hub.endpoint}/api/models") for _ in range(3)]
    assert [response.status for response, _ in answers] == [200, 200, 429]
    limits = [response.headers["RateLimit"] for response, _ in answers]
    assert [limit.split(";")[:2] for limit in limits] == [
        ['"api"', "r=1"],
        ['"api"', "r=0"],
        ['"api"', "r=0"],
    ]
    assert all(0 < int(limit.split("t=")[1]) <= 300 for limit in limits)
    refused, body = answers[-1]
    assert refused.headers["RateLimit-Policy"] == '"fixed window";"api";q=2;w=300'
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert refused.headers["Retry-After"] is None
    assert b"rate limit" in body

    with LocalHubServer(folder([plain(1)]), quota=1, window_seconds=0.2) as hub:
        get(f"{hub.endpoint}/api/models")
        time.sleep(0.2)
        assert get(f"{hub.endpoint}/api/models")[0].status == 200


def test_without_a_quota_nothing_is_said_of_one(folder):
    with LocalHubServer(folder([plain(1)])) as hub:
        response, _ = get(f"{hub.endpoint}/api/models")
    assert not [name for name in response.headers if name.startswith("RateLimit")]


# Faults


def test_a_fault_hits_the_answer_it_was_meant_for_and_no_other(folder):
    too_many = Fault(status=429, headers={"RateLimit": '"api";r=0;t=1'}, body=b"slow down")
    faults = {2: too_many, 3: Fault(status=500), 4: Fault(body=b"<html>"), 5: Fault(keep_bytes=9)}
    with LocalHubServer(folder([plain(1)]), fault=lambda n, target: faults.get(n)) as hub:
        url = f"{hub.endpoint}/api/models?limit=1"
        assert get(url)[0].status == 200
        response, body = get(url)
        assert (response.status, body) == (429, b"slow down")
        assert response.headers["RateLimit"] == '"api";r=0;t=1'
        response, body = get(url)
        assert (response.status, body) == (500, b"")
        response, body = get(url)
        assert (response.status, body) == (200, b"<html>")
        with pytest.raises(IncompleteRead) as cut:
            get(url)
        assert len(cut.value.partial) == 9
        assert get(url)[0].status == 200
        assert [request.status for request in hub.requests] == [200, 429, 500, 200, 200, 200]
        assert {request.target for request in hub.requests} == {"/api/models?limit=1"}
        assert {request.path for request in hub.requests} == {"/api/models"}


def test_a_reset_connection_is_no_polite_end(folder):
    with (
        LocalHubServer(folder([plain(1)]), fault=lambda *request: Fault(is_reset=True)) as hub,
        pytest.raises((ConnectionResetError, urllib.error.URLError)) as error,
    ):
        get(f"{hub.endpoint}/api/models")
    reason = getattr(error.value, "reason", error.value)
    assert isinstance(reason, ConnectionResetError)
    assert not isinstance(reason, RemoteDisconnected)


def test_a_listing_can_be_made_to_go_in_circles(folder):
    def repeat(number: int, target: str) -> Fault:
        return Fault(next_target=target)

    with LocalHubServer(folder([plain(1)]), fault=repeat) as hub:
        url = f"{hub.endpoint}/api/models?limit=1"
        assert next_url(get(url)[0]) == url


def test_a_header_can_be_left_out(folder):
    no_limit = Fault(headers={"RateLimit": None, "RateLimit-Policy": None})
    with LocalHubServer(folder([]), quota=9, fault=lambda *request: no_limit) as hub:
        response, _ = get(f"{hub.endpoint}/api/models")
    assert not [name for name in response.headers if name.startswith("RateLimit")]


def test_a_server_that_ended_leaves_no_answer_hanging(folder):
    threads_before = set(threading.enumerate())
    has_arrived = threading.Event()

    def stall(number: int, target: str) -> Fault:
        has_arrived.set()
        return Fault(stall_seconds=3600)

    with LocalHubServer(folder([plain(1)]), fault=stall) as hub:
        connection = HTTPConnection(hub.endpoint.removeprefix("http://"))
        connection.request("GET", "/api/models")
        assert has_arrived.wait(300)
    for thread in set(threading.enumerate()) - threads_before:
        thread.join(300)
        assert not thread.is_alive()
    connection.close()


def test_a_server_that_ended_answers_nobody_on_an_old_connection(folder):
    with LocalHubServer(folder([plain(1)])) as hub:
        connection = HTTPConnection(hub.endpoint.removeprefix("http://"))
        connection.request("GET", "/api/models")
        connection.getresponse().read()

    def ask_again() -> None:
        connection.request("GET", "/api/models")
        connection.getresponse()

    with pytest.raises((OSError, HTTPException)):
        ask_again()
    connection.close()


# Rendered pages


def test_a_rendered_page_is_served_from_the_cache(folder, tmp_path):
    cache = tmp_path / "pages"
    source = folder([plain(n) for n in range(5)])
    with LocalHubServer(source, page_cache=cache) as hub:
        first = walk(f"{hub.endpoint}/api/models?limit=2")
    for page in cache.iterdir():
        page.write_bytes(page.read_bytes().replace(b"org/", b"kept/"))
    with LocalHubServer(source, page_cache=cache) as hub:
        again = walk(f"{hub.endpoint}/api/models?limit=2")
        other = walk(f"{hub.endpoint}/api/models?limit=3")
    assert [bytes(r).replace(b"kept/", b"org/") for r in again] == [bytes(r) for r in first]
    assert all(b"kept/" in bytes(record) for record in again)
    assert other == first


def test_a_cached_page_of_other_records_is_not_served(folder, tmp_path):
    cache = tmp_path / "pages"
    for likes in (1, 2):
        with LocalHubServer(folder([plain(likes)]), page_cache=cache) as hub:
            assert json.loads(get(f"{hub.endpoint}/api/models")[1])[0]["likes"] == likes
    listings = [SyntheticHub(models=50, datasets=0, seed=seed) for seed in (1, 2)]
    bodies = set()
    for source in listings:
        with LocalHubServer(source, page_cache=cache) as hub:
            bodies.add(get(f"{hub.endpoint}/api/models")[1])
    assert len(bodies) == 2


# Folders that cannot be served


def test_a_folder_that_is_none_or_holds_nothing_is_named(tmp_path):
    with pytest.raises(LocalHubError, match="nowhere"):
        RecordFolder(tmp_path / "nowhere")
    with pytest.raises(LocalHubError, match=r"neither models\.jsonl\.gz nor datasets\.jsonl\.gz"):
        RecordFolder(tmp_path)


@pytest.mark.parametrize(
    "line",
    [b"{", b'{"a":NaN}', b"{} {}", b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"[" * 100_000],
)
def test_a_line_that_is_no_json_is_named(folder, line):
    with pytest.raises(LocalHubError, match=r"models\.jsonl\.gz, line 3,"):
        LocalHubServer(folder([plain(1), b"", line, plain(2)]))


def test_a_file_that_was_cut_off_is_named(tmp_path):
    whole = gzip.compress(b"\n".join(plain(n) for n in range(1000)))
    for content in (whole[:-20], b"no gzip", whole[:300] + b"\0" * 300):
        (tmp_path / "models.jsonl.gz").write_bytes(content)
        with pytest.raises(LocalHubError, match=r"models\.jsonl\.gz"):
            LocalHubServer(RecordFolder(tmp_path))


# In a process of its own


def is_served(endpoint: str) -> bool:
    try:
        get(f"{endpoint}/api/models?limit=1")
    except OSError:
        return False
    return True


def test_the_server_ends_with_the_block(folder):
    with serve(folder([plain(1)]), quota=7) as endpoint:
        response, body = get(f"{endpoint}/api/models")
        assert len(json.loads(body)) == 1
        assert "q=7" in response.headers["RateLimit-Policy"]
    assert not is_served(endpoint)


def test_a_folder_that_cannot_be_served_is_told_to_the_parent(folder):
    source = folder([plain(1), b"{"])
    with pytest.raises(LocalHubError, match="line 2"), serve(source):
        pytest.fail("it was served")


def test_the_server_dies_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from simulator import *\n"
            "with serve(SyntheticHub(models=1, datasets=0)) as endpoint:\n"
            "    print(endpoint, flush=True)\n"
            "    input()",
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        endpoint = parent.stdout.readline().strip()
        assert is_served(endpoint)
    finally:
        parent.kill()  # SIGKILL: it can tidy up nothing
        parent.communicate()
    deadline = time.monotonic() + 300
    while is_served(endpoint):
        assert time.monotonic() < deadline, "the server outlived its parent"
        time.sleep(0.02)


def command(*arguments: str, module: str = "simulator") -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def test_the_command_line_says_where_the_hub_is_and_ends_on_ctrl_c():
    arguments = ("--models", "30", "--datasets", "5", "--seed", "4", "--as-of", "2026-10-15")
    process = subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        endpoint = process.stdout.readline().strip()
        assert len(walk(f"{endpoint}/api/models?limit=7")) == 30
        assert len(walk(f"{endpoint}/api/datasets")) == 5
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_command_line_names_what_it_cannot_serve(tmp_path):
    for arguments in (
        ("--hub", str(tmp_path / "nowhere")),
        ("--port", "70000"),
        ("--models", "-1"),
    ):
        result = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True)
        assert result.returncode != 0
        assert arguments[1] in result.stderr or "port" in result.stderr
        assert "Traceback" not in result.stderr


# A Hub on a bad day


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


# The Hub's own client


def test_the_hubs_own_client_reads_it():
    with LocalHubServer(SyntheticHub(models=2500, datasets=20)) as hub:
        api = HfApi(endpoint=hub.endpoint, token=False)
        # Not safetensors: the client breaks on a record that has half of it, as some have.
        models = list(api.list_models(sort="created_at", expand=["gguf", "tags"]))
        assert len({model.id for model in models}) == 2500
        assert any(model.gguf for model in models)
        assert len(list(api.list_datasets())) == 20
        details = api.model_info(models[0].id, expand=["usedStorage"])
        assert details.used_storage >= 0
