"""The figures of the page, in its order, and the summary of the seven tables."""

from reports.figures import (
    costs,
    downloads,
    intended_use,
    languages,
    lineage,
    new_models,
    newcomers,
    revisions,
    sizes,
    survival,
    text_generation,
    usage,
)
from reports.figures.base import Column, Figure, Section, Table
from reports.report_data import ReportData

__all__ = ["Column", "Figure", "Section", "Table", "headlines", "sections"]


def sections(data: ReportData) -> list[Section]:
    """List the sections of the page, in order."""
    return [
        new_models.section(data),
        survival.section(data),
        downloads.section(data),
        *usage.sections(data),
        intended_use.section(data),
        sizes.section(data),
        costs.section(data),
        languages.section(data),
        text_generation.section(data),
        *newcomers.sections(data),
        lineage.section(data),
        revisions.section(data),
    ]


def headlines(data: ReportData) -> list[tuple[str, str, str]]:
    """Sum up each of the seven tables, for the newest complete month: title, value, remark."""
    return [
        new_models.headline(data),
        intended_use.headline(data),
        sizes.headline(data),
        costs.headline(data),
        costs.headline_per_million(data),
        languages.headline(data),
        languages.headline_tasks(data),
    ]
