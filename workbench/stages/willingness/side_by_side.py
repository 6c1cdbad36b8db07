"""Today's price list, the design and changes to it before the same customers: one row per offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.demand.changes import effect_of, with_feature_moved, without_plan
from workbench.demand.errors import DemandError
from workbench.demand.outcome import interval
from workbench.formatting import money, number, percent, priced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.demand import Effect
    from workbench.demand.outcome import Outcome
    from workbench.pricing import PriceBook
    from workbench.results import Interval
    from workbench.stages.willingness.outcome import WillingnessResult

NOWHERE = "in no tier"


def side_by_side(result: WillingnessResult, effects: Mapping[str, Effect]) -> pd.DataFrame:
    """Return a column per offer, today's list first: revenue, margin, who buys, and the change from today.

    `effects` name offers held against today's list, each for the customers both can bill.
    """
    rows: list[dict[str, str]] = []
    for name, effect in effects.items():
        if not rows:
            rows.append(_row("Today's price list", effect.before, result.currency, None))
        rows.append(_row(name, effect.after, result.currency, effect))
    return pd.DataFrame(rows).set_index("Offer").T.rename_axis("A month").reset_index().rename_axis(columns=None)


def tiers_table(result: WillingnessResult) -> pd.DataFrame:
    """Return a row per tier of the design: price, accounts, share and revenue with the ends of their ranges."""
    if result.design is None:
        return pd.DataFrame()
    outcome, task = result.design.outcome, result.design.task
    rows = []
    for place, name in enumerate(task.plans):
        fee = result.design.fees[0][place]
        revenue = interval(outcome.draws.plan_revenue[:, place])
        rows.append(
            {
                "Tier": name,
                "Price": "on request" if not np.isfinite(fee) else priced(float(fee), result.currency),
                "Accounts": number(float(outcome.buyers[place]), 0),
                "Share of accounts": _with_ends(outcome.share_intervals[place], percent),
                "Revenue a month": _with_ends(revenue, lambda value: money(value, result.currency)),
            }
        )
    return pd.DataFrame(rows)


def without_tier(result: WillingnessResult, tier: str) -> Effect:
    """Return what changes when a tier of the design is not on offer."""
    return _changed(result, lambda book: without_plan(book, tier))


def feature_moved(result: WillingnessResult, feature: str, lowest: str) -> Effect:
    """Return what changes when a feature is in the tier `lowest` and those above it, or in none."""
    return _changed(result, lambda book: with_feature_moved(book, feature, None if lowest == NOWHERE else lowest))


def _changed(result: WillingnessResult, change: Callable[[PriceBook], PriceBook]) -> Effect:
    if result.design is None:
        raise DemandError(result.why_not, "Changes are weighed once somebody can be asked.")
    book = result.design.book
    return effect_of(result.design.sourced.demand, book, change(book))


def _row(name: str, outcome: Outcome, currency: str, effect: Effect | None) -> dict[str, str]:
    change = "" if effect is None else _with_ends(effect.revenue, lambda value: money(value, currency))
    return {
        "Offer": name,
        "Revenue a month": _with_ends(outcome.revenue_interval, lambda value: money(value, currency)),
        "Margin a month": _with_ends(outcome.margin_interval, lambda value: money(value, currency)),
        "Paying accounts kept": _with_ends(outcome.kept_interval, percent),
        "Revenue against today": change,
        "Brings more than today": "" if effect is None else f"in {percent(_rises(effect))} of the draws",
    }


def _rises(effect: Effect) -> float:
    return float((effect.after.revenue_by_draw > effect.before.revenue_by_draw).mean())


def _with_ends(value: Interval, write: Callable[[float], str]) -> str:
    middle, low, high = (write(each) for each in (value.estimate, value.low, value.high))
    return f"{middle} ({low} to {high})"
