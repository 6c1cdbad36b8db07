"""Cut a customer base back to what was known on a day, so that nothing leaks from the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import SEATS, TABLES
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

_LENGTH = {"week": 7}  # days a row of the table covers, from its date on
_MONTH_TEXT = 7  # characters of 2024-03


def as_day(as_of: dt.date | str | pd.Timestamp | None) -> pd.Timestamp | None:
    """Read a day; a month such as 2024-03 means its last day. WorkbenchError when it is neither."""
    if as_of is None:
        return None
    try:
        day = pd.Timestamp(as_of).tz_localize(None).normalize()
    except (ValueError, TypeError) as error:
        raise WorkbenchError(f"as_of {as_of!r} is no day.", "Write it as 2024-03-31, or 2024-03.") from error
    if pd.isna(day):
        raise WorkbenchError("as_of is no day.", "Write it as 2024-03-31, or leave it out.")
    if isinstance(as_of, str) and len(as_of.strip()) == _MONTH_TEXT:
        day = day + pd.offsets.MonthEnd(0)
    return day


def cut(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Return the tables as they could be known at the end of `day`.

    A month or week shows once it is over, because its total is not known before. Accounts that signed up
    later are gone from every table; an account without a sign-up day counts from its first visible month.
    An account's plan is the one in its latest visible MRR row and its seats the latest visible usage of
    the metric seats; both are unknown when that history is not there, since the values on the account are
    those of the export, not of the day. Tables without dates (features, price list, surveys) stay. Every row keeps
    its index.
    """
    visible = {name: visible_rows(name, frame, day) for name, frame in tables.items()}
    accounts = visible["accounts"]
    active = pd.concat([visible[name]["account_id"] for name in ("usage", "mrr") if name in visible])
    seen = accounts["signed_up"].notna() | accounts["account_id"].isin(active.unique())
    accounts = accounts[seen]
    kept = {
        name: frame if name == "accounts" else _of_accounts(name, frame, accounts["account_id"])
        for name, frame in visible.items()
    }
    kept["accounts"] = _as_known(accounts, kept)
    return kept


def visible_rows(name: str, frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep the rows whose month, week or day is over by the end of `day`."""
    dated = TABLES[name].dated
    if dated is None:
        return frame
    later = {"subscriptions": ("end", "canceled_on"), "contacts": ("last_contact",)}.get(name, ())
    frame = frame.assign(**{each: frame[each].where(frame[each] <= day) for each in later})  # when, nobody knew yet
    starts = frame[dated].to_numpy(dtype="datetime64[D]")
    last = np.datetime64(day.date(), "D")
    if TABLES[name].column(dated).kind == "month":
        ends = (starts.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    else:
        ends = starts + (_LENGTH.get(dated, 1) - 1)
    keep = (ends <= last) | (np.isnat(starts) & (name in ("accounts", "invoice_lines", "contacts", "merges")))
    return frame if keep.all() else frame[keep]


def _of_accounts(name: str, frame: pd.DataFrame, account_ids: pd.Series) -> pd.DataFrame:
    """Drop rows of hidden accounts; a survey answer stays, without saying whose it is."""
    if "account_id" not in frame:
        return frame
    known = frame["account_id"].isin(account_ids)
    if name == "merges":
        known &= frame["into"].isin(account_ids)
    if TABLES[name].column("account_id").required:
        return frame if known.all() else frame[known]
    return frame.assign(account_id=frame["account_id"].where(known))


def _as_known(accounts: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Replace what an account is today (plan, seats, seat limit) by what its visible history says."""
    ids = accounts["account_id"]
    plan = ids.map(_latest(tables.get("mrr"), "plan")).astype("str")
    usage = tables.get("usage")
    if usage is not None:
        usage = usage[usage["metric"].str.casefold() == SEATS]
    limits = tables.get("plan_limits")
    limit = pd.Series(dtype=float)
    if limits is not None:
        limits = limits[limits["metric"].str.casefold() == SEATS].drop_duplicates("plan")
        limit = limits.set_index("plan")["limit"]
    return accounts.assign(
        plan=plan,
        seats=ids.map(_latest(usage, "quantity")).astype("float64"),
        seat_limit=plan.map(limit).astype("float64"),
    )


def _latest(frame: pd.DataFrame | None, column: str) -> pd.Series:
    """Return the value of `column` in each account's latest month, indexed by account_id."""
    if frame is None or frame.empty:
        return pd.Series(dtype=object)
    last = frame.sort_values("month", kind="stable").drop_duplicates("account_id", keep="last")
    return last.set_index("account_id")[column]
