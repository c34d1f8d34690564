"""The command ``details``: what the Hub tells of one model at a time."""

from typing import Any

from simulator import Fault
from tests.loaders.conftest import ServedHub, model


def text_model(number: int, **fields: Any) -> dict[str, Any]:
    """A model for text generation that takes up 1,000 bytes and that two Spaces use."""
    return (
        model(number, id=f"org/m{number}", pipeline_tag="text-generation", downloads=number)
        | {"lastModified": "2026-01-01T00:00:00.000Z", "usedStorage": 1_000}
        | {"spaces": ["org/a", "org/b"]}
        | fields
    )


def test_storage_and_spaces_of_a_model_take_one_request(served_hub):
    served_hub.serve(text_model(0), text_model(1, usedStorage=10**15, spaces=[]))
    served_hub.load()
    code, said = served_hub.run("details")
    assert code == 0, said
    assert served_hub.rows("model_details", "id, status, used_storage, spaces, requests") == [
        ("org/m0", "found", 1_000, 2, 1),
        ("org/m1", "found", 10**15, 0, 1),
    ]
    assert {request.target for request in served_hub.requests} == {
        f"/api/models/org/m{n}?expand%5B%5D=usedStorage&expand%5B%5D=spaces" for n in range(2)
    }


def test_models_for_text_generation_are_asked_about_by_downloads_then_by_likes(served_hub):
    served_hub.serve(
        text_model(0, downloads=5, likes=1),
        text_model(1, downloads=5, likes=9),
        text_model(2, downloads=None, likes=99),
        text_model(3, downloads=50, pipeline_tag="conversational"),
        text_model(4, downloads=500, pipeline_tag="text2text-generation"),
        text_model(5, downloads=500, pipeline_tag=None),
    )
    served_hub.load()
    served_hub.run("details", "--workers", 1)
    assert [request.path.rpartition("/")[2] for request in served_hub.requests] == [
        *("m3", "m1", "m0", "m2")
    ]


def test_nothing_is_asked_twice_unless_it_has_changed(served_hub):
    def serve(changed: str) -> None:
        served_hub.serve(
            text_model(0, lastModified=changed),
            text_model(1),
            text_model(2, usedStorage="much", lastModified=changed),
        )
        served_hub.load()

    serve("2026-01-01T00:00:00.000Z")
    served_hub.run("details")
    served_hub.run("details")
    assert len(served_hub.requests) == 3
    serve("2026-02-01T00:00:00.000Z")
    served_hub.run("details")
    assert {request.path for request in served_hub.requests} == {
        *("/api/models/org/m0", "/api/models/org/m2")
    }


def test_each_odd_answer_is_recorded_with_its_error_and_none_stops_the_run(served_hub):
    cases: dict[str, tuple[Any, str, str | None]] = {
        "gone": (Fault(status=401, body=b"Invalid username or password."), "failed", "401 Invalid"),
        "no JSON": (Fault(body=b"<html>"), "failed", "no record of a model"),
        "a nest": (Fault(body=b'{"x":' + b"[" * 50_000), "failed", "no record of a model"),
        "an array": (Fault(body=b"[]"), "failed", "no record of a model"),
        "too long": (Fault(body=b" " * 10_000_001), "failed", "longer than 10,000,000 bytes"),
        "a name taken up": (Fault(body=b'{"_id": "another"}'), "failed", "now that of another"),
        "text": ({"usedStorage": "1 GB"}, "failed", "Expected `int | null`"),
        "less than none": ({"usedStorage": -1}, "failed", "Expected `int` >= 0"),
        "beyond any disk": ({"usedStorage": 10**15 + 1}, "failed", "no record of a model"),
        "Spaces that are none": ({"spaces": [1]}, "failed", "Expected `str`"),
        "neither": ({"usedStorage": None, "spaces": None}, "none", None),
        "one of two": ({"spaces": None}, "found", None),
    }
    served_hub.serve(
        *(
            text_model(n, id=f"org/{case}", **(odd if isinstance(odd, dict) else {}))
            for n, (case, (odd, *_)) in enumerate(cases.items())
        ),
        text_model(99, id="org/fine"),
    )
    served_hub.load()
    served_hub.fault = lambda number, target: next(
        (
            odd
            for case, (odd, *_) in cases.items()
            if isinstance(odd, Fault) and target.startswith(f"/api/models/org/{quoted(case)}?")
        ),
        None,
    )
    code, said = served_hub.run("details")
    assert code == 0, said
    rows = {id: rest for id, *rest in served_hub.rows("model_details", "id, status, error")}
    assert rows.pop("org/fine") == ["found", None]
    for case, (_, status, told) in cases.items():
        assert rows[f"org/{case}"][0] == status, case
        assert (told or "") in (rows[f"org/{case}"][1] or ""), case
    assert len(rows) == len(cases)


def quoted(name: str) -> str:
    return name.replace(" ", "%20")


def test_a_model_that_was_renamed_after_it_was_listed_is_found(served_hub):
    served_hub.serve(text_model(0, id="org/old"))
    served_hub.load()
    served_hub.serve(text_model(0, id="org/new"))
    served_hub.fault = lambda number, target: (
        Fault(status=307, headers={"Location": target.replace("/old?", "/new?")})
        if "/org/old?" in target
        else None
    )
    served_hub.run("details")
    assert served_hub.rows("model_details", "id, status, spaces, requests") == [
        ("org/old", "found", 2, 2)
    ]


def test_the_sample_has_such_models(run, data):
    sample = ("--hub", "sample", "--sample-models", 2_000, "--sample-datasets", 10)
    run("load", *sample)
    code, said = run("details", *sample)
    assert code == 0, said
    assert set(ServedHub.rows("model_details", "status, error")) == {("found", None)}


def test_paced_to_a_part_of_the_quota_no_request_is_refused(served_hub):
    served_hub.serve(*(text_model(n) for n in range(40)), quota=20, window_seconds=1)
    served_hub.load()
    code, said = served_hub.run("details", "--workers", 4)
    assert (code, "0 of them answered with 429" in said) == (0, True)
    assert {request.status for request in served_hub.requests} == {200}
    assert len(served_hub.rows("model_details")) == 40
