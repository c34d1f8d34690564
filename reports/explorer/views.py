"""Views of the explorer: which tables each has, which of their rows, and what it opens with.

A view names columns. What they mean, their units and how rows combine is said by their contracts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Largest:
    """The values of a key that a table is cut to, for a page has no room for all.

    Attributes:
        key: of which the largest values stay.
        by: the column that is added up to rank them.
        limit: the variable of dbt that says how many stay.
        within: a key of which each value keeps as many.
    """

    key: str
    by: str
    limit: str
    within: str = ""


@dataclass(frozen=True)
class ExploredTable:
    """A table of a view.

    Attributes:
        name: what a reader chooses it by, where a view has several.
        measure: the column that it opens with.
        by: the key whose values are compared.
        shown: those that it opens with; none for the largest.
        choose: the other keys, of each of which one value is shown, as rows of several would not
            add up; with the value that it opens at, or an empty one for that of the headline.
        is_nested: whether the values depend on the key that is chosen, so that nothing else can be
            compared.
        filters: columns by which a reader can leave rows out.
        time: the column of the horizontal axis; empty for a table without months.
        is_bars: whether it opens with bars at one time, not with lines.
        only: a condition in SQL that its rows meet.
        ends: columns that bound a measure, where their names do not say so.
    """

    schema: str
    table: str
    name: str
    measure: str
    by: str
    shown: tuple[str, ...] = ()
    choose: Mapping[str, str] = field(default_factory=lambda: _NONE)
    is_nested: bool = False
    filters: tuple[str, ...] = ()
    time: str = "month"
    is_bars: bool = False
    is_logarithmic: bool = False
    only: str = ""
    largest: Largest | None = None
    ends: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: MappingProxyType[str, tuple[str, str]]({})
    )

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class View:
    """A question, and the tables that answer it."""

    key: str
    title: str
    tables: tuple[ExploredTable, ...]


# Before, a population other than all of them is not told apart.
_TOLD_APART = "is_relation_reliable or population = 'all'"
# What a dataset declares beside languages, such as that it has several, is none.
_LANGUAGES = "language_kind in ('iso', 'unrecognised')"
_LARGEST_LANGUAGES = Largest("language", "datasets_fractional", "explored_values")
_SCOPES = ("all", "nlp", "cv", "audio", "multimodal")

VIEWS = (
    View(
        "size",
        "Size",
        (
            ExploredTable(
                "marts",
                "average_model_parameters",
                "Parameters of new models",
                measure="median_parameters",
                by="scope",
                shown=_SCOPES,
                choose={"population": ""},
                is_logarithmic=True,
                only=_TOLD_APART,
                ends={
                    "geometric_mean_parameters": ("geometric_mean_ci_low", "geometric_mean_ci_high")
                },
            ),
        ),
    ),
    View(
        "cost",
        "Cost",
        (
            ExploredTable(
                "marts",
                "average_training_costs",
                "To train a model",
                measure="median_cost_usd_central",
                by="scope",
                shown=("all",),
                choose={"population": ""},
                is_logarithmic=True,
                only=_TOLD_APART,
            ),
            ExploredTable(
                "marts",
                "training_cost_per_million_parameters",
                "To train a million parameters",
                measure="cost_per_million_usd_central",
                by="scope",
                shown=("all",),
                choose={"population": ""},
                is_logarithmic=True,
                only=_TOLD_APART,
            ),
        ),
    ),
    View(
        "new-models",
        "New models",
        (
            ExploredTable(
                "marts",
                "new_models",
                "By population",
                measure="new_models",
                by="population",
                shown=("all", "no_known_parent", "derived"),
                only=_TOLD_APART,
            ),
        ),
    ),
    View(
        "intended-use",
        "Intended use",
        (
            ExploredTable(
                "reporting",
                "intended_use_by_month",
                "By category",
                measure="share_of_declared",
                by="category",
            ),
            ExploredTable(
                "marts",
                "new_models_by_intended_use",
                "By task",
                measure="new_models",
                by="task",
                filters=("category",),
                largest=Largest("task", "new_models", "explored_tasks"),
            ),
        ),
    ),
    View(
        "languages",
        "Languages",
        (
            ExploredTable(
                "marts",
                "dataset_share_by_language",
                "By language",
                measure="share_fractional",
                by="language",
                time="snapshot_date",
                is_bars=True,
                only=_LANGUAGES,
                largest=_LARGEST_LANGUAGES,
            ),
            ExploredTable(
                "marts",
                "datasets_by_language_and_task",
                "By language, of one task",
                measure="datasets",
                by="language",
                choose={"task": "text-generation"},
                time="",
                is_bars=True,
                only=f"{_LANGUAGES} and snapshot_date = "
                "(select max(snapshot_date) from marts.datasets_by_language_and_task)",
                largest=_LARGEST_LANGUAGES,
            ),
        ),
    ),
    View(
        "downloads",
        "Downloads",
        (
            ExploredTable(
                "ecosystem",
                "usage_by_month",
                "What is downloaded",
                measure="share_of_downloads",
                by="value",
                choose={"dimension": "size_band"},
                is_nested=True,
                largest=Largest("value", "downloads", "explored_values", within="dimension"),
            ),
            ExploredTable(
                "ecosystem",
                "downloads_by_region",
                "Where publishers are",
                measure="share_of_located",
                by="region",
                shown=("us", "china", "eu"),
                choose={"kind": "model"},
                ends={"share_of_located": ("share_low", "share_high")},
            ),
            ExploredTable(
                "ecosystem",
                "downloads_by_month",
                "In all",
                measure="downloads",
                by="kind",
                shown=("model",),
            ),
        ),
    ),
    View(
        "concentration",
        "Concentration",
        (
            ExploredTable(
                "ecosystem",
                "download_concentration",
                "By unit",
                measure="top_10_share",
                by="unit",
                shown=("repository", "publisher", "family"),
                choose={"kind": "model"},
            ),
        ),
    ),
    View(
        "base-models",
        "Base models",
        (
            ExploredTable(
                "ecosystem",
                "base_models",
                "By model",
                measure="reach_downloads",
                by="model_id",
                filters=("region", "licence"),
                time="",
                is_bars=True,
                largest=Largest("model_key", "reach_downloads", "explored_models"),
            ),
        ),
    ),
)
