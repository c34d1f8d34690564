"""Section on the languages of datasets, and the tasks that they are for."""

from reports import text
from reports.charts import NARROW_COLUMNS, counted, heat_map
from reports.figures import findings
from reports.figures.base import ENOUGH, Figure, Section, Table, column, share_bars, words
from reports.report_data import ReportData, Row

_SHOWN_LANGUAGES = 15


def section(data: ReportData) -> Section:
    """The section on the languages of open data."""
    return Section(
        key="dataset-languages",
        title="In which languages is open data?",
        figures=[_shares(data), _tasks(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Main language of datasets"
    rows = _declared(data)
    if not rows or rows[0]["datasets_declared"] < ENOUGH:
        return title, "–", f"suppressed: fewer than {ENOUGH} datasets name a language"
    first = rows[0]
    return (
        title,
        f"{text.plain(first['language_name'])}, {text.share(first['share_fractional'])}",
        f"of the {text.count(first['datasets_declared'])} datasets that name one",
    )


def headline_tasks(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Main language and task"
    rows = data.rows("largest_languages_and_tasks", "language_rank", "task_rank")
    if sum(row["datasets"] for row in rows) < ENOUGH:
        return title, "–", f"suppressed: fewer than {ENOUGH} datasets name both"
    largest = max(rows, key=lambda row: row["datasets"])
    return (
        title,
        f"{text.plain(largest['language_name'])}, {text.plain(largest['task_name'])}",
        f"{text.count(largest['datasets'])} of all datasets",
    )


def _declared(data: ReportData) -> list[Row]:
    """Languages that a dataset declares, the largest share first."""
    return [row for row in _languages(data) if row["share_fractional"] is not None]


def _languages(data: ReportData) -> list[Row]:
    """All that a dataset declares, the largest share first; what is no language comes last."""
    return data.rows("dataset_languages", "-share_fractional", "language")


def _shares(data: ReportData) -> Figure:
    rows = _declared(data)
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
        shape="Bar chart of shares of datasets by language.",
        chart=share_bars(
            rows[:_SHOWN_LANGUAGES],
            lambda row: text.plain(row["language_name"], 40),
            ("", "share_fractional"),
        ),
        table=Table(
            [
                words("Language", "language_name"),
                column("Share", "share_fractional", text.share),
                column("Datasets with it", "datasets"),
                column("Of those with a language", "share_of_declared", text.share),
                column(
                    f"Datasets of {data.limits.few_languages} languages or fewer",
                    "mono_or_few_datasets",
                ),
            ],
            _languages(data),
        ),
        sample=sample,
        extract="dataset_share_by_language",
        is_of_newest=True,
    )


def _tasks(data: ReportData) -> Figure:
    rows = data.rows("largest_languages_and_tasks", "language_rank", "task_rank")
    cells = {
        (text.plain(row["language_name"], 24), text.plain(row["task_name"], 30)): row
        for row in rows
    }
    languages = list(dict.fromkeys(language for language, _ in cells))
    tasks = list(
        dict.fromkeys(task for _, task in sorted(cells, key=lambda cell: cells[cell]["task_rank"]))
    )
    largest = max((row["datasets"] for row in rows), default=1)
    narrow = ""
    if len(tasks) > NARROW_COLUMNS:
        narrow = f"Shown here: {NARROW_COLUMNS} of {len(tasks)} tasks; the table has all of them"
    return Figure(
        key="languages_and_tasks",
        heading=findings.languages_and_tasks(rows),
        unit="Datasets by language and task; a dataset counts in each of its cells, and an empty "
        "cell has none",
        narrow_unit=narrow,
        shape="Table of counts, coloured by size, of the largest languages and tasks.",
        chart=lambda width: heat_map(
            width,
            languages,
            tasks,
            {cell: counted(row["datasets"], largest) for cell, row in cells.items()},
        ),
        table=Table(
            [
                words("Language", "language_name"),
                words("Task", "task_name"),
                column("Datasets", "datasets"),
                column("In this language alone", "monolingual_datasets"),
                column("With an open licence", "open_licence_datasets"),
            ],
            rows,
        ),
        sample="Datasets that name a language and a task: the "
        f"{data.limits.shown_languages} languages and the {data.limits.shown_tasks} tasks with the "
        "largest shares, in that order, where a dataset counts once in all.",
        extract="datasets_by_language_and_task",
        is_of_newest=True,
    )
