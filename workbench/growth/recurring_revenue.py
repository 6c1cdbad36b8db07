"""Recurring-revenue movements per customer and month, net and gross retention, and revenue per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.validate import merged_into
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase

# --- Recurring-revenue movements per customer and month: new, reactivation, churn, expansion, contraction

KINDS = ("new", "reactivation", "expansion", "contraction", "churn")


class MovementsError(WorkbenchError, ValueError):
    """Refuse recurring revenue that cannot be split into movements."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class MrrLedger:
    """Monthly recurring revenue as a matrix.

    Attributes
    ----------
    account_ids, months
        The rows and columns.
    amounts
        Accounts x months, 0 where nothing was paid.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import mrr_ledger
    >>> ledger = mrr_ledger(mrr)
    >>> ledger.amounts.tolist(), ledger.column("2024-02")
    ([[100.0, 120.0, 120.0], [50.0, 50.0, 0.0], [0.0, 0.0, 80.0]], 1)
    """

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

    def up_to(self, month: str | pd.Timestamp) -> MrrLedger:
        """Return the ledger up to a month, without accounts that had not paid by then."""
        amounts = self.amounts[:, : self.column(month) + 1]
        paid = np.asarray((amounts > 0).any(axis=1))
        return MrrLedger(self.account_ids[paid], self.months[: amounts.shape[1]], amounts[paid])


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """Movements per customer and month.

    Every matrix is accounts x months, in currency per month; losses are negative.

    Attributes
    ----------
    account_ids
        The rows.
    months
        Those in which a change can be seen.
    start, end
        Revenue before and after.
    new, reactivation, expansion, contraction, churn
        What changed it.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import mrr_movements
    >>> mrr_movements(mrr).table()
      account_id      month       kind  amount
    0          A 2024-02-01  expansion    20.0
    1          B 2024-03-01      churn   -50.0
    2          C 2024-03-01        new    80.0
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


def with_mergers(table: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which accounts that merged carry the name of the one they merged into.

    They count as one customer throughout, before the merger too: it is neither churn nor expansion then.

    Parameters
    ----------
    table
        Rows with an account_id.
    merges
        account_id and into: who merged into whom; the other may have merged again.

    Returns
    -------
    pd.DataFrame
        The table with the names that remain.

    Raises
    ------
    MovementsError
        When an account merges into two, or into itself in the end.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import retention, with_mergers
    >>> mrr = pd.DataFrame({"account_id": ["A", "B", "B"], "month": ["2024-01-01", "2024-01-01", "2024-02-01"]})
    >>> mrr = mrr.assign(amount=[10.0, 90.0, 95.0]).astype({"month": "datetime64[ns]"})
    >>> both = with_mergers(mrr, pd.DataFrame({"account_id": ["A"], "into": ["B"]}))
    >>> [(found.accounts, found.logo, found.net) for found in (retention(mrr, months=1), retention(both, months=1))]
    [(2, 0.5, 0.95), (1, 1.0, 0.95)]
    """
    pairs = merges.drop_duplicates(["account_id", "into"])
    twice = pairs.loc[pairs["account_id"].duplicated(), "account_id"]
    if len(twice):
        raise MovementsError(f"Account {twice.iloc[0]} merges into two accounts.", "Leave one row for it in merges.")
    ends, circle = merged_into(pairs)
    if circle is not None:
        raise MovementsError(f"Account {circle} merges into itself.", "Name in merges who remains.")
    names = table["account_id"]
    return table.assign(account_id=names.map(ends).where(names.isin(ends), names))


def mrr_ledger(mrr: pd.DataFrame) -> MrrLedger:
    """Arrange an mrr table (account_id, month, amount) as a matrix of accounts x consecutive months.

    Several rows of one account in one month (several subscriptions) are added up. A month without a row, or with an
    empty amount, is a month in which the account paid nothing: that is what a revenue ledger says by its silence.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount).

    Returns
    -------
    MrrLedger
        The matrix.

    Raises
    ------
    MovementsError
        When the table is empty or an amount is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import mrr_ledger
    >>> mrr_ledger(mrr).amounts.sum(axis=0).tolist()
    [150.0, 170.0, 200.0]
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
    amounts = np.zeros((len(account_ids), len(covered)), order="F")  # figures ask for months, all accounts of one
    np.add.at(amounts, (rows, covered.get_indexer(months)), mrr["amount"].fillna(0.0).to_numpy(float))
    return MrrLedger(np.asarray(account_ids, dtype=object), covered, amounts)


def revenue_of(base: CustomerBase) -> pd.DataFrame:
    """Return the mrr table of a customer base, merged accounts as one; MovementsError where there is none."""
    if not base.has("mrr"):
        raise MovementsError("There is no recurring revenue on record.", "Add the table mrr, or subscriptions.")
    return as_one(base, base.frames["mrr"])


def as_one(base: CustomerBase, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a customer base in which accounts that merged carry the name that remains."""
    return with_mergers(table, base.frames["merges"]) if base.has("merges") else table


def ledger_of(source: pd.DataFrame | MrrLedger | CustomerBase) -> MrrLedger:
    """Return the ledger that was given, or that of an mrr table or a customer base; MovementsError without revenue."""
    if isinstance(source, MrrLedger):
        return source
    return mrr_ledger(source if isinstance(source, pd.DataFrame) else revenue_of(source))


def mrr_movements(
    mrr: pd.DataFrame | MrrLedger,
    *,
    opening: Literal["balance", "new"] = "balance",
    reactivation_window: int | None = None,
) -> Movements:
    """Split recurring revenue into movements per customer and month.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount) or the ledger made from it.
    opening
        What revenue in the first month is. "balance" (default): it was there before the data starts, so movements begin
        with the second month. "new": the data starts with the company.
    reactivation_window
        A customer who returns after more than this many months without paying counts as new; None (default) means a
        former customer never counts as new again.

    Returns
    -------
    Movements
        New, reactivation, expansion, contraction and churn, account by account.

    Raises
    ------
    MovementsError
        When the table is empty, has negative amounts, or covers too few months.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import mrr_movements
    >>> mrr_movements(mrr).by_month()[["start", "new", "expansion", "churn", "end"]]
       start   new  expansion  churn    end
    0  150.0   0.0       20.0    0.0  170.0
    1  170.0  80.0        0.0  -50.0  200.0
    """
    ledger = ledger_of(mrr)
    return _MOVED.once(ledger, (opening, reactivation_window), lambda: _movements(ledger, opening, reactivation_window))


_MOVED: RecentOf[MrrLedger, tuple[str, int | None], Movements] = RecentOf(1)


def _movements(ledger: MrrLedger, opening: str, reactivation_window: int | None) -> Movements:
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
    """What became of the revenue of the customers who paid at the start.

    Losses are negative. Customers won later do not count; customers who came back within the period do.

    Attributes
    ----------
    start_month, end_month
        The ends of the period.
    accounts
        In the cohort.
    start, expansion, contraction, churn, end
        Revenue per month of that cohort.
    net
        End / start (NRR).
    gross
        Each customer counts at most with what they paid at the start (GRR), so it never exceeds 1.
    logo
        Logo retention: share of the cohort still paying.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import retention
    >>> found = retention(mrr, months=2)
    >>> found.accounts, found.net, round(found.gross, 3), found.logo
    (2, 0.8, 0.667, 0.5)
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

    The two ends of the period are compared per customer: expansion and contraction within the period that cancel out
    are not seen.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount) or the ledger made from it.
    end_month
        The last month when None.
    months
        Length of the period.
    account_ids
        Narrows the cohort.

    Returns
    -------
    Retention
        Revenue of the cohort at both ends, and the shares kept.

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import retention
    >>> round(retention(mrr, "2024-02", months=1).net, 3), round(retention(mrr, months=1).net, 3)
    (1.133, 0.706)
    """
    ledger = ledger_of(mrr)
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


def arpa(mrr: pd.DataFrame | MrrLedger) -> pd.DataFrame:
    """Return average revenue per paying account, month by month.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount) or the ledger made from it.

    Returns
    -------
    pd.DataFrame
        month, accounts (paying), revenue, arpa (NaN in a month in which nobody paid).

    Examples
    --------
    >>> import pandas as pd
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> from workbench.growth import arpa
    >>> arpa(mrr)["arpa"].round(2).tolist()
    [75.0, 85.0, 100.0]
    """
    ledger = ledger_of(mrr)
    accounts = np.count_nonzero(ledger.amounts > 0, axis=0)
    revenue = ledger.amounts.sum(axis=0)
    average = np.divide(revenue, accounts, out=np.full(len(accounts), np.nan), where=accounts > 0)
    return pd.DataFrame({"month": ledger.months, "accounts": accounts, "revenue": revenue, "arpa": average})
