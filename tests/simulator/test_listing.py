"""The local Hub's listings and repositories, as a loader or a person meets them."""

import base64
import json
from http.client import (
    HTTPConnection,
)

import pytest
from huggingface_hub import HfApi

from simulator import (
    LocalHubServer,
    SyntheticHub,
)
from tests.simulator.client import cursor, get, next_url, plain, walk

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
