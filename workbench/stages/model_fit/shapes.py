"""The five pricing models as price books, built from the data and what the scenario has decided so far.

Prices here are only in proportion to each other; calibration sets their level.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import log10
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing import AddOn, Band, Charge, Limit, Plan, PriceBook
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.model_fit.decision import MODEL_TITLES
from workbench.stages.price_book import add_on_of, plan_of
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.history import History
    from workbench.stages.model_fit.metric_choice import MetricChoice
    from workbench.study import Scenario

    Floats = NDArray[np.float64]

USAGE_RATIO = 7.5  # ten times the volume pays 7 to 8 times as much
DEFAULT_RATIO = 6.5
BASE_SHARE = 0.6  # of a hybrid's revenue comes from its base
TIER_STEPS = (("Essential", 1), ("Professional", 2), ("Complete", 4))
TIER_MARKS = (0.20, 0.85)  # the middle tier is to hold about 65% of customers
FEATURE_MARKS = (0.5, 0.2)  # in every tier from half of the customers on; from the middle tier on from a fifth
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


@dataclass(frozen=True, slots=True, eq=False)
class Current:
    """The customers of the calibration months: peak quantities per metric, and the share that uses each feature."""

    peaks: dict[str, Floats]
    feature_share: dict[str, float]


def current_customers(history: History, months: int = 3, minimum_uses: int = 3) -> Current:
    """Return what customers of the last `months` months needed at most, and how widely features are used."""
    here = history.active[:, -months:].any(axis=1)
    peaks = {}
    for metric, block in history.usage.items():
        recent = block[here, -months:]
        recent = recent[~np.isnan(recent).all(axis=1)]
        peaks[metric] = np.nanmax(recent, axis=1) if len(recent) else np.empty(0)
    share: dict[str, float] = {}
    if history.feature_uses is not None and here.any():
        used = history.feature_uses[here, -months:].sum(axis=1) >= minimum_uses
        share = dict(zip(history.feature_names, used.mean(axis=0).tolist(), strict=True))
    return Current(peaks, share)


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
        how = f"The price curve on {_words(choice.metric)} decided in the stage value metric."
    else:
        ratio = decision.target_ratio
        charge = Charge(choice.metric, "graduated", bands=power_bands(current.peaks[choice.metric], ratio))
        how = f"A subscription on {_words(choice.metric)}: ten times the quantity pays {ratio:g} times as much."
    plan = Plan("Standard", 0, charges=(charge,))
    subscribed = "Billed on the highest quantity of the month and the two before it, as a subscription would be."
    return _shape("value_metric", (plan,), (), currency, (), (how, subscribed))


def _tiered(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    decided = scenario.decision(TierDecision).tiers if scenario is not None else ()
    charged = {tier.price_per for tier in decided} | {metric for tier in decided for metric in tier.overage}
    if decided and charged - {"account"} <= current.peaks.keys() and any(not tier.on_request for tier in decided):
        plans = tuple(plan_of(tier) for tier in decided)
        how = "The tiers decided in the stage tier design."
    elif choice.metric is None and not current.feature_share:
        return None
    else:
        plans = _default_tiers(choice, current)
        steps = " : ".join(str(price) for _, price in TIER_STEPS)
        per = f"per unit of {_words(choice.size_metric)}" if choice.size_metric else "per account"
        how = f"Three tiers priced {steps} {per}, cut so that the middle one can hold about two thirds of customers."
    placed = "Each account sits in the cheapest tier that holds its needs of the month and the two before it."
    return _shape("tiered", plans, (), currency, (), (how, placed))


def _add_on(scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    core = _core(choice)
    decided = scenario.decision(AddOnDecision).add_ons if scenario is not None else ()
    if decided and all(each.price_per == "account" or each.price_per in current.peaks for each in decided):
        add_ons = tuple(add_on_of(each) for each in decided)
        how = "The add-ons decided in the stage add-ons, on one core plan."
        if scenario is not None and scenario.decided(TierDecision):
            core = _core_of_tiers(scenario, current) or core
    else:
        rare = sorted((share, name) for name, share in current.feature_share.items() if 0 < share < ADD_ON_BELOW)
        chosen = [name for _, name in rare[::-1][:MOST_ADD_ONS]]
        if not chosen:
            return None
        charges = tuple(Charge(c.metric, "per_unit", unit_price=ADD_ON_PRICE) for c in core.charges)
        fee = Decimal(0) if charges else ADD_ON_PRICE
        add_ons = tuple(AddOn(name, fee, charges=charges, features=(name,)) for name in chosen)
        how = f"One core plan, and {len(chosen)} add-ons at 30% of it: the features most used by under 30% of customers."
    sold = {name for each in add_ons for name in each.features}
    core = Plan(core.name, core.base_fee, core.charges, features=tuple(n for n in current.feature_share if n not in sold))
    buys = "An account that used an add-on's features is taken to have bought it: the most it can bring."
    return _shape("add_on", (core,), add_ons, currency, (), (how, buys))


def _usage_based(_scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    peaks = current.peaks[choice.metric]
    free = _round(float(np.quantile(peaks, 0.1))) if len(peaks) else Decimal(0)
    charge = Charge(choice.metric, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=free)
    how = (
        f"Pay as you go on {_words(choice.metric)}: the first {free:,} units free (what the smallest tenth of customers "
        f"uses), then ten times the volume pays {USAGE_RATIO:g} times as much."
    )
    metered = "Billed on each month's own quantity."
    return _shape("usage_based", (Plan("Pay as you go", 0, charges=(charge,)),), (), currency, (choice.metric,), (how, metered))


def _hybrid(_scenario: Scenario | None, choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    peaks = current.peaks[choice.metric]
    included = _round(float(np.median(peaks))) if len(peaks) else Decimal(0)
    usage = Charge(choice.metric, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=included)
    base = PriceBook("Hybrid: base", currency, (_core(choice),))
    overage = PriceBook("Hybrid: usage", currency, (Plan("Usage", 0, charges=(usage,)),))
    per = f"per unit of {_words(choice.size_metric)}" if choice.size_metric else "per account"
    how = (
        f"A base {per} that brings {BASE_SHARE:.0%} of revenue, and a charge on {_words(choice.metric)} beyond the "
        f"{included:,} units a typical customer uses, metered monthly, for the other {1 - BASE_SHARE:.0%}."
    )
    return Shape("hybrid", ((base, BASE_SHARE), (overage, 1 - BASE_SHARE)), frozenset({choice.metric}), (how,))


def power_bands(quantities: Floats, ratio: float) -> tuple[Band, ...]:
    """Return graduated bands along which ten times the quantity pays `ratio` times as much.

    The amount at each band's edge lies exactly on the curve quantity ** log10(ratio); edges stand three to a decade
    over the range that customers use, so the ratio is exact from edge to edge and close to it between them.
    """
    power = log10(ratio)
    used = quantities[np.isfinite(quantities) & (quantities > 0)]
    low, high = (np.quantile(used, (0.05, 0.95))) if len(used) else (1.0, 10.0)
    first = np.floor(3 * np.log10(low)) / 3
    steps = max(1, int(np.ceil(3 * (np.log10(max(high, low)) - first))))
    edges = 10 ** (first + np.arange(steps + 1) / 3)
    starts = np.concatenate([[0.0], edges[:-1]])
    prices = (edges**power - starts**power) / (edges - starts)
    last = (10 ** (power / 3) - 1) / (10 ** (1 / 3) - 1) * edges[-1] ** (power - 1)
    bands = [Band(_exact(edge), _exact(price)) for edge, price in zip(edges, prices, strict=True)]
    return (*bands, Band(None, _exact(last)))


def _default_tiers(choice: MetricChoice, current: Current) -> tuple[Plan, ...]:
    limits: list[tuple[Limit, ...]] = [(), (), ()]
    if choice.metric is not None and len(current.peaks[choice.metric]):
        low, high = (_round(float(q), up=True) for q in np.quantile(current.peaks[choice.metric], TIER_MARKS))
        if low < high:
            limits = [(Limit(choice.metric, low),), (Limit(choice.metric, high),), ()]
    plans = []
    marks = (*FEATURE_MARKS, -1.0)
    for (name, price), limit, mark in zip(TIER_STEPS, limits, marks, strict=True):
        features = tuple(feature for feature, share in current.feature_share.items() if share >= mark)
        charges = (Charge(choice.size_metric, "per_unit", unit_price=price),) if choice.size_metric else ()
        plans.append(Plan(name, 0 if charges else price, charges=charges, limits=limit, features=features))
    return tuple(plans)


def _core(choice: MetricChoice) -> Plan:
    if choice.size_metric is None:
        return Plan("Core", 1)
    return Plan("Core", 0, charges=(Charge(choice.size_metric, "per_unit", unit_price=1),))


def _core_of_tiers(scenario: Scenario, current: Current) -> Plan | None:
    """Return the tier that add-ons are priced against, without its limits, as the one core plan."""
    tiers = [tier for tier in scenario.decision(TierDecision).tiers if tier.price]
    named = scenario.decision(AddOnDecision).core_tier
    tier = next((t for t in tiers if named in (t.id, t.name)), tiers[len(tiers) // 2] if tiers else None)
    if tier is None or (tier.price_per != "account" and tier.price_per not in current.peaks):
        return None
    plan = plan_of(tier)
    return Plan(plan.name, plan.base_fee, charges=tuple(c for c in plan.charges if c.metric == tier.price_per))


def _shape(
    key: ModelName,
    plans: tuple[Plan, ...],
    add_ons: tuple[AddOn, ...],
    currency: str,
    metered: tuple[str, ...],
    how: tuple[str, ...],
) -> Shape:
    book = PriceBook(MODEL_TITLES[key], currency, plans, add_ons)
    return Shape(key, ((book, 1.0),), frozenset(metered), how)


def _round(quantity: float, *, up: bool = False) -> Decimal:
    """Return the quantity with two significant digits, as a limit people can remember."""
    if quantity <= 0:
        return Decimal(0)
    place = 10.0 ** (np.floor(np.log10(quantity)) - 1)
    rounded = np.ceil(quantity / place - 1e-9) if up else np.round(quantity / place)
    return _exact(rounded * place)


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.12g}")


def _words(metric: str | None) -> str:
    return (metric or "").replace("_", " ")
