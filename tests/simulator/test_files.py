"""The files of the local Hub's models, as a client of the Hub meets them."""

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from huggingface_hub import HfApi, constants
from safetensors.numpy import save_file

from simulator import LocalHubServer, RecordFolder, SyntheticHub
from tests.loaders.conftest import model, write_records

FILE = "/org/m0/resolve/main/model.safetensors"
Ask = Callable[..., tuple[HTTPResponse, bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One model, ``org/m0``, with a file of 1,000 bytes, and a file that is nobody's."""
    write_records(tmp_path / "hub", models=[model(0, id="org/m0"), model(1, id="org/m1")])
    repository = tmp_path / "hub" / "files" / "org" / "m0"
    repository.mkdir(parents=True)
    (repository / "model.safetensors").write_bytes(bytes(range(250)) * 4)
    (tmp_path / "hub" / "secret").write_text("nobody's")
    return tmp_path / "hub"


def ask(url: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    """One request, sent as it is: no redirect is followed, no path is tidied up."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    connection.request(method, url.removeprefix(f"http://{parts.netloc}"), headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_a_file_is_redirected_to_a_storage_elsewhere(folder):
    with LocalHubServer(RecordFolder(folder)) as hub:
        response, _ = ask(hub.endpoint + FILE)
        place = response.headers["Location"]
        assert response.status == 302
        assert urlsplit(place).netloc != urlsplit(hub.endpoint).netloc
        assert ask(place)[1] == bytes(range(250)) * 4
        assert (len(hub.requests), len(hub.storage_requests)) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-7", 206, slice(0, 8), "bytes 0-7/1000"),
        ("bytes=996-", 206, slice(996, 1000), "bytes 996-999/1000"),
        ("bytes=900-5000", 206, slice(900, 1000), "bytes 900-999/1000"),
        ("bytes=1000-1001", 416, None, "bytes */1000"),
        ("bytes=-5", 200, slice(0, 1000), None),  # a form that it does not know
    ],
)
def test_a_part_of_a_file_is_the_part_that_was_asked_for(folder, asked, status, part, said):
    with LocalHubServer(RecordFolder(folder)) as hub:
        place = ask(hub.endpoint + FILE)[0].headers["Location"]
        response, body = ask(place, Range=asked)
    assert (response.status, response.headers["Content-Range"]) == (status, said)
    if part is not None:
        assert body == (bytes(range(250)) * 4)[part]


def test_a_head_request_has_the_headers_and_no_body(folder):
    with LocalHubServer(RecordFolder(folder)) as hub:
        response, body = ask(hub.endpoint + FILE, "HEAD")
        stored, nothing = ask(response.headers["Location"], "HEAD")
    assert (response.status, response.headers["X-Linked-Size"], body) == (302, "1000", b"")
    assert (stored.status, stored.headers["Content-Length"], nothing) == (200, "1000", b"")


@pytest.mark.parametrize(
    ("path", "token", "status", "code"),
    [
        ("/org/m0/resolve/main/other", None, 404, "EntryNotFound"),
        ("/org/m1/resolve/main/model.safetensors", None, 404, "EntryNotFound"),
        ("/org/m0/resolve/v2/model.safetensors", None, 404, "RevisionNotFound"),
        ("/org/m0/resolve/main/../../../secret", None, 404, "EntryNotFound"),
        ("/org/m0/resolve/main/..%2f..%2f..%2fsecret", None, 404, "EntryNotFound"),
        ("/org/m0/resolve/main//etc/passwd", None, 404, "EntryNotFound"),
        ("/org/nobody/resolve/main/model.safetensors", None, 401, None),
        ("/org/nobody/resolve/main/model.safetensors", "hf_x", 404, "RepoNotFound"),
    ],
)
def test_what_is_not_there_is_told_as_the_hub_tells_it(folder, path, token, status, code):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with LocalHubServer(RecordFolder(folder)) as hub:
        response, _ = ask(hub.endpoint + path, **headers)
    assert (response.status, response.headers["X-Error-Code"]) == (status, code)


@pytest.mark.parametrize("path", ["/", "/0/secret", "/7/model.safetensors", "/x/y", "/0/../secret"])
def test_the_storage_has_nothing_but_the_files(folder, path):
    with LocalHubServer(RecordFolder(folder)) as hub:
        place = ask(hub.endpoint + FILE)[0].headers["Location"]
        assert ask(place.removesuffix("/0/model.safetensors") + path)[0].status == 404


def test_files_have_a_quota_of_their_own(folder):
    with LocalHubServer(RecordFolder(folder), quota=1, resolver_quota=3) as hub:
        statuses = [ask(hub.endpoint + FILE)[0].status for _ in range(4)]
        listing, _ = ask(hub.endpoint + "/api/models")
        refused, _ = ask(hub.endpoint + FILE)
        place = ask(hub.endpoint + FILE)[0].headers["Location"]
    assert statuses == [302, 302, 302, 429]
    assert (listing.status, listing.headers["RateLimit-Policy"]) == (
        200,
        '"fixed window";"api";q=1;w=300',
    )
    assert refused.headers["RateLimit"].startswith('"resolvers";r=0;t=')
    assert place is None


def test_the_hubs_own_client_reads_them(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    files = folder / "files" / "org"
    (files / "m1").mkdir()
    save_file({"a": np.zeros((3, 4), np.float32)}, files / "m0" / "model.safetensors")
    save_file({"b": np.zeros(5, np.int8)}, files / "m1" / "1.safetensors")
    save_file({"c": np.zeros(6, np.int8)}, files / "m1" / "2.safetensors")
    index = {"weight_map": {"b": "1.safetensors", "c": "2.safetensors"}}
    (files / "m1" / "model.safetensors.index.json").write_text(json.dumps(index))
    with LocalHubServer(RecordFolder(folder)) as hub:
        api = HfApi(endpoint=hub.endpoint, token=False)
        assert api.get_safetensors_metadata("org/m0").parameter_count == {"F32": 12}
        assert api.get_safetensors_metadata("org/m1").parameter_count == {"I8": 11}


def test_the_synthetic_hub_has_weights_where_its_listing_has_no_count():
    source = SyntheticHub(models=3_000, datasets=0)
    models = source.open()["models"]
    listed = [n for n in range(len(models)) if models.is_listed(n)]
    records = {n: models.record(n) for n in listed}
    with_weights = {n for n in listed if models.file(n, "model.safetensors") is not None}
    uncounted = {
        n for n, r in records.items() if "safetensors" in r["tags"] and "safetensors" not in r
    }
    assert with_weights < uncounted
    assert not any("gguf" in records[n] for n in with_weights)
    assert 0.02 < len(with_weights) / len(listed) < 0.05
    with LocalHubServer(source) as hub:
        api = HfApi(endpoint=hub.endpoint, token=False)
        open_ones = (n for n in sorted(with_weights) if not records[n].get("gated"))
        counts = api.get_safetensors_metadata(records[next(open_ones)]["id"]).parameter_count
        assert sum(counts.values()) > 10_000
        assert models.file(min(with_weights), "config.json") is None
