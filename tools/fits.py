"""The fits behind the training costs, computed anew: ``python -m tools.fits FILE``.

FILE is Epoch AI's table "All ML Systems - full view" as CSV (CC BY 4.0; epoch-research/
training-cost-trends@263c40a, data/), or one with its columns. It is not part of the project. The
command prints the coefficients with their standard errors, the quartiles of the residuals, R² and
the support, and how well each specification predicts the models of an organisation that it has
not seen; then it holds them against ``seeds/training_cost_fits.csv``, to the digit printed there.
"""

import argparse
import csv
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEED = Path(__file__).parents[1] / "seeds" / "training_cost_fits.csv"
COLUMNS = {
    *("Domain", "Organization", "Publication date", "Parameters", "Training compute (FLOP)"),
    *("Model accessibility", "Base model"),
}
COEFFICIENTS = ("a", "b", "c", "d", "e")

Vector = NDArray[np.float64]


class System(NamedTuple):
    """A model of Epoch AI's table that was trained from scratch, from 2018 on.

    Attributes:
        domain: as the table has it: domains, separated by commas.
        time: years from 2022, the middle of the month of publication.
        parameters, flop: of the model, and of its training.
    """

    domain: str
    organisation: str
    is_open: bool
    year: int
    time: float
    parameters: float
    flop: float


# Which systems each fit rests on. Few multimodal ones have open weights: all of them count.
SAMPLES: dict[str, Callable[[System], bool]] = {
    "nlp": lambda s: s.is_open and "Language" in s.domain,
    "cv": lambda s: s.is_open and "Vision" in s.domain,
    "multimodal": lambda s: "Multimodal" in s.domain,
    "default": lambda s: s.is_open,
}


@dataclass(frozen=True)
class Fit:
    """One row of the seed.

    Attributes:
        coefficients: a to e of log10 FLOP = a + b·x + c·t + d·x·t + e·x², x = log10(N/1e9).
        linear: a, b and c of the linear specification.
        standard_errors: of the linear specification: a, b and c.
        residuals: 25th, 50th and 75th percentile, in powers of ten.
        support: parameters of the smallest and the largest model that count as seen.
        held_out: root mean square error on organisations left out, of the linear specification
            and of the one with x·t and x².
    """

    category: str
    models: int
    coefficients: Vector
    linear: Vector
    standard_errors: Vector
    residuals: Vector
    r_squared: float
    sd_dex: float
    support: tuple[float, float]
    held_out: tuple[float, float]

    def row(self) -> dict[str, float]:
        """The figures of the seed, by its columns."""
        return {
            **dict(zip(COEFFICIENTS, map(float, self.coefficients), strict=True)),
            **{f"linear_{name}": float(self.linear[at]) for at, name in enumerate("abc")},
            "linear_b_standard_error": float(self.standard_errors[1]),
            "residual_low_dex": float(self.residuals[0]),
            "residual_high_dex": float(self.residuals[2]),
            "support_low": self.support[0],
            "support_high": self.support[1],
            "models": self.models,
            "r_squared": self.r_squared,
            "sd_dex": self.sd_dex,
        }


def read_systems(path: Path) -> list[System]:
    """The systems that a fit may use: at least 1e6 parameters, known FLOP, no base model.

    Raises:
        ValueError: the file is not Epoch AI's table.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := COLUMNS - set(reader.fieldnames or ()):
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
        return [system for row in reader if (system := _system(row)) is not None]


def _system(row: dict[str, str]) -> System | None:
    parameters, flop = row["Parameters"], row["Training compute (FLOP)"]
    published = row["Publication date"]
    if not (parameters and flop and published) or row["Base model"]:
        return None
    year, month = int(published[:4]), int(published[5:7])
    if float(parameters) < 1e6 or year < 2018:
        return None
    return System(
        domain=row["Domain"],
        organisation=row["Organization"],
        is_open=row["Model accessibility"].startswith("Open weights"),
        year=year,
        time=year + (month - 0.5) / 12 - 2022,
        parameters=float(parameters),
        flop=float(flop),
    )


def fit(category: str, systems: Sequence[System]) -> Fit:
    """Fit one category, by least squares.

    The line of nlp is the mean of two specifications, the linear one and one with x·t and x²; the
    others are linear.
    """
    sample = [system for system in systems if SAMPLES[category](system)]
    parameters = np.array([s.parameters for s in sample])
    x, t = np.log10(parameters / 1e9), np.array([s.time for s in sample])
    y = np.log10(np.array([s.flop for s in sample]))
    rich = np.column_stack([np.ones_like(x), x, t, x * t, x * x])
    linear = rich[:, :3]
    of_linear, of_rich = _least_squares(linear, y), _least_squares(rich, y)
    coefficients = np.append(of_linear, [0.0, 0.0])
    degrees = len(y) - linear.shape[1]
    support_low, support_high = np.quantile(parameters, [0.05, 0.95])
    if category == "nlp":
        coefficients = (coefficients + of_rich) / 2
        degrees = len(y) - rich.shape[1]
        support_low = min(s.parameters for s in sample if s.year in (2024, 2025))
    residuals = y - rich @ coefficients
    squares = float(residuals @ residuals)
    organisations = [s.organisation for s in sample]
    return Fit(
        category=category,
        models=len(sample),
        coefficients=coefficients,
        linear=of_linear,
        standard_errors=_standard_errors(linear, y, of_linear),
        residuals=np.quantile(residuals, [0.25, 0.5, 0.75]),
        r_squared=1 - squares / float(((y - y.mean()) ** 2).sum()),
        sd_dex=math.sqrt(squares / degrees),
        support=(float(support_low), float(support_high)),
        held_out=(_held_out(linear, y, organisations), _held_out(rich, y, organisations)),
    )


def _least_squares(columns: Vector, y: Vector) -> Vector:
    return np.asarray(np.linalg.lstsq(columns, y)[0], dtype=np.float64)


def _standard_errors(columns: Vector, y: Vector, coefficients: Vector) -> Vector:
    residuals = y - columns @ coefficients
    variance = residuals @ residuals / (len(y) - columns.shape[1])
    return np.sqrt(np.diag(variance * np.linalg.inv(columns.T @ columns)))


def _held_out(columns: Vector, y: Vector, organisations: Sequence[str]) -> float:
    """Root mean square error where each organisation is predicted from all others."""
    names, errors = np.array(organisations), np.empty_like(y)
    for name in np.unique(names):
        is_left_out = names == name
        coefficients = _least_squares(columns[~is_left_out], y[~is_left_out])
        errors[is_left_out] = y[is_left_out] - columns[is_left_out] @ coefficients
    return float(np.sqrt((errors**2).mean()))


def disagreements(found: Fit, seed: dict[str, str]) -> list[str]:
    """List what the seed says otherwise, to the digit that it prints."""
    return [
        f"{found.category} {column}: {value:.6g}, the seed has {seed[column]}"
        for column, value in found.row().items()
        if not _agrees(value, seed[column], column)
    ]


def _agrees(value: float, printed: str, column: str) -> bool:
    if column.startswith("support"):  # two significant digits
        return f"{value:.1e}" == f"{float(printed):.1e}"
    digits = len(printed.partition(".")[2])
    return round(value, max(digits, 0)) == float(printed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the fits; give 1 where the seed says otherwise or the file cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fits",
        description="Compute the fits of training costs from Epoch AI's table, and hold them "
        "against seeds/training_cost_fits.csv.",
        epilog="Exit codes: 0 the seed agrees; 1 it does not, or the file cannot be used.",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="Epoch AI's 'All ML Systems - full view' as CSV"
    )
    path: Path = parser.parse_args(arguments).file
    try:
        systems = read_systems(path)
    except (OSError, ValueError) as error:
        print(
            f"error: {path} cannot be used: {error}. Download the table from epoch.ai as CSV.",
            file=sys.stderr,
        )
        return 1
    with SEED.open(encoding="utf-8", newline="") as file:
        seeds = {row["category"]: row for row in csv.DictReader(file)}
    wrong: list[str] = []
    for category in SAMPLES:
        found = fit(category, systems)
        _print(found)
        wrong += disagreements(found, seeds[category])
    print(*(wrong or [f"{SEED.name} agrees to the printed digit."]), sep="\n")
    return 1 if wrong else 0


def _print(found: Fit) -> None:
    line = "  ".join(
        f"{name} {value:.3f}" for name, value in zip(COEFFICIENTS, found.coefficients, strict=True)
    )
    errors = " / ".join(f"{error:.3f}" for error in found.standard_errors)
    low, middle, high = found.residuals
    print(f"{found.category}: {found.models} models\n  {line}")
    print(f"  standard errors of the linear a, b, c: {errors}")
    print(
        f"  residuals: quartiles {low:+.2f} / {high:+.2f}, median {middle:+.2f}, "
        f"s.d. {found.sd_dex:.2f} dex, R² {found.r_squared:.2f}"
    )
    print(f"  support: {found.support[0]:.1e} to {found.support[1]:.1e} parameters")
    print(
        f"  organisations left out: linear {found.held_out[0]:.3f} dex, "
        f"with x·t and x² {found.held_out[1]:.3f}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
