"""How far ahead may be looked, by what was seen."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecast import AGE_UNKNOWN, UsageHistory, months_of_use, reach_of


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
