"""What stands in the column of today: what the price list says, and what designs are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import NO_CURRENCY, UNKNOWN, count, exact_money
from workbench.stages.price_book import today
from workbench.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.customers import CustomerBase
    from workbench.pricing import Plan
    from workbench.results import KeyFigure

TODAY = "Today"
NOT_RECORDED = "Not on record"
NOT_THERE = "\N{EN DASH}"


def decisions_today(base: CustomerBase) -> dict[str, str]:
    """Return what today's price list says, by the stage it answers; nothing where there is no price list."""
    plans = today(base).plans
    if not plans:
        return {}
    metrics = tuple(dict.fromkeys(charge.metric for plan in plans for charge in plan.charges))
    charged = f"The price grows with {', '.join(metrics)}." if metrics else "The price grows with nothing measured."
    listed = ", ".join(f"{plan.name} ({_price(plan, base.currency or NO_CURRENCY)})" for plan in plans)
    return {"value_metric": charged, "tiers": f"{count('plan', len(plans))}: {listed}."}


def value_today(figures: Sequence[KeyFigure]) -> str:
    """Return today's value of a figure from its changes against today in several designs; many figures have none.

    Where the designs are measured on different accounts, today's value differs with them and its range is given.
    """
    values = sorted(
        figure.value - figure.change for figure in figures if figure.value is not None and figure.change is not None
    )
    if not values:
        return UNKNOWN if any(figure.held_against_today for figure in figures) else NOT_THERE
    texts = [quantity(value, figures[0].unit, figures[0].digits) for value in (values[0], values[-1])]
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}, by the accounts compared"


def _price(plan: Plan, currency: str) -> str:
    if plan.base_fee is None:
        return "on request"
    fixed = [exact_money(plan.base_fee, currency)] if plan.base_fee or not plan.charges else []
    return " + ".join([*fixed, *(charge.describe(currency).rstrip(".") for charge in plan.charges)])
