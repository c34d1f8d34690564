"""Section on the costs of training."""

from collections.abc import Callable
from typing import Any

from reports import text
from reports.charts import MAIN, Scale, Series, time_series
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    POPULATION,
    RELIABILITY,
    Figure,
    Section,
    Table,
    column,
    complete,
    line,
    models_of,
    newest,
    newest_first,
    part,
    share_column,
    suppressed,
)
from reports.figures.notes import Marks, gap_note, reliability_note, repeated_note, running_note
from reports.report_data import ReportData, Row

CAVEAT = (
    "Final training run only: no staff, no data, no failed runs. The range is one of scenarios, "
    "not a confidence interval; a figure for a single model is good to a factor of ten. Compared "
    "with published runs, the estimates tend to be too low: typically by a factor of three, and "
    "by more for small models. Mixtures of experts are costed by the parameters active at a time. "
    "Each model is costed as if trained from scratch, which most were not."
)

_SCALE = Scale(text.usd, is_logarithmic=True)


def section(data: ReportData) -> Section:
    """The section on what models cost to train."""
    return Section(
        key="cost",
        title="What did they cost to train?",
        figures=[_costs(data), _per_million(data), _price_index(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Median training cost"
    row = newest(data.rows("headline_costs", "month"))
    if row is None or row["median_cost_usd_central"] is None:
        return title, "–", suppressed(row)
    return (
        title,
        f"about {text.usd(row['median_cost_usd_central'])}",
        f"final run; scenarios {text.usd(row['median_cost_usd_low'])} to "
        f"{text.usd(row['median_cost_usd_high'])}; {models_of(row)}{findings.caveats(row)}",
    )


def headline_per_million(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Cost per million parameters"
    rows = complete(data.rows("headline_costs", "month"))
    row = newest(rows)
    if row is None:
        return title, "–", "no month is complete yet"
    index = f"price of the same computation: {text.count(row['price_index_central'])}, "
    index += f"with {text.month(rows[0]['month'])} as 100"
    if row["median_cost_per_million_usd_central"] is None:
        return title, "–", f"{suppressed(row)}; {index}"
    median = text.usd(row["median_cost_per_million_usd_central"])
    return title, f"about {median}", f"median; {models_of(row)}{findings.caveats(row)}; {index}"


def _scenarios(name: str, colour: str, rows: list[Row], measure: str) -> Series:
    """The central estimate of a measure as a line, the low and the high one as a band."""
    return line(
        name, colour, rows, *(f"{measure}_{scenario}" for scenario in ("central", "low", "high"))
    )


def _marks(rows: list[Row]) -> Marks:
    marks = Marks()
    marks.add_parents(rows)
    extrapolated = [row for row in rows if row["is_extrapolated"]]
    if extrapolated:
        marks.add(
            extrapolated[0]["month"],
            "from here on the estimate goes beyond the data that it was fitted on.",
        )
    return marks


def _chart(rows: list[Row], measure: str, marks: Marks) -> Callable[[int], Any]:
    """The median of a measure by month, for any width."""
    lines = [_scenarios("Median", MAIN, rows, measure)]
    return lambda width: time_series(width, lines, _SCALE, breaks=marks.breaks)


def _notes(data: ReportData, rows: list[Row], measure: str, marks: Marks) -> list[str]:
    return [
        CAVEAT,
        *repeated_note(rows),
        *marks.notes,
        *reliability_note(rows, f"{measure}_central", data.limits),
        *gap_note(rows, f"{measure}_central", data.limits),
        *running_note(rows, data.snapshot_date),
    ]


def _costs(data: ReportData) -> Figure:
    rows = data.rows("headline_costs", "month")
    marks = _marks(rows)
    return Figure(
        key="training_costs",
        heading=findings.training_costs(rows),
        unit=(
            "Median cost of training a new model, by month, in current US dollars; the band "
            "runs from the low to the high scenario. Logarithmic scale"
        ),
        shape="Line chart by month, on a logarithmic scale, with a band from the low to the high "
        "scenario.",
        chart=_chart(rows, "median_cost_usd", marks),
        table=_cost_table(rows),
        sample=_cost_sample(data, rows),
        notes=_notes(data, rows, "median_cost_usd", marks),
        extract="average_training_costs",
    )


def _cost_sample(data: ReportData, rows: list[Row]) -> str:
    sample = (
        "New models with a known size of at least "
        f"{text.parameters(data.limits.min_parameters_for_cost)} parameters; of mixtures of "
        "experts, those whose active parameters are known."
    )
    if row := newest(rows):
        sample += (
            f" In {text.month(row['month'])}: {part(row, 'models_with_cost')}; "
            f"{text.count(row['models_outside_support'])} of them are of a size outside the fit’s "
            "data, and costed as the nearest size within it."
        )
    return sample


def _cost_table(rows: list[Row]) -> Table:
    return Table(
        [
            MONTH,
            POPULATION,
            column("Median", "median_cost_usd_central", text.usd),
            column("Low", "median_cost_usd_low", text.usd),
            column("High", "median_cost_usd_high", text.usd),
            column("Mean", "mean_cost_usd_central", text.usd),
            column(
                "Median, first of their size",
                "median_cost_first_of_size_usd_central",
                text.usd,
            ),
            column("Models", "models_with_cost"),
            column("Publishers", "publishers"),
            share_column("Coverage", "coverage", lambda row: row["new_models"]),
            column("Repeated size", "share_repeated_size", text.share),
            share_column(
                "From published runs", "share_published", lambda row: row["models_with_cost"]
            ),
            share_column("Mixtures of experts", "share_moe", lambda row: row["models_with_cost"]),
            column("Outside the fit", "models_outside_support"),
            RELIABILITY,
        ],
        newest_first(rows),
    )


def _per_million(data: ReportData) -> Figure:
    rows = data.rows("headline_costs", "month")
    marks = _marks(rows)
    return Figure(
        key="cost_per_million_parameters",
        heading=findings.cost_per_million(rows),
        unit=(
            "Current US dollars per million parameters, by month; bands run from the low to "
            "the high scenario. Logarithmic scale"
        ),
        shape="Line chart by month, on a logarithmic scale, of the median cost of a million "
        "parameters and of the price of one and the same computation.",
        chart=_chart(rows, "median_cost_per_million_usd", marks),
        table=Table(
            [
                MONTH,
                POPULATION,
                column("Median", "median_cost_per_million_usd_central", text.usd),
                column("Low", "median_cost_per_million_usd_low", text.usd),
                column("High", "median_cost_per_million_usd_high", text.usd),
                column("All models together", "cost_per_million_usd_central", text.usd),
                column(
                    "First of their size",
                    "cost_per_million_first_of_size_usd_central",
                    text.usd,
                ),
                column("Models", "models_with_cost"),
                column("Repeated size", "share_repeated_size", text.share),
                RELIABILITY,
            ],
            newest_first(rows),
        ),
        sample="As above; for a mixture of experts, the cost of the active parameters divided by "
        "all of them.",
        notes=_notes(data, rows, "median_cost_per_million_usd", marks),
        extract="training_cost_per_million_parameters",
    )


def _price_index(data: ReportData) -> Figure:
    # One figure of a month's prices, however reliable what is known of its models.
    rows = [row | {"is_low_reliability": None} for row in data.rows("headline_costs", "month")]
    start = text.month(rows[0]["month"]) if rows else "the first month"
    return Figure(
        key="compute_price_index",
        heading=findings.price_index(rows),
        unit=(
            f"Price of the same computation, by month; {start} is 100. The band runs "
            "from the low to the high price. Logarithmic scale"
        ),
        shape="Line chart by month of a price index, on a logarithmic scale, with a band from the "
        "low to the high price.",
        chart=lambda width: time_series(
            width,
            [
                line(
                    "Index",
                    MAIN,
                    rows,
                    *(f"price_index_{one}" for one in ("central", "low", "high")),
                )
            ],
            Scale(text.count, is_logarithmic=True),
        ),
        table=Table(
            [
                MONTH,
                column("Index", "price_index_central", text.count),
                column("Low", "price_index_low", text.count),
                column("High", "price_index_high", text.count),
                column("Price", "constant_recipe_usd_central", text.usd),
            ],
            newest_first(rows),
        ),
        sample="Not a model: the computation for a million parameters of a model of a billion, "
        "trained on 20 tokens a parameter, at the month’s cloud prices of chips. Only the price "
        "changes.",
        notes=running_note(rows, data.snapshot_date),
        extract="training_cost_per_million_parameters",
        is_of_records=False,
    )
