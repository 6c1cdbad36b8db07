"""White space: what an account lacks and accounts alike have, with what it would bring: a bill, never an estimate.

Every amount is what the billing engine asks at this account's usage of the last month, less what it asks today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.programme.pods import ProgrammeError
from workbench.pricing.price_book import plans_that_may_buy
from workbench.results import HALF_A_CENT
from workbench.tables import TEXT, DataTable, Money, Percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import Replay
    from workbench.pricing import AddOn, Plan
    from workbench.results import Floats

PEERS, FEWEST_PEERS = 20, 5
COMMON = 0.2
"""The share of accounts alike from which something counts as what they have."""


@dataclass(frozen=True, slots=True, eq=False)
class WhiteSpace:
    """What an account lacks and accounts alike have.

    Attributes
    ----------
    account_id, month
        Whose, and the month of the bills.
    bill
        What it is billed today; NaN unknown.
    peers
        How many accounts alike there are.
    found
        kind (tier, add-on, feature), name, share (of the accounts alike that have it), adds (a month; NaN unknown), by
        (the offer that brings a feature; "its plan" where it is paid for and unused); the largest amount first.
    reason
        Why nothing can be said, where so.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import white_space
    >>> from workbench.impact import KeepPlan, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> ids = [f"A{at}" for at in range(7)]
    >>> use = pd.DataFrame({"account_id": ids, "month": "2024-01", "metric": "seats", "quantity": 10})
    >>> paid = pd.DataFrame({"account_id": ids, "month": "2024-01", "amount": 100.0, "plan": ["Team"] + ["Pro"] * 6})
    >>> base = CustomerBase.from_tables({"accounts": use[["account_id"]], "usage": use, "mrr": paid}, currency="USD")
    >>> team, pro = (Charge("seats", "per_unit", unit_price=price) for price in (10, 15))
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [team]), Plan("Pro", 0, [pro])])
    >>> space = white_space(replay(base, book, assign=KeepPlan()), "A0")
    >>> space.found[["kind", "name", "share", "adds"]].to_numpy().tolist()
    [['tier', 'Pro', 1.0, 50.0]]
    """

    account_id: str
    month: pd.Timestamp
    bill: float
    peers: int
    found: pd.DataFrame
    reason: str = ""

    def table(self, currency: str = "") -> DataTable:
        """Return the white space as a table."""
        shown = [
            ("Kind", TEXT, "kind"), ("What", TEXT, "name"), ("Of accounts alike", Percent(), "share"),
            ("Adds a month", Money(currency, how="priced"), "adds"), ("Comes with", TEXT, "by"),
        ]  # fmt: skip
        return DataTable.of_frame(self.found, shown)


def white_space(replay: Replay, account_id: str, *, peers: int = PEERS, common: float = COMMON) -> WhiteSpace:
    """Return what an account lacks and accounts alike have, with what each would bring.

    Accounts alike are of the same segment and nearest in their bill of the last month.

    Parameters
    ----------
    replay
        The bills of today's prices, or of a scenario's.
    account_id
        Whose.
    peers
        How many accounts alike to look at; five at least.
    common
        The share of them from which something counts as what they have.

    Returns
    -------
    WhiteSpace
        Tiers, add-ons and features; nothing, with the reason, where there are fewer than five accounts alike.

    Raises
    ------
    ProgrammeError
        When the account is unknown, or was no customer in the last month.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import white_space
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> use = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "seats", "quantity": 3})
    >>> base = CustomerBase.from_tables({"accounts": use[["account_id"]], "usage": use}, currency="USD")
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> white_space(replay(base, book), "A").reason
    'only 0 accounts are alike, and 5 are needed'
    """
    here = np.flatnonzero(replay.rows.in_last_month)
    ids = replay.rows.account_ids[replay.rows.account[here]]
    mine = np.flatnonzero(ids == account_id)
    if not len(mine):
        raise ProgrammeError(
            f"{account_id} was no customer in {replay.rows.shown_months[-1]:%Y-%m}.", "Name an account that is one."
        )
    at = int(mine[0])
    alike = _alike(replay, here, at)[: max(peers, FEWEST_PEERS)]
    bill, month = float(replay.amounts[here[at]]), replay.rows.shown_months[-1]
    nothing = pd.DataFrame(columns=["kind", "name", "share", "adds", "by"])
    if len(alike) < FEWEST_PEERS:
        why = f"only {len(alike)} accounts are alike, and {FEWEST_PEERS} are needed"
        return WhiteSpace(account_id, month, bill, len(alike), nothing, why)
    rows = [*_offers(replay, here, at, alike), *_features(replay, here, at, alike)]
    rows = [each for each in rows if each[2] >= common]
    found = pd.DataFrame(rows, columns=nothing.columns).sort_values(
        ["adds", "share"], ascending=False, kind="stable", na_position="last", ignore_index=True
    )
    return WhiteSpace(account_id, month, bill, len(alike), found)


def _alike(replay: Replay, here: NDArray[np.intp], at: int) -> NDArray[np.intp]:
    """Return the places of the accounts alike among the last month's, the nearest first."""
    segment = replay.rows.segment[replay.rows.account[here]]
    bills = replay.amounts[here]
    same = np.array([(each == segment[at]) or (pd.isna(each) and pd.isna(segment[at])) for each in segment])
    same &= np.isfinite(bills) & (bills > 0)
    same[at] = False
    places = np.flatnonzero(same)
    if not bills[at] > 0:
        return places[:0]
    apart = np.abs(np.log(bills[places] / bills[at]))
    return places[np.argsort(apart, kind="stable")]


def _rise(replay: Replay, plan: Plan, here: NDArray[np.intp]) -> Floats:
    """Return what rows would pay more in a plan than in theirs; NaN unknown."""
    own = np.zeros(len(here))
    for place, each in enumerate(replay.book.plans):
        inside = replay.plan_index[here] == place
        if inside.any():
            own[inside] = _total(replay, each, here[inside])
    own[replay.plan_index[here] < 0] = np.nan
    return _total(replay, plan, here) - own


def _total(replay: Replay, offer: Plan | AddOn, here: NDArray[np.intp]) -> Floats:
    """Return what an offer comes to for rows; NaN where it is on request."""
    if not offer.priced:
        return np.full(len(here), np.nan)
    parts = replay.items_of(offer, here)
    return sum(parts.values(), start=np.zeros(len(here)))


def _holds(replay: Replay, plan: Plan, here: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which rows' usage a plan's limits hold; what is not known is no obstacle."""
    found = np.ones(len(here), dtype=bool)
    for limit in plan.limits:
        if limit.up_to is not None and limit.metric in replay.rows.metrics:
            found &= ~(replay.billed(limit.metric)[here] > float(limit.up_to))
    return found


def _add_on(replay: Replay, add_on: AddOn, here: NDArray[np.intp]) -> Floats:
    """Return what an add-on would bring of rows; NaN where they have it, may not buy it, or it is on request."""
    able = plans_that_may_buy(add_on, replay.book)
    may = np.array([*(name in able for name in replay.book.plan_names), False])[replay.plan_index[here]]
    may &= ~np.isin(here, replay.owned.get(add_on.name, ()))
    return np.where(may, _total(replay, add_on, here), np.nan)


def _offers(
    replay: Replay, here: NDArray[np.intp], at: int, alike: NDArray[np.intp]
) -> list[tuple[str, str, float, float, str]]:
    """Return the tiers above its own and the add-ons that accounts alike have, and it has not."""
    row, found = here[[at]], []
    for place, plan in enumerate(replay.book.plans):
        share = float((replay.plan_index[here[alike]] == place).mean())
        rise = float(_rise(replay, plan, row)[0])
        lower = replay.plan_index[row[0]] == place or rise <= HALF_A_CENT
        if share and not lower and bool(_holds(replay, plan, row)[0]):
            found.append(("tier", plan.name, share, rise, ""))
    for add_on in replay.book.add_ons:
        share = float(np.isin(here[alike], replay.owned.get(add_on.name, ())).mean())
        adds = float(_add_on(replay, add_on, row)[0])
        if share and (np.isfinite(adds) or not add_on.priced):
            found.append(("add-on", add_on.name, share, adds, ""))
    return found


def _features(
    replay: Replay, here: NDArray[np.intp], at: int, alike: NDArray[np.intp]
) -> list[tuple[str, str, float, float, str]]:
    """Return the features accounts alike use and it does not, with the cheapest offer that has each."""
    known = replay.rows.features
    if known is None:
        return []
    uses = known.patterns[known.code[here]]
    share, row, found = uses[alike].mean(axis=0), here[[at]], []
    index = int(replay.plan_index[row[0]])
    own = set(replay.book.plans[index].features) if index >= 0 else set()
    owned = {each.name for each in replay.book.add_ons if row[0] in replay.owned.get(each.name, ())}
    own |= {name for each in replay.book.add_ons if each.name in owned for name in each.features}
    for number, name in enumerate(known.names):
        if uses[at, number] or not share[number]:
            continue
        ways = [(0.0, "its plan")] if name in own else []
        ways += [
            (float(_rise(replay, plan, row)[0]), plan.name)
            for plan in replay.book.priced_plans
            if name in plan.features and name not in own and bool(_holds(replay, plan, row)[0])
        ]
        ways += [
            (float(_add_on(replay, each, row)[0]), each.name)
            for each in replay.book.add_ons
            if name in each.features and name not in own
        ]
        adds, by = min((each for each in ways if np.isfinite(each[0])), default=(np.nan, ""))
        found.append(("feature", name, float(share[number]), max(adds, 0.0) if np.isfinite(adds) else np.nan, by))
    return found
