"""Net and gross revenue retention of a cohort, and average revenue per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.movements import MovementsError, MrrLedger, mrr_ledger

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Retention:
    """What became of the revenue of the customers who paid at the start; losses are negative.

    `net` is end / start of that same cohort (NRR): customers won later do not count, customers who came
    back within the period do. `gross` (GRR) counts each customer at most at what they paid at the start,
    so it never exceeds 1. `logo` is the share of the cohort still paying.
    """

    start_month: pd.Timestamp
    end_month: pd.Timestamp
    accounts: int
    start: float
    expansion: float
    contraction: float
    churn: float
    end: float
    net: float
    gross: float
    logo: float


def retention(
    mrr: pd.DataFrame | MrrLedger,
    end_month: str | pd.Timestamp | None = None,
    *,
    months: int = 12,
    account_ids: NDArray[np.object_] | list[str] | None = None,
) -> Retention:
    """Return net and gross revenue retention of the cohort that paid `months` before `end_month`.

    The two ends of the period are compared per customer: expansion and contraction within the period that
    cancel out are not seen. `end_month` None means the last month; `account_ids` narrows the cohort.

    Raises MovementsError when a month is not covered or nobody in the cohort paid at the start.
    """
    ledger = mrr if isinstance(mrr, MrrLedger) else mrr_ledger(mrr)
    last = ledger.months[-1] if end_month is None else pd.Timestamp(end_month)
    end_column = ledger.column(last)
    start_column = ledger.column(ledger.months[end_column] - pd.DateOffset(months=months))
    cohort = ledger.amounts[:, start_column] > 0
    if account_ids is not None:
        cohort &= np.isin(ledger.account_ids.astype(str), np.asarray(account_ids, dtype=str))
    if not cohort.any():
        raise MovementsError(
            f"Nobody paid in {ledger.months[start_column]:%Y-%m}, so there is no cohort to follow.",
            "Choose a later month or a wider group of accounts.",
        )
    before, after = ledger.amounts[cohort, start_column], ledger.amounts[cohort, end_column]
    change, stayed = after - before, after > 0
    start = float(before.sum())
    return Retention(
        start_month=ledger.months[start_column],
        end_month=ledger.months[end_column],
        accounts=int(cohort.sum()),
        start=start,
        expansion=float(change[change > 0].sum()),
        contraction=float(change[stayed & (change < 0)].sum()),
        churn=float(change[~stayed].sum()),
        end=float(after.sum()),
        net=float(after.sum() / start),
        gross=float(np.minimum(before, after).sum() / start),
        logo=float(stayed.mean()),
    )


def retention_path(
    mrr: pd.DataFrame | MrrLedger, *, months: int = 12, account_ids: NDArray[np.object_] | list[str] | None = None
) -> pd.DataFrame:
    """Return one row per end month with the retention of the cohort `months` earlier.

    Columns: end_month, accounts, start, end, net, gross, logo. End months without a paying cohort are left out.
    """
    ledger = mrr if isinstance(mrr, MrrLedger) else mrr_ledger(mrr)
    rows = []
    for month in ledger.months[months:]:
        try:
            seen = retention(ledger, month, months=months, account_ids=account_ids)
        except MovementsError:
            continue
        rows.append((month, seen.accounts, seen.start, seen.end, seen.net, seen.gross, seen.logo))
    return pd.DataFrame(rows, columns=["end_month", "accounts", "start", "end", "net", "gross", "logo"])


def arpa(mrr: pd.DataFrame | MrrLedger) -> pd.DataFrame:
    """Return average revenue per paying account: one row per month with accounts, revenue, arpa.

    `arpa` is NaN in a month in which nobody paid.
    """
    ledger = mrr if isinstance(mrr, MrrLedger) else mrr_ledger(mrr)
    accounts = np.count_nonzero(ledger.amounts > 0, axis=0)
    revenue = ledger.amounts.sum(axis=0)
    average = np.divide(revenue, accounts, out=np.full(len(accounts), np.nan), where=accounts > 0)
    return pd.DataFrame({"month": ledger.months, "accounts": accounts, "revenue": revenue, "arpa": average})
