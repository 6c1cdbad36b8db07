"""Swings, bill shock, concentration, disconnect: closed forms and small cases."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.impact.volatility import around_trend, bill_shock_of, rises, usage_volatility
from workbench.stages.usage import period_change, value_changes, value_usage_disconnect, yearly_growth


def test_steady_growth_is_no_volatility() -> None:
    """Usage that grows at a constant rate has no month-to-month variation, whatever the rate."""
    months = np.arange(18)
    steady = 100 * 1.07 ** np.vstack([months, -months])
    assert usage_volatility(steady) == pytest.approx([0, 0], abs=1e-12)


def test_volatility_is_the_spread_of_log_changes() -> None:
    """Usage that alternates between q and 1.5 q varies by the standard deviation of plus and minus ln 1.5."""
    usage = np.where(np.arange(12) % 2, 150.0, 100.0)[None, :]
    changes = np.log(1.5) * np.where(np.arange(11) % 2, -1, 1)
    assert usage_volatility(usage)[0] == pytest.approx(changes.std(ddof=1))


def test_too_few_changes_leave_volatility_unknown() -> None:
    """Fewer than five changes say nothing about an account."""
    assert np.isnan(usage_volatility(np.array([[1.0, 2.0, 1.0, 2.0, 1.0]]))[0])


def test_revenue_on_a_trend_does_not_swing() -> None:
    """Any exponential, and growth that steadily speeds up, lies on its trend."""
    t = np.arange(24)
    assert around_trend(np.exp(0.03 * t)) == pytest.approx(0, abs=1e-9)
    assert around_trend(np.exp(0.01 * t + 0.001 * t**2)) == pytest.approx(0, abs=1e-9)


def test_a_season_is_a_swing() -> None:
    """A yearly season of amplitude a over four whole years swings by about a / sqrt(2)."""
    t = np.arange(48)
    assert around_trend(np.exp(0.02 * t + 0.1 * np.sin(2 * np.pi * t / 12))) == pytest.approx(0.1 / 2**0.5, rel=0.1)


def test_swing_does_not_hang_on_the_currency() -> None:
    """Revenue in cents swings as much as revenue in dollars."""
    revenue = np.random.default_rng(1).uniform(90, 110, 20)
    assert around_trend(revenue) == pytest.approx(around_trend(revenue * 100))
    assert np.isnan(around_trend(revenue[:7]))


def test_bill_shock_by_hand() -> None:
    """Of three accounts one rises by 30%, one by 60%, one falls: 2/3 and 1/3 of accounts, 2 of 6 changes."""
    bills = np.array([[100, 130, 130], [100, 100, 160], [100, 90, 80]], dtype=float)
    shock = bill_shock_of(bills)
    assert (shock.accounts, shock.changes) == (3, 6)
    assert (shock.over_25, shock.over_50) == pytest.approx((2 / 3, 1 / 3))
    assert shock.jumps.estimate == pytest.approx(2 / 6)
    assert shock.jumps.low < 2 / 6 < shock.jumps.high


def test_flat_bills_never_jump() -> None:
    """A flat fee shocks nobody, and with certainty."""
    shock = bill_shock_of(np.full((4, 6), 50.0))
    assert (shock.over_25, shock.largest_p95, shock.jumps.high) == (0, 0, 0)


def test_joining_and_leaving_are_no_jumps() -> None:
    """From nothing to a bill, to nothing, and out of the first (often partial) month is no rise."""
    change = rises(np.array([[0, 0, 40, 100, 100, 0], [70, 100, 100, 100, 100, 100]], dtype=float))
    assert np.isnan(change[0]).tolist() == [True, True, True, False, True]
    assert change[1, 0] == pytest.approx(3 / 7)


def test_without_two_bills_shock_is_unknown() -> None:
    """Nobody with two bills in a row: nothing is known, and it is not zero."""
    assert np.isnan(bill_shock_of(np.array([[0.0, 5.0]])).over_25)


def test_period_change_compares_halves() -> None:
    """Means of the last and the previous months are compared; too few known months are unknown."""
    amounts = np.array([[10.0, 10, 10, 12, 12, 12], [np.nan, np.nan, 5, 5, 5, 5], [0, 0, 0, 1, 1, 1]])
    assert period_change(amounts, 3)[0] == pytest.approx(0.2)
    assert np.isnan(period_change(amounts, 3)[1:]).all()
    assert np.isnan(period_change(amounts[:, :5], 3)).all()


def test_disconnect_needs_both_sides() -> None:
    """Counted are accounts whose value rose and usage fell by 5% at least; unknown ones are not compared."""
    used = np.array([-0.2, -0.2, 0.1, -0.04, np.nan])
    gained = np.array([0.3, -0.1, 0.3, 0.3, 0.3])
    found = value_usage_disconnect(used, gained, np.array([100.0, 50, 50, 50, 900]))
    assert (found.count, int(found.compared.sum())) == (1, 4)
    assert found.share.estimate == pytest.approx(0.25)
    assert (found.revenue, found.revenue_share) == pytest.approx((100, 0.4))
    assert value_usage_disconnect(used, gained).revenue is None


def test_kinds_of_outcome_are_joined_by_their_changes() -> None:
    """Doubled hours and halved errors-avoided cancel out, whatever their units."""
    hours, avoided = np.array([[1.0] * 6 + [2.0] * 6]), np.array([[1000.0] * 6 + [500.0] * 6])
    assert value_changes({"hours": hours, "avoided": avoided})[0] == pytest.approx(0)
    assert value_changes({"hours": hours})[0] == pytest.approx(1)


def test_growth_is_read_off_the_trend() -> None:
    """2% a month is 26.8% a year; under six months nothing is said."""
    assert yearly_growth(100 * 1.02 ** np.arange(12)) == pytest.approx(1.02**12 - 1)
    assert yearly_growth(np.ones(5)) is None
