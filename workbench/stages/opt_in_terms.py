"""The terms of an opt-in on usage: what to charge for, what is included, and prices computed from today's customers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.customers import profile
from workbench.errors import StudyError
from workbench.formatting import exact, exact_money
from workbench.impact import account_months
from workbench.pricing.round_numbers import next_two_digits, two_digits
from workbench.stages.model_fit.history import read_history
from workbench.stages.model_fit.metric_choice import best_metric, size_metric
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.study import Scenario

Kind = Literal["overage", "accelerator"]
WITHIN = 0.75  # of today's customers use no more than is included
PAY_MORE = 0.10  # what those beyond it would pay more, together, if all of them opted in
BLOCK_SHARE = Decimal("0.5")  # an accelerator sells half as many units again
BLOCK_PRICE = Decimal("0.8")  # of what they cost one by one


@dataclass(frozen=True, slots=True)
class OptInTerms:
    """The terms of an opt-in on usage: units included a month, the price of one beyond them, the block sold, if any."""

    kind: Kind
    metric: str
    included: Decimal
    unit_price: Decimal
    block: Decimal = Decimal(0)
    block_price: Decimal = Decimal(0)
    most_per_month: Decimal | None = None


def usage_metric(base: CustomerBase, scenario: Scenario) -> str:
    """Return the metric an opt-in would charge for: the decided value metric, unless today's prices go by it.

    Otherwise the usage metric that goes most closely with outcomes; StudyError where no other usage is recorded.
    """
    seats = seat_metric(base)
    decided = scenario.decision(ValueMetricDecision).metric
    if decided is not None and decided != seats and decided in base.metrics:
        return decided
    rows = account_months(base, gaps="last")
    found, _ = best_metric(read_history(base, rows), excluded=seats)
    if found is None or found == seats:
        raise StudyError("No usage is recorded that could be charged beside seats.", "Add the table usage.")
    return found


def usual_terms(base: CustomerBase, metric: str, kind: Kind = "overage") -> OptInTerms:
    """Return a starting point computed from today's customers.

    Included is what three quarters of the customers stay within at their peak of the last three months. The unit
    price is such that those beyond it would together pay a tenth more, if all of them opted in. StudyError where
    usage or revenue does not tell.
    """
    needs = profile(base)
    used = needs.quantities.get(metric)
    known = np.array([]) if used is None else used[np.isfinite(used) & (used > 0)]
    if used is None or not known.size:
        raise StudyError(f"Nobody has used {metric_words(metric)} in the last three months.", "Choose another metric.")
    included = _rounded_up(float(np.quantile(known, WITHIN)))
    beyond = np.isfinite(needs.mrr) & (used > float(included))
    units = float((used[beyond] - float(included)).sum())
    unit_price = two_digits(PAY_MORE * float(needs.mrr[beyond].sum()) / units) if units > 0 else Decimal(0)
    if unit_price <= 0:
        raise StudyError(
            f"No revenue is on record of customers beyond {exact(included)} {metric_words(metric)} a month, so "
            "no price follows from the data.",
            "Give the terms of the opt-in yourself.",
        )
    if kind == "overage":
        return OptInTerms(kind, metric, included, unit_price)
    block = two_digits(float(included * BLOCK_SHARE))
    return OptInTerms(kind, metric, included, unit_price, block, two_digits(float(block * unit_price * BLOCK_PRICE)))


def terms_in_words(terms: OptInTerms, currency: str) -> str:
    """Say what the design offers, in two sentences."""
    what, price = metric_words(terms.metric), exact_money(terms.unit_price, currency)
    free = exact(terms.included)
    if terms.kind == "overage":
        offer = f"{price} for each of the {what} beyond {free} a month"
    else:
        block, block_price = exact(terms.block), exact_money(terms.block_price, currency)
        offer = f"{block} more than {free} {what} for {block_price} a month, and {price} for each beyond them"
    return f"Today's plans stay as they are. Customers who opt in pay {offer}."


def seat_metric(base: CustomerBase) -> str:
    """Return the metric today's prices go by, "seats" where they name none."""
    if base.has("plans"):
        found = size_metric(base, base.metrics)
        if found is not None:
            return found
    return "seats"


def _rounded_up(quantity: float) -> Decimal:
    near = two_digits(quantity)
    return near if float(near) >= quantity else next_two_digits(near, 1)
