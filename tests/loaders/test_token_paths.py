"""Ways on which the token could leave the Hub: an edited landing zone, redirects, clear text.

A second server on this machine stands for whoever waits for it, and keeps the headers that it got.
"""

import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from loaders.errors import LoaderError
from loaders.hub.listing import HubListing
from loaders.hub.repository import HubReader
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.crawl import crawl
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import model, write_records

TOKEN = "hf_recognisable"  # pragma: allowlist secret
DAY = date(2026, 10, 15)


class Stranger:
    """A server at another port, which answers everything with an empty page.

    Attributes:
        authorizations: of each request, what came as its Authorization; None for nothing.
    """

    def __init__(self) -> None:
        self.authorizations: list[str | None] = []
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stranger.authorizations.append(self.headers.get("Authorization"))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    stranger = Stranger()
    yield stranger
    stranger.close()


@pytest.fixture
def records(tmp_path: Path) -> RecordFolder:
    return RecordFolder(
        write_records(tmp_path / "records", models=(model(n) for n in range(2_500)))
    )


def landed(tmp_path: Path) -> LandedCrawl:
    return LandedCrawl(str(tmp_path / "landing"), "hub", "models", DAY)


def listing_of(endpoint: str, **options: object) -> HubListing:
    return HubListing(endpoint, "models", token=TOKEN, retries=1, longest_wait=0.01, **options)


def walk(endpoint: str, into: LandedCrawl) -> None:
    with hub_session(timeout=5.0):
        crawl(listing_of(endpoint), into, "hub")


@pytest.mark.parametrize(
    "edited",
    [
        ":{port}/api/models?cursor=x",
        "@127.0.0.1:{port}/api/models?cursor=x",
        ".example@127.0.0.1:{port}/api/models?cursor=x",
        "/../models?@127.0.0.1:{port}",
        "/api/models@127.0.0.1:{port}/?cursor=x",
        "//127.0.0.1:{port}/api/models?cursor=x",
        "http://127.0.0.1:{port}/api/models?cursor=x",
        "/api/datasets?cursor=x",
    ],
)
def test_an_edited_manifest_does_not_send_the_token_to_another_port(
    tmp_path, records, stranger, edited
):
    """Write it as an older version did, without a checksum: only the path itself tells."""
    with LocalHubServer(
        records, fault=lambda number, target: Fault(status=503) if number > 1 else None
    ) as server:
        into = landed(tmp_path)
        with pytest.raises(LoaderError):
            walk(server.endpoint, into)
        manifest = Path(into.folder) / "page-000001.manifest.json"
        fields = msgspec.json.decode(manifest.read_bytes())
        del fields["checksum"]
        fields["next_path"] = edited.format(port=stranger.port)
        manifest.write_bytes(msgspec.json.encode(fields))
        asked = len(server.requests)
        with pytest.raises(LoaderError, match="is not one of this listing"):
            walk(server.endpoint, landed(tmp_path))
        assert len(server.requests) == asked
    assert stranger.authorizations == []


def test_an_edited_path_is_found_out_by_its_checksum(tmp_path, records):
    with LocalHubServer(
        records, fault=lambda number, target: Fault(status=503) if number > 1 else None
    ) as server:
        into = landed(tmp_path)
        with pytest.raises(LoaderError):
            walk(server.endpoint, into)
    manifest = Path(into.folder) / "page-000001.manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"next_path":"/api/', b'"next_path":"/a/'))
    with pytest.raises(LoaderError, match="its checksum differs"):
        landed(tmp_path)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_listing_to_another_host_is_refused(tmp_path, records, stranger, status):
    away = Fault(status=status, headers={"Location": f"{stranger.address}/api/models?x=1"})
    with (
        LocalHubServer(records, fault=lambda *_: away) as server,
        pytest.raises(LoaderError, match="redirects to another address"),
    ):
        walk(server.endpoint, landed(tmp_path))
    assert stranger.authorizations == []


def test_a_redirect_to_another_port_by_another_name_of_the_host_is_refused(
    tmp_path, records, stranger
):
    away = Fault(status=302, headers={"Location": f"//localhost:{stranger.port}/api/models?x=1"})
    with (
        LocalHubServer(records, fault=lambda *_: away) as server,
        pytest.raises(LoaderError, match="redirects to another address"),
    ):
        walk(server.endpoint, landed(tmp_path))
    assert stranger.authorizations == []


def test_a_redirect_within_the_hub_is_followed(tmp_path, records):
    def moved(number: int, target: str) -> Fault | None:
        if "moved=1" in target or number > 1:
            return None
        return Fault(status=307, headers={"Location": target})

    with LocalHubServer(records, fault=moved) as server:
        into = landed(tmp_path)
        walk(server.endpoint, into)
        assert len(server.requests) == 4
    assert sum(page.records for page in into.pages) == 2_500


def test_redirects_in_circles_end(tmp_path, records):
    circle = LocalHubServer(
        records, fault=lambda _, target: Fault(status=302, headers={"Location": target})
    )
    with circle as server, pytest.raises(LoaderError, match="redirects more than 5 times"):
        walk(server.endpoint, landed(tmp_path))


def test_a_redirect_to_no_address_is_told_in_one_line(tmp_path, records):
    """httpx2 takes this one, urllib does not."""
    nowhere = LocalHubServer(
        records, fault=lambda *_: Fault(status=302, headers={"Location": "//x]y/z"})
    )
    with nowhere as server, pytest.raises(LoaderError, match="redirects to no address"):
        walk(server.endpoint, landed(tmp_path))


@pytest.mark.parametrize("reader", [HubListing, HubReader])
@pytest.mark.parametrize(
    ("endpoint", "is_refused"),
    [
        ("http://hub.example", True),
        ("http://10.0.0.1:8000", True),
        ("http://127.0.0.1.example", True),
        ("http://localhost.example", True),
        ("https://hub.example", False),
        ("http://127.0.0.1:8000", False),
        ("http://127.8.9.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost:8000", False),
    ],
)
def test_a_token_goes_in_clear_text_to_this_machine_alone(reader, endpoint, is_refused):
    kind = ("models",) if reader is HubListing else ()
    reader(endpoint, *kind)  # without a token, anybody may be asked
    reader(endpoint, *kind, token=TOKEN, token_over_http=True)
    if is_refused:
        with pytest.raises(LoaderError, match="in clear text"):
            reader(endpoint, *kind, token=TOKEN)
    else:
        reader(endpoint, *kind, token=TOKEN)


def test_a_load_over_http_asks_nothing_with_a_token_in_clear_text(run, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    code, said = run("load", "--hub", "http://hub.invalid", "--retries", "0")
    assert (code, "in clear text" in said, "--token-over-http" in said) == (1, True, True), said
    assert TOKEN not in said
