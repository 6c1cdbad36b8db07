"""Single series: published reference rows, and ranges that hold what they say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.forecast import combined, forecast_series, last_mean, last_value, seasonal_naive

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
M3 = ORACLES / "m3_monthly_sample.json"
RULES = {
    "last_value": last_value,
    "last_3_mean": lambda values, horizon: last_mean(values, horizon, 3),
    "last_12_mean": last_mean,
    "seasonal_naive": seasonal_naive,
}


@pytest.fixture(scope="module")
def m3() -> dict:
    """Return sixty monthly series of the M3 competition (Makridakis & Hibon 2000) with what came."""
    if not M3.exists():
        pytest.skip("needs the M3 series: name their folder in WORKBENCH_ORACLES")
    document = json.loads(M3.read_text())
    for name in ("history", "actual"):
        document[name] = np.array([series[name] for series in document["series"]])
    return document


def smape(forecast: np.ndarray, actual: np.ndarray, months: int) -> float:
    """Return the symmetric mean absolute percentage error over the first months ahead."""
    errors = 200 * np.abs(actual - forecast) / (np.abs(actual) + np.abs(forecast))
    return float(errors[:, :months].mean())


@pytest.mark.parametrize("name", RULES)
def test_plain_rules_give_the_published_errors(m3: dict, name: str) -> None:
    """Four reference rules reproduce the errors worked out for these series, to 0.001."""
    (rows,) = (rows for key, rows in m3["expected_on_sample"].items() if key.startswith("computed here"))
    forecast = RULES[name](m3["history"], 18)
    for months, key in ((1, "h1"), (3, "h1_3"), (6, "h1_6"), (12, "h1_12"), (18, "h1_18")):
        assert smape(forecast, m3["actual"], months) == pytest.approx(rows[name][key], abs=0.001)


def test_the_combined_rule_errs_less_than_any_of_them(m3: dict) -> None:
    """Over a year ahead its error is at most 10.8, below last year's pattern and the last year's mean together."""
    error = smape(combined(m3["history"], 18), m3["actual"], 12)
    assert error <= 10.8
    assert error < smape(last_mean(m3["history"], 18), m3["actual"], 12)


def test_ranges_of_real_series_hold(m3: dict) -> None:
    """Ranges of 80% hold 74 to 86% of what came in the twelve months after."""
    forecast = forecast_series(m3["history"], 12)
    actual = m3["actual"][:, :12]
    assert 0.74 <= ((forecast.low <= actual) & (actual <= forecast.high)).mean() <= 0.86


def generated(rng: np.random.Generator, count: int, months: int) -> np.ndarray:
    """Return series of mixed kinds: level, seasonal and slowly growing ones, each with noise of its own."""
    kind = rng.integers(0, 3, count)[:, None]
    logs = rng.normal(6, 1.2, (count, 1)) + np.cumsum(rng.normal(0, 0.05, (count, months)), axis=1)
    logs += rng.normal(0, rng.uniform(0.05, 0.3, (count, 1)), (count, months))
    phase = rng.integers(0, 12, (count, 1))
    logs += np.where(kind == 1, 0.15 * np.sin(2 * np.pi * (np.arange(months) + phase) / 12), 0.0)
    return np.exp(logs + np.where(kind == 2, rng.normal(0.005, 0.01, (count, 1)), 0.0) * np.arange(months))


@pytest.mark.parametrize("seed", [1, 2])
def test_ranges_of_generated_series_hold(seed: int) -> None:
    """Of 2,000 generated series ranges of 80% hold 78 to 83% of the six months after, ranges of 95% 93 to 97%."""
    values = generated(np.random.default_rng(seed), 2_000, 42)
    for level, least, most in ((0.8, 0.78, 0.83), (0.95, 0.93, 0.97)):
        forecast = forecast_series(values[:, :36], 6, level=level)
        came = values[:, 36:]
        assert least <= ((forecast.low <= came) & (came <= forecast.high)).mean() <= most


def test_a_series_that_never_moves_is_forecast_as_it_is() -> None:
    """A constant stays, whatever its length, and its range is next to nothing."""
    for months in (6, 12, 24, 36):
        forecast = forecast_series(np.full((5, months), 70.0), 12)
        assert forecast.points == pytest.approx(np.full((5, 12), 70.0))


def test_short_series_get_no_trend_and_sparse_ones_their_level() -> None:
    """Under twelve points, or with more than half zeros, the forecast is one level."""
    rising = np.arange(1.0, 9.0)[None, :] * 100
    assert np.ptp(combined(rising, 6)) == 0
    sparse = np.tile([0.0, 0.0, 9.0], 12)[None, :]
    assert np.ptp(combined(sparse, 6)) == 0


def test_a_late_start_is_no_zero() -> None:
    """Months before a series began do not pull its forecast down."""
    values = np.full((1, 24), 50.0)
    values[0, :8] = np.nan
    assert combined(values, 3) == pytest.approx(np.full((1, 3), 50.0))
