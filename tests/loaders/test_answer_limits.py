"""Answers that never end: each is given up, be it a listing, one model's record or its file.

Every server here sends for as long as it is listened to, so that a test ends only if the loader
does.
"""

import gzip
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from loaders.errors import LoaderError
from loaders.hub import rate_limiter
from loaders.hub.listing import HubListing
from loaders.hub.rate_limiter import RateLimiter, retry_after
from loaders.hub.repository import BadAnswerError, HubReader
from loaders.hub.retry import NoAnswerError
from loaders.hub.session import RequestCount, hub_session

OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nLocation: /stored\r\nContent-Length: 0\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"
GZIP = b"Content-Encoding: gzip\r\n\r\n"
PAGE = b'[{"_id": "1"}]'
GZIP_BEGINS = gzip.compress(b"")[:10]
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # of deflate: it decompresses to nothing


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


# What is sent first, and what is sent for ever after.
DRIPS = {
    "headers a byte at a time": (OK + b"X-Drip: ", b"a"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "compressed nothing": (CHUNKED + GZIP + chunk(GZIP_BEGINS), chunk(EMPTY_BLOCK)),
    "the extension of a chunk": (CHUNKED + b"\r\n1;", b"a"),
    "the size of a chunk": (CHUNKED + b"\r\n", b"0"),
    "the body a byte at a time": (OK + b"\r\n", b"["),
}
FLOODS = {
    "interim answers": (b"", 1_000 * b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "compressed nothing": (
        CHUNKED + GZIP + chunk(GZIP_BEGINS),
        chunk(10_000 * EMPTY_BLOCK),
    ),
    "what follows the compressed part": (OK + GZIP + gzip.compress(PAGE), 50_000 * b"x"),
    "a bomb": (OK + GZIP + gzip.compress(b"[" + b" " * 10_000_000)[:-8], b""),
    "the body": (OK + b"\r\n", 50_000 * b"["),
}

NOT_IN_TIME = r"ReadTimeout: not read in 0\.3 s"

Script = Callable[[socket.socket, threading.Event], None]


@pytest.fixture
def play() -> Iterator[Callable[[Script], str]]:
    """Starts a server whose connections each play a script; gives its address."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def start(script: Script) -> str:
        def serve(connection: socket.socket) -> None:
            with connection:
                connection.settimeout(10)
                with suppress(OSError):  # the loader hung up
                    script(connection, stop)

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    stop.set()
    listener.close()
    for thread in list(threads):
        thread.join(10)


def request(connection: socket.socket) -> bytes:
    """One request, read to the end of its headers."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        received = connection.recv(65536)
        if not received:
            raise OSError("the loader hung up")
        said += received
    return said


def endless(first: bytes, then: bytes, seconds: float) -> Script:
    def script(connection: socket.socket, stop: threading.Event) -> None:
        request(connection)
        connection.sendall(first)
        while not stop.wait(seconds):
            connection.sendall(then)

    return script


def listing(endpoint: str, **options: float) -> HubListing:
    return HubListing(endpoint, "models", retries=0, longest_wait=0, **options)


def reader(endpoint: str, **options: float) -> HubReader:
    return HubReader(endpoint, retries=0, longest_wait=0, **options)


@pytest.mark.parametrize("drip", DRIPS)
def test_a_listing_that_drips_for_ever_is_given_up(play, drip):
    hub = listing(play(endless(*DRIPS[drip], 0.01)), longest_read=0.3)
    with hub_session(), pytest.raises(LoaderError, match=NOT_IN_TIME):
        hub.page(hub.first_path)


@pytest.mark.parametrize("drip", DRIPS)
def test_an_answer_about_one_model_that_drips_for_ever_is_given_up(play, drip):
    hub = reader(play(endless(*DRIPS[drip], 0.01)), longest_read=0.3)
    with hub_session(), pytest.raises(NoAnswerError, match=NOT_IN_TIME):
        hub.get("/api/models/a", RequestCount(), limit=1000)


def test_a_file_that_drips_from_the_storage_is_given_up(play):
    def script(connection: socket.socket, stop: threading.Event) -> None:
        while b"GET /stored" not in request(connection):
            connection.sendall(FOUND)
        connection.sendall(OK + b"X-Drip: ")
        while not stop.wait(0.01):
            connection.sendall(b"a")

    hub = reader(play(script), longest_read=0.3)
    with hub_session(), pytest.raises(NoAnswerError, match=NOT_IN_TIME):
        hub.get("/a/resolve/main/model.safetensors", RequestCount(), limit=1000, is_beginning=True)


def test_a_drip_on_a_connection_that_answered_before_is_given_up(play):
    answered = []

    def script(connection: socket.socket, stop: threading.Event) -> None:
        request(connection)
        connection.sendall(OK + b"Content-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE))
        request(connection)
        answered.append(connection)
        while not stop.wait(0.01):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    hub = listing(play(script), longest_read=2.0)
    with hub_session():
        assert hub.page(hub.first_path).records == 1
        with pytest.raises(LoaderError, match="not read in 2 s"):
            hub.page(hub.first_path)
    assert answered, "it came over a connection of its own"


@pytest.mark.parametrize("flood", FLOODS)
def test_an_answer_that_floods_is_cut_off_by_its_bytes(play, flood):
    hub = reader(play(endless(*FLOODS[flood], 0)), longest_read=600)
    with hub_session(timeout=600), pytest.raises(BadAnswerError, match="longer than 1,000 bytes"):
        hub.get("/api/models/a", RequestCount(), limit=1000)


def test_an_answer_that_is_compressed_many_times_over_is_not_unpacked(play):
    many = b"Content-Encoding: gzip, gzip\r\n\r\n"
    hub = reader(play(endless(OK + many + gzip.compress(gzip.compress(PAGE)), b"", 0.01)))
    with hub_session(), pytest.raises(NoAnswerError, match="compressed 2 times over"):
        hub.get("/api/models/a", RequestCount(), limit=1000)


MANY_DIGITS = "9" * 5_000


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit": f'"api";r={MANY_DIGITS};t=1'},
        {"RateLimit": f'"api";r=5;t={MANY_DIGITS}'},
        {"RateLimit": '"api";r=5;t=0', "RateLimit-Policy": f'"w";"api";q={MANY_DIGITS};w=300'},
        {"RateLimit": '"api";r=5;t=0', "RateLimit-Policy": f'"w";"api";q={"9" * 400};w=300'},
        {"RateLimit": f'"api";r={"9" * 400};t=0'},
        {"Retry-After": "²"},
        {"Retry-After": "Thu, 99 Xyz 99999 99:99:99 GMT"},
        {"Content-Range": f"bytes 0-1/{MANY_DIGITS}"},
        {"Content-Range": "bytes 0-1/²"},
    ],
    ids=lambda headers: " ".join(headers),
)
def test_a_header_with_a_monstrous_number_is_no_traceback(play, headers):
    sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()

    def script(connection: socket.socket, stop: threading.Event) -> None:
        while request(connection):
            length = b"Content-Length: %d\r\n" % len(PAGE)
            connection.sendall(b"HTTP/1.1 206 Partial\r\n" + length + sent + b"\r\n" + PAGE)

    endpoint = play(script)
    with hub_session():
        hub = listing(endpoint)
        assert hub.page(hub.first_path).records == 1
        answer = reader(endpoint).get("/a/resolve/main/x", RequestCount(), limit=1000)
        assert (answer.body, answer.size) == (PAGE, None)


def test_a_length_with_thousands_of_digits_is_an_answer_that_cannot_be_read(play):
    length = f"Content-Length: {MANY_DIGITS}\r\n\r\n".encode()
    endpoint = play(endless(OK + length, b"", 0.01))
    with hub_session():
        hub = listing(endpoint)
        with pytest.raises(LoaderError, match="bad Content-Length"):
            hub.page(hub.first_path)
        with pytest.raises(NoAnswerError, match="bad Content-Length"):
            reader(endpoint).get("/api/models/a", RequestCount(), limit=1000)


NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)


def date_header(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), (date_header(90), 90), (date_header(-90), 0), ("", None), ("soon", None)],
)
def test_a_date_to_come_back_at_is_held_against_the_clock_of_the_server(said, seconds):
    assert retry_after(httpx2.Headers({"Retry-After": said, "Date": date_header(0)})) == seconds


def test_a_date_to_come_back_at_is_obeyed_and_a_long_wait_announced(monkeypatch, caplog):
    slept = []
    monkeypatch.setattr(rate_limiter.time, "sleep", slept.append)
    caplog.set_level(logging.INFO)
    limiter = RateLimiter(0.8)
    for _ in range(2):  # each answer carries the quota as well: there is enough of it
        limiter.observe(
            httpx2.Headers(
                {
                    "Retry-After": date_header(90),
                    "Date": date_header(0),
                    "RateLimit": '"api";r=500;t=300',
                    "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
                }
            )
        )
    limiter.wait()
    assert 80 < slept[-1] <= 91
    (said,) = caplog.messages
    assert said.startswith("Waiting 9")
    assert "Retry-After" in said


def test_a_wait_for_the_quota_is_announced_once(monkeypatch, caplog):
    monkeypatch.setattr(rate_limiter.time, "sleep", lambda seconds: None)
    caplog.set_level(logging.INFO)
    limiter = RateLimiter(0.8)
    limiter.observe(httpx2.Headers({"RateLimit": '"api";r=0;t=200'}))
    for _ in range(3):  # as many requests wait for the same window
        limiter.wait()
    (said,) = caplog.messages
    assert said.endswith("for the next window of the Hub's quota")
