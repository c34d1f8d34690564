"""What training costs."""

from reports import text
from reports.charts import ACCENT, MAIN, Scale, Series, time_series
from reports.edition import Edition, Row
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    POPULATION,
    Figure,
    Marks,
    Section,
    Table,
    column,
    gap_note,
    line,
    models_of,
    newest,
    newest_first,
    running_note,
    suppressed,
)

CAVEAT = (
    "Final training run only: no staff, no data, no failed runs. The range is one of scenarios, "
    "not a confidence interval; a figure for a single model is good to a factor of ten. Mixtures "
    "of experts come out too dear. In months of all models, read as if each had been trained from "
    "nothing."
)

_SCALE = Scale(text.usd, is_logarithmic=True)


def section(edition: Edition) -> Section:
    return Section(
        key="cost",
        title="What did they cost to train?",
        figures=[_costs(edition), _per_million(edition)],
    )


def headline(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Median training cost"
    row = newest(edition.rows("training_costs"))
    if row is None or row["median_cost_usd_central"] is None:
        return title, "–", suppressed(row)
    return (
        title,
        f"about {text.usd(row['median_cost_usd_central'])}",
        f"final run; scenarios {text.usd(row['median_cost_usd_low'])} to "
        f"{text.usd(row['median_cost_usd_high'])}; {models_of(row)}",
    )


def headline_per_million(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Cost per million parameters"
    row = newest(edition.rows("cost_per_million"))
    if row is None:
        return title, "–", "no month is complete yet"
    index = f"at an unchanging recipe {text.usd(row['constant_recipe_usd_central'])}"
    if row["median_cost_per_million_usd_central"] is None:
        return title, "–", f"{suppressed(row)}; {index}"
    median = text.usd(row["median_cost_per_million_usd_central"])
    return title, f"about {median}", f"median; {models_of(row)}; {index}"


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


def _costs(edition: Edition) -> Figure:
    rows = edition.rows("training_costs")
    marks = _marks(rows)
    row = newest(rows)
    sample = "New models with a known size of at least a million parameters."
    if row:
        sample += (
            f" In {text.month(row['month'])}: {text.count(row['models_with_cost'])} of "
            f"{text.count(row['new_models'])} {models_of(row)}, or {text.share(row['coverage'])}."
        )
    return Figure(
        key="training_costs",
        heading=findings.training_costs(rows),
        unit=(
            "Median cost of training a new model, by month, in US dollars of the time; the band "
            "runs from the low to the high scenario. Logarithmic scale"
        ),
        shape="Line chart by month, on a logarithmic scale, with a band from the low to the high "
        "scenario.",
        chart=lambda width: time_series(
            width,
            [_scenarios("Median", MAIN, rows, "median_cost_usd")],
            _SCALE,
            breaks=marks.breaks,
        ),
        table=Table(
            [
                MONTH,
                POPULATION,
                column("Median", "median_cost_usd_central", text.usd),
                column("Low", "median_cost_usd_low", text.usd),
                column("High", "median_cost_usd_high", text.usd),
                column("Mean", "mean_cost_usd_central", text.usd),
                column("Models", "models_with_cost"),
                column("Coverage", "coverage", text.share),
                column("From published runs", "share_published", text.share),
                column("Mixtures of experts", "share_moe", text.share),
            ],
            newest_first(rows),
        ),
        sample=sample,
        notes=[
            CAVEAT,
            *marks.notes,
            *gap_note(rows, "median_cost_usd_central"),
            *running_note(rows, edition.snapshot_date),
        ],
        extract="average_training_costs",
    )


def _per_million(edition: Edition) -> Figure:
    rows = edition.rows("cost_per_million")
    marks = _marks(rows)
    return Figure(
        key="cost_per_million_parameters",
        heading=findings.cost_per_million(rows),
        unit=(
            "US dollars of the time per million parameters, by month; bands run from the low to "
            "the high scenario. Logarithmic scale"
        ),
        shape="Line chart by month, on a logarithmic scale, of the median cost of a million "
        "parameters and of the price of one and the same computation.",
        chart=lambda width: time_series(
            width,
            [
                _scenarios("Median\nnew model", MAIN, rows, "median_cost_per_million_usd"),
                _scenarios("The same\ncomputation", ACCENT, rows, "constant_recipe_usd"),
            ],
            _SCALE,
            breaks=marks.breaks,
        ),
        table=Table(
            [
                MONTH,
                POPULATION,
                column("Median", "median_cost_per_million_usd_central", text.usd),
                column("Low", "median_cost_per_million_usd_low", text.usd),
                column("High", "median_cost_per_million_usd_high", text.usd),
                column("Of all in sum", "cost_per_million_usd_central", text.usd),
                column("Same computation", "constant_recipe_usd_central", text.usd),
                column("Models", "models_with_cost"),
            ],
            newest_first(rows),
        ),
        sample="As above. The same computation: a million parameters of a model of a billion, "
        "trained on 20 tokens a parameter; only the price of computing changes in it.",
        notes=[
            CAVEAT,
            *marks.notes,
            *gap_note(rows, "median_cost_per_million_usd_central"),
            *running_note(rows, edition.snapshot_date),
        ],
        extract="training_cost_per_million_parameters",
    )
