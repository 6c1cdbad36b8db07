"""Why an account-month could not be billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths

BILLED = 0
NO_PLAN_FITS = 1
PLAN_UNKNOWN = 2
PLAN_NOT_OFFERED = 3
ON_REQUEST = 4
NO_USAGE = 5
QUANTITY_UNKNOWN = 6

REASONS = {
    BILLED: "billed",
    NO_PLAN_FITS: "no plan fits",
    PLAN_UNKNOWN: "plan not known",
    PLAN_NOT_OFFERED: "plan not in the price book",
    ON_REQUEST: "price on request",
    NO_USAGE: "no usage on record that month",
    QUANTITY_UNKNOWN: "quantity of a charged metric unknown",
}


def reasons(
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    amounts: NDArray[np.float64],
    without_plan: NDArray[np.uint8] | int,
    priced: tuple[bool, ...],
) -> NDArray[np.uint8]:
    """Return why each account-month has no bill; BILLED where it has one.

    `without_plan` says why a row whose place in the price book is -1 has no plan.
    """
    found = np.zeros(len(rows), dtype=np.uint8)
    unknown = np.isnan(amounts)
    if not unknown.any():
        return found
    has_price = np.append(np.array(priced, dtype=bool), False)[plan_index]
    found[unknown] = np.where(rows.any_usage()[unknown], QUANTITY_UNKNOWN, NO_USAGE)
    found = np.where(unknown & ~has_price, np.uint8(ON_REQUEST), found)
    return np.where(plan_index < 0, np.asarray(without_plan, dtype=np.uint8), found)


def coverage_table(rows: AccountMonths, reason: NDArray[np.uint8]) -> pd.DataFrame:
    """Return one row per reason that occurs, `billed` first: reason, account_months, accounts, share of months."""
    found = []
    for code, words in REASONS.items():
        here = reason == code
        months = int(here.sum())
        if months or code == BILLED:
            accounts = len(np.unique(rows.account[here]))
            found.append((words, months, accounts, months / len(rows)))
    return pd.DataFrame(found, columns=["reason", "account_months", "accounts", "share"])


def not_billed_table(rows: AccountMonths, reason: NDArray[np.uint8]) -> pd.DataFrame:
    """Return one row per account-month without a bill: account_id, month, reason."""
    here = np.flatnonzero(reason != BILLED)
    words = np.array(list(REASONS.values()), dtype=object)
    return pd.DataFrame(
        {
            "account_id": rows.account_ids[rows.account[here]],
            "month": rows.months[rows.month[here]],
            "reason": words[reason[here]],
        }
    )
