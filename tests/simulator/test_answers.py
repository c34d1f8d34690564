"""The local Hub's rate limit, its faults, and the answers of one that ended."""

import threading
import time
import urllib.error
from http.client import (
    HTTPConnection,
    HTTPException,
    IncompleteRead,
    RemoteDisconnected,
)

import pytest

from simulator import (
    Fault,
    LocalHubServer,
)
from tests.simulator.client import get, next_url, plain


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
