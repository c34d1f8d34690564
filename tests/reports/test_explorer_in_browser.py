"""The explorer as its readers use it: in a browser, by pointer, by keyboard and by its address."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.reports.browser import CHROMIUM, Browser
from tests.reports.explored import CHART, COMPARED, DRAWN, SEEN, TABLES, do, go, opened, pick

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs chromium or google-chrome")


def test_each_control_changes_what_is_drawn(browser: Browser, explorer: str):
    page = opened(browser, explorer)
    used: set[str] = set()
    drawn = 0
    for table in TABLES:
        go(page, table)
        drawn += page.run("Boolean(document.querySelector('#chart svg'))")
        controls = page.run(
            "[...document.querySelectorAll('#controls select')].map(one => "
            "[one.id, one.value, [...one.options].map(option => option.value)])"
        )
        for control, value, options in controls:
            others = [option for option in options if option != value]
            if control in ("choose-table", "choose-to") or not others:
                continue
            before = page.run(SEEN)
            pick(page, control, others[len(others) // 2])
            assert page.run(SEEN) != before, (table, control, others[len(others) // 2])
            used.add(control.removeprefix("choose-"))
            go(page, table)
        if "choose-form" in [control for control, *_ in controls]:
            go(page, table, form="lines")
        boxes = page.run("document.querySelectorAll('#controls [type=checkbox]').length")
        if boxes > 1:
            before = page.run(CHART)
            box = "#controls [type=checkbox]"
            do(
                page,
                f"(document.querySelector('{box}:not(:checked):not(:disabled)') ?? "
                f"document.querySelector('{box}:checked')).click()",
            )
            assert page.run(CHART) != before, table
            used |= {"show", COMPARED[table[1]]}
            go(page, table)
        if page.run("Boolean(document.getElementById('choose-find'))"):
            name = page.run("document.querySelector('#table tbody th').textContent")
            before = page.run(SEEN + " + document.getElementById('controls').innerHTML")
            do(
                page,
                f"(one => {{ one.value = {json.dumps(name)}; one.dispatchEvent(new Event('input'));"
                "})(document.getElementById('choose-find'))",
            )
            assert page.run(SEEN + " + document.getElementById('controls').innerHTML") != before
            used.add("find")
    assert drawn == len(TABLES)
    expected = {"measure", "by", "scope", "population", "task", "language", "region", "category"}
    expected |= {"kind", "dimension", "form", "from", "at", "scale", "show", "find"}
    assert expected <= used
    assert page.complaints() == []
    assert page.requests() == [explorer]


def test_an_address_shows_the_same_again_and_back_goes_back(browser: Browser, explorer: str):
    page = opened(browser, explorer)
    go(page, ("size", "average_model_parameters"))
    first = page.run(SEEN)
    pick(page, "choose-population", "all")
    pick(page, "choose-by", "population")
    pick(page, "choose-scope", "nlp")
    do(page, "document.querySelector('#controls [type=checkbox]:checked').click()")
    pick(page, "choose-from", "2024-03-01")
    pick(page, "choose-measure", "mean_parameters")
    last, chosen = page.run(SEEN), page.run("location.hash")
    assert last != first
    again = opened(browser, explorer + chosen)
    assert again.run(SEEN) == last
    assert again.run("document.getElementById('choose-scope').value") == "nlp"
    for _ in range(6):
        do(page, "history.back()")
    assert page.run(SEEN) == first
    # What an explorer says that is not so is passed over.
    odd = "#view=none&table=x&measure=%3Cimg%3E&scope=%22%3E&from=9&by=model_key&show=__proto__"
    assert opened(browser, explorer + odd).run(SEEN) == first
    assert (page.complaints(), again.complaints()) == ([], [])


def test_values_show_under_the_pointer_and_the_arrow_keys(
    browser: Browser, explorer: str, sample: Path
):
    page = opened(browser, explorer + "#view=new-models")
    with duckdb.connect(str(sample / "hub.duckdb"), read_only=True) as connection:
        counts = connection.execute(
            "select strftime(month, '%B %Y'), new_models from marts.new_models "
            "where population = 'all' order by month"
        ).fetchall()
    page.run("document.getElementById('chart').focus()")
    read = "document.querySelector('.readout').innerText"
    page.press("Home")
    for month, number in counts[:3]:
        assert page.run(read).startswith(month)
        assert f"All models: {number:,}" in page.run(read)
        spoken = page.run("document.getElementById('chart').getAttribute('aria-valuetext')")
        assert spoken.startswith(f"{month}; All models: {number:,};")
        page.press("ArrowRight")
    page.press("Escape")
    assert page.run("document.querySelector('.readout').hidden")
    frame = page.run(
        "(({left, top, width}) => [left, top, width])"
        "(document.querySelector('#chart svg').getBoundingClientRect())"
    )
    page.point(frame[0] + frame[2] / 2, frame[1] + 100)
    page.wait("!document.querySelector('.readout').hidden")
    found = page.run(read)
    assert any(found.startswith(month) and f"All models: {n:,}" in found for month, n in counts)


def test_all_of_it_is_reached_by_keyboard(browser: Browser, explorer: str):
    page = opened(browser, explorer + "#view=size", width=390)
    wanted = set(
        page.run(
            "(document.querySelectorAll('details').forEach(one => { one.open = true; }),"
            "[...document.querySelectorAll("
            "'main :is(select, input, button, summary, #chart, #table)')]"
            ".filter(one => !one.disabled).map((one, index) => one.id ||= `nameless-${index}`))"
        )
    )
    assert len(wanted) > 15
    reached = set()
    for _ in range(80):
        page.press("Tab")
        reached.add(page.run("document.activeElement.id"))
    assert wanted <= reached, wanted - reached
    # A control stays where it was when what it changes is drawn anew.
    page.run("document.querySelector('#controls [type=checkbox]:not(:checked)').focus()")
    at, before = page.run("document.activeElement.id"), page.run(SEEN)
    drawn = page.run(DRAWN)
    page.press(" ")
    page.wait(f"{DRAWN} > {drawn}")
    assert page.run("document.activeElement.id") == at
    assert page.run(SEEN) != before
