"""What contracts say of a move: when each renews, until when it holds the price, and how far the price may rise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import movable
from workbench.impact.migration.policies import MigrationError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.results import Floats


# --- When contracts come up for renewal, counted in months from the announcement


def renewals_of(
    accounts: pd.DataFrame,
    account_ids: NDArray[np.object_],
    start: pd.Timestamp,
    term: int = 12,
    *,
    contracts: Mapping[str, dt.date | str] | None = None,
    others: pd.Series | None = None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the months from `start` to each account's next renewal (NaN unknown), and whether a contract says so.

    A contract is one given, or else the date `renews_on` in the table of accounts, or else of `others`, such as the
    subscriptions. Where there is none, a renewal is assumed on each anniversary of sign-up, every `term` months.
    """
    table = accounts.set_index("account_id").reindex(pd.Index(account_ids, dtype=object))
    on_record = table["renews_on"] if "renews_on" in table else pd.Series(pd.NaT, index=table.index)
    on_record = on_record if others is None else on_record.fillna(others)
    dates = _ahead(on_record, start, term)
    if contracts:
        given = months_to_contract(account_ids, contracts, start, term)
        dates = np.where(np.isnan(given), dates, given)
    known = ~np.isnan(dates)
    return np.where(known, dates, months_to_anniversary(table["signed_up"], start, term)), known


def months_to_anniversary(
    signed_up: ArrayLike | pd.Series, start: pd.Timestamp, term: int | NDArray[np.intp] = 12
) -> Floats:
    """Return the months from `start` to the next anniversary of each sign-up, 0 in its month; NaN when unknown.

    Parameters
    ----------
    signed_up
        Day of sign-up, one each.
    start
        The month to count from.
    term
        Months between anniversaries.

    Returns
    -------
    Floats
        Whole months, 0 in its month; NaN when unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.migration import months_to_anniversary
    >>> signed = pd.Series(pd.to_datetime(["2023-03-15", "2023-01-02", None]))
    >>> months_to_anniversary(signed, pd.Timestamp("2025-01-01")).tolist()
    [2.0, 0.0, nan]
    """
    return np.asarray(-_months_since(signed_up, start) % term, dtype=np.float64)


def months_to_contract(
    account_ids: Sequence[str] | NDArray[np.object_],
    contracts: Mapping[str, dt.date | str],
    start: pd.Timestamp,
    term: int = 12,
) -> Floats:
    """Return the months from `start` to the renewal on record, or its repetition every `term` months if it passed.

    Parameters
    ----------
    account_ids
        Who.
    contracts
        Account to day of renewal.
    start
        The month to count from.
    term
        Months from one renewal to the next.

    Returns
    -------
    Floats
        Whole months; NaN for accounts without a contract on record.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.migration import months_to_contract
    >>> months_to_contract(["A", "B", "C"], {"A": "2025-05-31", "B": "2024-11-30"}, pd.Timestamp("2025-01-01")).tolist()
    [4.0, 10.0, nan]
    """
    dates = pd.Series([_day(str(each), contracts.get(str(each))) for each in account_ids], dtype="datetime64[us]")
    return _ahead(dates, start, term)


def _day(account_id: str, renewal: dt.date | str | None) -> pd.Timestamp | None:
    try:
        day = None if renewal is None else pd.Timestamp(renewal)
    except (ValueError, TypeError) as error:
        raise MigrationError(
            f"The contract of {account_id} is said to renew on {renewal!r}, which is no day.",
            "Write it as year-month-day, such as 2025-09-30.",
        ) from error
    return None if pd.isna(day) else day


def _ahead(dates: pd.Series, start: pd.Timestamp, term: int) -> Floats:
    ahead = -_months_since(dates, start)
    ahead[ahead < 0] %= term  # the date passed: the contract repeats
    return ahead


def _months_since(dates: ArrayLike | pd.Series, start: pd.Timestamp) -> Floats:
    when = pd.Series(pd.to_datetime(pd.Series(dates)))
    months = (start.year - when.dt.year) * 12 + (start.month - when.dt.month)
    return np.asarray(months.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


# --- What the table of subscriptions says beside that


@dataclass(frozen=True, slots=True, eq=False)
class ContractTerms:
    """What subscriptions on record say, one entry per account.

    Attributes
    ----------
    renews_on
        Day the contract comes up for renewal next, NaT where none says.
    held
        Months from the announcement in which it allows no other price; 0 where nothing holds it.
    rise_cap
        The most the price may rise at a renewal, as a share; infinite where nothing caps it.
    notice
        Months before a change by which it has to be told.
    """

    renews_on: pd.Series
    held: NDArray[np.intp]
    rise_cap: Floats
    notice: NDArray[np.intp]


def contract_terms(
    subscriptions: pd.DataFrame | None, account_ids: NDArray[np.object_], start: pd.Timestamp, term: int = 12
) -> ContractTerms:
    """Return the terms of accounts on the eve of an announcement; nothing holds those without a subscription.

    What comes with a renewal comes with the bill of its month. What comes in the middle of a month otherwise, such as
    the end of a price lock, comes with the next bill.
    """
    ids = pd.Index(account_ids, dtype=object)
    if subscriptions is None or subscriptions.empty:
        nothing = np.zeros(len(ids), dtype=np.intp)
        return ContractTerms(pd.Series(pd.NaT, index=ids), nothing, np.full(len(ids), np.inf), nothing)
    known = movable(subscriptions, start - pd.Timedelta(days=1), term).set_index("account_id").reindex(ids)
    first = known["from"]
    whole = first + pd.offsets.MonthBegin(0)
    month = first.where(first.eq(known["renews"]), whole)
    held = np.maximum(np.nan_to_num(-_months_since(month, start)), 0).astype(np.intp)
    told = (first - known["told_by"]).dt.days.fillna(0).to_numpy(float)
    notice = np.ceil(told / _DAYS_OF_A_MONTH).astype(np.intp)
    return ContractTerms(known["renews"], held, known["cap"].fillna(np.inf).to_numpy(float) / 100, notice)


_DAYS_OF_A_MONTH = 31  # that a notice of a month, written as 30 days, is one month and not two
