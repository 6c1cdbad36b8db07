"""Use inside accounts: seats nobody uses, use that hangs on few people, and use that stays in one department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.customers.tables import SEATS
from workbench.growth.desk.accounts import customers_now
from workbench.growth.recurring_revenue import as_one

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase

InsideKind = Literal["idle seats", "few power users", "one department"]
IDLE: InsideKind = "idle seats"
FEW: InsideKind = "few power users"
ONE: InsideKind = "one department"
TABLE = "user_activity"
WINDOW, FEWEST_SEATS, FEWEST_PEOPLE, FEWEST_PLACED = 3, 5, 10, 5
MOST_IDLE, MOST_OF_USE, FEW_PEOPLE, ONE_PLACE, KNOWN_PLACES = 0.5, 0.8, 0.2, 0.9, 0.8
"""Ours: half of the seats; a fifth of the people with four fifths of the use; nine tenths of it from one department."""


@dataclass(frozen=True, slots=True, eq=False)
class InsideUse:
    """How use is spread over the people of each account in its last three months.

    Attributes
    ----------
    accounts
        By account_id: seats, active (people who used it), idle (share of seats that nobody used), people and heavy (the
        share of the active who make four fifths of the use, and how many they are), department and share (where most
        use is, and how much of it), uses; NaN or blank where unknown.
    kinds
        By account_id, what was found.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import use_inside
    >>> month = pd.DataFrame({"account_id": ["A"], "month": "2024-03", "metric": "seats", "quantity": 20})
    >>> people = pd.DataFrame({"account_id": "A", "month": "2024-03", "user": [f"U{at}" for at in range(6)]})
    >>> tables = {"accounts": month[["account_id"]], "usage": month}
    >>> tables["user_activity"] = people.assign(department="Finance", uses=9)
    >>> found = use_inside(CustomerBase.from_tables(tables))
    >>> found.kinds["A"], round(float(found.accounts.loc["A", "idle"]), 2)
    (('idle seats', 'one department'), 0.7)
    """

    accounts: pd.DataFrame
    kinds: dict[str, tuple[InsideKind, ...]]


def use_inside(base: CustomerBase) -> InsideUse | None:
    """Return how use is spread inside accounts; None without the table user_activity, or with none of its last months.

    Seats are idle where half of them or more were not used, of five at least. Few people make the use where a fifth or
    fewer of the active, who are ten at least, make four fifths of it. It stays in one department where nine tenths of
    it come from there, of five people at least, and four fifths of the use have a department on record. Of who is no
    customer any more nothing is found.

    Parameters
    ----------
    base
        The customers.

    Returns
    -------
    InsideUse | None
        What was found, account by account.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import use_inside
    >>> month = pd.DataFrame({"account_id": ["A"], "month": "2024-03", "metric": "seats", "quantity": 20})
    >>> use_inside(CustomerBase.from_tables({"accounts": month[["account_id"]], "usage": month})) is None
    True
    """
    if not base.has(TABLE):
        return None
    table = base.frames[TABLE]
    since = base.months[-1] - pd.DateOffset(months=WINDOW - 1)
    recent = table[(table["month"] >= since) & (table["month"] <= base.months[-1]) & (table["uses"] > 0)]
    if not len(recent):
        return None
    people = recent.groupby(["account_id", "user"], as_index=False).agg(
        uses=("uses", "sum"), department=("department", "last")
    )
    people = as_one(base, people)  # numbers of people are their account's own, so that it comes after counting them
    ids = base.frames["accounts"]["account_id"]
    by_account = people.groupby("account_id")
    found = pd.DataFrame({"active": by_account.size(), "uses": by_account["uses"].sum()}).reindex(ids)
    known = found["active"].notna()
    seats = _seats(base).reindex(ids)
    found["seats"] = seats
    found["active"] = found["active"].where(known | seats.isna(), 0.0)  # nobody on record, in a product that records
    found["idle"] = np.where(seats > 0, np.clip(1 - found["active"] / seats, 0.0, 1.0), np.nan)
    found["people"] = by_account["uses"].apply(_most_of_it).reindex(ids)
    found["heavy"] = found["people"] / found["active"]
    placed = people.dropna(subset="department").groupby(["account_id", "department"])["uses"].agg(["sum", "size"])
    placed = placed.reset_index().sort_values(["account_id", "sum", "department"], ascending=[True, False, True])
    total = placed.groupby("account_id")["sum"].sum().reindex(ids)
    first = placed.drop_duplicates("account_id").set_index("account_id").reindex(ids)
    found["department"] = first["department"].astype(object).where(first["department"].notna(), "")
    found["share"] = first["sum"] / found["uses"]
    enough = (total >= KNOWN_PLACES * found["uses"]) & (first["size"] >= FEWEST_PLACED)
    flags = {
        IDLE: (seats >= FEWEST_SEATS) & (found["idle"] >= MOST_IDLE),
        FEW: (found["active"] >= FEWEST_PEOPLE) & (found["heavy"] <= FEW_PEOPLE),
        ONE: enough & (first["sum"] >= ONE_PLACE * total),
    }
    there = pd.Series(customers_now(base), index=ids)
    met = {kind: each & there for kind, each in flags.items()}
    kinds = {str(each): tuple(kind for kind, those in met.items() if bool(those.loc[each])) for each in ids}
    found.index = found.index.astype(str)
    return InsideUse(found, kinds)


def _most_of_it(uses: pd.Series) -> int:
    """Return the fewest people who make four fifths of the use."""
    ordered = np.sort(uses.to_numpy(dtype=float))[::-1]
    return int(np.searchsorted(np.cumsum(ordered), MOST_OF_USE * ordered.sum() - 1e-9) + 1)


def _seats(base: CustomerBase) -> pd.Series:
    """Return the seats of each account in the last month, as used or as on record."""
    accounts = base.frames["accounts"]
    known = next((each[:, -1] for name, each in base.usage_by_month.items() if name.casefold() == SEATS), None)
    on_record = accounts["seats"].to_numpy(dtype=float)
    return pd.Series(
        on_record if known is None else np.where(np.isfinite(known), known, on_record), accounts["account_id"]
    )
