"""The headlines under each choice."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports import text
from tools.sensitivity.builds import Builds, readers
from tools.sensitivity.choices import CHOICES, HEADLINES, Choice, SensitivityError, Settings
from tools.sensitivity.database import Row, Rows, copy, read, records

AS_IT_IS = Choice("As it is")


@dataclass(frozen=True)
class Figure:
    """A headline of a month under a choice.

    Attributes:
        value: None where the tables would not show it.
        change: against the headline as it is, as a fraction.
    """

    value: float | None
    change: float | None


@dataclass(frozen=True)
class Effect:
    """The effect of a choice.

    Attributes:
        figures: of the month of the headlines as they are, by name; only those that the choice
            has a reading of.
        newest: where the headlines would be of a later month, this month and its figures.
    """

    choice: Choice
    figures: Mapping[str, Figure]
    newest: tuple[date, Mapping[str, Figure]] | None


@dataclass(frozen=True)
class Sensitivity:
    """The headlines as they are, and under each choice.

    Attributes:
        records: which records they are of, in words.
        month: the newest complete month in which all of them are shown.
        headlines: their rows, by name.
    """

    records: str
    month: date
    headlines: Mapping[str, Row]
    effects: Sequence[Effect]


def measure(
    database: Path,
    choices: Sequence[Choice] = CHOICES,
    settings: Settings | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Sensitivity:
    """Build every choice in a copy of the database, and read the headlines.

    Args:
        settings: the vars that the database was built with, where they are not the project's.
        say: is told what is being done.

    Raises:
        SensitivityError: the database is missing, not built by this code with these settings, held
            by another process or without a headline.
        DbtError: dbt failed.
    """
    settings = settings or {}
    found = read(database)
    month = _newest_month(found, AS_IT_IS)
    if month is None:
        raise SensitivityError(
            f"{database} has no complete month in which every headline is shown: too few of the "
            "models are of a known size. Load more records, and build."
        )
    headlines = {name: _rows(rows, AS_IT_IS)[month] for name, rows in found.items()}
    of = records(database)
    # Choices that read the same build share it.
    changes = {json.dumps(dict(c.settings)): c.settings for c in choices if c.settings}
    builds = {"{}": found}
    with tempfile.TemporaryDirectory(prefix="sensitivity-") as temporary:
        folder = Path(temporary)
        dbt = Builds(folder, settings)
        base = copy(database, folder / "base")
        say("building it as it is")
        dbt.seed(base)
        manifest = dbt.manifest()
        dbt.run(base, readers(manifest, [name for c in changes.values() for name in c]), {})
        refuse_another_build(database, headlines, read(base))
        for number, (key, change) in enumerate(changes.items(), start=1):
            say(f"building choice {number} of {len(changes)}: {key}")
            changed = copy(base, folder / "choice")
            dbt.run(changed, readers(manifest, change), change)
            builds[key] = read(changed)
    effects = [
        effect_of(choice, builds[json.dumps(dict(choice.settings))], month, headlines)
        for choice in choices
    ]
    return Sensitivity(of, month, headlines, effects)


def refuse_another_build(database: Path, headlines: Mapping[str, Row], built: Rows) -> None:
    """Refuse a database whose headlines are others than this code makes.

    The choices would be blamed for what differs.

    Raises:
        SensitivityError: they are.
    """
    for name, row in headlines.items():
        if row not in built[name]:
            raise SensitivityError(
                f"{name} of {text.month(row.month)} in {database} is not what this code makes of "
                "its records. Build it anew with 'make build', or give the vars that it was built "
                "with: --vars."
            )


def _rows(rows: Sequence[Row], choice: Choice) -> dict[date, Row]:
    """The rows that a choice reads, by month."""
    return {
        row.month: row
        for row in rows
        if (row.population == choice.population if choice.population else row.is_headline)
    }


def _newest_month(rows: Rows, choice: Choice) -> date | None:
    """The newest complete month in which a choice shows every headline that it has."""
    shown = [
        {
            month
            for month, row in _rows(rows[headline.name], choice).items()
            if row.values[choice.reading] is not None
        }
        for headline in HEADLINES
        if choice.reading in headline.readings
    ]
    return max(set.intersection(*shown), default=None)


def effect_of(choice: Choice, rows: Rows, month: date, headlines: Mapping[str, Row]) -> Effect:
    """Compute the effect of a choice, from the rows that were built with it."""
    newest = _newest_month(rows, choice)
    return Effect(
        choice,
        _figures(choice, rows, month, headlines),
        (newest, _figures(choice, rows, newest, headlines)) if newest and newest > month else None,
    )


def _figures(
    choice: Choice, rows: Rows, month: date, headlines: Mapping[str, Row]
) -> dict[str, Figure]:
    figures = {}
    for headline in HEADLINES:
        if choice.reading in headline.readings:
            row = _rows(rows[headline.name], choice).get(month)
            value = row.values[choice.reading] if row else None
            before = headlines[headline.name].values[""]
            change = value / before - 1 if value is not None and before else None
            figures[headline.name] = Figure(value, change)
    return figures
