"""What an add-on costs, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import exact, exact_money
from workbench.stages.tiers.words import per_words
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.stages.add_ons.decision import AddOnChoice, UsageCharge


def price_words(choice: AddOnChoice, currency: str) -> str:
    """Write the whole price: "$6.00 per seat and month", "$0.02 for each of the API calls beyond 5,000 a month"."""
    fixed = f"{exact_money(choice.price, currency)} {per_words(choice.price_per)} and month"
    charge = choice.usage_charge
    if charge is None:
        return fixed
    used = usage_words(charge, currency)
    if charge.block:
        more = f"{exact(charge.block)} {metric_words(charge.metric)} beyond {exact(charge.free_units)}"
        return f"{fixed} for {more}, and {used}"
    return f"{fixed}, and {used}" if choice.price else used


def usage_words(charge: UsageCharge, currency: str) -> str:
    """Write what usage costs, with what is free and the cap."""
    price = f"{exact_money(charge.unit_price, currency)} for each of the {metric_words(charge.metric)}"
    free_units = charge.free_units + charge.block
    free = f" beyond {exact(free_units)} a month" if free_units else " in a month"
    most = "" if charge.most_per_month is None else f", at most {exact_money(charge.most_per_month, currency)} a month"
    return price + free + most
