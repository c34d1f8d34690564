"""Section on what new models are meant for."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from reports import text
from reports.charts import Bar, Panel, Scale, bars, panels
from reports.figures import findings
from reports.figures.base import (
    ENOUGH,
    MONTH,
    Figure,
    Section,
    Table,
    column,
    complete,
    newest,
    newest_first,
    of_all,
    share_column,
    words,
)
from reports.figures.notes import Marks
from reports.report_data import ReportData, Row

_SHOWN_TASKS = 15


def section(data: ReportData) -> Section:
    """The section on what models are meant for."""
    return Section(
        key="intended-use",
        title="What are they meant for?",
        figures=[_categories(data), _tasks(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Most frequent task"
    rows = _newest_tasks(data)
    named = sum(row["new_models"] for row in rows)
    if named < ENOUGH:
        return title, "–", f"suppressed: fewer than {ENOUGH} new models name a task"
    return (
        title,
        text.plain(rows[0]["task_name"]),
        f"{text.share(rows[0]['share_of_declared'])} of the {text.count(named)} that name a task; "
        "all models",
    )


def _newest_tasks(data: ReportData) -> list[Row]:
    """Tasks of the new models of the newest complete month, the most frequent first."""
    rows = complete(data.rows("new_models_by_intended_use", "-new_models", "task_name"))
    month = max((row["month"] for row in rows), default=None)
    return [
        row
        for row in rows
        if row["month"] == month and row["task"] != "not-declared" and row["new_models"]
    ]


def _categories(data: ReportData) -> Figure:
    rows = data.rows("intended_use_by_month", "month", "category")
    months = complete(rows)
    calendar = sorted({row["month"] for row in months})
    declared = _models_by_month(row for row in rows if row["category"] != "not-declared")
    # A month with fewer models that name a task has no shares on the chart.
    limit = data.limits.min_values
    thin = [month for month in calendar if declared.get(month, 0) < limit]
    marks = Marks()
    if calendar:
        marks.add_known("tasks", calendar[0], calendar[-1])
    shown = _panels(months, [month for month in calendar if month not in thin], calendar, marks)
    gaps = f"Gaps: {len(thin)} months in which fewer than {limit} new models name a task."
    return Figure(
        key="intended_use",
        heading=findings.intended_use(rows),
        unit="Share of each month’s new models that name a task, by intended use",
        shape="Small area charts by month, one for each intended use.",
        chart=lambda width: panels(width, shown, Scale(text.share)),
        table=_category_table(rows, declared),
        sample=_category_sample(months),
        notes=[*marks.notes, *([gaps] if thin else [])],
        extract="new_models_by_intended_use",
    )


def _models_by_month(rows: Iterable[Row]) -> Counter[date]:
    models: Counter[date] = Counter()
    for row in rows:
        models[row["month"]] += row["new_models"]
    return models


def _panels(
    months: list[Row], shown: list[date], calendar: list[date], marks: Marks
) -> list[Panel]:
    """A panel for each intended use, that of most models first; dates are marked on that of text.

    Args:
        shown: those months of the calendar whose shares rest on enough models.
    """
    by_category: dict[str, list[Row]] = {}
    for row in months:
        by_category.setdefault(row["category"], []).append(row)
    by_category.pop("not-declared", None)
    ordered = sorted(by_category.values(), key=lambda rows: -sum(row["new_models"] for row in rows))
    drawn = []
    for rows in ordered:
        shares = {row["month"]: row["share_of_declared"] for row in rows}
        points = [(one, shares.get(one, 0) if one in shown else None) for one in calendar]
        breaks = marks.breaks if rows[0]["category"] == "nlp" else ()
        drawn.append(Panel(rows[0]["category_name"], points, breaks))
    return drawn


def _category_table(rows: list[Row], declared: Counter[date]) -> Table:
    every = _models_by_month(rows)
    return Table(
        [
            MONTH,
            words("Intended use", "category_name"),
            column("New models", "new_models"),
            share_column(
                "Of those with a task", "share_of_declared", lambda row: declared.get(row["month"])
            ),
            share_column("Of all", "share_of_all", lambda row: every[row["month"]]),
        ],
        newest_first(rows),
    )


def _category_sample(months: list[Row]) -> str:
    undeclared = newest([row for row in months if row["category"] == "not-declared"])
    sample = "New models of each month that name a task."
    if undeclared and undeclared["new_models"]:
        sample += (
            f" {text.share(undeclared['share_of_all'])} of those of "
            f"{text.month(undeclared['month'])} name none."
        )
    return sample


def _tasks(data: ReportData) -> Figure:
    rows = _newest_tasks(data)
    when = f" of {text.month(rows[0]['month'])}" if rows else ""
    return Figure(
        key="tasks",
        heading=findings.tasks(rows),
        unit=f"New models{when} by task, the {_SHOWN_TASKS} most frequent",
        shape="Bar chart of new models by task.",
        chart=lambda width: bars(
            width,
            [
                Bar(
                    text.plain(row["task_name"], 40),
                    [row["new_models"]],
                    [text.count(row["new_models"])],
                )
                for row in rows[:_SHOWN_TASKS]
            ],
        ),
        table=Table(
            [
                words("Task", "task_name"),
                words("Intended use", "category_name"),
                column("New models", "new_models"),
                share_column(
                    "Of those with a task", "share_of_declared", of_all(rows, "new_models")
                ),
            ],
            rows,
        ),
        sample=f"New models{when} that name a task.",
        extract="new_models_by_intended_use",
    )
