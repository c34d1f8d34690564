"""Headings: sentences made from the data, neutral where the data say nothing.

Each takes rows of a table that the page reads. ``is_complete`` says whether they rest on a whole
listing: a part says nothing of growth, so that no heading compares it with an earlier time.
"""

from collections.abc import Sequence

from reports import text
from reports.figures.base import (
    ENOUGH,
    complete,
    new_model_of,
    newest,
    size_class,
    year_before,
)
from reports.report_data import Row


def new_models(rows: Sequence[Row], *, is_complete: bool = True) -> str:
    """Say how many new models there were: rows of population all."""
    row = newest(rows)
    if row is None:
        return "New models, month by month"
    finding = f"{text.count(row['new_models'])} new models in {text.month(row['month'])}"
    change = change_in_a_year(row) if is_complete else ""
    return "; ".join(filter(None, [", ".join(filter(None, [finding, change])), burst(row)]))


def burst(row: Row) -> str:
    """Name who uploaded over a fifth of a month's models; nothing of a month of few."""
    if row["new_models"] < ENOUGH or (row["top_publisher_share"] or 0) <= 0.2:
        return ""
    return (
        f"{text.share(row['top_publisher_share'])} by {text.plain(row['top_publisher'], 40)} alone"
    )


def caveats(row: Row) -> str:
    """Caveats that must stand beside a headline: share of repeated sizes, low reliability."""
    said = []
    if row["population"] == "no_known_parent" and row["share_repeated_size"] is not None:
        said.append(
            f"{text.share(row['share_repeated_size'])} repeat an earlier model’s exact size"
        )
    if row["is_low_reliability"]:
        said.append("of low reliability")
    return "".join(f"; {one}" for one in said)


def change_in_a_year(row: Row) -> str:
    """Compare a month's new models with a year earlier; nothing where they are too few."""
    change = row["year_over_year_change"]
    if change is None or min(row["new_models"], row["new_models_year_before"]) < ENOUGH:
        return ""
    return f"{text.compared(change, 'more', 'fewer')} a year earlier"


def cumulative_models(rows: Sequence[Row], *, is_complete: bool = True) -> str:
    """Say how many models there are in all: rows of population all."""
    row = newest(rows)
    if row is None:
        return "All models ever put on the Hub"
    total = row["cumulative_models"]
    finding = f"{text.count(total)} models put on the Hub by the end of {text.month(row['month'])}"
    earlier = year_before(rows, row)
    if not is_complete or earlier is None or earlier["cumulative_models"] < ENOUGH:
        return finding
    change = total / earlier["cumulative_models"] - 1
    return f"{finding}, {text.compared(change, 'more', 'fewer')} a year earlier"


def intended_use(rows: Sequence[Row]) -> str:
    """Name the largest intended use: rows by month and category."""
    month = newest(rows)
    of_month = [row for row in complete(rows) if month and row["month"] == month["month"]]
    declared = [row for row in of_month if row["category"] != "not-declared"]
    if sum(row["new_models"] for row in declared) < ENOUGH:
        return "What new models are meant for"
    largest = max(declared, key=lambda row: row["new_models"])
    return (
        f"{text.plain(largest['category_name'])} makes up "
        f"{text.share(largest['share_of_declared'])} of the new models that name a task in "
        f"{text.month(largest['month'])}"
    )


def tasks(rows: Sequence[Row]) -> str:
    """Name the most frequent task: tasks of one month, the most frequent first."""
    if sum(row["new_models"] for row in rows) < ENOUGH:
        return "The tasks of new models"
    return (
        f"{text.plain(rows[0]['task_name'])} is the most frequent task: "
        f"{text.share(rows[0]['share_of_declared'])} of the new models that name one"
    )


def model_sizes(rows: Sequence[Row], *, is_complete: bool = True) -> str:
    """Give the median size: the headline's rows."""
    row = newest(rows)
    if row is None or row["median_parameters"] is None:
        return "How large new models are"
    finding = (
        f"The median {new_model_of(row)} had {text.parameters(row['median_parameters'])} "
        f"parameters in {text.month(row['month'])}"
    )
    earlier = year_before(rows, row)
    if (
        not is_complete
        or earlier is None
        or earlier["median_parameters"] is None
        or earlier["population"] != row["population"]
        or row["is_low_reliability"]
        or earlier["is_low_reliability"]
    ):
        return finding + caveats(row)
    change = row["median_parameters"] / earlier["median_parameters"] - 1
    compared = text.compared(change, "more", "fewer", same=0.1)
    return f"{finding}, {compared} a year earlier{caveats(row)}"


def training_costs(rows: Sequence[Row]) -> str:
    """Give the median cost: the headline's rows."""
    row = newest(rows)
    if row is None or row["median_cost_usd_central"] is None:
        return "What new models cost to train"
    return (
        f"The median cost of training a {new_model_of(row)} was about "
        f"{text.usd(row['median_cost_usd_central'])} in {text.month(row['month'])}; scenarios run "
        f"from {text.usd(row['median_cost_usd_low'])} to {text.usd(row['median_cost_usd_high'])}"
        f"{caveats(row)}"
    )


def cost_per_million(rows: Sequence[Row]) -> str:
    """Give the median cost of a million parameters: the headline's rows."""
    row = newest(rows)
    if row is None or row["median_cost_per_million_usd_central"] is None:
        return "What training a million parameters costs"
    return (
        f"A million parameters of a {new_model_of(row)} cost about "
        f"{text.usd(row['median_cost_per_million_usd_central'])} to train in "
        f"{text.month(row['month'])}{caveats(row)}"
    )


def price_index(rows: Sequence[Row]) -> str:
    """Compare prices with the first month: the headline's rows. It is never suppressed."""
    row = newest(rows)
    if row is None:
        return "What the same computation costs"
    first = complete(rows)[0]
    change = row["constant_recipe_usd_central"] / first["constant_recipe_usd_central"] - 1
    return (
        f"In {text.month(row['month'])} the same computation costs "
        f"{text.compared(change, 'more', 'less')} in {text.month(first['month'])}"
    )


def languages(rows: Sequence[Row]) -> str:
    """Name the largest languages: those of one snapshot, the largest share first."""
    declared = [row for row in rows if row["share_fractional"] is not None]
    if not declared or declared[0]["datasets_declared"] < ENOUGH:
        return "The languages of datasets"
    first = declared[0]
    finding = (
        f"{text.plain(first['language_name'])}: {text.share(first['share_fractional'])} of the "
        "datasets that name a language"
    )
    if len(declared) == 1:
        return finding
    second = declared[1]
    return (
        f"{finding}. {text.plain(second['language_name'])} follows with "
        f"{text.share(second['share_fractional'])}"
    )


def languages_and_tasks(rows: Sequence[Row]) -> str:
    """Name the largest cell of languages and tasks."""
    if sum(row["datasets"] for row in rows) < ENOUGH:
        return "Datasets by language and task"
    largest = max(rows, key=lambda row: row["datasets"])
    others = [row for row in rows if row["language_name"] != largest["language_name"]]
    finding = (
        f"{text.count(largest['datasets'])} datasets are for "
        f"{text.plain(largest['task_name'])} in {text.plain(largest['language_name'])}"
    )
    if not others:
        return finding
    next_one = max(others, key=lambda row: row["datasets"])
    most = text.count(next_one["datasets"])
    return f"{finding}; no other language has more than {most} for one task"


def text_generation_pace(rows: Sequence[Row], *, is_complete: bool = True) -> str:
    """Compare half years before and after ChatGPT by new models: rows by week."""
    weeks = [row for row in rows if row["is_complete_week"]]
    before = [row["new_models"] for row in weeks if not row["is_after_chatgpt"]][-26:]
    now = [row["new_models"] for row in weeks if row["is_after_chatgpt"]][-26:]
    is_comparable = is_complete and len(before) == len(now) == 26
    if not is_comparable or min(sum(before), sum(now)) < ENOUGH:
        return "New text-generation models, week by week"
    change = sum(now) / sum(before) - 1
    return (
        f"Text-generation models in the last half year: {text.compared(change, 'more', 'fewer')} "
        "in the half year before ChatGPT"
    )


def text_generation_share(rows: Sequence[Row], *, is_complete: bool = True) -> str:
    """Compare half years before and after ChatGPT by share of all models: rows by week."""
    weeks = [row for row in rows if row["is_complete_week"]]
    before = [row for row in weeks if not row["is_after_chatgpt"]][-26:]
    now = [row for row in weeks if row["is_after_chatgpt"]][-26:]
    totals = [sum(row["all_models"] for row in half) for half in (before, now)]
    is_comparable = is_complete and len(before) == len(now) == 26
    if not is_comparable or min(totals) < ENOUGH:
        return "Text-generation models among all new models, week by week"
    then, lately = (
        text.share(sum(row["new_models"] for row in half) / total)
        for half, total in zip((before, now), totals, strict=True)
    )
    return (
        f"{lately} of all new models in the last half year name text generation as their task; "
        f"{then} did in the half year before ChatGPT"
    )


def text_generation_total(rows: Sequence[Row]) -> str:
    """Say how many text-generation models there are: rows by week."""
    if not rows:
        return "All text-generation models ever put on the Hub"
    total = text.count(rows[-1]["cumulative_models"])
    return f"{total} text-generation models have been put on the Hub"


def downloads(rows: Sequence[Row]) -> str:
    """Say how many were not downloaded: models by creation and downloads."""
    total = sum(row["models"] for row in rows)
    if total < ENOUGH:
        return "Downloads of text-generation models by date of creation"
    never = sum(row["models"] for row in rows if row["download_step"] == 0)
    return f"{text.share(never / total)} of text-generation models were not downloaded in 30 days"


def storage(rows: Sequence[Row]) -> str:
    """Say how many no Space uses: models by storage and Spaces."""
    total = sum(row["models"] for row in rows)
    if total < ENOUGH:
        return "Storage of text-generation models and the Spaces that use them"
    unused = sum(row["models"] for row in rows if row["spaces_step"] == 0)
    return f"{text.share(unused / total)} of the models asked about are used by no Space"


def popularity(rows: Sequence[Row]) -> str:
    """Give the share of the most popular class: classes, the least popular first."""
    if sum(row["models"] for row in rows) < ENOUGH or rows[-1]["share_of_downloads"] is None:
        return "Text-generation models by popularity"
    top = rows[-1]
    return (
        f"The most downloaded class has {text.share(top['share'])} of text-generation models "
        f"and, by construction, {text.share(top['share_of_downloads'])} of the downloads"
    )


def most(rows: Sequence[Row], column: str, verb: str, unit: str) -> str:
    """Name the first of models in order of a column, such as downloads."""
    if not rows or not rows[0][column]:
        return f"The models that are {verb} most"
    return (
        f"{text.plain(rows[0]['model_id'])} is {verb} most, with "
        f"{text.count(rows[0][column])} {unit}"
    )


def publishers(rows: Sequence[Row]) -> str:
    """Say how many have a single model: classes of publishers, the smallest first."""
    if sum(row["publishers"] for row in rows) < ENOUGH:
        return "Who publishes: small and large"
    first = rows[0]
    if first["class_order"] != 1 or first["share_of_downloads"] is None:
        return "Who publishes: small and large"
    return (
        f"{text.share(first['share_of_publishers'])} of publishers have a single model; these have "
        f"{text.share(first['share_of_downloads'])} of the downloads, and without the most "
        f"downloaded one {text.share(first['share_without_largest'])}"
    )


def top_publishers(rows: Sequence[Row]) -> str:
    """Give the share of the most downloaded publishers, the first one first."""
    if not rows or not rows[0]["share_of_downloads"]:
        return "The publishers whose models are downloaded most"
    together = sum(row["share_of_downloads"] or 0 for row in rows)
    if len(rows) == 1:
        return f"One publisher has {text.share(together)} of all downloads"
    return (
        f"The {len(rows)} most downloaded publishers have {text.share(together)} of all downloads"
    )


def size_classes(rows: Sequence[Row]) -> str:
    """Name the class of size that is downloaded most."""
    known = [row for row in rows if row["size_band"] != "not-known"]
    if sum(row["models"] for row in known) < ENOUGH or not any(row["downloads"] for row in known):
        return "Models by size"
    top = max(known, key=lambda row: row["downloads"] or 0)
    return (
        f"Of the models whose size is known, those with {size_class(top)} parameters "
        "are downloaded most"
    )


def licences(rows: Sequence[Row]) -> str:
    """Name the most frequent licence: the most frequent first, None stands for no licence."""
    named = [row for row in rows if row["licence"]]
    if sum(row["models"] for row in named) < ENOUGH:
        return "The licences of models"
    unnamed = sum(row["share_of_models"] for row in rows if not row["licence"])
    return (
        f"{text.share(unnamed)} of models name no licence; the most frequent is "
        f"{text.plain(named[0]['licence'], 40)}, with {text.share(named[0]['share_of_models'])}"
    )


def dataset_property(rows: Sequence[Row], what: str) -> str:
    """Name the most frequent value of one property of datasets, such as modality."""
    if not rows or rows[0]["datasets_total"] < ENOUGH:
        return f"Datasets by {what}"
    largest = max(rows, key=lambda row: row["datasets"])
    return (
        f"The most frequent {what} of datasets is {text.plain(largest['value_name'], 40)}, with "
        f"{text.share(largest['share_of_datasets'])} of all"
    )
