"""Paths into expansion: what a customer can buy alone, what takes sales, and the friction in each path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.programme.pods import ProgrammeError
from workbench.growth.recurring_revenue import as_one
from workbench.pricing.price_book import plans_that_may_buy
from workbench.tables import COUNT, TEXT, DataTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact import Replay
    from workbench.pricing import AddOn, Plan, PriceBook

CUSTOMER, SALES = "customer", "sales"
ALONE, CHANGE, WITH_SALES = "alone in its plan", "alone with another plan", "with sales"
SMALL = 1 / 3
SEE, CHOOSE, CONFIRM = "see the price", "choose it", "confirm and pay"
ASK, TALK, QUOTE, SIGN, CHANGE_PLAN = "ask for a price", "talk with sales", "get a quote", "sign", "change the plan"


@dataclass(frozen=True, slots=True, eq=False)
class ExpansionPaths:
    """What each offer takes to buy, and what of it nobody can buy alone.

    Attributes
    ----------
    offers
        offer, kind (plan, add-on), alone (whether a customer can buy it without sales), customer_steps, sales_steps,
        why (it takes sales), plans (the add-on's, which a customer may have to change to).
    steps
        offer, step (from 1), name, who; and reached and lost (shares) where events were given.
    wanted
        The offers nobody can buy alone that small accounts want: offer, accounts (small ones that want it), asked (for
        a feature that no offer for customers alone has), placed (no plan they can buy alone holds them).
    team
        way, accounts: how accounts could take in a new team.
    small
        How many accounts count as small.

    Examples
    --------
    >>> from workbench.growth.programme import expansion_paths
    >>> from workbench.pricing import AddOn, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 50), Plan("Enterprise", None)], add_ons=[AddOn("SSO", 20)])
    >>> expansion_paths(book).offers[["offer", "alone", "customer_steps", "sales_steps"]].to_numpy().tolist()
    [['Team', True, 3, 0], ['Enterprise', False, 2, 2], ['SSO', True, 3, 0]]
    """

    offers: pd.DataFrame
    steps: pd.DataFrame
    wanted: pd.DataFrame
    team: pd.DataFrame
    small: int

    def table(self) -> DataTable:
        """Return the offers as a table."""
        shown = [
            ("Offer", TEXT, "offer"), ("Kind", TEXT, "kind"), ("Bought", TEXT, "bought"),
            ("Steps of the customer", COUNT, "customer_steps"), ("Steps of sales", COUNT, "sales_steps"),
            ("Why it takes sales", TEXT, "why"),
        ]  # fmt: skip
        bought = np.where(self.offers["alone"], "alone", "with sales")
        return DataTable.of_frame(self.offers.assign(bought=bought), shown)


def expansion_paths(
    book: PriceBook,
    base: CustomerBase | None = None,
    replayed: Replay | None = None,
    *,
    events: pd.DataFrame | None = None,
    team: int = 10,
    team_metric: str = "seats",
) -> ExpansionPaths:
    """Return the paths into each offer of a price book.

    Parameters
    ----------
    book
        The offers. One without a price, or a plan that is not public, takes sales.
    base, replayed
        The customers, and their bills under the book: who is small, what they asked for, and whom no plan for
        customers alone holds. Without them nothing is said of what is wanted.
    events
        account_id, offer, step and date, where a shop records them: how many who take the first step take each.
    team, team_metric
        How many people a new team has, and the metric they count in.

    Returns
    -------
    ExpansionPaths
        Offers, steps, what is wanted, and how accounts could take in a new team.

    Raises
    ------
    ProgrammeError
        For events that name an offer or a step there is not, or a team of nobody.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.programme import expansion_paths
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 50)])
    >>> seen = [("A", "see the price"), ("B", "see the price"), ("A", "choose it")]
    >>> events = pd.DataFrame(seen, columns=["account_id", "step"]).assign(offer="Team", date="2025-01-01")
    >>> expansion_paths(book, events=events).steps[["name", "reached", "lost"]].to_numpy().tolist()
    [['see the price', 1.0, 0.0], ['choose it', 0.5, 0.5], ['confirm and pay', 0.0, 1.0]]
    """
    if team < 1:
        raise ProgrammeError(f"A new team of {team} has nobody in it.", "Give 1 or more.")
    offers = pd.DataFrame(
        [
            (each.name, each.kind, not why, *_counts(_steps(each, book)), why, ", ".join(_plans_of(each, book)))
            for each in _offers_of(book)
            for why in [_why(each, book)]
        ],
        columns=["offer", "kind", "alone", "customer_steps", "sales_steps", "why", "plans"],
    )
    steps = pd.DataFrame(
        [
            (each.name, at, name, who)
            for each in _offers_of(book)
            for at, (name, who) in enumerate(_steps(each, book), start=1)
        ],
        columns=["offer", "step", "name", "who"],
    )
    if events is not None:
        steps = _with_drop_off(steps, events)
    wanted = pd.DataFrame(columns=["offer", "accounts", "asked", "placed"])
    teams, small = pd.DataFrame(columns=["way", "accounts"]), 0
    if base is not None and replayed is not None:
        here = np.flatnonzero(replayed.rows.in_last_month & replayed.rows.any_usage())
        bills = replayed.rows.recorded[here] if replayed.rows.recorded is not None else replayed.amounts[here]
        known = here[np.isfinite(bills)]
        edge = np.quantile(bills[np.isfinite(bills)], SMALL) if len(known) else 0.0
        few = known[bills[np.isfinite(bills)] <= edge]
        small = len(few)
        wanted = _wanted(book, base, replayed, few)
        teams = _team(book, replayed, known, float(team), team_metric)
    return ExpansionPaths(offers, steps, wanted, teams, small)


def _offers_of(book: PriceBook) -> list[Plan | AddOn]:
    return [*book.plans, *book.add_ons]


def _plans_of(offer: Plan | AddOn, book: PriceBook) -> tuple[str, ...]:
    """Return the plans an add-on is for, where it is not for all; none for a plan."""
    plans = plans_that_may_buy(offer, book) if offer.kind == "add-on" else book.plan_names  # type: ignore[arg-type]
    return plans if len(plans) < len(book.plans) else ()


def _why(offer: Plan | AddOn, book: PriceBook) -> str:
    """Say why an offer takes sales; "" where a customer can buy it alone."""
    if not offer.priced:
        return "its price is on request"
    if not getattr(offer, "public", True):
        return "it is not on the pricing page"
    plans = _plans_of(offer, book)
    if plans and not any(book.plan(name).priced and book.plan(name).public for name in plans):
        return f"it is for {', '.join(plans)}, which takes sales"
    return ""


def _steps(offer: Plan | AddOn, book: PriceBook) -> list[tuple[str, str]]:
    """Return the steps to an offer, each with who takes it; an add-on for some plans may ask for another plan first."""
    if _why(offer, book):
        return [(ASK, CUSTOMER), (TALK, SALES), (QUOTE, SALES), (SIGN, CUSTOMER)]
    first = [(CHANGE_PLAN, CUSTOMER)] if _plans_of(offer, book) else []
    return [(SEE, CUSTOMER), *first, (CHOOSE, CUSTOMER), (CONFIRM, CUSTOMER)]


def _counts(steps: list[tuple[str, str]]) -> tuple[int, int]:
    return sum(who == CUSTOMER for _, who in steps), sum(who == SALES for _, who in steps)


def _with_drop_off(steps: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return the steps with the share of those who took the first that took each, and lost since the step before."""
    known = set(zip(steps["offer"], steps["name"], strict=True))
    strangers = [each for each in zip(events["offer"], events["step"], strict=True) if each not in known]
    if strangers:
        raise ProgrammeError(
            f"Events name the step {strangers[0][1]!r} of {strangers[0][0]!r}, which is no step of it.",
            "Name offers and steps as the paths do.",
        )
    took = {key: set(each["account_id"]) for key, each in events.groupby(["offer", "step"])}
    reached, lost = [], []
    for _, path in steps.groupby("offer", sort=False):
        still: set[str] | None = None
        for name in path["name"]:
            here = took.get((path["offer"].iloc[0], name), set())
            before, still = still, here if still is None else still & here
            first = took.get((path["offer"].iloc[0], path["name"].iloc[0]), set())
            reached.append(len(still) / len(first) if first else np.nan)
            lost.append(0.0 if before is None else 1 - len(still) / len(before) if before else np.nan)
    return steps.assign(reached=reached, lost=lost)


def _wanted(book: PriceBook, base: CustomerBase, replayed: Replay, small: NDArray[np.intp]) -> pd.DataFrame:
    """Return the offers that take sales and what small accounts want of them."""
    ids = replayed.rows.account_ids[replayed.rows.account[small]].astype(str)
    alone = [each for each in _offers_of(book) if not _why(each, book)]
    bought = {feature for each in alone for feature in each.features}
    nothing = pd.DataFrame(columns=["account_id", "feature"])
    asked = as_one(base, base.frames["requests"]) if base.has("requests") else nothing
    asked = asked[asked["account_id"].isin(ids)]
    rows = []
    for offer in _offers_of(book):
        if not _why(offer, book):
            continue
        only = set(offer.features) - bought
        who = set(asked.loc[asked["feature"].isin(only), "account_id"].astype(str))
        index = book.plan_names.index(offer.name) if offer.kind == "plan" else -2
        placed = set(ids[replayed.plan_index[small] == index])
        if who or placed:
            rows.append((offer.name, len(who | placed), len(who), len(placed)))
    return pd.DataFrame(rows, columns=["offer", "accounts", "asked", "placed"])


def _team(book: PriceBook, replayed: Replay, here: NDArray[np.intp], people: float, metric: str) -> pd.DataFrame:
    """Return how accounts could take in a new team: in their plan, by changing it alone, or with sales."""
    if metric not in replayed.rows.metrics:
        return pd.DataFrame(columns=["way", "accounts"])
    used = replayed.rows.quantity(metric)[here]
    room = np.array([_room(plan, metric) for plan in book.plans] + [-np.inf])
    sold = np.array([not _why(plan, book) for plan in book.plans] + [False])
    index = replayed.plan_index[here]
    fits = used + people <= room[index]
    own = fits & sold[index]
    most = max((room[at] for at in np.flatnonzero(sold)), default=-np.inf)
    other = ~own & (used + people <= most)
    known = np.isfinite(used)
    ways = ((ALONE, own), (CHANGE, other), (WITH_SALES, ~own & ~other))
    return pd.DataFrame([(way, int((who & known).sum())) for way, who in ways], columns=["way", "accounts"])


def _room(plan: Plan, metric: str) -> float:
    limits: Iterator[float] = (
        np.inf if limit.up_to is None else float(limit.up_to) for limit in plan.limits if limit.metric == metric
    )
    return next(limits, np.inf)
