"""Dashboards of the Tableau workbook: what each of their sheets shows, and of which rows.

A sheet names columns; captions, formats, and how rows combine are those of the columns' contracts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Rows that a sheet keeps, by column: a flag that holds, or the values of a text.
Kept = Mapping[str, bool | tuple[str, ...]]

# A field that the workbook adds to a table with several listings, and the column that it settles.
NEWEST = "newest_snapshot"
SNAPSHOT = "snapshot_date"

_COMPLETE: Kept = {"is_complete_month": True}
_HEADLINE: Kept = {**_COMPLETE, "is_headline": True}
# Before, a population other than all of them is not told apart.
_RELIABLE: Kept = {**_COMPLETE, "is_relation_reliable": True}
# What a dataset declares beside languages, such as that it has several, is none.
_LANGUAGES: Kept = {NEWEST: True, "language_kind": ("iso", "unrecognised")}


@dataclass(frozen=True)
class Sheet:
    """A chart: lines over time, or bars or coloured cells where ``rows`` names a dimension.

    Attributes:
        name: of its tab, unlike every other.
        measures: in the order of the legend; a range from its lower end to its upper.
        only: rows that it keeps, which a reader does not change.
        choose: keys of which a reader chooses one value, and the one that it opens at; None for
            that of the headline.
        colour: the dimension that tells lines or bars apart; none where several measures are.
        rows, columns: dimensions of bars and cells, the largest first.
        time: the column of the horizontal axis of lines.
    """

    name: str
    title: str
    measures: tuple[str, ...]
    only: Kept
    choose: Mapping[str, str | None] = field(default_factory=dict)
    colour: str = ""
    rows: str = ""
    columns: str = ""
    time: str = "month"
    sort_by: str = ""
    is_logarithmic: bool = False

    @property
    def ends(self) -> tuple[str, ...]:
        """The measures that are an end of a range."""
        return tuple(one for one in self.measures if one.endswith(("_low", "_high")))


@dataclass(frozen=True)
class Dashboard:
    """A published dashboard.

    Attributes:
        exposure: its name in models/exposures.yml, where its title is.
        table: the mart behind every sheet of it.
    """

    exposure: str
    table: str
    sheets: tuple[Sheet, ...]


def _range(stem: str) -> tuple[str, ...]:
    return f"{stem}_low", f"{stem}_central", f"{stem}_high"


DASHBOARDS = (
    Dashboard(
        "average_number_of_parameters_of_new_ai_models",
        "average_model_parameters",
        (
            Sheet(
                "Parameters",
                "Median number of parameters, with its 95% confidence interval",
                ("median_parameters_ci_low", "median_parameters", "median_parameters_ci_high"),
                _HEADLINE,
            ),
            Sheet(
                "Parameters, averages",
                "Four averages of the number of parameters, on a logarithmic scale",
                (
                    "median_parameters",
                    "geometric_mean_parameters",
                    "mean_parameters",
                    "raw_mean_parameters",
                ),
                _HEADLINE,
                is_logarithmic=True,
            ),
            Sheet(
                "Parameters, intended use",
                "Median number of parameters by intended use, on a logarithmic scale",
                ("median_parameters",),
                _RELIABLE,
                {"population": None},
                colour="scope_name",
                is_logarithmic=True,
            ),
            Sheet(
                "Parameters, chosen",
                "The median and its interval in one scope and population",
                ("median_parameters_ci_low", "median_parameters", "median_parameters_ci_high"),
                _RELIABLE,
                {"scope": None, "population": None},
            ),
            Sheet(
                "Parameters, coverage",
                "Share of the new models whose number of parameters is known",
                ("coverage",),
                _HEADLINE,
            ),
        ),
    ),
    Dashboard(
        "average_training_costs_of_new_ai_models",
        "average_training_costs",
        (
            Sheet(
                "Costs",
                "Median training cost of the final run: low, central and high scenario",
                _range("median_cost_usd"),
                _HEADLINE,
                is_logarithmic=True,
            ),
            Sheet(
                "Costs, interval",
                "Central median, with its 95% confidence interval for the choice of models alone",
                (
                    "median_cost_usd_central_ci_low",
                    "median_cost_usd_central",
                    "median_cost_usd_central_ci_high",
                ),
                _HEADLINE,
            ),
            Sheet(
                "Costs, mean",
                "Mean training cost of the final run, which a few very large models drive",
                _range("mean_cost_usd"),
                _HEADLINE,
                is_logarithmic=True,
            ),
            Sheet(
                "Costs, chosen",
                "The three scenarios of the median in one scope and population",
                _range("median_cost_usd"),
                _RELIABLE,
                {"scope": None, "population": None},
                is_logarithmic=True,
            ),
            Sheet(
                "Costs, intended use",
                "Central median of the training cost by intended use, on a logarithmic scale",
                ("median_cost_usd_central",),
                _RELIABLE,
                {"population": None},
                colour="scope_name",
                is_logarithmic=True,
            ),
        ),
    ),
    Dashboard(
        "average_training_costs_of_training_1_million_parameters",
        "training_cost_per_million_parameters",
        (
            Sheet(
                "Cost per million",
                "Training cost per million parameters: low, central and high scenario",
                _range("cost_per_million_usd"),
                _HEADLINE,
                is_logarithmic=True,
            ),
            Sheet(
                "Cost per million, recipe",
                "The same for a recipe that does not change: the price of computing alone",
                _range("constant_recipe_usd"),
                _HEADLINE,
                is_logarithmic=True,
            ),
            Sheet(
                "Cost per million, chosen",
                "The three scenarios in one scope and population",
                _range("cost_per_million_usd"),
                _RELIABLE,
                {"scope": None, "population": None},
                is_logarithmic=True,
            ),
            Sheet(
                "Cost per million, intended use",
                "Central cost per million parameters by intended use, on a logarithmic scale",
                ("cost_per_million_usd_central",),
                _RELIABLE,
                {"population": None},
                colour="scope_name",
                is_logarithmic=True,
            ),
        ),
    ),
    Dashboard(
        "evolution_of_new_ai_models",
        "new_models",
        (
            Sheet(
                "New models",
                "New models a month, those deleted since included",
                ("new_models",),
                _COMPLETE,
                {"population": "all"},
            ),
            Sheet(
                "New models, population",
                "New models a month by whether another model is known that they were made from",
                ("new_models",),
                _RELIABLE,
                colour="population",
            ),
            Sheet(
                "New models, change",
                "Change against the same month of the year before",
                ("year_over_year_change",),
                _COMPLETE,
                {"population": "all"},
            ),
            Sheet(
                "New models, cumulative",
                "All models so far",
                ("cumulative_models",),
                _COMPLETE,
                {"population": "all"},
            ),
        ),
    ),
    Dashboard(
        "evolution_of_new_ai_models_per_intended_use",
        "new_models_by_intended_use",
        (
            Sheet(
                "Intended use",
                "New models a month by category of intended use",
                ("new_models",),
                _COMPLETE,
                colour="category_name",
            ),
            Sheet(
                "Intended use, shares",
                "Share of the new models that declare an intended use, by category",
                ("share_of_declared",),
                _COMPLETE,
                colour="category_name",
            ),
            Sheet(
                "Intended use, tasks",
                "New models of all complete months by task",
                ("new_models",),
                _COMPLETE,
                colour="category_name",
                rows="task_name",
            ),
        ),
    ),
    Dashboard(
        "open_source_datasets_by_language_and_application_task",
        "datasets_by_language_and_task",
        (
            Sheet(
                "Languages and tasks",
                "Datasets by language and task in the newest listing; one can have several of both",
                ("datasets",),
                _LANGUAGES,
                rows="language_name",
                columns="task_name",
                sort_by="datasets_fractional",
            ),
            Sheet(
                "Tasks of datasets",
                "Datasets by task in the newest listing, each counted once in all",
                ("datasets_fractional",),
                _LANGUAGES,
                rows="task_name",
            ),
        ),
    ),
    Dashboard(
        "percentage_of_open_source_datasets_by_language",
        "dataset_share_by_language",
        (
            Sheet(
                "Languages",
                "Share of the datasets that name a language, in the newest listing",
                ("share_fractional",),
                _LANGUAGES,
                rows="language_name",
            ),
            Sheet(
                "Languages, declared",
                "Datasets in each listing, and those that name a language",
                ("datasets_total", "datasets_declared"),
                {},
                time=SNAPSHOT,
            ),
        ),
    ),
)
