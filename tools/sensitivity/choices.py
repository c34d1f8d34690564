"""The headlines, and the choices of docs/methodology.md that they are held against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports import text

Settings = Mapping[str, Any]  # vars of dbt_project.yml


class SensitivityError(Exception):
    """The headlines cannot be held against each other; the message says why and what to do."""


@dataclass(frozen=True)
class Headline:
    """A figure of a mart, of scope ``all``.

    Attributes:
        readings: columns of the mart by the reading of a choice; "" is the headline itself.
        show: the value as readers see it.
    """

    name: str
    mart: str
    readings: Mapping[str, str]
    show: Callable[[float | None], str]


@dataclass(frozen=True)
class Choice:
    """Another way to define or to read the headlines.

    Attributes:
        name: what is done otherwise, for readers.
        settings: what is built otherwise; none where the marts have the answer already.
        reading: which column of a mart answers; see ``Headline.readings``.
        population: whose row is read; that of the headline by default.
    """

    name: str
    settings: Settings = field(default_factory=dict)
    reading: str = ""
    population: str | None = None


HEADLINES = (
    Headline(
        "Median parameters",
        "average_model_parameters",
        {"": "median_parameters", "first of size": "median_parameters_first_of_size"},
        text.parameters,
    ),
    Headline(
        "Median cost",
        "average_training_costs",
        {
            "": "median_cost_usd_central",
            "first of size": "median_cost_first_of_size_usd_central",
            "low": "median_cost_usd_low",
            "high": "median_cost_usd_high",
        },
        text.usd,
    ),
    Headline(
        "Median cost per million parameters",
        "training_cost_per_million_parameters",
        {
            "": "median_cost_per_million_usd_central",
            "low": "median_cost_per_million_usd_low",
            "high": "median_cost_per_million_usd_high",
        },
        text.usd,
    ),
    Headline("New models", "average_model_parameters", {"": "new_models"}, text.count),
)

CHOICES = (
    Choice("All models, derived ones too", population="all"),
    Choice("First of their size alone, from 10 on", {"min_values": 10}, reading="first of size"),
    Choice("Signs in names and tags as written, in any case", {"signs_in_lower_case": False}),
    Choice("Without the sizes that makers report", {"use_reported_sizes": False}),
    Choice("Suppressed under 10 values, not 30", {"min_values": 10}),
    Choice("Suppressed under 50 values", {"min_values": 50}),
    Choice("Suppressed under a coverage of 5%, not 10%", {"min_coverage": 0.05}),
    Choice("Suppressed under a coverage of 20%", {"min_coverage": 0.2}),
    Choice("Cost by all parameters, not the active ones", {"cost_follows": "parameters"}),
    Choice("Fit of nlp linear, not the mean of both", {"linear_share": 1}),
    Choice("Fit of nlp with x · τ and x² alone", {"linear_share": -1}),
    Choice("Exponent b lower by 1.96 standard errors", {"exponent_shift": -1.96}),
    Choice("Exponent b higher by 1.96 standard errors", {"exponent_shift": 1.96}),
    Choice("Growth over time carried on beyond 2025.4", {"fit_ends_at": 2100}),
    Choice("Fit carried on beyond the sizes that it has seen", {"support_margin": 1e6}),
    Choice("Without published runs", {"use_published_runs": False}),
    Choice("Low price of computing", {"central_price": "low"}),
    Choice("High price of computing", {"central_price": "high"}),
    Choice("Low scenario: lower quartile of the fit, low price", reading="low"),
    Choice("High scenario: upper quartile of the fit, high price", reading="high"),
)
