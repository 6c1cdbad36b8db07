"""Growth, variation and forecast error of one metric inside each account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.value_metric.evidence import (
    LARGEST_CHANGE,
    annual_growth,
    forecast_error,
    log_change,
    month_to_month,
    recent_mean,
)

STEPS = np.arange(24)


def test_growth_of_a_steady_climb_is_its_yearly_rate() -> None:
    """An account that grows 2% a month grows 12 log points times log(1.02) a year, however long its history."""
    climb = 40 * 1.02**STEPS
    late = np.where(STEPS >= 10, climb, np.nan)
    np.testing.assert_allclose(annual_growth(np.stack([climb, late])), 12 * np.log(1.02))


def test_growth_sees_no_season() -> None:
    """A yearly season without growth is no growth: the same months are compared."""
    season = 100 + 50 * np.sin(STEPS * np.pi / 6)
    assert annual_growth(season[None, :])[0] == pytest.approx(0, abs=1e-12)


def test_short_history_says_nothing_about_growth() -> None:
    """With fewer than six months between the ends, or no use at either end, growth is unknown."""
    young = np.where(STEPS >= 17, 5.0, np.nan)
    idle = np.zeros(24)
    assert np.isnan(annual_growth(np.stack([young, idle]))).all()
    assert np.isnan(annual_growth(np.ones((3, 8)))).all()


def test_month_to_month_of_alternating_use() -> None:
    """Use that alternates between 10 and 20 changes by log 2 every month."""
    assert month_to_month(np.where(STEPS % 2, 10.0, 20.0)[None, :])[0] == pytest.approx(np.log(2))


def test_from_nothing_to_something_is_the_largest_change() -> None:
    """Changes from or to zero count as twentyfold; from nothing to nothing is unknown, not steady."""
    np.testing.assert_allclose(
        log_change(np.array([0.0, 3.0, 0.0, 5.0]), np.array([3.0, 0.0, 0.0, 5.0])),
        [LARGEST_CHANGE, -LARGEST_CHANGE, np.nan, 0.0],
    )


def test_constant_use_is_forecast_without_error() -> None:
    """An account that always uses the same is forecast exactly; one without a year's sum is unknown."""
    errors = forecast_error(np.stack([np.full(24, 7.0), np.zeros(24)]))
    assert errors[0] == 0
    assert np.isnan(errors[1])


def test_forecast_sees_only_earlier_months() -> None:
    """A jump in the last month raises the error by that month alone."""
    jump = np.full(24, 10.0)
    jump[-1] = 30.0
    assert forecast_error(jump[None, :])[0] == pytest.approx(20 / (11 * 10 + 30))


def test_a_season_known_from_last_year_lowers_the_error() -> None:
    """Averaging in last year's same month forecasts a strong season better than the level alone does."""
    months = np.arange(36)
    season = 100 * np.exp(0.6 * np.sin(months * np.pi / 6))
    with_past = forecast_error(season[None, :])[0]
    without = forecast_error(np.where(months >= 23, season, np.nan)[None, :])[0]
    assert with_past < 0.75 * without


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([2.0**-20, 0.5, 4.0, 2.0**30]))
def test_no_measure_depends_on_the_unit(seed: int, unit: float) -> None:
    """Counting in other units changes neither growth nor variation nor forecast error."""
    rng = np.random.default_rng(seed)
    quantity = rng.poisson(3, (6, 20)) * rng.gamma(1, 1, (6, 1))
    quantity[rng.random(quantity.shape) < 0.1] = np.nan
    for measure in (annual_growth, month_to_month, forecast_error):
        np.testing.assert_allclose(measure(quantity * unit), measure(quantity), rtol=1e-9)


def test_recent_mean_skips_unknown_months() -> None:
    """The mean of the last three months counts the known ones; with none it is unknown."""
    np.testing.assert_allclose(
        recent_mean(np.array([[9.0, 1.0, np.nan, 3.0], [9.0, np.nan, np.nan, np.nan]])), [2.0, np.nan]
    )
