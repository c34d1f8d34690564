"""In which languages the data are, and for which tasks."""

from reports import text
from reports.charts import Bar, bars, heat_map
from reports.edition import Edition, Row
from reports.figures import findings
from reports.figures.base import Column, Figure, Section, Table

_SHOWN_LANGUAGES = 15


def section(edition: Edition) -> Section:
    return Section(
        key="dataset-languages",
        title="In which languages is open data?",
        figures=[_shares(edition), _tasks(edition)],
    )


def headline(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    rows = _declared(edition)
    if not rows:
        return "Main language of datasets", "–", "no dataset names a language"
    first = rows[0]
    return (
        "Main language of datasets",
        f"{text.plain(first['language_name'])}, {text.share(first['share_fractional'])}",
        f"of the {text.count(first['datasets_declared'])} datasets that name one",
    )


def headline_tasks(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    rows = edition.rows("languages_and_tasks")
    title = "Main language and task"
    if not rows:
        return title, "–", "no dataset names both"
    largest = max(rows, key=lambda row: row["datasets"])
    return (
        title,
        f"{text.plain(largest['language_name'])}, {text.plain(largest['task_name'])}",
        f"{text.count(largest['datasets'])} datasets",
    )


def _declared(edition: Edition) -> list[Row]:
    return [row for row in edition.rows("languages") if row["share_fractional"] is not None]


def _shares(edition: Edition) -> Figure:
    rows = _declared(edition)
    sample = "Datasets that name a language; one that names several counts for a part in each."
    if rows:
        total = rows[0]["datasets_total"]
        sample += (
            f" {text.count(rows[0]['datasets_declared'])} of {text.count(total)}, or "
            f"{text.share(rows[0]['datasets_declared'] / total)}, name one."
        )
    return Figure(
        key="languages",
        heading=findings.languages(rows),
        unit=f"Share of the datasets that name a language, the {_SHOWN_LANGUAGES} largest",
        description=f"Bar chart of shares of datasets by language. {findings.languages(rows)}.",
        chart=(
            lambda width: bars(
                width,
                [
                    Bar(
                        text.plain(row["language_name"], 40),
                        [row["share_fractional"]],
                        [text.share(row["share_fractional"])],
                    )
                    for row in rows[:_SHOWN_LANGUAGES]
                ],
            )
        )
        if rows
        else None,
        table=Table(
            [
                Column("Language", lambda row: text.plain(row["language_name"]), is_number=False),
                Column("Share", lambda row: text.share(row["share_fractional"])),
                Column("Datasets with it", lambda row: text.count(row["datasets"])),
                Column(
                    "Of those with a language", lambda row: text.share(row["share_of_declared"])
                ),
                Column(
                    "Datasets of five languages or fewer",
                    lambda row: text.count(row["mono_or_few_datasets"]),
                ),
            ],
            edition.rows("languages"),
        ),
        sample=sample,
        extract="dataset_share_by_language",
    )


def _tasks(edition: Edition) -> Figure:
    rows = edition.rows("languages_and_tasks")
    languages = list(dict.fromkeys(row["language_name"] for row in rows))
    in_order = sorted(rows, key=lambda row: row["task_rank"])
    tasks = list(dict.fromkeys(row["task_name"] for row in in_order))
    return Figure(
        key="languages_and_tasks",
        heading=findings.languages_and_tasks(rows),
        unit="Datasets by language and task; a dataset counts in each of its cells",
        description=(
            "Table of counts, coloured by size, of the largest languages and tasks. "
            f"{findings.languages_and_tasks(rows)}."
        ),
        chart=(
            lambda width: heat_map(
                width,
                [text.plain(language, 24) for language in languages],
                [text.plain(task, 30) for task in tasks],
                {
                    (text.plain(row["language_name"], 24), text.plain(row["task_name"], 30)): row[
                        "datasets"
                    ]
                    for row in rows
                },
            )
        )
        if rows
        else None,
        table=Table(
            [
                Column("Language", lambda row: text.plain(row["language_name"]), is_number=False),
                Column("Task", lambda row: text.plain(row["task_name"]), is_number=False),
                Column("Datasets", lambda row: text.count(row["datasets"])),
                Column(
                    "In this language alone", lambda row: text.count(row["monolingual_datasets"])
                ),
                Column(
                    "With an open licence", lambda row: text.count(row["open_licence_datasets"])
                ),
            ],
            rows,
        ),
        sample="Datasets that name a language and a task: the ten largest languages, the eight "
        "largest tasks.",
        extract="datasets_by_language_and_task",
    )
