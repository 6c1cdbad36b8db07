"""The five pricing models as price books, built from the data and what the scenario has decided so far.

Prices here are only in proportion to each other; calibration sets their level.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing import AddOn, Charge, Plan, PriceBook
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.model_fit.decision import MODEL_TITLES
from workbench.stages.model_fit.offers import TIER_STEPS, core_plan, default_tiers, power_bands, rounded
from workbench.stages.price_book import plan_of
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.model_fit.current import Current
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.metric_choice import MetricChoice
    from workbench.study import Scenario

USAGE_RATIO = 7.5  # ten times the volume pays 7 to 8 times as much
BASE_SHARE = 0.6  # of a hybrid's revenue comes from its base
ADD_ON_BELOW = 0.30
MOST_ADD_ONS = 5
ADD_ON_PRICE = Decimal("0.3")  # of the core


@dataclass(frozen=True, slots=True)
class Shape:
    """One pricing model before calibration.

    `parts` are price books billed side by side with the share of revenue each has to bring; all but the hybrid have
    one. `metered` metrics are billed on each month's own quantity. `how` says in sentences how it was built.
    """

    key: ModelName
    parts: tuple[tuple[PriceBook, float], ...]
    metered: frozenset[str]
    how: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the name of the model as people read it."""
        return MODEL_TITLES[self.key]


def shapes(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> tuple[Shape, ...]:
    """Return the models that the data allows: all five where usage is recorded, else those that need none."""
    builders = (_value_metric, _tiered, _add_on, _usage_based, _hybrid)
    found = (builder(scenario, choice, current, currency) for builder in builders)
    return tuple(shape for shape in found if shape is not None)


def _value_metric(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    decision = scenario.decision(ValueMetricDecision) if scenario is not None else ValueMetricDecision()
    charge = decision.charge
    if charge is not None and charge.metric == choice.metric:
        how = f"The price curve on {metric_words(choice.metric)} decided in the stage value metric."
    else:
        ratio = decision.target_ratio
        charge = Charge(choice.metric, "graduated", bands=power_bands(current.peaks[choice.metric], ratio))
        how = f"A subscription on {metric_words(choice.metric)}: ten times the quantity pays {ratio:g} times as much."
    plan = Plan("Standard", 0, charges=(charge,))
    subscribed = "Billed on the highest quantity of the month and the two before it, as a subscription would be."
    return _shape("value_metric", (plan,), (), currency, how=(how, subscribed))


def _tiered(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    decided = scenario.decision(TierDecision).tiers if scenario is not None else ()
    charged = {tier.price_per for tier in decided} | {metric for tier in decided for metric in tier.overage}
    if decided and charged - {"account"} <= current.peaks.keys() and any(not tier.on_request for tier in decided):
        plans = tuple(plan_of(tier) for tier in decided)
        how = "The tiers decided in the stage tier design."
    elif choice.metric is None and not current.feature_share:
        return None
    else:
        plans = default_tiers(choice, current)
        steps = " : ".join(str(price) for _, price in TIER_STEPS)
        per = f"per {one_unit(choice.size_metric)}" if choice.size_metric else "per account"
        how = f"Three tiers priced {steps} {per}, cut so that the middle one can hold about two thirds of customers."
    placed = "Each account sits in the cheapest tier that holds its needs of the month and the two before it."
    return _shape("tiered", plans, (), currency, how=(how, placed))


def _add_on(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    core = core_plan(choice)
    per = f"per {one_unit(choice.size_metric)}" if choice.size_metric else "per account"
    chosen = scenario.decision(AddOnDecision).add_ons if scenario is not None else ()
    # A charge on usage is no add-on of features: what usage would bring shows in the models on usage.
    decided = tuple(each for each in chosen if each.usage_charge is None)
    if scenario is not None and decided:
        priced = [(each.name, each.features, _share_of_core(scenario, each)) for each in decided]
        how = f"The add-ons decided in the stage add-ons, at their share of the core's price, on one core {per}."
    else:
        rare = sorted((share, name) for name, share in current.feature_share.items() if 0 < share < ADD_ON_BELOW)
        priced = [(name, (name,), ADD_ON_PRICE) for _, name in rare[::-1][:MOST_ADD_ONS]]
        how = (
            f"One core {per}, and {len(priced)} add-ons at 30% of it: the features most used by under 30% of customers."
        )
    if not priced or not current.feature_share:
        return None
    add_ons = tuple(_at_share(name, features, share, core) for name, features, share in priced)
    sold = {name for each in add_ons for name in each.features}
    kept = tuple(name for name in current.feature_share if name not in sold)
    core = Plan(core.name, core.base_fee, core.charges, features=kept)
    buys = "An account that used an add-on's features is taken to have bought it: the most it can bring."
    return _shape("add_on", (core,), add_ons, currency, how=(how, buys))


def _share_of_core(scenario: Scenario, add_on: AddOnChoice) -> Decimal:
    """Return an add-on's price as a share of the tier it is measured against; 30% where the two do not compare."""
    tiers = [tier for tier in scenario.decision(TierDecision).tiers if tier.price]
    named = scenario.decision(AddOnDecision).core_tier
    core = next((tier for tier in tiers if named in (tier.id, tier.name)), tiers[len(tiers) // 2] if tiers else None)
    if core is None or not core.price or core.price_per != add_on.price_per:
        return ADD_ON_PRICE
    return add_on.price / core.price


def _at_share(name: str, features: tuple[str, ...], share: Decimal, core: Plan) -> AddOn:
    """Price an add-on as a share of the core, for each unit the core is priced per."""
    charges = tuple(Charge(charge.metric, "per_unit", unit_price=share) for charge in core.charges)
    return AddOn(name, Decimal(0) if charges else share, charges=charges, features=features)


def _usage_based(_scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    peaks = current.peaks[choice.metric]
    free = rounded(float(np.quantile(peaks, 0.1))) if len(peaks) else Decimal(0)
    charge = Charge(choice.metric, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=free)
    how = (
        f"Pay as you go on {metric_words(choice.metric)}: the first {free:,} units free (what the smallest tenth of "
        f"customers uses), then ten times the volume pays {USAGE_RATIO:g} times as much."
    )
    metered = "Billed on each month's own quantity."
    return _shape(
        "usage_based",
        (Plan("Pay as you go", 0, charges=(charge,)),),
        (),
        currency,
        metered=(choice.metric,),
        how=(how, metered),
    )


def _hybrid(_scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    peaks = current.peaks[choice.metric]
    included = rounded(float(np.median(peaks))) if len(peaks) else Decimal(0)
    usage = Charge(choice.metric, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=included)
    base = PriceBook("Hybrid: base", currency, (core_plan(choice),))
    overage = PriceBook("Hybrid: usage", currency, (Plan("Usage", 0, charges=(usage,)),))
    per = f"per {one_unit(choice.size_metric)}" if choice.size_metric else "per account"
    how = (
        f"A base {per} that brings {BASE_SHARE:.0%} of revenue, and a charge on {metric_words(choice.metric)} beyond "
        f"the {included:,} units a typical customer uses, metered monthly, for the other {1 - BASE_SHARE:.0%}."
    )
    return Shape("hybrid", ((base, BASE_SHARE), (overage, 1 - BASE_SHARE)), frozenset({choice.metric}), (how,))


def _shape(
    key: ModelName,
    plans: tuple[Plan, ...],
    add_ons: tuple[AddOn, ...],
    currency: str,
    *,
    metered: tuple[str, ...] = (),
    how: tuple[str, ...],
) -> Shape:
    book = PriceBook(MODEL_TITLES[key], currency, plans, add_ons)
    return Shape(key, ((book, 1.0),), frozenset(metered), how)
