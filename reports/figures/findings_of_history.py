"""Headings on what several snapshots show: downloads, survival, revisions.

As those of ``findings``: sentences made from the data, neutral where the data say nothing.
"""

from collections.abc import Sequence

from reports import text
from reports.figures.base import ENOUGH, year_before
from reports.report_data import Row


def downloads_of_months(rows: Sequence[Row], things: str, *, is_complete: bool = True) -> str:
    """Give the newest month's downloads: rows of one kind by month.

    Args:
        things: models or datasets.
    """
    row = newest_known(rows)
    if row is None or row["active"] < ENOUGH:
        return f"Downloads of {things}, month by month"
    about = "About " if row["observation_status"] == "E" else ""
    finding = f"{about}{text.rounded(row['downloads'])} downloads of {things}"
    finding += f" in {text.month(row['month'])}"
    earlier = year_before(rows, row)
    if (
        not is_complete
        or earlier is None
        or not earlier["downloads"]
        or earlier["active"] < ENOUGH
        # One count stretched to a month, and the difference of another, are two things.
        or earlier["is_exact"] != row["is_exact"]
    ):
        return finding
    change = row["downloads"] / earlier["downloads"] - 1
    return f"{finding}, {text.compared(change, 'more', 'fewer')} a year earlier"


def newest_known(rows: Sequence[Row]) -> Row | None:
    """The newest month whose downloads are known."""
    known = [row for row in rows if row["downloads"] is not None]
    return max(known, key=lambda row: row["month"], default=None)


def survival(rows: Sequence[Row]) -> str:
    """Say how many of a month's models are left after a year, or as long as was watched."""
    known = [row for row in rows if is_firm(row)]
    within_a_year = [row["lag_months"] for row in known if row["lag_months"] <= 12]
    if not within_a_year:
        return "How many of a month’s models are still there"
    lag = max(within_a_year)
    *earlier, newest = sorted(
        (row for row in known if row["lag_months"] == lag), key=lambda row: row["month"]
    )
    finding = (
        f"Of the models of {text.month(newest['month'])}, {percent(newest['survival'])} were "
        f"still there {later(lag)} ({interval(newest)})"
    )
    for row in reversed(earlier):
        if is_apart(row, newest):
            return f"{finding}; of those of {text.month(row['month'])}, {percent(row['survival'])}"
    return finding


def is_firm(row: Row) -> bool:
    """Say of a row of survival if it may be a heading: enough models, a usable interval."""
    is_known = row["survival_ci_low"] is not None and row["observation_status"] == "A"
    return is_known and row["models_at_first"] >= ENOUGH


def is_apart(one: Row, other: Row) -> bool:
    """Say of two rows of survival if their intervals do not overlap."""
    return bool(
        one["survival_ci_low"] > other["survival_ci_high"]
        or other["survival_ci_low"] > one["survival_ci_high"]
    )


def interval(row: Row) -> str:
    """The interval of a row of survival: ``93.8 to 96.1%``."""
    if row["survival_ci_low"] is None:
        return "–"
    return f"{100 * row['survival_ci_low']:.1f} to {percent(row['survival_ci_high'])}"


def percent(fraction: float) -> str:
    """A fraction of survival, which moves by tenths of a percent: ``96.1%``."""
    return f"{100 * fraction:.1f}%"


def later(lag: int) -> str:
    """A lag in words: ``a year later``."""
    return f"{_span(lag)} later"


def _span(lag: int) -> str:
    return "a year" if lag == 12 else months(lag)


def months(lag: int) -> str:
    """A number of months: ``1 month``, ``2 years``."""
    number, unit = (lag, "month") if lag % 12 else (lag // 12, "year")
    return f"{number}{text.NBSP}{unit}{'' if number == 1 else 's'}"


def revisions(rows: Sequence[Row]) -> str:
    """Say which headline moves least and which most after it is first published."""
    known = at_longest_lag(rows)
    if len(known) < 2:
        return "How far the headlines move after they are first published"
    least, *_, most = sorted(known, key=lambda row: row["relative_mean_absolute_revision"])
    if not most["relative_mean_absolute_revision"]:
        return f"Within {_span(most['lag_months'])}, no first published figure moved"
    return (
        f"Within {_span(least['lag_months'])}, first published figures typically moved by "
        f"{_moved(least)} to {_moved(most)}"
    )


def _moved(row: Row) -> str:
    size = text.share(row["relative_mean_absolute_revision"])
    return f"{size} ({row['figure_name'].lower()})"


def trust(rows: Sequence[Row], min_revisions: int) -> str:
    """Say in a sentence how far to trust the newest month.

    Args:
        min_revisions: of fewer nothing is said.
    """
    known = at_longest_lag(rows)
    if not known:
        return (
            "How far to trust the newest month cannot be said yet: no headline has "
            f"{min_revisions} months that were published more than once."
        )
    sizes = ", ".join(
        f"{row['figure_name'].lower()} {text.share(row['relative_mean_absolute_revision'])}"
        for row in known
    )
    return (
        "How far to trust the newest month: judging by earlier months, its figures will typically "
        f"have moved in {_span(known[0]['lag_months'])} by: {sizes}."
    )


def at_longest_lag(rows: Sequence[Row]) -> list[Row]:
    """Rows of the headlines at the longest lag, a year at most, at which one is reliable."""
    reliable = [
        row
        for row in rows
        if row["observation_status"] == "A"
        and not row["is_share"]
        and row["lag_months"] <= 12
        and row["relative_mean_absolute_revision"] is not None
    ]
    lag = max((row["lag_months"] for row in reliable), default=None)
    return [row for row in reliable if row["lag_months"] == lag]
