"""Bills for a migration taken from two replays of the sample company."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from workbench.impact import KeepPlan, account_months, compare, replay_many
from workbench.impact.migration import (
    EveryoneAtOnce,
    MigrationError,
    bills_of,
    migrate,
    opt_in_overage,
    who_would_opt_in,
)
from workbench.stages.price_book import list_of_today

if TYPE_CHECKING:
    from workbench.customers import CustomerBase


def test_bills_are_those_of_the_comparison(sample_company: CustomerBase) -> None:
    """Today's customers carry their mean bills, and everyone at once is the revenue the replay found for them."""
    base = sample_company
    book = list_of_today(base)
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


def test_bills_are_those_of_the_last_month(sample_company: CustomerBase) -> None:
    """Over a year's comparison each customer stands at its last bills: what is used now, not half a year ago."""
    base = sample_company
    book = list_of_today(base)
    dear = opt_in_overage(book, "queries_executed", unit_price="0.01", included=1000)
    year, month = (account_months(base, months=months, gaps="last") for months in (12, 1))
    over_year, last = (
        compare(*replay_many(rows, {"today": book, "new": dear}, assign=KeepPlan()).values()) for rows in (year, month)
    )
    bills, wanted = bills_of(over_year, base), bills_of(last, base)
    assert bills.old.sum() == pytest.approx(wanted.old.sum())
    assert bills.new.sum() == pytest.approx(last.revenue_after)
    assert bills.old.sum() > 1.03 * over_year.accounts.set_index("account_id")["before"][bills.account_ids].sum()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"contracts": {"Q0001": "2025-13-01"}}, "Q0001 is said to renew on '2025-13-01', which is no day"),
        ({"contracts": {"Q9999": "2025-09-01"}}, "does not have: Q9999"),
        ({"subscribed": "seats"}, "subscribed='seats' is one word"),
    ],
)
def test_a_contract_or_metric_that_means_nothing_is_refused(
    sample_company: CustomerBase, settings: dict[str, Any], said: str
) -> None:
    """An unknown account is not passed over, a day no calendar has is quoted, and a day may be a date."""
    base = sample_company
    rows = account_months(base, months=1, gaps="last")
    comparison = compare(None, replay_many(rows, {"today": list_of_today(base)}, assign=KeepPlan())["today"])
    with pytest.raises(MigrationError, match=said):
        bills_of(comparison, base, **settings)
    assert bills_of(comparison, base, contracts={"Q0001": dt.date(2025, 6, 1)}).renewal_known.sum() == 1
    with pytest.raises(MigrationError, match="is no policy"):
        migrate(bills_of(comparison, base), EveryoneAtOnce)  # type: ignore[arg-type]
