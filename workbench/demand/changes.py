"""What changes: between two price books, when a tier is not there, when a feature moves; and who takes add-ons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.fees import fees_of
from workbench.demand.outcome import interval
from workbench.formatting import money, percent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.model import Demand
    from workbench.demand.outcome import Outcome
    from workbench.demand.task import ChoiceTask
    from workbench.pricing import PriceBook
    from workbench.results import Interval

ELSEWHERE = "a competitor or nothing"


@dataclass(frozen=True, eq=False)
class Flows:
    """What the tiers take from each other: where the buyers of each would go if it were not on offer.

    `accounts` (plans x plans and elsewhere) counts the buyers of the row's plan by what they would choose instead.
    `gains` is what each tier brings beyond what its buyers would pay elsewhere among ours: revenue with it less revenue
    without it, per month.
    """

    plans: tuple[str, ...]
    buyers: NDArray[np.float64]
    accounts: NDArray[np.float64]
    gains: tuple[Interval, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per plan and alternative: plan, instead, accounts and their share of the plan's buyers."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        rows = [
            (plan, instead, self.accounts[row, column], _part(self.accounts[row, column], self.buyers[row]))
            for row, plan in enumerate(self.plans)
            for column, instead in enumerate((*self.plans, ELSEWHERE))
            if instead != plan
        ]
        return pd.DataFrame(rows, columns=["plan", "instead", "accounts", "share"])

    def reading(self, plan: str, currency: str) -> str:
        """Return in sentences what a tier takes from the others and what it brings."""
        row = self.plans.index(plan)
        if not self.buyers[row] > 0:
            return f"Nobody would buy {plan}, so it takes nothing from the other tiers."
        kept = self.accounts[row, :-1].sum() / self.buyers[row]
        gain = self.gains[row]
        return (
            f"Without {plan}, {percent(kept)} of its buyers would take another tier, {percent(1 - kept)} would leave. "
            f"With it there is {_more(gain.estimate, currency)} a month than without it "
            f"({money(gain.low, currency)} to {money(gain.high, currency)} in 90% of the draws)."
        )


def cannibalisation(task: ChoiceTask, fees: ArrayLike, add_on_fees: ArrayLike = ()) -> Flows:
    """Return where the buyers of each plan would go without it; nobody else changes their choice under either rule."""
    asked, add_ons = task.read_fees(fees, add_on_fees)
    full = task.outcome(asked, add_ons)
    accounts = np.zeros((len(task.plans), len(task.plans) + 1))
    gains = []
    for place in range(len(task.plans)):
        without = asked.copy()
        without[place] = np.nan
        found = task.outcome(without, add_ons)
        accounts[place, :-1] = found.buyers - full.buyers
        accounts[place, place] = 0.0
        accounts[place, -1] = found.elsewhere - full.elsewhere
        gains.append(interval(full.revenue_by_draw - found.revenue_by_draw))
    return Flows(task.plans, full.buyers, np.maximum(accounts, 0), tuple(gains))


@dataclass(frozen=True, eq=False)
class Effect:
    """One price book against another for the same customers: outcomes, and what changes per month, draw by draw."""

    before: Outcome
    after: Outcome

    @property
    def revenue(self) -> Interval:
        """Return the change of monthly revenue."""
        return interval(self.after.revenue_by_draw - self.before.revenue_by_draw)

    @property
    def margin(self) -> Interval:
        """Return the change of monthly margin."""
        return interval(self.after.margin_by_draw - self.before.margin_by_draw)

    @property
    def chance_of_more(self) -> float:
        """Return the part of the draws in which revenue is higher after than before."""
        return float((self.after.revenue_by_draw > self.before.revenue_by_draw).mean())

    @property
    def table(self) -> pd.DataFrame:
        """Return per plan of either price book: the share of accounts before and after (NaN: not on offer)."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        names = list(dict.fromkeys((*self.before.plans, *self.after.plans)))
        old, new = (dict(zip(each.plans, each.shares, strict=True)) for each in (self.before, self.after))
        gone = [each.elsewhere / each.accounts for each in (self.before, self.after)]
        rows = [(name, old.get(name, np.nan), new.get(name, np.nan)) for name in names]
        return pd.DataFrame([*rows, (ELSEWHERE, *gone)], columns=["plan", "before", "after"])

    def reading(self, currency: str) -> str:
        """Return in a sentence what changes."""
        change = self.revenue
        return (
            f"Revenue changes by {money(change.estimate, currency)} a month ({money(change.low, currency)} to "
            f"{money(change.high, currency)} in 90% of the draws); it rises in {percent(self.chance_of_more)} of them."
        )


def effect_of(demand: Demand, before: PriceBook, after: PriceBook) -> Effect:
    """Return what changes from one price book to another, for the customers both can bill.

    Use it for a tier added or removed, a feature moved or a price changed. Both sides see the same draws.
    """
    billed = np.flatnonzero(demand.known_bills(before) & demand.known_bills(after))
    if not billed.size:
        raise DemandError("No customer's bill is known under both price books.", "Charge for what is recorded.")
    if billed.size < len(demand.customers):
        demand = demand.sampled(billed, np.arange(demand.draws))
    return Effect(demand.outcome(before), demand.outcome(after))


def without_plan(price_book: PriceBook, name: str) -> PriceBook:
    """Return a price book without a plan; raises ChargeError listing the names when there is none of that name."""
    gone = price_book.plan(name)
    return replace(price_book, plans=tuple(plan for plan in price_book.plans if plan is not gone))


def with_feature_moved(price_book: PriceBook, feature: str, lowest: str | None) -> PriceBook:
    """Return a price book in which a feature is in the plan `lowest` and those after it; None: in no plan.

    Plans are taken in their order, from the smallest up. Raises ChargeError for an unknown plan.
    """
    first = len(price_book.plans) if lowest is None else price_book.plans.index(price_book.plan(lowest))
    plans = []
    for place, plan in enumerate(price_book.plans):
        others = tuple(name for name in plan.features if name != feature)
        keeps = plan.features if feature in plan.features else (*others, feature)
        plans.append(replace(plan, features=keeps if place >= first else others))
    return replace(price_book, plans=tuple(plans))


def attach_rates(demand: Demand, price_book: PriceBook) -> pd.DataFrame:
    """Return who takes the add-ons, one row each: buyers, attach rate with its 90% interval, revenue per month.

    The rate is the buyers' share of all who buy a plan. What the allowance of an add-on is worth is not known, so an
    add-on without features of any worth finds no buyers.
    """
    import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

    found = demand.task(price_book).outcome(*fees_of(price_book))
    attached, served = found.attach_rates, found.draws.buyers.sum(axis=1, keepdims=True)
    buyers = found.draws.add_on_buyers
    rates = np.divide(buyers, served, out=np.zeros_like(buyers), where=served > 0)
    rows = []
    for place, name in enumerate(found.add_ons):
        rate = interval(rates[:, place])
        rows.append(
            (name, found.add_on_buyers[place], attached[place], rate.low, rate.high, found.add_on_revenue[place])
        )
    return pd.DataFrame(rows, columns=["add_on", "buyers", "rate", "rate_low", "rate_high", "revenue"])


def _more(value: float, currency: str) -> str:
    return f"{money(abs(value), currency)} {'more' if value >= 0 else 'less'}"


def _part(value: float, of: float) -> float:
    return float(value / of) if of > 0 else float("nan")
