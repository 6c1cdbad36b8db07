"""Offers back into the decisions they are made of, without loss: plans as tiers, add-ons as chosen add-ons."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.formatting import exact
from workbench.pricing.beyond import price_beyond
from workbench.stages.add_ons.decision import AddOnChoice, UsageCharge
from workbench.stages.price_book import add_on_of, plan_of
from workbench.stages.tiers.decision import PER_ACCOUNT, Tier
from workbench.study.model import fresh_id, plain_errors
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from workbench.pricing import AddOn, Charge, Plan


NOTHING = Decimal(0)


def tier_of(plan: Plan, taken: Container[str] = ()) -> Tier:
    """Return the tier that is billed as this plan: `plan_of(tier_of(plan)) == plan`.

    `taken` are ids of other tiers. StudyError for a plan that no tier can hold, such as one with a price per seat
    beyond those included and a limit on seats as well.
    """
    per_unit = _is_priced_per_unit(plan)
    further = plan.charges[1:] if per_unit else plan.charges
    included = {charge.metric: charge.free_units for charge in further if charge.free_units}
    most = {limit.metric: limit.up_to for limit in plan.limits if limit.up_to is not None}
    with plain_errors(f"The plan {plan.name} cannot be written as a tier"):
        tier = Tier(
            id=fresh_id(plan.name, taken),
            name=plan.name,
            price=plan.charges[0].unit_price if per_unit else plan.base_fee,
            price_per=plan.charges[0].metric if per_unit else PER_ACCOUNT,
            limits=most | included,
            overage={charge.metric: charge.unit_price or NOTHING for charge in further},
            features=plan.features,
            public=plan.public,
        )
    if plan_of(tier) != plan:
        raise StudyError(
            f"The plan {plan.name} cannot be written as a tier without changing it: {plan_words(plan)}.",
            "A tier has one price, and for each metric either a limit or a price per unit beyond what is included.",
        )
    return tier


def choice_of(add_on: AddOn, taken: Container[str] = (), **settings: Any) -> AddOnChoice:  # noqa: ANN401 - fields of an add-on
    """Return the chosen add-on that is billed as this one: `add_on_of(choice_of(add_on)) == add_on`.

    `settings` are the fields an offer does not have: who may buy it, when, and how many will. StudyError for an add-on
    that no choice can hold.
    """
    priced = next((charge for charge in add_on.charges if not _is_beyond(add_on, charge)), None)
    usage = next((charge for charge in add_on.charges if _is_beyond(add_on, charge)), None)
    beyond = None
    with plain_errors(f"The add-on {add_on.name} cannot be kept"):
        if usage is not None:
            unit_price, block = price_beyond(usage)
            beyond = UsageCharge(
                metric=usage.metric,
                unit_price=unit_price,
                free_units=usage.free_units,
                block=block,
                most_per_month=usage.maximum,
            )
        choice = AddOnChoice(
            id=fresh_id(add_on.name, taken),
            name=add_on.name,
            job=add_on.job,
            features=add_on.features,
            price=(add_on.base_fee if priced is None else priced.unit_price) or NOTHING,
            price_per=PER_ACCOUNT if priced is None else priced.metric,
            usage_charge=beyond,
            **settings,
        )
    if add_on_of(choice) != add_on:
        raise StudyError(
            f"The add-on {add_on.name} cannot be kept without changing it.",
            "An add-on has one price, and at most one charge on usage whose metric it does not limit.",
        )
    return choice


def plan_words(plan: Plan) -> str:
    """Say in one line what a plan charges by and limits."""
    said = [] if plan.base_fee is None else [f"{exact(plan.base_fee)} a month"]
    for charge in plan.charges:
        free = f", {exact(charge.free_units)} included" if charge.free_units else ""
        said.append(f"a price for {metric_words(charge.metric)} ({charge.model.replace('_', ' ')}{free})")
    limits = (limit for limit in plan.limits if limit.up_to is not None)
    said += [f"at most {exact(limit.up_to or NOTHING)} {metric_words(limit.metric)}" for limit in limits]
    return "; ".join(said) or "on request"


def _is_priced_per_unit(plan: Plan) -> bool:
    """Tell whether the price is that of the first charge: nothing fixed, and no units free."""
    return plan.base_fee == 0 and bool(plan.charges) and not plan.charges[0].free_units


def _is_beyond(add_on: AddOn, charge: Charge) -> bool:
    """Tell whether a charge is on usage that the add-on sets free."""
    return any(limit.metric == charge.metric and limit.up_to is None for limit in add_on.limits)
