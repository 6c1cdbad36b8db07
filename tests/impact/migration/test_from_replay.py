"""Bills for a migration taken from two replays of the sample company."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.impact import KeepPlan, account_months, compare, replay_many
from workbench.impact.migration import EveryoneAtOnce, bills_of, migrate, opt_in_overage, who_would_opt_in
from workbench.sample import sample_base
from workbench.stages.price_book import today


def test_bills_are_those_of_the_comparison() -> None:
    """Today's customers carry their mean bills, and everyone at once is the revenue the replay found for them."""
    base = sample_base()
    book = today(base)
    rows = account_months(base, months=1, gaps="last")
    before = replay_many(rows, {"today": book}, assign=KeepPlan())["today"]
    dear = opt_in_overage(book, "queries_executed", unit_price="0.01", included=1000)
    quantity = rows.quantity("queries_executed")
    plans = np.array([*rows.plans.names, "unknown"], dtype=object)[rows.plans.code]
    owners = who_would_opt_in(dear, "queries_executed", list(rows.account_ids[rows.account]), quantity, list(plans))
    after = replay_many(rows, {"new": dear}, assign=KeepPlan(), add_ons=owners)["new"]
    comparison = compare(before, after)
    bills = bills_of(comparison, base, contracts={str(rows.account_ids[rows.account[0]]): "2025-06-01"})
    assert len(bills) + bills.left_out == len(rows)
    assert bills.new.sum() == pytest.approx(comparison.revenue_after)
    assert bills.old.sum() == pytest.approx(comparison.revenue_before)
    assert bills.add_ons.sum() == pytest.approx((bills.new - bills.old).sum())
    assert 0 < len(owners) < len(rows)
    assert bills.start.strftime("%Y-%m") == "2025-01"
    assert bills.renewal_known.sum() == 1
    assert bills.renewal[bills.renewal_known].tolist() == [5]
    assert migrate(bills, EveryoneAtOnce()).table["today"].to_numpy() == pytest.approx(comparison.revenue_after)
