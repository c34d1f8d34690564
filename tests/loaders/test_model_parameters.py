"""The command ``parameters``: counts from real safetensors files, by budget and downloads."""

from pathlib import Path
from typing import Any

import pytest

from tests.loaders.conftest import ServedHub, on_day
from tests.loaders.safetensors_files import (
    counted,
    counted_by_the_package,
    uncounted,
    write_safetensors,
    write_sharded,
    write_small,
)

FILES: dict[str, dict[str, tuple[str, list[int]]]] = {
    "plain": {"a": ("float32", [7, 3, 2]), "b": ("bfloat16", [128]), "step": ("int64", [])},
    "eight bits": {"a": ("float8_e4m3fn", [64, 64]), "scale": ("float32", [1])},
    "four bits, packed by eight": {"a.qweight": ("int32", [64, 8])},
    "four bits, packed by two": {"a": ("uint8", [4096, 1]), "absmax": ("float32", [64])},
    "four bits": {"a": ("float4_e2m1fn_x2", [32, 16]), "scale": ("float8_e4m3fn", [32, 1])},
    "an empty tensor": {"a": ("float32", [0, 5]), "b": ("float32", [3])},
}
# Bytes of a header, and the requests that it takes: the first reads 100,000 bytes, of which
# eight are the header's length.
HEADERS = {99_984: 1, 99_992: 1, 100_000: 2, 100_008: 2, 1_200_000: 2}


def test_counts_are_those_of_the_safetensors_package(served_hub):
    written: dict[str, list[Path]] = {}
    requests: dict[str, int] = {}
    for case, tensors in FILES.items():
        path = served_hub.file(f"org/{case}/model.safetensors")
        write_safetensors(path, tensors)
        written[f"org/{case}"], requests[f"org/{case}"] = [path], 1
    for length, needed in HEADERS.items():
        path = served_hub.file(f"org/{length}/model.safetensors")
        tensors = {f"model.layers.{n}.weight": ("int32", [n, 2]) for n in range(40)}
        write_safetensors(path, tensors)
        write_safetensors(path, tensors, padding=length - length_of_header(path))
        assert length_of_header(path) == length
        written[f"org/{length}"], requests[f"org/{length}"] = [path], needed
    written["org/sharded"] = write_sharded(served_hub, "org/sharded", 5)
    requests["org/sharded"] = 7  # no single file, the index, its files
    served_hub.serve(*(uncounted(n, id=name) for n, name in enumerate(written)))
    served_hub.load()
    code, said = served_hub.run("parameters")
    assert code == 0, said
    for name, text, *rest in served_hub.rows(
        "model_parameters", "id, parameters, status, method, files, requests, error"
    ):
        files = len(written[name])
        assert counted(text) == counted_by_the_package(*written.pop(name)), name
        method = "safetensors_header" if files == 1 else "safetensors_index"
        assert rest == ["counted", method, files, requests[name], None], name
    assert not written


def length_of_header(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[:8], "little")


def test_an_unsharded_model_takes_hardly_more_than_one_request(served_hub):
    names = [f"org/m{n}" for n in range(40)]
    write_small(served_hub, *names)
    for name in names[:2]:  # the Hub has 3 % with so long a header
        path = served_hub.file(f"{name}/model.safetensors")
        write_safetensors(path, {"weight": ("float32", [10, 10])}, padding=200_000)
    served_hub.serve(*(uncounted(n) for n in range(40)))
    served_hub.load()
    _, said = served_hub.run("parameters")
    rows = served_hub.rows("model_parameters", "status, requests")
    assert {status for status, _ in rows} == {"counted"}
    assert sum(n for _, n in rows) == len(served_hub.requests) == 42
    assert "42 requests (1.05 a model)" in said


def test_only_models_with_weights_and_without_a_count_are_asked_about(served_hub):
    served_hub.serve(
        uncounted(0, id="org/in"),
        uncounted(1, id="org/in-too", safetensors={"parameters": {}}, downloads=None),
        uncounted(2, id="org/mapped", safetensors={"parameters": {"F32": 5}}),
        uncounted(3, id="org/totalled", safetensors={"total": 5}),
        uncounted(4, id="org/gguf", gguf={"total": 5}),
        uncounted(5, id="org/no-weights", tags=["pytorch"]),
        uncounted(6, id="org/no-tags", tags=None),
        uncounted(7, id="org/odd-tag", tags=['a "safetensors" file', "safetensors-not"]),
        uncounted(8, id="org/private", private=True),
        uncounted(9, id="org/disabled", disabled=True),
    )
    served_hub.load()
    served_hub.run("parameters")
    assert served_hub.rows("model_parameters", "id, status") == [
        ("org/in", "none"),
        ("org/in-too", "none"),
    ]


def test_the_most_downloaded_come_first_and_the_limits_hold(served_hub):
    downloads = [5, None, 900, 40, 7, 40]
    names = [f"org/m{n}" for n in range(len(downloads))]
    write_small(served_hub, *names)
    served_hub.serve(*(uncounted(n, downloads=d) for n, d in enumerate(downloads)))
    served_hub.load()

    def asked(*options: object) -> list[str]:
        before = len(served_hub.requests)
        code, said = served_hub.run("parameters", "--workers", 1, *options)
        assert code == 0, said
        return [r.path.split("/")[2] for r in served_hub.requests[before:]]

    assert asked("--dry-run") == []
    assert asked("--budget", 1) == ["m2"]
    assert asked("--limit", 2) == ["m3", "m5"]
    assert asked("--min-downloads", 6) == ["m4"]
    assert asked() == ["m0", "m1"]


def test_the_budget_is_never_passed_and_a_model_beyond_it_waits(served_hub):
    write_sharded(served_hub, "org/m0", 6)
    write_small(served_hub, "org/m1", "org/m2", "org/m3")
    served_hub.serve(*(uncounted(n) for n in range(4)))
    served_hub.load()
    served_hub.run("parameters", "--budget", 7, "--workers", 1)
    assert len(served_hub.requests) == 5  # two to see that eight are needed, and the small ones
    assert [id for (id,) in served_hub.rows("model_parameters", "id")] == [
        *("org/m1", "org/m2", "org/m3")
    ]
    served_hub.run("parameters", "--budget", 8)
    assert served_hub.rows("model_parameters", "id, files")[0] == ("org/m0", 6)


def test_nothing_is_asked_twice_unless_it_has_changed(served_hub):
    def models(modified: str) -> list[dict[str, Any]]:
        return [uncounted(n, lastModified=modified) for n in range(3)]

    write_small(served_hub, "org/m0")
    served_hub.file("org/m2/model.safetensors", b"no header")
    served_hub.serve(*models("2026-01-01T00:00:00.000Z"))
    served_hub.load("2026-09-15")
    served_hub.run("parameters")
    once = served_hub.rows("model_parameters", "id, status")
    assert once == [("org/m0", "counted"), ("org/m1", "none"), ("org/m2", "failed")]

    asked = len(served_hub.requests)
    code, said = served_hub.run("parameters")
    assert (code, len(served_hub.requests)) == (0, asked), said
    served_hub.run("parameters", "--retry-failed-after", 0)
    assert [r.path.split("/")[2] for r in served_hub.requests[asked:]] == ["m2"]

    served_hub.serve(*models("2026-10-01T00:00:00.000Z"))
    served_hub.load("2026-10-15")
    served_hub.run("parameters")
    assert len(served_hub.requests) == asked
    rows = served_hub.rows("model_parameters", "id, last_modified::date::varchar")
    assert [modified for id, modified in rows if id == "org/m0"] == ["2026-01-01", "2026-10-01"]


def test_a_database_without_models_is_told_what_comes_first(served_hub):
    served_hub.serve(uncounted(0))
    code, said = served_hub.run("parameters")
    assert (code, "holds no models yet. Load their listing first" in said) == (1, True)


def test_another_hub_than_the_databases_is_refused(served_hub, run):
    served_hub.serve(uncounted(0))
    served_hub.load()
    code, said = run("parameters", "--hub", "https://hub.invalid")
    assert (code, "holds the Hub" in said) == (1, True)
    assert served_hub.requests == []


@pytest.mark.parametrize(
    "option", ["--budget=0", "--limit=-1", "--workers=0", "--min-downloads=x", "--budget=1.5"]
)
def test_a_number_that_makes_no_sense_is_refused(run, option):
    assert run("parameters", option)[0] == 2


def test_a_dry_run_tells_what_is_to_come_and_asks_nothing(served_hub):
    served_hub.serve(*(uncounted(n) for n in range(30)))
    served_hub.load()
    code, said = served_hub.run("parameters", "--dry-run", "--budget", 20)
    assert code == 0
    assert "30 models" in said
    assert "20 requests" in said
    assert served_hub.requests == []


def test_the_sample_has_such_models_and_their_files(run, data):
    sample = ("--hub", "sample", "--sample-models", 2_000, "--sample-datasets", 10)
    run("load", *sample)
    code, said = run("parameters", *sample)
    assert code == 0, said
    statuses = {status for (status,) in ServedHub.rows("model_parameters", "status")}
    assert statuses == {"counted", "none", "failed"}


def test_bigquery_is_asked_about_the_same_models_and_gets_the_same_rows(
    served_hub, project, tmp_path, monkeypatch
):
    write_small(served_hub, "org/m0", "org/m1")
    models = [
        uncounted(0, downloads=None),
        uncounted(1, lastModified=None),
        uncounted(2, tags=["safetensors", "it's", "100 %", 'a "quote"', "back\\slash"]),
        uncounted(3, tags=["not-safetensors"]),
    ]
    served_hub.serve(*models)
    served_hub.load()
    served_hub.run("parameters", "--workers", 1)
    columns = "_id, id, last_modified, status, method, parameters, files, requests, error"
    on_duckdb = served_hub.rows("model_parameters", columns)
    order = [request.path for request in served_hub.requests]
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    # Another landing zone: the answers of the first are not to be had from there.
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "landing-of-bigquery"))
    served_hub.serve(*models)
    bigquery = ("--target", "bigquery")
    with on_day("2026-10-15"):
        assert served_hub.run("load", "--force", *bigquery)[0] == 0
    for _ in range(2):  # the second run has nothing to ask
        code, said = served_hub.run("parameters", "--workers", 1, *bigquery)
        assert code == 0, said
    on_bigquery = project.rows(f"select {columns} from hub_raw.model_parameters order by id")
    assert [request.path for request in served_hub.requests] == order
    assert [tuple(row.values()) for row in on_bigquery] == on_duckdb
    assert len(on_duckdb) == 3
