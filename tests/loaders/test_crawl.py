"""A crawl of a real local Hub: to the end, once, whatever happens on the way."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from loaders import clock
from loaders.errors import LoaderError
from loaders.hub import rate_limiter
from loaders.hub.listing import HubListing
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.crawl import crawl
from loaders.warehouse.decoding import SnapshotDecoder
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import model, write_records

SNAPSHOT_DATE = date(2026, 10, 15)
MODELS = 3_500  # four pages
PAGES = 4
Serve = Callable[..., LocalHubServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A running local Hub of 3,500 models, in this process."""
    folder = write_records(tmp_path / "hub", models=(model(n) for n in range(MODELS)))
    servers: list[LocalHubServer] = []

    def start(fault: Callable[[int, str], Fault | None] = lambda *_: None, **options) -> str:
        servers.append(LocalHubServer(RecordFolder(folder), fault=fault, **options).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def landed(tmp_path: Path) -> LandedCrawl:
    return LandedCrawl(str(tmp_path / "landing"), "hub", "models", SNAPSHOT_DATE)


def walk(server: LocalHubServer, into: LandedCrawl, **options) -> HubListing:
    token = options.pop("token", None)
    retries = options.pop("retries", 3)
    timeout = options.pop("timeout", 120.0)  # no answer is asked for twice on a busy machine
    with hub_session(timeout=timeout, quota_share=options.pop("quota_share", 0.8)):
        listing = HubListing(
            server.endpoint, "models", token=token, retries=retries, longest_wait=0.01
        )
        crawl(listing, into, "hub", **options)
    return listing


def ids(crawl: LandedCrawl) -> list[str]:
    decoder = SnapshotDecoder("models", SNAPSHOT_DATE)
    return [
        hub_id
        for number, body in crawl.bodies()
        for hub_id in decoder.decode(number, body)[0]["_id"].to_pylist()
    ]


EVERY_ID = [model(n)["_id"] for n in range(MODELS)]


def test_a_crawl_reads_each_record_once_with_one_request_a_page(serve, tmp_path):
    server = serve()
    into = landed(tmp_path)
    listing = walk(server, into)
    assert ids(into) == EVERY_ID
    assert listing.requests.total == len(server.requests) == PAGES
    assert landed(tmp_path).snapshot.records == MODELS


def test_only_lean_fields_travel(serve, tmp_path):
    server = serve()
    walk(server, landed(tmp_path))
    assert all("cardData" not in request.target for request in server.requests)
    assert all("siblings" not in request.target for request in server.requests)


@pytest.mark.parametrize("killed_after", range(1, PAGES))
def test_a_killed_crawl_goes_on_from_the_next_page(serve, tmp_path, killed_after):
    class Killed(BaseException):
        pass

    def kill(records: int) -> None:
        if len(first.pages) == killed_after:
            raise Killed

    server = serve()
    first = landed(tmp_path)
    with pytest.raises(Killed):
        walk(server, first, on_page=kill)
    again = landed(tmp_path)
    assert again.snapshot is None
    # Another server, so another port: the crawl must not hold on to the old address.
    second_server = serve()
    walk(second_server, again)
    assert ids(again) == EVERY_ID
    assert len(server.requests) + len(second_server.requests) == PAGES


def test_a_complete_crawl_asks_nothing_again(serve, tmp_path):
    walk(serve(), landed(tmp_path))
    server = serve()
    walk(server, landed(tmp_path))
    assert server.requests == []


def once(number: int, fault: Fault) -> Callable[[int, str], Fault | None]:
    return lambda asked, path: fault if asked == number else None


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=502),
        Fault(status=503, headers={"Retry-After": "0"}),
        Fault(status=504),
        Fault(status=408),
        Fault(status=429, body=b"We had to rate limit your IP"),
        Fault(body=b"<html>a proxy's page</html>"),
        Fault(body=b'{"error": "an object"}'),
        Fault(body=b'[{"_id": "1", '),
        Fault(keep_bytes=1_000),
        Fault(is_reset=True),
        Fault(stall_seconds=3_600),
        Fault(headers={"Content-Encoding": "gzip"}),
        Fault(next_target=HubListing("http://hub", "models").first_path),
        Fault(headers={"Link": None}),
        Fault(body=b"[]"),
        Fault(body=b'[{"error": "a list of one"}]'),
        Fault(body=b'[{"_id": "%024x"}]' % 1001),
        Fault(body=b'[{"_id": "%024x", "id": "\xff"}]' % 2000),
    ],
    ids=repr,
)
def test_a_page_that_fails_once_is_asked_for_again(serve, tmp_path, fault):
    server = serve(once(2, fault))
    into = landed(tmp_path)
    if fault.stall_seconds:  # whatever else takes so long is asked for again, too
        walk(server, into, timeout=1.0, retries=100)
        assert ids(into) == EVERY_ID
        return
    walk(server, into)
    assert ids(into) == EVERY_ID
    assert len(server.requests) <= PAGES + 1  # a reset one may not be counted


def test_a_429_is_waited_out_as_long_as_its_header_says(serve, tmp_path):
    refused = Fault(status=429, headers={"RateLimit": '"api";r=0;t=1'}, body=b"We had to rate")
    into = landed(tmp_path)
    started = time.monotonic()
    listing = walk(serve(once(2, refused)), into)
    assert time.monotonic() - started >= 1
    assert ids(into) == EVERY_ID
    assert (listing.requests.total, listing.requests.rate_limited) == (PAGES + 1, 1)
    assert [page.rate_limited for page in into.pages] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, headers={"RateLimit": '"api";r=0;t=4000000000'}),
        Fault(status=503, headers={"Retry-After": "4000000000"}),
        Fault(headers={"RateLimit": '"api";r=5;t=4000000000'}),
    ],
    ids=repr,
)
def test_a_header_of_a_clock_that_jumped_costs_no_day(serve, tmp_path, monkeypatch, fault):
    monkeypatch.setattr(rate_limiter, "LONGEST_QUOTA_WAIT", 0.1)
    into = landed(tmp_path)
    walk(serve(once(2, fault)), into)
    assert ids(into) == EVERY_ID


class FirstFailures(logging.Handler):
    """Waits until each of two crawls has logged a try that failed."""

    def __init__(self) -> None:
        super().__init__()
        self.of = {"models": threading.Event(), "datasets": threading.Event()}

    def emit(self, record: logging.LogRecord) -> None:
        for kind, has_failed in self.of.items():
            if f"/api/{kind} cannot be read" in record.getMessage():
                has_failed.set()


def test_a_hub_out_of_reach_for_a_moment_costs_neither_crawl_its_page(serve, tmp_path):
    """Both crawls share one client: that one finds no connection must not close the other's."""
    failures = FirstFailures()
    logger = logging.getLogger("loaders.hub.listing")
    logger.addHandler(failures)
    # Bound, so that nobody else is given the port, and yet nobody answers there.
    with socket.socket() as port_holder, hub_session(), ThreadPoolExecutor() as crawls:
        port_holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port_holder.bind(("127.0.0.1", 0))
        port = port_holder.getsockname()[1]
        listings = [
            HubListing(f"http://127.0.0.1:{port}", kind, retries=10_000, longest_wait=0.05)
            for kind in ("models", "datasets")
        ]
        pages = [crawls.submit(listing.page, listing.first_path) for listing in listings]
        try:
            assert all(has_failed.wait(300) for has_failed in failures.of.values())
        finally:
            serve(port=port)
            logger.removeHandler(failures)
        assert [page.result().records for page in pages] == [1000, 0]


def test_a_clock_that_is_set_back_does_not_end_a_crawl_before_its_start(
    serve, tmp_path, monkeypatch
):
    hours = iter(range(20, 0, -1))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 15, next(hours), tzinfo=UTC))
    into = landed(tmp_path)
    walk(serve(), into)
    assert into.snapshot.started_at < into.snapshot.finished_at


def test_an_answer_that_drips_for_ever_is_given_up(serve, tmp_path):
    server = serve(once(1, Fault(seconds_a_byte=0.05)))
    listing = HubListing(server.endpoint, "models", retries=100, longest_wait=0, longest_read=0.5)
    with hub_session():
        assert listing.page(listing.first_path).records == 1000
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "page",
    [b'[{"_id": "0"}, {"id": "no/_id"}]', b'[{"_id": "0"}]'],
    ids=["a record without an _id", "a page that is short"],
)
def test_a_page_with_an_anomaly_that_comes_twice_is_taken_and_skips_nothing(serve, tmp_path, page):
    first = HubListing("http://hub", "models").first_path
    server = serve(lambda number, target: Fault(body=page) if target == first else None)
    listing = walk(server, into := landed(tmp_path), retries=0)
    assert listing.requests.total == 2 + PAGES  # asked twice, and then from its last record on
    assert into.pages[0].records == page.count(b"{")
    assert ids(into) == EVERY_ID  # that record has no id, and is a reject


def test_a_full_last_page_is_looked_at_twice_and_alarms_nobody(tmp_path, caplog):
    caplog.set_level("INFO")
    folder = write_records(tmp_path / "hub", models=(model(n) for n in range(2_000)))
    with LocalHubServer(RecordFolder(folder)) as server:
        listing = walk(server, into := landed(tmp_path))
    assert (listing.requests.total, len(into.pages)) == (3, 2)
    assert not [record for record in caplog.records if record.name.startswith("loaders")]


def test_paced_to_a_part_of_the_quota_no_call_is_refused(serve, tmp_path):
    server = serve(quota=4, window_seconds=1)
    listing = walk(server, landed(tmp_path), quota_share=0.8)
    assert listing.requests.rate_limited == 0
    assert {request.status for request in server.requests} == {200}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=401, body=b"Invalid username or password."), "Check the token in HF_TOKEN"),
        (Fault(status=404), "Check that --hub is the address of a Hub"),
        (Fault(status=500, body=b"Internal Error"), "answered 500 (Internal Error)"),
        (Fault(status=429), "The quota of this address or token is used up"),
        (Fault(body=b"<html>"), "b'<html>'. It was asked 3 times"),
        (Fault(is_reset=True), "cannot be read"),
        (Fault(stall_seconds=3), "cannot be read: ReadTimeout"),
    ],
    ids=repr,
)
def test_a_hub_that_fails_for_ever_ends_the_crawl_with_advice(serve, tmp_path, fault, message):
    into = landed(tmp_path)
    with pytest.raises(LoaderError) as error:
        walk(serve(lambda *_: fault), into, retries=2, timeout=0.5)
    assert message in str(error.value)
    assert into.pages == []


def test_a_failure_midway_keeps_the_pages_before_it(serve, tmp_path):
    into = landed(tmp_path)
    with pytest.raises(LoaderError):
        walk(serve(lambda n, _: Fault(status=500) if n > 2 else None), into, retries=1)
    again = landed(tmp_path)
    assert (len(again.pages), again.snapshot) == (2, None)
    walk(serve(), again)
    assert ids(again) == EVERY_ID


def test_a_listing_that_goes_in_circles_ends_the_crawl_before_it_keeps_the_circle(serve, tmp_path):
    first = HubListing("http://hub", "models").first_path
    into = landed(tmp_path)
    with pytest.raises(LoaderError, match="goes in circles, to a page that was read before"):
        walk(serve(lambda number, _: Fault(next_target=first) if number >= 3 else None), into)
    assert len(into.pages) == 2
    walk(serve(), into)
    assert ids(into) == EVERY_ID


def test_the_same_page_under_new_cursors_ends_the_crawl(serve, tmp_path):
    def endless(number: int, path: str) -> Fault:
        return Fault(status=200, body=b'[{"_id": "1"}]', next_target=f"/api/models?cursor={number}")

    with pytest.raises(LoaderError, match="does not go beyond the page before it"):
        walk(serve(endless), landed(tmp_path))


def test_an_endless_listing_of_new_records_ends_the_crawl(serve, tmp_path):
    def endless(number: int, path: str) -> Fault:
        page = int(path.partition("?cursor=")[2] or 1)
        body = b'[{"_id": "%024x"}]' % page
        return Fault(status=200, body=body, next_target=f"/api/models?cursor={page + 1}")

    with pytest.raises(LoaderError, match="does not end: 20 pages"):
        walk(serve(endless), landed(tmp_path), max_pages=20)


def test_a_link_to_another_host_is_not_followed_with_the_token(serve, tmp_path):
    elsewhere = serve()
    link = f'<{elsewhere.endpoint}/api/models?cursor=x>; rel="next"'
    server = serve(once(1, Fault(headers={"Link": link})))
    with pytest.raises(LoaderError, match="another address"):
        walk(server, landed(tmp_path), token="hf_secret")
    assert elsewhere.requests == []


def test_the_token_is_in_no_log_and_no_landed_file(serve, tmp_path, caplog):
    into = landed(tmp_path)
    with caplog.at_level("DEBUG"):
        walk(serve(once(2, Fault(status=500))), into, token="hf_secret")
    assert "hf_secret" not in caplog.text
    for file in Path(into.folder).iterdir():
        assert b"hf_secret" not in file.read_bytes()
