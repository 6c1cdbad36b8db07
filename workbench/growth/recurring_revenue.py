"""Recurring-revenue movements per customer and month, net and gross retention, and revenue per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# --- Recurring-revenue movements per customer and month: new, reactivation, churn, expansion, contraction

KINDS = ("new", "reactivation", "expansion", "contraction", "churn")


class MovementsError(WorkbenchError, ValueError):
    """Refuse recurring revenue that cannot be split into movements."""


@dataclass(frozen=True, slots=True, eq=False)
class MrrLedger:
    """Monthly recurring revenue as a matrix: `amounts` is accounts x months, 0 where nothing was paid."""

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    amounts: NDArray[np.float64]

    def column(self, month: str | pd.Timestamp) -> int:
        """Return the position of a month; raise MovementsError when the ledger does not cover it."""
        wanted = pd.Timestamp(month).to_period("M").to_timestamp()
        if wanted not in self.months:
            raise MovementsError(
                f"The revenue ledger has no month {wanted:%Y-%m}.",
                f"It covers {self.months[0]:%Y-%m} to {self.months[-1]:%Y-%m}.",
            )
        return int(self.months.searchsorted(wanted))


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """Movements per customer and month; every matrix is accounts x months, in currency per month.

    Losses are negative. `months` are the months in which a change can be seen.
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    start: NDArray[np.float64]
    new: NDArray[np.float64]
    reactivation: NDArray[np.float64]
    expansion: NDArray[np.float64]
    contraction: NDArray[np.float64]
    churn: NDArray[np.float64]
    end: NDArray[np.float64]

    def by_month(self) -> pd.DataFrame:
        """Return one row per month: start, each kind of movement, end, summed over customers."""
        sums = {name: getattr(self, name).sum(axis=0) for name in ("start", *KINDS, "end")}
        return pd.DataFrame({"month": self.months, **sums})

    def counts(self) -> pd.DataFrame:
        """Return one row per month: how many customers moved in each way."""
        sums = {kind: np.count_nonzero(getattr(self, kind), axis=0) for kind in KINDS}
        return pd.DataFrame({"month": self.months, **sums})

    def table(self) -> pd.DataFrame:
        """Return one row per movement that happened: account_id, month, kind, amount."""
        parts = []
        for kind in KINDS:
            matrix = getattr(self, kind)
            rows, columns = np.nonzero(matrix)
            parts.append(
                pd.DataFrame(
                    {
                        "account_id": self.account_ids[rows],
                        "month": self.months[columns],
                        "kind": kind,
                        "amount": matrix[rows, columns],
                    }
                )
            )
        return pd.concat(parts, ignore_index=True).sort_values(["account_id", "month"], ignore_index=True)


def mrr_ledger(mrr: pd.DataFrame) -> MrrLedger:
    """Arrange an mrr table (account_id, month, amount) as a matrix of accounts x consecutive months.

    Several rows of one account in one month (several subscriptions) are added up. A month without a row,
    or with an empty amount, is a month in which the account paid nothing: that is what a revenue ledger
    says by its silence.

    Raises MovementsError when the table is empty or an amount is negative.
    """
    if mrr.empty:
        raise MovementsError("The mrr table has no rows.", "Movements need at least two months of revenue.")
    if (mrr["amount"] < 0).any():
        row = mrr.loc[mrr["amount"] < 0].iloc[0]
        raise MovementsError(
            f"Account {row['account_id']} has a negative amount ({row['amount']}) in {row['month']:%Y-%m}.",
            "Recurring revenue is never negative: book a credit note outside mrr.",
        )
    months = pd.DatetimeIndex(mrr["month"]).to_period("M").to_timestamp()
    covered = pd.date_range(months.min(), months.max(), freq="MS")
    rows, account_ids = pd.factorize(mrr["account_id"], sort=True)
    amounts = np.zeros((len(account_ids), len(covered)))
    np.add.at(amounts, (rows, covered.get_indexer(months)), mrr["amount"].fillna(0.0).to_numpy(float))
    return MrrLedger(np.asarray(account_ids, dtype=object), covered, amounts)


def mrr_movements(
    mrr: pd.DataFrame | MrrLedger,
    *,
    opening: Literal["balance", "new"] = "balance",
    reactivation_window: int | None = None,
) -> Movements:
    """Split recurring revenue into movements per customer and month.

    Parameters
    ----------
    mrr : an mrr table (account_id, month, amount) or the ledger made from it.
    opening : what revenue in the first month is. "balance" (default): it was there before the data starts,
        so movements begin with the second month. "new": the data starts with the company.
    reactivation_window : a customer who returns after more than this many months without paying counts as
        new; None (default) means a former customer never counts as new again.

    Raises MovementsError when the table is empty, has negative amounts, or covers too few months.
    """
    ledger = mrr if isinstance(mrr, MrrLedger) else mrr_ledger(mrr)
    amounts, months = ledger.amounts, ledger.months
    if opening == "new":
        amounts = np.hstack([np.zeros((len(amounts), 1)), amounts])
    else:
        months = months[1:]
    if len(months) == 0:
        raise MovementsError("One month of revenue shows no movement.", "Give at least two months.")
    start, end = amounts[:, :-1], amounts[:, 1:]
    change = end - start
    known_before = _recently_paid(amounts > 0, reactivation_window)[:, :-1]
    pays, paid = end > 0, start > 0
    return Movements(
        account_ids=ledger.account_ids,
        months=months,
        start=start,
        new=np.where(pays & ~known_before, change, 0.0),
        reactivation=np.where(pays & known_before & ~paid, change, 0.0),
        expansion=np.where(pays & paid & (change > 0), change, 0.0),
        contraction=np.where(pays & paid & (change < 0), change, 0.0),
        churn=np.where(~pays & paid, change, 0.0),
        end=end,
    )


def _recently_paid(paying: NDArray[np.bool_], window: int | None) -> NDArray[np.bool_]:
    """Mark the months up to which an account has paid before, at most `window` unpaid months ago."""
    position = np.arange(paying.shape[1])
    last_paid = np.maximum.accumulate(np.where(paying, position, -1), axis=1)
    known = last_paid >= 0
    if window is None:
        return known
    return known & (position - last_paid <= window)


# --- Net and gross revenue retention of a cohort, and average revenue per account


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
