"""The results of a replay as tables: revenue per month, plan, item, segment and account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth import MrrLedger
from workbench.impact.errors import ReplayError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.replay import Replay

UNPLACED = "no plan"


def by_month(replay: Replay) -> pd.DataFrame:
    """Return month, accounts, revenue, not_billed (accounts)."""
    rows = replay.rows
    customers = np.bincount(rows.month - rows.window.start, minlength=len(rows.shown_months))
    billed = customers if replay.all_known else rows.by_month(replay.known.astype(float)).astype(int)
    return pd.DataFrame(
        {
            "month": rows.shown_months,
            "accounts": billed,
            "revenue": rows.by_month(replay.known_amounts),
            "not_billed": customers - billed,
        }
    )


def by_plan(replay: Replay) -> pd.DataFrame:
    """Return month, plan, accounts, revenue; NaN revenue where nobody in the plan could be billed."""
    names = [*replay.book.plan_names, UNPLACED]
    return _by_group(replay, np.where(replay.plan_index < 0, len(names) - 1, replay.plan_index), names, "plan")


def by_segment(replay: Replay) -> pd.DataFrame:
    """Return month, segment, accounts, revenue, not_billed (accounts); accounts without a segment are "unknown"."""
    codes, names = pd.factorize(replay.rows.segment, sort=True)
    table = _by_group(replay, codes[replay.rows.account], list(names), "segment", every=True)
    return table.assign(revenue=table["revenue"].fillna(0.0), not_billed=table["accounts"] - table.pop("billed"))


def _by_group(
    replay: Replay, group: NDArray[np.integer], names: list[str], column: str, *, every: bool = False
) -> pd.DataFrame:
    """Sum accounts and revenue per month and group; groups nobody is in are left out of the month."""
    rows = replay.rows
    months = rows.shown_months
    place = (rows.month - rows.window.start) * len(names) + group
    size = len(months) * len(names)
    accounts = np.bincount(place, minlength=size)
    billed = np.bincount(place[replay.known], minlength=size)
    revenue = np.bincount(place, replay.known_amounts, size)
    found = pd.DataFrame(
        {
            "month": months.repeat(len(names)),
            column: np.tile(np.array(names, dtype=object), len(months)),
            "accounts": accounts,
            "revenue": np.where(billed > 0, revenue, np.nan),
        }
    )
    if every:
        found["billed"] = billed
    return found[accounts > 0].reset_index(drop=True)


def by_item(replay: Replay) -> pd.DataFrame:
    """Return month, offer, item (base fee or metric charged), accounts, revenue; only what could be billed counts."""
    rows = replay.rows
    months = rows.shown_months
    column = rows.month - rows.window.start
    parts = []
    for item in replay.items():
        here = replay.known[item.rows]
        month = column[item.rows][here]
        parts.append(
            pd.DataFrame(
                {
                    "month": months,
                    "offer": item.offer,
                    "item": item.item,
                    "accounts": np.bincount(month, minlength=len(months)),
                    "revenue": np.bincount(month, item.amounts[here], len(months)),
                }
            )
        )
    if not parts:
        return pd.DataFrame(columns=["month", "offer", "item", "accounts", "revenue"])
    # An offer with two charges on one metric shows them as one item, and each account counts once.
    table = pd.concat(parts, ignore_index=True)
    table = table.groupby(["month", "offer", "item"], sort=False, as_index=False).agg(
        accounts=("accounts", "max"), revenue=("revenue", "sum")
    )
    return table[table["accounts"] > 0].sort_values("month", kind="stable", ignore_index=True)


def by_account(replay: Replay) -> pd.DataFrame:
    """Return account_id, segment, plan (the last one), months, not_billed (months), revenue, per_month.

    `per_month` is the mean bill of the months that could be billed; NaN where none could.
    """
    rows = replay.rows
    months, all_months = replay.months_billed, rows.months_of_account
    revenue = rows.by_account(replay.known_amounts)
    # Rows come account by account, so an account's last one stands where its rows end.
    last = all_months.cumsum().astype(np.intp) - 1
    names = np.array([*replay.book.plan_names, UNPLACED], dtype=object)
    table = pd.DataFrame(
        {
            "account_id": rows.account_ids,
            "segment": rows.segment,
            "plan": names[replay.plan_index[last]],
            "months": months.astype(int),
            "not_billed": (all_months - months).astype(int),
            "revenue": np.where(months > 0, revenue, np.nan),
            "per_month": np.divide(revenue, months, out=np.full(len(months), np.nan), where=months > 0),
        }
    )
    return table[all_months > 0].reset_index(drop=True)


def ledger(replay: Replay) -> MrrLedger:
    """Return the bills as a revenue ledger, of the accounts that could be billed in all their months.

    An account with an unknown month would look as if it had left, so it is left out.
    """
    rows = replay.rows
    billed = replay.billed_throughout
    if not billed.any():
        raise ReplayError(f"{replay.name}: no account could be billed in all its months.", "See `coverage()`.")
    return MrrLedger(rows.account_ids[billed], rows.shown_months, replay.bills[billed])


__all__ = ["by_account", "by_item", "by_month", "by_plan", "by_segment", "ledger"]
