"""A folder of records: what it says of itself, and what its records say of its date."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import LoaderError
from loaders.load.folder_guards import check_completeness, check_date
from loaders.settings import SourceOptions
from loaders.sources import find_source
from simulator import LocalHubError, RecordFolder
from tests.loaders.conftest import contents, dataset, model, query, write_records

FACTS = {"source": "https://hub.example", "snapshot_date": "2026-05-20", "is_complete": True}


def folder_of(path: Path, facts: Any = None, **records: Any) -> Path:
    """A folder of records with a ``hub.json``: of an object, or a text as it is; None for none."""
    records = records or {"models": [model(1)], "datasets": [dataset(1)]}
    write_records(path, **records)
    if facts is not None:
        text = facts if isinstance(facts, str) else json.dumps(facts)
        (path / "hub.json").write_text(text, encoding="utf-8")
    return path


def source_of(path: Path):
    return find_source(SourceOptions(hub=str(path)))


def test_two_months_in_two_folders_of_one_hub_load_into_one_series(run, data, tmp_path):
    for month, models in (("2026-09-30", 100), ("2026-10-31", 110)):
        facts = FACTS | {"snapshot_date": month, "obtained_from": "an archive", "licence": "CC0"}
        folder = folder_of(
            tmp_path / month, facts, models=(model(n) for n in range(models)), datasets=[dataset(1)]
        )
        code, said = run("load", "--hub", folder)
        assert code == 0, said
    assert query(
        data,
        "select snapshot_date, source, records, is_complete, obtained_from, licence"
        " from hub_raw.snapshots where kind = 'models' order by 1",
    ) == [
        (date(2026, 9, 30), "https://hub.example", 100, True, "an archive", "CC0"),
        (date(2026, 10, 31), "https://hub.example", 110, True, "an archive", "CC0"),
    ]
    folder_of(tmp_path / "2026-10-31", FACTS | {"source": "another"})
    code, said = run("load", "--hub", tmp_path / "2026-10-31", "--snapshot-date", "2026-10-31")
    assert code == 1
    assert "would mix two Hubs" in said.replace("\n", " ")


def test_a_folder_without_hub_json_is_a_part_and_its_path_is_the_source(tmp_path):
    folder = folder_of(tmp_path / "hub")
    source = source_of(folder)
    assert (source.name, source.is_complete) == (str(folder), False)
    folder_of(folder, {"source": "a Hub"})
    assert (source_of(folder).name, source_of(folder).is_complete) == ("a Hub", False)
    folder_of(folder, {"source": "https://hub.example/", "is_complete": True})
    assert (source_of(folder).name, source_of(folder).is_complete) == ("https://hub.example", True)


def test_the_sample_and_an_address_are_complete():
    for where in ("sample", "https://hub.example"):
        assert source_of(where).is_complete


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ("{", "truncated"),
        ("[]", "Expected `object`"),
        ("", "truncated"),
        ("\ufeff{}", "malformed"),
        ("[" * 5000, "hub.json"),
        ({"snapshot_date": "2026-05-20"}, "missing required field `source`"),
        ({"source": 3}, "$.source"),
        ({"source": ""}, "$.source"),
        ({"source": " / "}, "source is empty"),
        ({"source": "two\nlines"}, "$.source"),
        ({"source": "\x1b[31mred"}, "$.source"),
        ({"source": "x" * 201}, "$.source"),
        ({"source": "sample"}, "the name of the synthetic Hub"),
        ({"source": "https://user:pass@hub"}, "a user name"),  # pragma: allowlist secret
        ({"source": "http://[::1"}, "no address"),
        (FACTS | {"snapshot_date": "2026-02-30"}, "$.snapshot_date"),
        (FACTS | {"snapshot_date": "20 May 2026"}, "$.snapshot_date"),
        (FACTS | {"snapshot_date": 20260520}, "$.snapshot_date"),
        (FACTS | {"is_complete": "true"}, "$.is_complete"),
        (FACTS | {"obtained_from": ["a"]}, "$.obtained_from"),
        (FACTS | {"licence": "x" * 501}, "$.licence"),
        (FACTS | {"is_compleet": True}, "unknown field `is_compleet`"),
        (FACTS | {"\x1b[2J\nerror: gone": 1}, "unknown field"),
        (json.dumps(FACTS | {"licence": "CC0"}) + " " * 20_000, "longer than 20,000 bytes"),
    ],
    ids=range(24),
)
def test_a_hub_json_that_is_not_valid_is_told_in_one_line(tmp_path, facts, told):
    folder = folder_of(tmp_path / "hub", facts)
    with pytest.raises(LocalHubError) as error:
        source_of(folder)
    message = str(error.value)
    assert told in message
    assert str(folder / "hub.json") in message
    assert message.isprintable()


def test_a_hub_json_that_is_no_file_is_told(tmp_path):
    folder = folder_of(tmp_path / "hub")
    (folder / "hub.json").mkdir()
    with pytest.raises(LocalHubError, match="is no file"):
        source_of(folder)


def test_a_folder_whose_hub_json_changed_is_read_anew(tmp_path):
    folder = folder_of(tmp_path / "hub", FACTS)
    before = source_of(folder).landing_key
    folder_of(folder, FACTS | {"is_complete": False})
    assert source_of(folder).landing_key != before


def test_a_date_that_is_not_said_is_refused_and_nothing_is_written(run, data, tmp_path):
    folder = folder_of(tmp_path / "hub", {"source": "a Hub"})
    code, said = run("load", "--hub", folder)
    assert (code, said.count("\n")) == (1, 1)
    assert f"The date of the records in {folder} is not given" in said
    assert not data.exists()
    folder_of(folder, {"source": "a Hub", "snapshot_date": "2999-01-01"})
    code, said = run("load", "--hub", folder)
    assert (code, "2999-01-01 lies ahead" in said) == (1, True)


def checked(tmp_path: Path, day: str, *, force: bool = False, **records: Any) -> list[str]:
    folder = RecordFolder(write_records(tmp_path / "hub", **records))
    return check_date(folder, date.fromisoformat(day), force=force)


def created(number: int, day: str, changed: str | None = None) -> dict[str, Any]:
    changed = changed and f"{changed}T12:00:00.000Z"
    return model(number, createdAt=f"{day}T12:00:00.000Z", lastModified=changed)


def test_a_date_35_days_after_the_newest_record_of_both_kinds_is_the_last(tmp_path):
    models, datasets = [created(1, "2026-01-01")], [created(2, "2025-01-01", "2026-02-01")]
    assert checked(tmp_path, "2026-03-08", models=models, datasets=datasets) == []
    with pytest.raises(LoaderError, match="in the 36 days before 2026-03-09; the newest date"):
        checked(tmp_path, "2026-03-09", models=models, datasets=datasets)
    assert checked(tmp_path, "2026-03-09", models=models, force=True) == ["snapshot_date"]


def test_one_record_of_a_wrong_clock_does_not_let_every_date_pass(tmp_path):
    ahead = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    models = [created(n, "2023-01-01") for n in range(300)]
    # One that will be a reject, and one that was changed in days to come.
    odd = [created(901, "2025-01-01"), created(902, "2023-01-01", ahead)]
    with pytest.raises(LoaderError, match="the newest date in it is 2023-01-01"):
        checked(tmp_path, "2024-03-01", models=[*models, *odd])


@pytest.mark.parametrize(("later", "overruled"), [(1, []), (2, ["snapshot_date"])])
def test_over_one_percent_created_later_makes_a_date_too_early(tmp_path, later, overruled):
    models = [created(n, "2026-01-31" if n >= later else "2026-02-01") for n in range(100)]
    if overruled:
        with pytest.raises(LoaderError, match=r"2 of the 100 records .* were created after"):
            checked(tmp_path, "2026-01-31", models=models)
    assert checked(tmp_path, "2026-01-31", models=models, force=True) == overruled


def test_a_date_other_than_that_of_hub_json_is_refused(tmp_path):
    folder = RecordFolder(folder_of(tmp_path / "hub", FACTS, models=[created(1, "2026-05-01")]))
    assert check_date(folder, date(2026, 5, 20), force=False) == []
    with pytest.raises(LoaderError, match="says that its records are of 2026-05-20"):
        check_date(folder, date(2026, 5, 21), force=False)
    with pytest.raises(LoaderError, match="There was no Hub"):
        check_date(folder, date(1, 1, 1), force=True)


def test_records_that_say_no_date_speak_against_none(tmp_path):
    lines = [{"_id": "1", "id": "a"}, '"text"', '{"createdAt": "yesterday"}', "[1]", ""]
    assert checked(tmp_path, "2026-01-31", models=lines) == []


def test_what_force_overruled_stands_in_the_snapshot(run, data, tmp_path):
    folder = folder_of(tmp_path / "hub", models=[created(n, "2026-01-01") for n in range(20)])
    code, said = run("load", "--hub", folder, "--snapshot-date", "2026-09-01")
    assert (code, said.count("\n")) == (1, 1)
    assert "Nothing was loaded" in said
    code, said = run("load", "--hub", folder, "--snapshot-date", "2026-09-01", "--force")
    assert code == 0, said
    assert query(data, "select overruled, is_forced, is_complete from hub_raw.snapshots") == [
        ("snapshot_date", False, False)
    ]


def test_a_part_does_not_make_the_rest_of_a_whole_listing_look_removed(run, data, tmp_path):
    whole = folder_of(tmp_path / "whole", {"source": "a Hub", "is_complete": True})
    part = folder_of(tmp_path / "part", {"source": "a Hub"})
    run("load", "--hub", part, "--snapshot-date", "2026-09-30")
    code, said = run("load", "--hub", whole, "--snapshot-date", "2026-10-15")
    assert code == 0, said
    before = contents(data)
    for day, told in (("2026-10-15", "it would replace that"), ("2026-10-31", "as removed from")):
        code, said = run("load", "--hub", part, "--snapshot-date", day)
        assert (code, told in said) == (1, True), said
    assert contents(data) == before
    code, said = run("load", "--hub", part, "--snapshot-date", "2026-10-31", "--force")
    assert code == 0, said
    assert query(data, "select max(overruled) from hub_raw.snapshots") == [("completeness",)]


def test_a_listing_is_neither_held_against_a_part_before_it_nor_estimated_by_it(
    run, data, tmp_path
):
    def load(day: str, models: int, *, is_complete: bool, options: tuple[str, ...] = ()):
        folder = folder_of(
            tmp_path / day,
            {"source": "a Hub", "is_complete": is_complete},
            models=(model(n) for n in range(models)),
        )
        return run("load", "--hub", folder, "--snapshot-date", day, *options)

    load("2026-08-31", 100, is_complete=True)
    load("2026-09-30", 10, is_complete=False, options=("--force",))
    code, said = load("2026-10-31", 50, is_complete=True, options=("--dry-run",))
    assert (code, "the snapshot of 2026-08-31 has 100 records" in said) == (0, True), said
    code, said = load("2026-10-31", 50, is_complete=True)
    assert (code, "50% of the 100 of 2026-08-31" in said) == (1, True), said


def test_a_folder_that_says_it_is_whole_does_not_replace_ten_times_as_many_records(
    run, data, tmp_path
):
    def load(name: str, models: int):
        facts = FACTS | {"obtained_from": "an archive"}
        folder = folder_of(tmp_path / name, facts, models=(model(n) for n in range(models)))
        return run("load", "--hub", folder)

    assert load("larger", 100)[0] == 0
    before = contents(data)
    code, said = load("smaller", 10)
    assert (code, "10% of the 100 of 2026-05-20 (loaded before)" in said) == (1, True), said
    assert contents(data) == before


def test_a_part_that_comes_first_is_no_part_of_anything(tmp_path):
    folder = RecordFolder(folder_of(tmp_path / "hub"))
    assert check_completeness([], folder, date(2026, 1, 1), force=False) == []


def test_a_folder_does_not_replace_what_was_crawled_in_silence(run, data, tmp_path):
    crawl, archive = (
        folder_of(tmp_path / name, FACTS | facts, models=[model(n, likes=n) for n in range(100)])
        # As a crawl does, the first does not say where it was obtained from.
        for name, facts in (("crawl", {}), ("archive", {"obtained_from": "an archive"}))
    )
    assert run("load", "--hub", crawl)[0] == 0
    assert run("load", "--hub", crawl)[0] == 0
    before = contents(data)
    code, said = run("load", "--hub", archive)
    assert (code, "would replace them" in said) == (1, True), said
    assert contents(data) == before
    assert run("load", "--hub", archive, "--force")[0] == 0
    assert query(data, "select overruled from hub_raw.snapshots") == [("replaced_crawl",)]
    assert run("load", "--hub", archive)[0] == 0


def test_a_folder_is_not_asked_in_place_of_the_hub_that_it_names(run, data, tmp_path):
    text_model = model(1, pipeline_tag="text-generation", tags=["safetensors"])
    folder = folder_of(tmp_path / "hub", FACTS, models=[text_model], datasets=[dataset(1)])
    assert run("load", "--hub", folder, "--force")[0] == 0
    told = "A folder of records cannot be asked about single models: give the Hub's address"
    for command in ("parameters", "details"):
        code, said = run(command, "--hub", folder)
        assert (code, told in said) == (1, True), said
        assert query(data, f"select * from hub_raw.model_{command}") == []
    # What a folder does have of its models, it can be asked for.
    folder_of(folder, FACTS, models=[text_model | {"usedStorage": 9}], datasets=[dataset(1)])
    (folder / "files" / "org-1").mkdir(parents=True)
    for command in ("parameters", "details"):
        code, said = run(command, "--hub", folder)
        assert code == 0, said
