"""Bills for a migration from two replays: today's customers, their last bills on both sides, their renewals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.windows import YEAR
from workbench.impact.migration.bills import account_bills
from workbench.impact.migration.errors import MigrationError
from workbench.impact.migration.renewals import renewals_of
from workbench.impact.months_given import month_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.impact.account_months import AccountMonths
    from workbench.impact.comparison import Comparison
    from workbench.impact.migration.bills import AccountBills

    Floats = NDArray[np.float64]

_NAMED = 5  # unknown accounts in an error


def bills_of(
    comparison: Comparison,
    base: CustomerBase,
    *,
    start: str | pd.Timestamp | None = None,
    contracts: Mapping[str, dt.date | str] | None = None,
    term: int = YEAR,
    subscribed: Collection[str] = ("seats",),
) -> AccountBills:
    """Return the bills of today's customers: those of the comparison's last month, as of that month.

    What they paid on average over a year would be what they used half a year ago, where usage grows.

    Parameters
    ----------
    comparison
        Of today's prices, or what was paid, with the new prices.
    start
        Month of the announcement; the month after the comparison's last one when None.
    contracts
        Next renewal by account, where it differs from `renews_on` in the table of accounts. Without either, a renewal
        is assumed on the anniversary of sign-up.
    term
        Months from one renewal to the next.
    subscribed
        Metrics that do not move with usage; charges by all others are taken as metered.

    Customers whose last month has no bill on both sides, such as those on request, are left out and counted.
    """
    if isinstance(subscribed, str):
        raise MigrationError(f"subscribed={subscribed!r} is one word.", f'Give a list, such as ["{subscribed}"].')
    if strangers := sorted(set(contracts or ()) - set(base.accounts["account_id"])):
        raise MigrationError(
            f"Contracts are given for accounts the customer base does not have: {', '.join(strangers[:_NAMED])}.",
            "Correct their ids; they are those of the accounts table.",
        )
    rows = comparison.after.rows
    last = rows.shown_months[-1]
    month = month_of(last + pd.DateOffset(months=1) if start is None else start)
    here = np.unique(rows.account[rows.month == rows.window.stop - 1])
    ids = pd.Index(rows.account_ids[here], dtype=object)
    table = comparison.accounts.set_index("account_id").reindex(ids)
    counted = _counted(comparison)
    first = rows.recorded if comparison.before is None else comparison.before.amounts
    assert first is not None  # noqa: S101 - the comparison has a first side
    old, new = (_monthly(amounts, counted, rows)[here] for amounts in (first, comparison.after.amounts))
    renewal, known = renewals_of(base.accounts, rows.account_ids[here], month, term, contracts)
    metered, add_ons = _parts(comparison, subscribed, counted)
    return account_bills(
        ids.to_numpy(),
        rows.segment[here],
        old,
        new,
        start=month,
        currency=comparison.currency,
        renewal=renewal,
        term=term,
        renewal_known=known,
        unit_cost=rows.unit_cost[here],
        metered=metered[here],
        add_ons=add_ons[here],
        plan_before=table["plan_before"].fillna("unknown").to_numpy(dtype=object),
        plan_after=table["plan_after"].fillna("unknown").to_numpy(dtype=object),
    )


def with_term(bills: AccountBills, accounts: pd.DataFrame, term: int) -> AccountBills:
    """Return bills with contracts renewed every `term` months, the next time when the table of accounts says."""
    renewal, known = renewals_of(accounts, bills.account_ids, bills.start, term)
    late = np.where(np.isnan(renewal), term - 1, renewal).astype(np.intp)
    return replace(bills, renewal=late, term=np.full(len(bills), term, dtype=np.intp), renewal_known=known)


def _counted(comparison: Comparison) -> Floats:
    """Return 1 for the account-months of the last month that are compared."""
    rows, compared = comparison.after.rows, comparison.rows
    counted = np.zeros(len(rows))
    counted[compared[rows.month[compared] == rows.window.stop - 1]] = 1.0
    return counted


def _parts(comparison: Comparison, subscribed: Collection[str], counted: Floats) -> tuple[Floats, Floats]:
    """Return per account of the base the monthly amounts of the new bill for usage in plans, and for add-ons."""
    replay, rows = comparison.after, comparison.after.rows
    add_on_names = {each.name for each in replay.book.add_ons}
    fixed = {*replay.committed, *subscribed}
    metered, add_ons = np.zeros(len(rows)), np.zeros(len(rows))
    for item in replay.items():
        if item.offer in add_on_names:
            add_ons[item.rows] += np.nan_to_num(item.amounts)
        elif item.charge is not None and item.item not in fixed:
            metered[item.rows] += np.nan_to_num(item.amounts)
    usage, extra = (np.nan_to_num(_monthly(each, counted, rows)) for each in (metered, add_ons))
    return usage, extra


def _monthly(amounts: Floats, counted: Floats, rows: AccountMonths) -> Floats:
    """Return per account of the base the amount that counts; NaN where none does."""
    total = rows.by_account(np.where(counted > 0, amounts, 0.0))
    return np.where(rows.by_account(counted) > 0, total, np.nan)
