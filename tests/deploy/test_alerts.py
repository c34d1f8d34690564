"""The base of the alerts: the query for an overdue month, the policies, the cleanup rules."""

import datetime as dt
import json
import re
from typing import Any

import pytest

from loaders.warehouse.raw_schema import SNAPSHOTS
from tests.deploy import FILES, filled
from tests.warehouse.googlesql import (
    GoogleSQL,
    SqlError,
    arrow_type_name,
    scalar_type,
    table_of,
)

PATH = ("hub_raw", "snapshots")
COLUMNS = {field.name: scalar_type(arrow_type_name(field.type)) for field in SNAPSHOTS}
QUERY = filled(FILES / "overdue.sql")


def snapshots(*rows: dict[str, Any]) -> GoogleSQL:
    """A warehouse with these snapshots; what a row leaves out is null."""
    engine = GoogleSQL()
    engine.put_table(PATH, table_of(COLUMNS, [dict.fromkeys(COLUMNS) | row for row in rows]))
    return engine


def days_ago(days: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(days=days)


def loaded(kind: str, days: float, crawled: float | None = None) -> dict[str, Any]:
    crawl_finished_at = days_ago(days if crawled is None else crawled)
    return {"kind": kind, "loaded_at": days_ago(days), "crawl_finished_at": crawl_finished_at}


def state(engine: GoogleSQL) -> str:
    # The evaluator finds a table by one quoted name; to BigQuery both are the same.
    query = QUERY.replace("`hub_raw`.snapshots", "`hub_raw.snapshots`")
    return engine.evaluate(query).rows()[0]["state"]


def test_the_query_is_googlesql():
    analysed = snapshots().analyse(QUERY)
    assert list(analysed.columns) == ["state"]


@pytest.mark.parametrize(
    "rows",
    [
        [loaded("models", 34.9), loaded("datasets", 1)],
        [loaded("models", 400), loaded("models", 2), loaded("datasets", 2)],
    ],
)
def test_a_month_that_came_in_time_tells_nobody(rows):
    assert state(snapshots(*rows)) == "fresh"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing was ever loaded"),
        pytest.param([loaded("models", 35.1), loaded("datasets", 35.1)], id="old"),
        pytest.param([loaded("models", 1), loaded("datasets", 36)], id="one listing is old"),
        pytest.param([loaded("models", 1, crawled=90)], id="an old month was loaded again"),
    ],
)
def test_a_month_that_did_not_come_is_an_error(rows):
    with pytest.raises(SqlError, match="the newest load is over 35 days old: "):
        state(snapshots(*rows))


def test_the_query_can_be_sent_as_a_line_of_json():
    """The script puts it into JSON as it is, less its comments and line ends."""
    assert not set(QUERY) & {'"', "\\", "\t"}
    assert not re.search(r"\S *--", QUERY), "a comment behind code would cut the line short"


POLICIES = sorted((FILES / "alerts").glob("*.json"))
# The fields of Cloud Monitoring's AlertPolicy that are in use here, by their place, and the type
# or the values of each: cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
DURATION = re.compile(r"\d+s")
FIELDS: dict[str, Any] = {
    "displayName": str,
    "severity": {"CRITICAL", "ERROR", "WARNING"},
    "combiner": {"AND", "OR", "AND_WITH_MATCHING_RESOURCE"},
    "enabled": bool,
    "documentation": {"subject": str, "content": str, "mimeType": {"text/markdown"}},
    "userLabels": {"project": str},
    "notificationChannels": [str],
    "alertStrategy": {"notificationRateLimit": {"period": DURATION}, "autoClose": DURATION},
    "conditions": [
        {
            "displayName": str,
            "conditionMatchedLog": {"filter": str, "labelExtractors": {"message": str}},
            "conditionThreshold": {
                "filter": str,
                "comparison": {"COMPARISON_GT", "COMPARISON_LT"},
                "thresholdValue": int,
                "duration": DURATION,
                "trigger": {"count": int},
                "aggregations": [
                    {
                        "alignmentPeriod": DURATION,
                        "perSeriesAligner": {"ALIGN_DELTA", "ALIGN_RATE"},
                        "crossSeriesReducer": {"REDUCE_SUM"},
                        "groupByFields": [str],
                    }
                ],
            },
        }
    ],
}


def faults(value: Any, wanted: Any, place: str) -> list[str]:
    """List what in a policy is not as ``FIELDS`` has it."""
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        unknown = [f"{place}.{name} is no field" for name in value.keys() - wanted.keys()]
        known = [faults(v, wanted[n], f"{place}.{n}") for n, v in value.items() if n in wanted]
        return [*unknown, *(fault for found in known for fault in found)]
    if isinstance(wanted, list):
        if not isinstance(value, list) or not value:
            return [f"{place} is no list, or empty"]
        return [fault for part in value for fault in faults(part, wanted[0], place)]
    if isinstance(wanted, re.Pattern):
        return [] if wanted.fullmatch(value) else [f"{place} is no duration: {value}"]
    is_right = value in wanted if isinstance(wanted, set) else isinstance(value, wanted)
    return [] if is_right else [f"{place} cannot be {value!r}"]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_policy_is_one_of_cloud_monitoring(path):
    policy = json.loads(path.read_text(encoding="utf-8"))
    assert not faults(policy, FIELDS, path.stem)
    # Cloud Monitoring takes one condition with a match in the log, and wants a limit then.
    (condition,) = policy["conditions"]
    is_of_log = "conditionMatchedLog" in condition
    assert is_of_log == ("notificationRateLimit" in policy["alertStrategy"])
    assert len(policy["documentation"]["subject"]) <= 255


def test_a_field_that_cloud_monitoring_does_not_have_is_seen():
    policy = json.loads(POLICIES[0].read_text(encoding="utf-8"))
    policy["conditions"][0]["conditionMatchedLogs"] = {}
    policy["alertStrategy"]["autoClose"] = "1h"
    assert len(faults(policy, FIELDS, "it")) == 2


def test_a_policy_looks_for_what_a_run_says():
    """The names in the filters are those of run.json."""
    run = (FILES.parent / "run.py").read_text(encoding="utf-8")
    for path in POLICIES:
        text = path.read_text(encoding="utf-8")
        for field in re.findall(r"jsonPayload\.(\w+)", text):
            assert f'"{field}"' in run, f"{path.name}: {field}"


def test_pages_of_the_landing_zone_never_expire():
    rules = json.loads((FILES / "bucket.json").read_text(encoding="utf-8"))["rule"]
    assert rules
    for rule in rules:
        # A rule without a prefix is one for the whole bucket.
        assert rule["condition"]["matchesPrefix"] == ["runs/"]
        assert rule["condition"]["age"] >= 365


def test_the_newest_images_stay():
    kept, deleted = json.loads((FILES / "images.json").read_text(encoding="utf-8"))
    assert kept["action"] == {"type": "Keep"}
    assert kept["mostRecentVersions"]["keepCount"] >= 5
    assert deleted["action"] == {"type": "Delete"}
    assert deleted["condition"] == {"tagState": "any", "olderThan": "90d"}
