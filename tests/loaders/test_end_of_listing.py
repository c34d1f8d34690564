"""A lie about where a listing goes on, or ends, loses no record unseen."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from loaders.errors import LoaderError
from loaders.hub.listing import HubListing
from loaders.hub.next_link import CursorState, next_url, without_a_gap
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load import reference_sizes
from loaders.load.crawl import crawl
from loaders.load.reference_sizes import REFERENCE_SIZES, ReferenceSize, reference_size
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import contents, dataset, model, on_day, query, write_records

DAY = date(2026, 10, 15)
MODELS = 250
PAGE_SIZE = 50
EVERY_ID = {model(number)["_id"] for number in range(MODELS)}
Serve = Callable[..., LocalHubServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A running Hub of 250 models."""
    folder = write_records(tmp_path / "records", models=(model(n) for n in range(MODELS)))
    servers: list[LocalHubServer] = []

    def start(fault: Callable[[int, str], Fault | None] = lambda *_: None) -> LocalHubServer:
        servers.append(LocalHubServer(RecordFolder(folder), fault=fault).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def landed(tmp_path: Path) -> LandedCrawl:
    return LandedCrawl(str(tmp_path / "landing"), "hub", "models", DAY)


def walk(server: LocalHubServer, into: LandedCrawl) -> None:
    listing = HubListing(
        server.endpoint, "models", page_size=PAGE_SIZE, retries=2, longest_wait=0.01
    )
    with hub_session(timeout=5.0):
        crawl(listing, into, "hub")


def ids(into: LandedCrawl) -> list[str]:
    return [record["_id"] for _, body in into.bodies() for record in json.loads(body)]


def cursor(content: object) -> str:
    return quote(base64.b64encode(json.dumps(content).encode()).decode())


def begins_after(target: str) -> int:
    """The number of the model after which a page begins; -1 for the first page."""
    asked = parse_qs(urlsplit(target).query).get("cursor")
    return int(json.loads(base64.b64decode(asked[0]))["_id"]["$gt"], 16) if asked else -1


def page_of(target: str) -> int:
    """The number of the page that a request asks for, from 1."""
    return (begins_after(target) + 1) // PAGE_SIZE + 1


def on_page(number: int, fault: Fault) -> Callable[[int, str], Fault | None]:
    """The same fault each time that a page is asked for."""
    return lambda _, target: fault if page_of(target) == number else None


LIES = {
    "no brackets": Fault(edit_link=lambda link: link.replace("<", "").replace(">", "")),
    "no relation": Fault(edit_link=lambda link: link.partition(";")[0]),
    "an unknown relation": Fault(edit_link=lambda link: link.replace("next", "nxt")),
    "a cut quote": Fault(edit_link=lambda link: link[:-1]),
    "a cut address": Fault(edit_link=lambda link: link[: len(link) // 2]),
    "nothing in it": Fault(edit_link=lambda link: ""),
    "an empty address": Fault(edit_link=lambda link: '<>; rel="next"'),
    "two next pages": Fault(edit_link=lambda link: f"{link}, {link.replace('limit', 'l')}"),
    "another listing": Fault(edit_link=lambda link: link.replace("/models", "/datasets")),
    "an address that is none": Fault(edit_link=lambda link: '<http://[>; rel="next"'),
    "backwards": Fault(next_target=f"/api/models?cursor={cursor({'_id': {'$lt': 'f'}})}"),
    "an empty page with a link": Fault(body=b"[]"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_link_that_cannot_be_ends_the_crawl_and_not_the_listing(serve, tmp_path, lie):
    into = landed(tmp_path)
    with pytest.raises(LoaderError, match="goes on from this page"):
        walk(serve(on_page(3, LIES[lie])), into)
    assert (len(into.pages), into.snapshot) == (2, None)
    walk(serve(), into)  # once the Hub is itself again, nothing is missing
    assert set(ids(into)) == EVERY_ID
    assert len(ids(into)) == MODELS


@pytest.mark.parametrize("records", [1, PAGE_SIZE, 120])
def test_a_cursor_that_skips_records_loses_none(serve, tmp_path, records):
    def skip(_: int, target: str) -> Fault:
        last = page_of(target) * PAGE_SIZE - 1 + records
        content = cursor({"_id": {"$gt": f"{last:024x}"}})
        return Fault(
            edit_link=lambda link: link.partition("cursor=")[0] + f'cursor={content}>; rel="next"'
        )

    into = landed(tmp_path)
    walk(serve(skip), into)
    assert set(ids(into)) == EVERY_ID
    assert len(ids(into)) == MODELS
    assert [page.cursor for page in into.pages] == [*["differs"] * 4, ""]


def test_a_cursor_that_repeats_records_loses_none(serve, tmp_path):
    content = cursor({"_id": {"$gt": f"{140:024x}"}})  # page 3 ends at 149
    lie = Fault(
        edit_link=lambda link: link.partition("cursor=")[0] + f'cursor={content}>; rel="next"'
    )
    into = landed(tmp_path)
    walk(serve(lambda _, target: lie if begins_after(target) == 99 else None), into)
    assert set(ids(into)) == EVERY_ID
    assert [page.cursor for page in into.pages].count("differs") == 1


def test_a_short_page_under_the_cursor_of_the_whole_loses_none(serve, tmp_path):
    cut = Fault(edit=lambda body, link: json.dumps(json.loads(body)[:20]).encode())
    into = landed(tmp_path)
    walk(serve(on_page(2, cut)), into)
    assert set(ids(into)) == EVERY_ID


def test_records_that_come_again_are_counted(serve, tmp_path):
    content = cursor({"_id": {"$gt": f"{140:024x}"}})  # page 3 ends at 149
    lie = Fault(
        edit_link=lambda link: link.partition("cursor=")[0] + f'cursor={content}>; rel="next"'
    )
    into = landed(tmp_path)
    walk(serve(lambda _, target: lie if begins_after(target) == 99 else None), into)
    assert [page.out_of_order for page in into.pages] == [0, 0, 0, 9, 0, 0]


def test_a_listing_out_of_order_is_refused_before_it_is_kept(serve, tmp_path):
    """Sorted by something else, rows shift from page to page while they are read."""
    shuffle = Fault(edit=lambda body, link: json.dumps(json.loads(body)[::-1]).encode())
    into = landed(tmp_path)
    with pytest.raises(LoaderError, match="come again or out of order"):
        walk(serve(lambda *_: shuffle), into)
    assert into.snapshot is None


@pytest.mark.parametrize("spoilt", ["f" * 24, "0" * 24, "~", " "])
def test_a_last_id_that_is_spoilt_costs_no_other_record(serve, tmp_path, spoilt):
    def spoil(body: bytes, link: str | None) -> bytes:
        records = json.loads(body)
        records[-1]["_id"] = spoilt
        return json.dumps(records).encode()

    into = landed(tmp_path)
    walk(serve(on_page(3, Fault(edit=spoil))), into)
    assert EVERY_ID - set(ids(into)) <= {f"{149:024x}"}


def test_a_cursor_of_another_form_is_taken_and_counted(serve, tmp_path, caplog):
    """The Hub may change it: it is opaque, and a crawl must go on."""
    server = serve()
    answer = server.answer

    def opaque(target: str, headers, body: bytes, *, is_storage: bool):
        known = target.replace("cursor=x", "cursor=")
        reply, fault = answer(known, headers, body, is_storage=is_storage)
        if link := reply.headers.get("Link"):
            reply.headers["Link"] = link.replace("cursor=", "cursor=x")
        return reply, fault

    server.answer = opaque
    into = landed(tmp_path)
    walk(server, into)
    assert ids(into) == sorted(EVERY_ID)
    assert [page.cursor for page in into.pages] == [*["opaque"] * 4, ""]
    said = [record.message for record in caplog.records if "has another form" in record.message]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("header", "url"),
    [
        (None, None),
        ('<http://hub/api?cursor=a>; rel="next"', "http://hub/api?cursor=a"),
        ("<http://hub/api>;rel=next", "http://hub/api"),
        ('<http://hub/1>; rel="prev", <http://hub/3>; rel="next"', "http://hub/3"),
        ('<http://hub/3>; title="a, <b>; c"; rel="last next"', "http://hub/3"),
        ('<http://hub/1>; rel="first"', None),
        ("</style.css>; rel=preload; as=style", None),
        ('</a.css>; rel=preload; crossorigin, <http://hub/3>; rel="next"; x', "http://hub/3"),
    ],
)
def test_a_good_link_header_is_read(header, url):
    assert next_url(header) == url


@pytest.mark.parametrize(
    "header", ["", " ", ",", "<a>", "<a>; rel", 'x <a>; rel="next"', '<a>; rel="next"; <']
)
def test_a_link_header_that_nobody_can_read_is_no_end(header):
    with pytest.raises(ValueError, match="Link header"):
        next_url(header)


@pytest.mark.parametrize(
    "header", ["<" * 60_000, "<a>" + "; a=b" * 10_000 + "<", "<a>;" + " " * 60_000]
)
def test_a_monstrous_link_header_takes_no_time(header):
    with pytest.raises(ValueError, match="Link header"):
        next_url(header)


@pytest.mark.parametrize("content", ["[" * 50_000, '{"_id": 7}', '{"_id": {"$gt": 7}}', "null"])
def test_a_monstrous_cursor_is_opaque(content):
    path = f"/api/models?cursor={quote(base64.b64encode(content.encode()).decode())}"
    assert without_a_gap(path, "a") == (path, CursorState.OPAQUE)


@pytest.mark.parametrize("day_of_part", [None, "2026-10-14", str(DAY)])
def test_a_first_crawl_of_the_hub_that_ends_early_is_refused(
    run, data, tmp_path, monkeypatch, day_of_part
):
    """A part of the listing that was loaded before makes it no second one."""
    folder = write_records(
        tmp_path / "records", models=(model(n) for n in range(100)), datasets=[dataset(1)]
    )
    sizes = {
        "models": ReferenceSize(120, DAY, "a count"),
        "datasets": ReferenceSize(1, DAY, "a count"),
    }
    monkeypatch.setattr(reference_sizes, "REFERENCE_SIZES", sizes)
    with LocalHubServer(RecordFolder(folder)) as server, on_day(str(DAY)):
        monkeypatch.setattr(reference_sizes, "HUB", server.endpoint)
        if day_of_part:
            part = write_records(tmp_path / "part", models=[model(1)])
            (part / "hub.json").write_text(json.dumps({"source": server.endpoint}))
            code, said = run("load", "--hub", part, "--snapshot-date", day_of_part, "--force")
            assert code == 0, said
        code, said = run("load", "--hub", server.endpoint)
        assert code == 1, said
        assert "100 rows, 83% of the 120 of 2026-10-15 (a count): it looks truncated" in said
        code, said = run("load", "--hub", server.endpoint, "--force")
        assert code == 0, said
    kept = query(data, "select overruled from hub_raw.snapshots where records = 100")
    assert kept == [("row_count",)]


def test_a_crawl_anew_that_ends_early_does_not_replace_the_one_of_the_same_day(run, data, tmp_path):
    folder = write_records(
        tmp_path / "records", models=(model(n) for n in range(100)), datasets=[dataset(1)]
    )
    half = Fault(edit=lambda body, link: json.dumps(json.loads(body)[:50] or [dataset(1)]).encode())
    faults: list[Fault] = []
    with (
        LocalHubServer(RecordFolder(folder), fault=lambda *_: faults[0] if faults else None) as hub,
        on_day(str(DAY)),
    ):
        assert run("load", "--hub", hub.endpoint)[0] == 0
        before = contents(data)["models"]
        faults.append(half)
        code, said = run("load", "--hub", hub.endpoint, "--refetch")
    assert (code, "50 rows, 50% of the 100 of 2026-10-15 (loaded before)" in said) == (1, True), (
        said
    )
    assert contents(data)["models"] == before


def test_what_others_counted_is_for_the_hub_itself_and_from_that_day_on():
    for kind, size in REFERENCE_SIZES.items():
        assert reference_size("https://huggingface.co", kind, size.on) == size
        assert reference_size("https://huggingface.co", kind, date(2026, 5, 20)) is None
        assert reference_size("https://mirror.example", kind, size.on) is None
