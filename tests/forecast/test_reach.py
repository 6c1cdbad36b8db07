"""How far ahead may be looked, by what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.forecast import AGE_UNKNOWN, Parts, Reach, UsageHistory, jump_of, months_of_use, narrowed, reach_of


def seen(months: int, accounts: int = 20) -> UsageHistory:
    """Return accounts that were customers in every month."""
    return UsageHistory(
        np.ones((1, accounts, months)), np.full(accounts, AGE_UNKNOWN), np.zeros(accounts, dtype=np.int64)
    )


@pytest.mark.parametrize(
    ("months", "ranges", "sign", "tested"),
    [
        (1, 0, 0, False),
        (5, 0, 0, False),
        (6, 3, 0, False),
        (11, 3, 0, False),
        (12, 12, 24, False),
        (23, 12, 24, False),
        (24, 24, 24, True),
        (60, 24, 24, True),
    ],
)
def test_the_longer_the_history_the_farther_it_reaches(months: int, ranges: int, sign: int, tested: bool) -> None:
    """Under six months nothing, under a year three months without a sign, under two years a year ahead."""
    reach = reach_of(seen(months))
    assert (reach.ranges, reach.sign, reach.tested) == (ranges, sign, tested)
    assert bool(reach.reason) == (ranges < 24)
    assert not reach.reason or reach.reason.startswith(f"{months} month")


def test_few_accounts_are_no_company_to_forecast() -> None:
    """Nineteen accounts seen for long enough are too few, however many joined since."""
    quantity = np.ones((1, 60, 30))
    quantity[:, 19:, :-5] = np.nan
    history = UsageHistory(quantity, np.zeros(60, dtype=np.int64), np.zeros(60, dtype=np.int64))
    reach = reach_of(history)
    assert reach.ranges == 0
    assert reach.reason.startswith("19 accounts")


def test_a_range_wider_than_a_factor_of_three_is_of_no_use() -> None:
    """Months count up to the first whose high end is over three times its low one; nothing is not known from a zero."""
    ranges = np.array([[10.0, 10, 10, 10], [15, 15, 15, 15], [20, 30, 30.1, 20]])
    assert months_of_use(ranges) == 2
    assert months_of_use(ranges[:, :2]) == 2
    assert months_of_use(np.array([[0.0], [1.0], [2.0]])) == 0


def parts_of(shock: float) -> Parts:
    """Return draws of one list whose range grows to a factor of four in twelve months."""
    spread = np.linspace(-1, 1, 401)[:, None] * np.arange(1, 13) / 12 * np.log(4) / 2 / 0.9
    revenue = 1_000 * np.exp(spread)
    return Parts(
        ("today",), revenue[None, None], np.zeros((1, 401, 12)), np.ones((1, 401, 12)), np.zeros((401, 12)), shock
    )


def test_where_revenue_swings_only_ranges_of_use_are_given() -> None:
    """A factor of three is reached after nine months and a half: under large shocks, or with five large accounts."""
    reach, even, few = Reach(12, 24, tested=False, reason=""), np.ones(100), np.r_[np.full(5, 30.0), np.ones(100)]
    assert narrowed(reach, parts_of(0.02), even) is reach
    assert narrowed(reach, parts_of(0.04), even).ranges == 9
    found = narrowed(reach, parts_of(0.02), few)
    assert found.ranges == 9
    assert found.sign == 24
    assert found.reason.startswith("5 accounts are more than half of revenue: beyond 9 months")
    wild = parts_of(0.04)
    wild = replace(wild, staying=wild.staying**20)
    assert narrowed(reach, wild, even) == Reach(
        0,
        0,
        tested=False,
        reason="all usage swings by a few per cent a month, "
        "and even the range of next month is wider than a factor of three",
    )


def test_a_jump_of_all_accounts_is_no_growth() -> None:
    """Counting in other units shows in one month, whichever; growth, a season and single accounts that jump do not."""
    rng = np.random.default_rng(2)
    logs = rng.normal(5, 1, (60, 1)) + 0.05 * np.arange(30) + 0.2 * np.sin(np.arange(30)) + rng.normal(0, 0.2, (60, 30))
    assert jump_of(np.exp(logs)) is None
    some = logs.copy()
    some[:20, 11:] += 5
    assert jump_of(np.exp(some)) is None
    logs[:, 17:] += np.log(1_000)
    assert jump_of(np.exp(logs)) == 17
    assert jump_of(np.exp(logs[:19])) is None
