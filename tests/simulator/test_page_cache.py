"""Rendered pages that the next local Hub of the same records serves."""

import json

from simulator import (
    LocalHubServer,
    SyntheticHub,
)
from tests.simulator.client import get, plain, walk


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
