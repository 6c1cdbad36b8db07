"""The design that brings usage in gently: an opt-in overage or accelerator beside today's plans, and its terms."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.customers.needs import profile
from workbench.errors import StudyError
from workbench.formatting import exact, exact_money, metric_words
from workbench.impact.migration.policies import opt_in_overage
from workbench.impact.monthly_accounts import account_months
from workbench.pricing.price_curve import next_two_digits, two_digits
from workbench.stages.model_fit.decision import ModelFitDecision
from workbench.stages.model_fit.usage import best_metric, read_billing_history, size_metric
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.price_book import choice_of, list_of_today, tier_of
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.study.model import Scenario, fresh_id
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import PriceBook
    from workbench.study.document import Study
    from workbench.study.model import StageDecision

say = texts(__name__)

# --- The terms of an opt-in on usage

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
    found, _ = best_metric(read_billing_history(base, rows), excluded=seats)
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
        offer = say("for_each_of_the_beyond", price=price, what=what, free=free)
    else:
        block, block_price = exact(terms.block), exact_money(terms.block_price, currency)
        offer = say("more_than_for_a_month", block=block, free=free, what=what, block_price=block_price, price=price)
    return say("today_s_plans_stay_as", offer=offer)


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


# --- The design that brings usage in gently

# What today's plans do not change about a design: what to charge for, and how customers come to new prices.
_KEPT = ("value_metric", "model_fit", "migration")
_LONGEST = 80


def opt_in_scenario(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    kind: Kind = "overage",
    metric: str | None = None,
    terms: OptInTerms | None = None,
) -> Scenario:
    """Return a new design for the study: today's plans as they are, and usage as an add-on customers opt into.

    Parameters
    ----------
    scenario
        What to charge for, the pricing model and the way of migrating are taken over from it; the baseline has none.
    kind
        An "overage" costs nothing up to what is included; an "accelerator" sells a block of units.
    metric
        What to charge for; the decided value metric, or the one model fit would take, where None.
    terms
        Prices and quantities; those of `usual_terms` where None.

    Raises StudyError or MigrationError where today's prices are not per seat, where the metric is billed already, or
    where the data cannot say what to include.
    """
    book, seats = list_of_today(base), seat_metric(base)
    agreed = terms or usual_terms(base, metric or usage_metric(base, scenario), kind)
    offered = opt_in_overage(
        book,
        agreed.metric,
        unit_price=agreed.unit_price,
        included=agreed.included,
        kind=agreed.kind,
        block=agreed.block,
        block_price=agreed.block_price,
        most_per_month=agreed.most_per_month,
        seats=seats,
    )
    name = _free_name(study, say("opt_in_on", kind=agreed.kind, metric=agreed.metric))
    made = Scenario(
        id=fresh_id(name, {*study.scenario_ids, *(record.scenario_id for record in study.decisions)}),
        name=name,
        note=terms_in_words(agreed, book.currency),
        stages={key: stage for key, stage in scenario.stages.items() if key in _KEPT},
    )
    for decision in _decisions(scenario, offered, agreed):
        made = made.with_decision(decision)
    return made


def _decisions(scenario: Scenario, offered: PriceBook, terms: OptInTerms) -> list[StageDecision]:
    ids: list[str] = []
    tiers = []
    for plan in offered.plans:
        tiers.append(tier_of(plan, ids))
        ids.append(tiers[-1].id)
    add_ons = tuple(
        choice_of(add_on, usage_metric=terms.metric, usage_at_least=float(terms.included)) for add_on in offered.add_ons
    )
    return [
        scenario.decision(TierDecision).replaced(tiers=tuple(tiers)),
        AddOnDecision(add_ons=add_ons),
        scenario.decision(ModelFitDecision).replaced(usage_component="opt_in"),
    ]


def _free_name(study: Study, wanted: str) -> str:
    taken = {scenario.name.casefold() for scenario in study.scenarios}
    name, counter = wanted[:_LONGEST], 2
    while name.casefold() in taken:
        mark = f" ({counter})"
        name, counter = wanted[: _LONGEST - len(mark)] + mark, counter + 1
    return name
