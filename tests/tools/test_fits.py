"""The command that computes the fits of training costs anew."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from tools import fits

EPOCH = Path(__file__).parents[3] / "shared" / "facts" / "epoch_models.csv"
COLUMNS = sorted(fits.COLUMNS)


def write(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "systems.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def generated(a: float, b: float, c: float, d: float, e: float) -> list[dict[str, object]]:
    """Open language models of five organisations that lie on a line, to the last digit."""
    rows = []
    for number in range(60):
        parameters = 10 ** (7 + number % 12 / 3)
        year, month = 2019 + number % 7, 1 + number % 11
        x, t = math.log10(parameters / 1e9), year + (month - 0.5) / 12 - 2022
        rows.append(
            {
                "Domain": "Language,Biology",
                "Organization": f"organisation {number % 5}",
                "Publication date": f"{year}-{month:02d}-15",
                "Parameters": parameters,
                "Training compute (FLOP)": 10 ** (a + b * x + c * t + d * x * t + e * x * x),
                "Model accessibility": "Open weights (unrestricted)",
            }
        )
    return rows


def test_a_line_is_recovered_from_models_that_lie_on_it(tmp_path):
    line = (21.4, 1.1, 0.2, 0.0, 0.0)
    systems = fits.read_systems(write(tmp_path, generated(*line)))
    for category in ("nlp", "default"):
        found = fits.fit(category, systems)
        assert found.models == 60
        assert found.coefficients == pytest.approx(line, abs=1e-9)
        assert found.residuals == pytest.approx([0, 0, 0], abs=1e-9)
        assert found.held_out == pytest.approx((0, 0), abs=1e-9)
        assert found.r_squared == pytest.approx(1)


def test_the_line_of_nlp_is_the_mean_of_two_specifications(tmp_path):
    curved = (21.0, 1.2, 0.2, 0.1, -0.2)
    systems = fits.read_systems(write(tmp_path, generated(*curved)))
    found = fits.fit("nlp", systems)
    x = np.log10([s.parameters / 1e9 for s in systems])
    t = np.array([s.time for s in systems])
    y = np.log10([s.flop for s in systems])
    straight, *_ = np.linalg.lstsq(np.column_stack([np.ones_like(x), x, t]), y)
    assert found.coefficients == pytest.approx((np.append(straight, [0, 0]) + curved) / 2, abs=1e-9)
    # Organisations left out: the curve is found from the others, the straight line is off.
    assert found.held_out[1] < 1e-9 < found.held_out[0]


def test_no_model_that_the_fit_may_not_use_is_in_its_sample(tmp_path):
    rows = generated(21.4, 1.1, 0.2, 0.0, 0.0)
    wrong = (
        {"Base model": "another"},
        {"Parameters": 999_999},
        {"Publication date": "2017-12-31"},
        {"Training compute (FLOP)": ""},
        {"Publication date": ""},
    )
    path = write(tmp_path, rows + [rows[0] | one for one in wrong])
    assert len(fits.read_systems(path)) == 60
    closed = [*rows, rows[0] | {"Model accessibility": "API access"}]
    systems = fits.read_systems(write(tmp_path, closed))
    assert len(systems) == 61
    assert fits.fit("nlp", systems).models == 60


def test_a_file_that_is_another_table_is_told_and_not_fitted(tmp_path, capsys):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert fits.main([str(path)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert "has no column" in said.err
    assert fits.main([str(tmp_path / "missing.csv")]) == 1


def test_a_seed_that_differs_in_the_last_digit_is_found(tmp_path):
    found = fits.fit("nlp", fits.read_systems(write(tmp_path, generated(21.4, 1.1, 0.2, 0, 0))))
    seed = {name: str(value) for name, value in found.row().items()}
    seed |= {"a": "21.401", "b": "1.100"}
    (wrong,) = fits.disagreements(found, seed | {"residual_low_dex": "0.00"} | _rounded(found))
    assert wrong.startswith("nlp a: 21.4, the seed has 21.401")


def _rounded(found: fits.Fit) -> dict[str, str]:
    names = (
        "c",
        "d",
        "e",
        "linear_b_standard_error",
        *(f"linear_{one}" for one in "abc"),
        "r_squared",
        "sd_dex",
    )
    residuals = ("residual_low_dex", "residual_high_dex")
    return {name: f"{found.row()[name]:.3f}" for name in names + residuals}


@pytest.mark.skipif(not EPOCH.is_file(), reason="needs ../shared/facts/epoch_models.csv")
def test_the_seed_agrees_with_the_table_that_it_was_made_from(capsys):
    assert fits.main([str(EPOCH)]) == 0
    assert "agrees to the printed digit" in capsys.readouterr().out
