"""The five pricing models as price books, built from the data alone.

Where something says what customers are worth, each model is its draft at tuned prices; else it is built in fixed
proportions. Calibration sets the level. No stage after this one plays a part, so that deciding tiers or add-ons later
changes nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing import AddOn, Charge, Plan, PriceBook
from workbench.stages.model_fit.decision import MODEL_TITLES
from workbench.stages.model_fit.offers import (
    TIER_STEPS,
    default_tiers,
    power_bands,
    rounded,
    unit_add_on,
    unit_plan,
)
from workbench.stages.model_fit.scaling import factor, scaled_add_on, scaled_plan
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stages.model_fit.current import Current
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.drafts import TunedDraft
    from workbench.stages.model_fit.metric_choice import MetricChoice

USAGE_RATIO = 7.5  # ten times the volume pays 7 to 8 times as much
BASE_SHARE = 0.6  # of a hybrid's revenue comes from its base, where nothing says better
ADD_ON_BELOW = 0.30
MOST_ADD_ONS = 5
ADD_ON_PRICE = 0.3  # of the core
_TUNED = "The way to build it, and its prices, are those that bring most from these customers."
_PLACED = "Each account sits in the cheapest tier that holds its needs of the month and the two before it."
_BUYS = "An account that used an add-on's features is taken to have bought it: the most it can bring."
_METERED = "Billed on each month's own quantity."
_SUBSCRIBED = "Billed on the highest quantity of the month and the two before it, as a subscription would be."


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


def shapes(
    choice: MetricChoice, current: Current, currency: str, drafts: Mapping[ModelName, TunedDraft] | None = None
) -> tuple[Shape, ...]:
    """Return the models that the data allows: all five where usage is recorded, else those that need none."""
    if drafts:
        return tuple(_of_draft(drafts[key], choice, currency) for key in MODEL_TITLES if key in drafts)
    builders = (_value_metric, _tiered, _add_on, _usage_based, _hybrid)
    found = (builder(choice, current, currency) for builder in builders)
    return tuple(shape for shape in found if shape is not None)


def _of_draft(tuned: TunedDraft, choice: MetricChoice, currency: str) -> Shape:
    draft, prices = tuned.draft, [factor(float(price)) for price in tuned.prices]
    plans = [(each, price) for each, price in zip(draft.offers, prices, strict=True) if isinstance(each, Plan)]
    add_ons = [(each, price) for each, price in zip(draft.offers, prices, strict=True) if isinstance(each, AddOn)]
    how = (_how_drafted(tuned, choice), _TUNED)
    if draft.key == "hybrid":
        books = [PriceBook(f"Hybrid: {plan.name.lower()}", currency, (scaled_plan(plan, by),)) for plan, by in plans]
        return Shape("hybrid", tuple(zip(books, tuned.shares, strict=True)), draft.metered, how)
    free = {name for add_on, price in add_ons if not price for name in add_on.features}
    made = [scaled_plan(plan, by) for plan, by in plans]
    if add_ons:
        core = made[0]
        made = [Plan(core.name, core.base_fee, core.charges, core.limits, (*core.features, *sorted(free)))]
    sold = tuple(scaled_add_on(add_on, by) for add_on, by in add_ons if by)
    return _shape(draft.key, tuple(made), sold, currency, metered=tuple(draft.metered), how=how)


def _how_drafted(tuned: TunedDraft, choice: MetricChoice) -> str:
    draft = tuned.draft
    if draft.key == "value_metric":
        words = metric_words(str(choice.metric))
        return f"A subscription on {words}: ten times the quantity pays {draft.note} times as much. {_SUBSCRIBED}"
    if draft.key == "usage_based":
        free = draft.offers[0].charges[0].free_units
        given = f"the first {free:,} units free, then " if free else ""
        words = metric_words(str(choice.usage))
        return f"Pay as you go on {words}: {given}ten times the volume pays {draft.note} times as much. {_METERED}"
    unit = draft.offers[0].charges[0].metric if draft.offers[0].charges else None
    per = f"per {one_unit(unit)}" if unit else "per account"
    if draft.key == "hybrid":
        base, included = tuned.shares[0], draft.offers[1].charges[0].free_units
        return (
            f"A base {per} that brings {base:.0%} of revenue, and a charge on {metric_words(str(choice.usage))} beyond "
            f"{included:,} units, metered monthly, for the other {1 - base:.0%}."
        )
    if draft.key == "tiered":
        steps = " : ".join(f"{price / tuned.prices[0]:.2g}" for price in tuned.prices)
        return f"Three tiers priced {steps} {per}, each with more features. {_PLACED}"
    sold = int((tuned.prices[1:] > 0).sum())
    core = f"One core {per}" if tuned.prices[0] > 0 else f"No paid core; everything sold on its own {per}"
    return f"{core}, and {sold} add-ons, each at its own price. {_BUYS}"


def _value_metric(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None:
        return None
    charge = Charge(choice.metric, "graduated", bands=power_bands(current.peaks[choice.metric], USAGE_RATIO))
    how = f"A subscription on {metric_words(choice.metric)}: ten times the quantity pays {USAGE_RATIO:g} times as much."
    return _shape("value_metric", (Plan("Standard", 0, charges=(charge,)),), (), currency, how=(how, _SUBSCRIBED))


def _tiered(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.metric is None and not current.feature_share:
        return None
    steps = " : ".join(str(price) for _, price in TIER_STEPS)
    per = f"per {one_unit(choice.size_metric)}" if choice.size_metric else "per account"
    how = f"Three tiers priced {steps} {per}, cut so that the middle one can hold about two thirds of customers."
    return _shape("tiered", default_tiers(choice, current), (), currency, how=(how, _PLACED))


def _add_on(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    rare = sorted((share, name) for name, share in current.feature_share.items() if 0 < share < ADD_ON_BELOW)
    sold = [name for _, name in rare[::-1][:MOST_ADD_ONS]]
    if not sold:
        return None
    per = f"per {one_unit(choice.size_metric)}" if choice.size_metric else "per account"
    how = f"One core {per}, and {len(sold)} add-ons at 30% of it: the features most used by under 30% of customers."
    add_ons = tuple(scaled_add_on(unit_add_on(name, choice.size_metric), factor(ADD_ON_PRICE)) for name in sold)
    kept = tuple(name for name in current.feature_share if name not in sold)
    core = unit_plan("Core", choice.size_metric, features=kept)
    return _shape("add_on", (core,), add_ons, currency, how=(how, _BUYS))


def _usage_based(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.usage is None:
        return None
    peaks = current.peaks[choice.usage]
    free = rounded(float(np.quantile(peaks, 0.1))) if len(peaks) else 0
    charge = Charge(choice.usage, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=free)
    how = (
        f"Pay as you go on {metric_words(choice.usage)}: the first {free:,} units free (what the smallest tenth of "
        f"customers uses), then ten times the volume pays {USAGE_RATIO:g} times as much."
    )
    plan = Plan("Pay as you go", 0, charges=(charge,))
    return _shape("usage_based", (plan,), (), currency, metered=(choice.usage,), how=(how, _METERED))


def _hybrid(choice: MetricChoice, current: Current, currency: str) -> Shape | None:
    if choice.usage is None:
        return None
    peaks, unit = current.peaks[choice.usage], choice.base_unit
    included = rounded(float(np.median(peaks))) if len(peaks) else 0
    usage = Charge(choice.usage, "graduated", bands=power_bands(peaks, USAGE_RATIO), free_units=included)
    base = PriceBook("Hybrid: base", currency, (unit_plan("Core", unit),))
    overage = PriceBook("Hybrid: usage", currency, (Plan("Usage", 0, charges=(usage,)),))
    per = f"per {one_unit(unit)}" if unit else "per account"
    how = (
        f"A base {per} that brings {BASE_SHARE:.0%} of revenue, and a charge on {metric_words(choice.usage)} beyond "
        f"the {included:,} units a typical customer uses, metered monthly, for the other {1 - BASE_SHARE:.0%}."
    )
    return Shape("hybrid", ((base, BASE_SHARE), (overage, 1 - BASE_SHARE)), frozenset({choice.usage}), (how,))


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
