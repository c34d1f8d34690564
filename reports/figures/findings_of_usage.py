"""Headings on who and what is downloaded, neutral where the data are thin.

No sentence ranks two regions whose bounds overlap.
"""

from collections.abc import Mapping, Sequence

from reports import text
from reports.figures.base import ENOUGH, year_before
from reports.figures.findings_of_history import newest_known
from reports.report_data import Row

REGIONS = {
    "us": "United States",
    "china": "China",
    "eu": "European Union",
    "other_europe": "other Europe",
    "other": "other countries",
    "distributed": "worldwide",
    "unknown": "not known",
}
OPEN = ("distributed", "unknown")
SIZES = {
    "under_1b": "under 1 billion",
    "1b_to_4b": "1 to 4 billion",
    "4b_to_10b": "4 to 10 billion",
    "10b_to_35b": "10 to 35 billion",
    "35b_to_100b": "35 to 100 billion",
    "100b_and_more": "100 billion and more",
    "not-known": "size not known",
}
RELATIONS = {
    "none": "none known",
    "finetune": "fine-tune",
    "quantized": "quantised copy",
    "adapter": "adapter",
    "merge": "merge",
}
LICENCES = {
    "permissive": "permissive",
    "copyleft": "copyleft",
    "responsible_use": "with restrictions of use",
    "non_commercial": "non-commercial",
    "other": "other",
    "none": "none named",
}
# Of no value says a heading that it has most.
_NO_ANSWER = ("not-known", "other", "before-2022-03")
_LEADING = {
    "size_band": "Models of {} parameters have",
    "year_created": "Models created in {} have",
    "licence_class": "Models under a licence that is {} have",
}


def name_of(value: str, names: Mapping[str, str]) -> str:
    """Name a value in words."""
    return names.get(value, "before March 2022" if value == "before-2022-03" else value)


def concentration(rows: Sequence[Row]) -> str:
    """Say what the most downloaded models have: rows of one unit by month."""
    row = newest_known(rows)
    # Of a few hundred models ten are many.
    if row is None or not row["downloads"] or row["active_units"] < 10 * ENOUGH:
        return "How much of the downloads the most downloaded models have"
    about = "about " if row["observation_status"] == "E" else ""
    finding = (
        f"The 10 most downloaded models had {about}{text.share(row['top_10_share'])} of the "
        f"downloads of {text.month(row['month'])}"
    )
    earlier = year_before(rows, row)
    if (
        earlier is None
        or earlier["top_10_share"] is None
        or earlier["active_units"] < 10 * ENOUGH
        or earlier["is_exact"] != row["is_exact"]
    ):
        return finding
    return f"{finding}; a year earlier, {text.share(earlier['top_10_share'])}"


def units(publishers: Sequence[Row], families: Sequence[Row], models: Sequence[Row]) -> str:
    """Set publishers, families and models side by side, each by month."""
    newest = [newest_known(rows) for rows in (publishers, families, models)]
    shares = [row["top_10_share"] for row in newest if row and row["active_units"] >= 10 * ENOUGH]
    if len(shares) < len(newest) or None in shares or newest[0] is None:
        return "The same for publishers and families of models"
    publisher, family, model = map(text.share, shares)
    return (
        f"Ten publishers had {publisher} of the downloads of {text.month(newest[0]['month'])}, ten "
        f"families of models {family}, ten models {model}"
    )


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Regions as everywhere on the page, which is no rank."""
    return sorted(rows, key=lambda row: list(REGIONS).index(row["region"]))


def regions(rows: Sequence[Row]) -> str:
    """Name the region that has most whatever the rest is: rows of one month.

    Neutral where the bounds overlap: then the sentence says how much nobody can place.
    """
    located = [row for row in rows if row["region"] not in OPEN]
    known = [row for row in located if row["share_low"] is not None]
    if not known or sum(row["publishers"] for row in rows) < ENOUGH:
        return "Downloads by the region of publishers, between two bounds"
    month = text.month(known[0]["month"])
    first = max(known, key=lambda row: row["share_low"])
    if all(row["share_high"] < first["share_low"] for row in known if row is not first):
        place = REGIONS[first["region"]]
        article = "" if first["region"] in ("china", "other_europe", "other") else "the "
        return (
            f"Publishers in {article}{place} had between {text.share(first['share_low'])} and "
            f"{text.share(first['share_high'])} of the downloads of {month}, more than any other "
            "region"
        )
    unplaced = sum(row["share_low"] for row in rows if row["region"] in OPEN)
    return (
        f"{text.share(unplaced)} of the downloads of {month} are of publishers that no source "
        "places in one region"
    )


def use(rows: Sequence[Row], dimension: str, by: str, names: Mapping[str, str]) -> str:
    """Say what has most of the downloads of a month, or how much is built on other models.

    Args:
        rows: of one dimension, of the newest month and of the one a year before it.
        by: the dimension in words.
        names: words for its values.
    """
    newest = [row for row in rows if row["is_newest_month"]]
    if sum(row["models"] for row in newest) < ENOUGH:
        return f"Downloads of models by {by}"
    month = text.month(newest[0]["month"])
    if dimension == "relation":
        return _derived(rows, month)
    first, *others = sorted(newest, key=lambda row: -row["share_of_downloads"])
    if first["value"] in _NO_ANSWER or any(
        other["share_of_downloads"] == first["share_of_downloads"] for other in others
    ):
        return f"Downloads of models by {by}"
    share = f"{text.share(first['share_of_downloads'])} of the downloads of {month}"
    if first["value"] == "none":
        return f"Models that name no licence have {share}"
    name = name_of(first["value"], names).replace("with restrictions", "one with restrictions")
    return f"{_LEADING[dimension].format(name)} {share}"


def _derived(rows: Sequence[Row], month: str) -> str:
    now, then = (
        sum(
            row["share_of_downloads"]
            for row in rows
            if row["is_newest_month"] is is_newest and row["value"] != "none"
        )
        for is_newest in (True, False)
    )
    earlier = [row for row in rows if not row["is_newest_month"]]
    finding = f"Models built on another model have {text.share(now)} of the downloads of {month}"
    newest = next(row for row in rows if row["is_newest_month"])
    if sum(row["models"] for row in earlier) < ENOUGH or (
        earlier[0]["is_exact"] != newest["is_exact"]
    ):
        return finding
    return f"{finding}; a year earlier, {text.share(then)}"
