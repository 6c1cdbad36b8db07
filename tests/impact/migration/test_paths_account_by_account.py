"""Every path held against plain loops over accounts and months, on books and policies nobody thought of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from account_by_account import (
    any_bills,
    any_policies,
    ends_of_revenue,
    followed,
    month_by_month,
    revenue_when_some_leave,
)

from workbench.impact.migration import (
    EveryoneAtOnce,
    NewCustomers,
    migrate,
)

MONTHS = 26
SEEDS = range(16)


@pytest.mark.parametrize("seed", SEEDS)
def test_paths_are_the_sums_of_single_accounts(seed: int) -> None:
    """Revenue, its ends, who is where and what is forgone are those of every account followed by itself."""
    rng = np.random.default_rng(seed)
    bills = any_bills(rng)
    for policy in any_policies(rng):
        table = migrate(bills, policy, months=MONTHS).table
        found = month_by_month(policy, bills, MONTHS)
        least, most = ends_of_revenue(policy, bills, MONTHS)
        notice = min(single.notice_months for _, single in followed(policy, bills))
        at_once = month_by_month(EveryoneAtOnce(notice_months=notice), bills, MONTHS).revenue
        wanted = {
            "today": found.revenue,
            "revenue": found.revenue,
            "revenue_low": least,
            "revenue_high": most,
            "on_old": found.on_old,
            "in_between": found.in_between,
            "on_new": found.on_new,
            "at_once": at_once,
            "forgone": [a - b for a, b in zip(at_once, found.revenue, strict=True)],
            "old_prices": [float(bills.old.sum())] * MONTHS,
            "new_customers": [0.0] * MONTHS,
        }
        assert list(table["month"]) == list(pd.date_range("2025-11", periods=MONTHS, freq="MS"))
        for column, values in wanted.items():
            np.testing.assert_allclose(table[column], values, rtol=1e-9, atol=1e-6, err_msg=f"{column} of {policy}")


@pytest.mark.parametrize("seed", SEEDS)
def test_at_its_break_even_churn_a_path_brings_what_old_prices_do(seed: int) -> None:
    """When that share of every account leaves as new prices begin for it, all revenue is that of old prices."""
    rng = np.random.default_rng(seed)
    bills = any_bills(rng)
    for policy in any_policies(rng):
        share = migrate(bills, policy, months=MONTHS).break_even_churn
        old = float(bills.old.sum()) * MONTHS
        if np.isnan(share):  # nobody moves, or who moves pays nothing: whoever leaves changes nothing
            at_all, at_none = (revenue_when_some_leave(policy, bills, MONTHS, each) for each in (1.0, 0.0))
            assert at_all == pytest.approx(at_none)
        else:
            assert revenue_when_some_leave(policy, bills, MONTHS, share) == pytest.approx(old, rel=1e-9, abs=1e-6)


def test_new_customers_add_up_month_after_month() -> None:
    """Each month as many come as the month before, and all of them stay and pay the new prices."""
    bills = any_bills(np.random.default_rng(3))
    table = migrate(bills, EveryoneAtOnce(notice_months=4), new_customers=NewCustomers(low=1, high=4)).table
    mean = sum(bills.new) / len(bills)
    there = 0.0
    for row in table.itertuples():
        there += 2.5
        assert row.new_customers == pytest.approx(there * mean)
        assert row.revenue == pytest.approx(row.today + there * mean)
        assert row.revenue_low == pytest.approx(row.today + there / 2.5 * mean)
        assert row.revenue_high == pytest.approx(row.today + there / 2.5 * 4 * mean)
