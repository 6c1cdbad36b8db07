"""When contracts come up for renewal, counted in months from the announcement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.impact.migration.errors import MigrationError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray


def renewals_of(
    accounts: pd.DataFrame,
    account_ids: NDArray[np.object_],
    start: pd.Timestamp,
    term: int = 12,
    contracts: Mapping[str, dt.date | str] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the months from `start` to each account's next renewal (NaN unknown), and whether a contract says so.

    A contract is one given, or else the date `renews_on` in the table of accounts. Where there is none, a renewal is
    assumed on each anniversary of sign-up, every `term` months.
    """
    table = accounts.set_index("account_id").reindex(pd.Index(account_ids, dtype=object))
    on_record = table["renews_on"] if "renews_on" in table else pd.Series(pd.NaT, index=table.index)
    dates = _ahead(on_record, start, term)
    if contracts:
        given = months_to_contract(account_ids, contracts, start, term)
        dates = np.where(np.isnan(given), dates, given)
    known = ~np.isnan(dates)
    return np.where(known, dates, months_to_anniversary(table["signed_up"], start, term)), known


def months_to_anniversary(
    signed_up: ArrayLike | pd.Series, start: pd.Timestamp, term: int | NDArray[np.intp] = 12
) -> NDArray[np.float64]:
    """Return the months from `start` to the next anniversary of each sign-up, 0 in its month; NaN when unknown.

    An anniversary comes every `term` months.
    """
    return np.asarray(-_months_since(signed_up, start) % term, dtype=np.float64)


def months_to_contract(
    account_ids: Sequence[str] | NDArray[np.object_],
    contracts: Mapping[str, dt.date | str],
    start: pd.Timestamp,
    term: int = 12,
) -> NDArray[np.float64]:
    """Return the months from `start` to the renewal on record, or its repetition every `term` months if it passed.

    NaN for accounts without a contract on record.
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


def _ahead(dates: pd.Series, start: pd.Timestamp, term: int) -> NDArray[np.float64]:
    ahead = -_months_since(dates, start)
    ahead[ahead < 0] %= term  # the date passed: the contract repeats
    return ahead


def _months_since(dates: ArrayLike | pd.Series, start: pd.Timestamp) -> NDArray[np.float64]:
    when = pd.Series(pd.to_datetime(pd.Series(dates)))
    months = (start.year - when.dt.year) * 12 + (start.month - when.dt.month)
    return np.asarray(months.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
