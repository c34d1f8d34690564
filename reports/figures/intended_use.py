"""What new models are meant for."""

from datetime import date

from reports import text
from reports.charts import Bar, Panel, Scale, bars, panels
from reports.figures import findings
from reports.figures.base import (
    ENOUGH,
    MONTH,
    Figure,
    Marks,
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
from reports.report_data import ReportData, Row

_SHOWN_TASKS = 15

# A month with fewer models that name a task has no shares on the chart.
_ENOUGH_A_MONTH = 30


def section(data: ReportData) -> Section:
    return Section(
        key="intended-use",
        title="What are they meant for?",
        figures=[_categories(data), _tasks(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Most frequent task"
    rows = data.rows("tasks")
    named = sum(row["new_models"] for row in rows)
    if named < ENOUGH:
        return title, "–", f"suppressed: fewer than {ENOUGH} new models name a task"
    return (
        title,
        text.plain(rows[0]["task_name"]),
        f"{text.share(rows[0]['share_of_declared'])} of the {text.count(named)} that name a task; "
        "all models",
    )


def _categories(data: ReportData) -> Figure:
    rows = data.rows("intended_use")
    months = complete(rows)
    of_category: dict[str, list[Row]] = {}
    for row in months:
        of_category.setdefault(row["category"], []).append(row)
    undeclared = newest(of_category.pop("not-declared", []))
    ordered = sorted(
        of_category.values(), key=lambda months: -sum(row["new_models"] for row in months)
    )
    declared: dict[date, int] = {}
    for row in rows:
        counted = row["new_models"] if row["category"] != "not-declared" else 0
        declared[row["month"]] = declared.get(row["month"], 0) + counted
    calendar = sorted({row["month"] for row in months})
    thin = [month for month in calendar if declared[month] < _ENOUGH_A_MONTH]
    every: dict[date, int] = {}
    for row in rows:
        every[row["month"]] = every.get(row["month"], 0) + row["new_models"]

    def of_month(row: Row, declared_only: bool = False) -> int | None:
        return declared.get(row["month"]) if declared_only else every[row["month"]]

    marks = Marks()
    if calendar:
        marks.add_known("tasks", calendar[0], calendar[-1])

    def panel(of_one: list[Row]) -> Panel:
        share = {row["month"]: row["share_of_declared"] for row in of_one}
        is_nlp = of_one[0]["category"] == "nlp"
        return Panel(
            of_one[0]["category_name"],
            [(month, None if month in thin else share.get(month, 0)) for month in calendar],
            marks.breaks if is_nlp else (),
        )

    sample = "New models of each month that name a task."
    if undeclared and undeclared["new_models"]:
        sample += (
            f" {text.share(undeclared['share_of_all'])} of those of "
            f"{text.month(undeclared['month'])} name none."
        )
    return Figure(
        key="intended_use",
        heading=findings.intended_use(rows),
        unit="Share of each month’s new models that name a task, by intended use",
        shape="Small area charts by month, one for each intended use.",
        chart=lambda width: panels(width, [panel(one) for one in ordered], Scale(text.share)),
        table=Table(
            [
                MONTH,
                words("Intended use", "category_name"),
                column("New models", "new_models"),
                share_column(
                    "Of those with a task",
                    "share_of_declared",
                    lambda row: of_month(row, declared_only=True),
                ),
                share_column("Of all", "share_of_all", of_month),
            ],
            newest_first(rows),
        ),
        sample=sample,
        notes=[
            *marks.notes,
            *(
                [
                    f"Gaps: {len(thin)} months in which fewer than {_ENOUGH_A_MONTH} new models "
                    "name a task."
                ]
                if thin
                else []
            ),
        ],
        extract="new_models_by_intended_use",
    )


def _tasks(data: ReportData) -> Figure:
    rows = data.rows("tasks")
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
