"""Survival of models computed a second time, model by model, from the days on which each was seen.

The warehouse sums changes up; this counts who was there. It shares no code with the project.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

Row = dict[str, Any]

DAYS_PER_MONTH = 30.4375
MIN_VALUES, MIN_PUBLISHERS = 30, 10


@dataclass(frozen=True)
class Life:
    """The life of a model that has a month of creation.

    Attributes:
        created_on: by its newest listing.
        publisher: or something that no other model has, where it has none.
        seen_on: the days of the listings that have it, parts of listings included.
    """

    created_on: date
    publisher: Any
    seen_on: frozenset[date]

    def is_lost(self, day: date) -> bool:
        """True if neither the listing of that day nor a later one has it."""
        return max(self.seen_on) < day


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def cohort_survival(lives: Sequence[Life], whole: Sequence[date]) -> list[Row]:
    """Kaplan and Meier's estimate for each month of creation.

    Args:
        lives: all models.
        whole: days of the whole listings, in order.
    """
    rows = []
    for month in sorted({life.created_on.replace(day=1) for life in lives}):
        cohort = [life for life in lives if life.created_on.replace(day=1) == month]
        first = bisect_left(whole, next_month(month))
        survival, variance, is_known, has_begun = 1.0, 0.0, True, False
        for before, day in pairwise(whole[first:]):
            at_risk = [life for life in cohort if before in life.seen_on]
            lost = [life for life in at_risk if life.is_lost(day)]
            publishers = {life.publisher for life in at_risk}
            if at_risk:
                has_begun = True
                hazard = len(lost) / len(at_risk)
                if hazard < 1 and len(publishers) > 1:
                    variance += _clustered_variance(at_risk, hazard, day) / (1 - hazard) ** 2
                else:
                    is_known = False
                survival *= 1 - hazard
            if has_begun:
                error = math.exp(1.96 * math.sqrt(variance))
                rows.append(
                    {
                        "month": month,
                        "observed_on": day,
                        "at_risk": len(at_risk),
                        "lost": len(lost),
                        "survival": survival,
                        "survival_ci_low": survival / error if is_known else None,
                        "survival_ci_high": min(1.0, survival * error) if is_known else None,
                        "observation_status": "A" if len(publishers) >= MIN_PUBLISHERS else "U",
                    }
                )
    return rows


def _clustered_variance(at_risk: Sequence[Life], hazard: float, day: date) -> float:
    by_publisher: dict[Any, float] = defaultdict(float)
    for life in at_risk:
        by_publisher[life.publisher] += life.is_lost(day) - hazard
    groups = len(by_publisher)
    squares = sum(deviation**2 for deviation in by_publisher.values())
    return groups / (groups - 1) * squares / len(at_risk) ** 2


def survival_by_age(lives: Iterable[Life], whole: Sequence[date]) -> list[Row]:
    """Hazard and survival by month of age; the arguments are those of ``cohort_survival``."""
    days: dict[int, int] = defaultdict(int)
    lost: dict[int, int] = defaultdict(int)
    for life in lives:
        for before, day in pairwise(whole):
            if before in life.seen_on and life.created_on <= before:
                age = int((before - life.created_on).days // DAYS_PER_MONTH)
                days[age] += (day - before).days
                lost[age] += life.is_lost(day)
    rows, hazards = [], 0.0
    for age in sorted(days):
        hazard = lost[age] / days[age] * DAYS_PER_MONTH
        rows.append(
            {
                "age_months": age,
                "at_risk_days": days[age],
                "lost": lost[age],
                "hazard_per_month": hazard,
                "survival": math.exp(-hazards),
                "observation_status": "A" if lost[age] >= MIN_VALUES else "U",
            }
        )
        hazards += hazard
    return rows


def survival_of_month(month: date, ages: Sequence[Row], whole: Sequence[date]) -> float | None:
    """Survival of a month's models until the first whole listing; None for a later month."""
    end = next_month(month)
    if not ages or not whole or end > whole[0]:
        return None
    age = ((whole[0] - month).days - (end - month).days / 2) / DAYS_PER_MONTH
    hazard = 0.0
    for row in ages:
        hazard += row["hazard_per_month"] * min(1.0, max(0.0, age - row["age_months"]))
    return math.exp(-hazard)
