"""The figures of the page, in its order, and the summary of the seven tables."""

from reports.edition import Edition
from reports.figures import (
    costs,
    intended_use,
    languages,
    new_models,
    newcomers,
    sizes,
    text_generation,
)
from reports.figures.base import Column, Figure, Section, Table

__all__ = ["Column", "Figure", "Section", "Table", "headlines", "sections"]


def sections(edition: Edition) -> list[Section]:
    """Every section of the page, in order."""
    return [
        new_models.section(edition),
        intended_use.section(edition),
        sizes.section(edition),
        costs.section(edition),
        languages.section(edition),
        text_generation.section(edition),
        *newcomers.sections(edition),
    ]


def headlines(edition: Edition) -> list[tuple[str, str, str]]:
    """Of each of the seven tables, for the newest complete month: title, value, remark."""
    return [
        new_models.headline(edition),
        intended_use.headline(edition),
        sizes.headline(edition),
        costs.headline(edition),
        costs.headline_per_million(edition),
        languages.headline(edition),
        languages.headline_tasks(edition),
    ]
