"""Section on what models are built on, and on the licences of what is built."""

from reports import text
from reports.charts import DARKEST, Branch, Cell, heat_map, tree
from reports.figures import findings_of_lineage as findings
from reports.figures.base import (
    ENOUGH,
    Column,
    Figure,
    Section,
    Table,
    column,
    share_column,
    words,
)
from reports.report_data import ReportData, Row


def section(data: ReportData) -> Section:
    """The section on what models are built on."""
    return Section(
        key="lineage",
        title="What are they built on?",
        introduction="A model may name the models that it was made from. These links are followed "
        "as far as they go, by current names and those of earlier listings; several parents share "
        "a model equally.",
        figures=[_most_built_on(data), _largest_family(data), _licences(data)],
    )


def _most_built_on(data: ReportData) -> Figure:
    rows = data.rows("most_built_on", "reach_rank")
    return Figure(
        key="most_built_on",
        heading=findings.most_built_on(rows),
        unit=f"The {data.limits.shown_models} models of the largest reach: downloads in 30 days of "
        "the model and of all that is built on it",
        table=Table(
            [
                Column("Model", _name, is_number=False),
                column("Reach in downloads", "reach_downloads"),
                column("Its own downloads", "downloads"),
                column("Built on it", "descendants"),
                column("Directly", "children"),
                column("Generations", "depth"),
                column("Share of all downloads", "share_of_all_reach", text.share),
                words("Licence", "licence", none="none named"),
            ],
            rows,
        ),
        sample="Models that another one names as its parent. What is built on a model is built "
        "on that model’s parents, too, so that rows overlap.",
        notes=_dropped(data.rows("names_of_parents")),
        extract="base_models",
        is_open=True,
        missing="" if rows else _MISSING,
    )


_MISSING = "No model of these names a parent that was ever seen."


def _name(row: Row) -> str:
    return (text.plain(row["model_id"]) or "–") + ("" if row["is_listed"] else " (gone)")


def _dropped(rows: list[Row]) -> list[str]:
    """Say what became of the names that lead to no parent."""
    names = {row["outcome"]: row["names"] for row in rows}
    dropped = [
        f"{text.count(names[outcome])} {why}"
        for outcome, why in _REASONS.items()
        if outcome in names
    ]
    if not dropped:
        return []
    return [
        f"Of {text.count(sum(names.values()))} names of parents, these lead to none: "
        f"{'; '.join(dropped)}."
    ]


_REASONS = {
    "unresolved": "of no model that was ever seen",
    "own_name": "of the model itself",
    "out_of_order": "of a younger model that names parents, too",
}


def _largest_family(data: ReportData) -> Figure:
    rows = data.rows("largest_family", "place")
    branches = [
        Branch(
            row["level"],
            _branch(row, 120),
            row["reach_downloads"],
            text.rounded(row["reach_downloads"]),
            is_rest=row["model_id"] is None,
        )
        for row in rows
    ]
    return Figure(
        key="largest_family",
        heading=findings.largest_family(rows),
        unit="Downloads in 30 days that each model hands on to the one above it: its own, and "
        "those of what is built on it",
        shape="Tree of the models that are built on one, over two generations, with a bar each.",
        chart=lambda width: tree(width, branches),
        table=Table(
            [
                Column("Model", lambda row: _branch(row, 80), is_number=False),
                column("Generation", "level"),
                Column("Made as", lambda row: _MADE.get(row["relation"], "–"), is_number=False),
                Column("Part of it", lambda row: _part(row)),
                column("Downloads it hands on", "reach_downloads"),
                column("Built on it", "descendants"),
            ],
            rows,
        ),
        sample="The model without a parent that has the largest reach. Of each the children that "
        "hand most on are named; what a merge hands on is divided among its parents.",
        missing="" if rows else _MISSING,
    )


_MADE = {
    "adapter": "adapter",
    "quantized": "quantised copy",
    "merge": "merge",
    "finetune": "fine-tune",
}


def _branch(row: Row, limit: int) -> str:
    if row["model_id"] is None:
        return f"{text.count(row['models'])} more" if row["models"] > 1 else "1 more"
    return text.plain(row["model_id"], limit) or "–"


def _part(row: Row) -> str:
    return "–" if row["model_id"] is None else text.share(row["fraction"])


def _licences(data: ReportData) -> Figure:
    rows = data.rows("licences_of_children", "parent_licence_class", "-edges")
    restrictive = [row for row in rows if row["parent_licence_class"] in findings.RESTRICTIVE]
    parents = {row["parent_licence_class"]: row["parents_edges"] for row in restrictive}
    shown = [name for name in findings.RESTRICTIVE if name in parents]
    columns = [name for name in findings.CLASSES if any(_is(row, name) for row in restrictive)]
    most = max([DARKEST, *(row["share_of_parents_edges"] for row in restrictive)])
    cells = {
        (_of(row["parent_licence_class"]), findings.CLASSES[row["child_licence_class"]]): Cell(
            text.share(row["share_of_parents_edges"])
            if row["parents_edges"] >= ENOUGH
            else text.count(row["edges"]),
            row["share_of_parents_edges"] / most if row["parents_edges"] >= ENOUGH else None,
        )
        for row in restrictive
    }
    return Figure(
        key="licences_of_children",
        heading=findings.licences_of_children(rows),
        unit="Share of the children of models under a restrictive licence, by the licence that "
        "they name themselves",
        shape="Table of shares by class of the parent’s and of the child’s licence, coloured by "
        "size.",
        chart=lambda width: heat_map(
            width,
            [_of(name) for name in shown],
            [findings.CLASSES[name] for name in columns],
            cells,
        ),
        table=Table(
            [
                Column("Parent’s licence", lambda row: _class(row, "parent"), is_number=False),
                Column("Child’s licence", lambda row: _class(row, "child"), is_number=False),
                column("Children", "edges"),
                share_column("Share", "share_of_parents_edges", lambda row: row["parents_edges"]),
            ],
            rows,
        ),
        sample="Pairs of a model and a parent that it names; licences of the newest listing, the "
        "first where there are several. A class says what kind of licence is named, not what it "
        "allows to be "
        "built: an adapter, say, may come under another licence than the model that it needs.",
        notes=_thin(restrictive),
        extract="licence_transitions",
        missing="" if restrictive else _NONE_RESTRICTIVE,
    )


_NONE_RESTRICTIVE = "No model of these names a parent under a restrictive licence."


def _is(row: Row, child: str) -> bool:
    return bool(row["child_licence_class"] == child)


def _of(parent: str) -> str:
    return findings.CLASSES[parent].capitalize()


def _class(row: Row, whose: str) -> str:
    return findings.CLASSES[row[f"{whose}_licence_class"]]


def _thin(rows: list[Row]) -> list[str]:
    """Explain the grey cells, where there are any."""
    if all(row["parents_edges"] >= ENOUGH for row in rows):
        return []
    return [f"Grey: numbers of children, where there are fewer than {ENOUGH} of such parents."]
