"""Drafts of the five models from the data alone, and the prices at which each brings most.

Every model gets the same treatment: a handful of ways to build it, each with prices tuned by one optimiser on the same
accounts (`tuning`), and the way that brings most is its draft. What later stages decide plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_of
from workbench.pricing import Charge, Limit, Plan
from workbench.stages.model_fit.offers import TIER_NAMES, power_bands, rounded, unit_add_on, unit_plan
from workbench.stages.model_fit.tuning import CoreAndAddOns, OneOffer, Tiers, tuned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.pricing import AddOn
    from workbench.stages.model_fit.account_worth import TuningWorth
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.metric_choice import MetricChoice
    from workbench.stages.model_fit.tuning import Menu

    Floats = NDArray[np.float64]

RATIOS = (3.5, 5.0, 7.5, 10.0)  # what ten times the quantity pays
FREE_BELOW = (0.0, 0.1, 0.5)  # quantiles of use up to which usage is free
INCLUDED = (0.25, 0.5, 0.75)  # quantiles of use that a hybrid's base includes
CUTS = ((0.3, 0.6), (0.4, 0.8), (0.6, 0.9))  # which parts of the features tiers one and two hold
LIMITS = (None, (0.2, 0.85), (0.5, 0.9))  # quantiles of use that tiers one and two serve
MOST_ADD_ONS = 10
RARE, COMMON = 0.02, 0.95  # features wanted by fewer or more accounts are nothing to sell apart
LEAST_OF_A_HYBRID = 0.2  # of revenue from each of its two parts
NOTICED = (0.7, 1.0)
"""Share of those an add-on would be worth its price to who ever buy it apart; nobody measured it, the range is ours."""
_START_TIERS = ((0.5, 1.0, 2.0), (0.8, 1.0, 1.2))
_START_ADD_ONS = ((1.0, 0.3), (0.0, 0.6))  # core and each add-on: most of the price in the core, and none of it
_TUNING = slice(0, None, 8)  # draws used to look for prices


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One way to build a model: its offers at a price of one each, and the menu they make."""

    key: ModelName
    offers: tuple[Plan | AddOn, ...]
    menu: Menu
    metered: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TunedDraft:
    """The best draft of a model with its prices, and what it brings a month in the mean over draws."""

    draft: Draft
    prices: Floats
    brings: float

    @property
    def shares(self) -> tuple[float, ...]:
        """Return what part of the bills of those who buy each offer makes, for offers billed side by side."""
        menu = self.draft.menu
        assert isinstance(menu, OneOffer)  # noqa: S101 - offers side by side are one bill
        by_part = menu.billed(self.prices)
        total = float(by_part.sum())
        return tuple((by_part / total).tolist()) if total > 0 else (1 / len(by_part),) * len(by_part)


def tuned_drafts(worth: TuningWorth, choice: MetricChoice) -> dict[ModelName, TunedDraft]:
    """Return each model's best draft; one whose quantities nobody recorded, or that brings nothing, is left out."""
    found: dict[ModelName, TunedDraft] = {}
    for draft in _drafts(worth, choice):
        prices, brings = tuned(draft.menu.only(_TUNING), worth.stands_for)
        before = found.get(draft.key)
        if brings > 0 and (before is None or brings > before.brings):
            found[draft.key] = TunedDraft(draft, prices, brings)
    return found


def _drafts(worth: TuningWorth, choice: MetricChoice) -> Iterator[Draft]:
    if choice.metric is not None and choice.usage is not None:
        yield from _value_metric(worth, choice.metric)
        yield from _usage_based(worth, choice.usage)
        yield from _hybrid(worth, choice.usage, choice.base_unit)
    yield from _tiered(worth, choice)
    if len(worth.feature_names):
        yield from _add_on(worth, choice)


def _value_metric(worth: TuningWorth, metric: str) -> Iterator[Draft]:
    for ratio in RATIOS:
        charge = Charge(metric, "graduated", bands=power_bands(worth.peak[metric], ratio))
        plan = Plan("Standard", 0, charges=(charge,))
        menu = _one(worth, _amounts(plan, worth.peak))
        yield Draft("value_metric", (plan,), menu, note=f"{ratio:g}")


def _usage_based(worth: TuningWorth, metric: str) -> Iterator[Draft]:
    peaks = worth.peak[metric]
    for ratio in RATIOS:
        for below in FREE_BELOW:
            free = rounded(float(np.quantile(peaks, below))) if below else 0
            charge = Charge(metric, "graduated", bands=power_bands(peaks, ratio), free_units=free)
            plan = Plan("Pay as you go", 0, charges=(charge,))
            menu = _one(worth, _amounts(plan, worth.mean))
            yield Draft("usage_based", (plan,), menu, frozenset({metric}), f"{ratio:g}")


def _hybrid(worth: TuningWorth, metric: str, unit: str | None) -> Iterator[Draft]:
    peaks = worth.peak[metric]
    for base in (unit_plan("Core", each) for each in dict.fromkeys((unit, None))):
        for ratio in RATIOS[1:]:
            for below in INCLUDED:
                included = rounded(float(np.quantile(peaks, below)))
                charge = Charge(metric, "graduated", bands=power_bands(peaks, ratio), free_units=included)
                usage = Plan("Usage", 0, charges=(charge,))
                parts = np.array([_amounts(base, worth.peak), _amounts(usage, worth.mean)])
                even = 1 / np.maximum((parts * worth.stands_for).sum(axis=1), 1e-9)
                menu = OneOffer(worth.whole, worth.cost, parts, _starts(worth, parts, even), LEAST_OF_A_HYBRID)
                yield Draft("hybrid", (base, usage), menu, frozenset({metric}), f"{ratio:g}")


def _tiered(worth: TuningWorth, choice: MetricChoice) -> Iterator[Draft]:
    order = np.argsort(-worth.wanted, kind="stable")
    many = len(order)
    for unit in dict.fromkeys((choice.size_metric, None)):
        units = _amounts(unit_plan("Core", unit), worth.peak)
        for cut in CUTS if many else CUTS[:1]:
            sets = [order[: round(part * many)] for part in (*cut, 1.0)]
            parts = [worth.imputed.part(np.isin(np.arange(many), each)) for each in sets]
            for marks in LIMITS:
                limits = _limits(worth, choice.metric, marks)
                if limits is None:
                    continue
                values = np.array([worth.whole * part for part in parts])
                for place, limit in enumerate(limits):
                    beyond = worth.peak[limit.metric] > float(limit.up_to or 0)
                    values[place, beyond] = -np.inf
                plans = tuple(
                    unit_plan(
                        name,
                        unit,
                        limits=(limits[place],) if place < len(limits) else (),
                        features=tuple(worth.feature_names[i] for i in sorted(sets[place])),
                    )
                    for place, name in enumerate(TIER_NAMES)
                )
                start = _starts(worth, units[None, :], np.array([1.0])) * np.array(_START_TIERS)
                yield Draft("tiered", plans, Tiers(values, worth.cost, units, start))


def _limits(worth: TuningWorth, metric: str | None, marks: tuple[float, float] | None) -> tuple[Limit, ...] | None:
    """Return the limits of the lower tiers; None where the quantities do not tell accounts apart."""
    if marks is None:
        return ()
    if metric is None:
        return None
    low, high = (rounded(float(q), up=True) for q in np.quantile(worth.peak[metric], marks))
    return (Limit(metric, low), Limit(metric, high)) if low < high else None


def _add_on(worth: TuningWorth, choice: MetricChoice) -> Iterator[Draft]:
    wanted = worth.wanted
    apart = [i for i in np.argsort(-wanted, kind="stable") if RARE < wanted[i] < COMMON][:MOST_ADD_ONS]
    if not apart:
        return
    imputed = worth.imputed
    weights = imputed.weights[:, None, None] * imputed.wants
    total = np.maximum(weights.sum(axis=0), 1e-9)
    each = worth.whole * (1 - imputed.core)
    kept = np.isin(np.arange(len(wanted)), apart, invert=True)
    core_worth, extra = worth.whole * imputed.part(kept), np.array([each * weights[i] / total for i in apart])
    rng = np.random.default_rng(len(worth.place))
    noticed = rng.random(extra.shape) < rng.uniform(*NOTICED, extra.shape[2])
    for unit in dict.fromkeys((choice.size_metric, None)):
        core = unit_plan("Core", unit, features=tuple(worth.feature_names[i] for i in np.flatnonzero(kept)))
        units = _amounts(core, worth.peak)
        add_ons = tuple(unit_add_on(worth.feature_names[i], unit) for i in apart)
        start = _starts(worth, units[None, :], np.array([1.0])) * np.array(
            [np.r_[times, np.full(len(apart), each)] for times, each in _START_ADD_ONS]
        )
        yield Draft("add_on", (core, *add_ons), CoreAndAddOns(core_worth, extra, noticed, worth.cost, units, start))


def _amounts(offer: Plan, quantities: dict[str, Floats]) -> Floats:
    """Return what accounts would pay at a price of one."""
    many = len(next(iter(quantities.values())))
    found: Floats = np.broadcast_to(bills_of(offer, quantities), many).astype(np.float64)
    return found


def _one(worth: TuningWorth, amounts: Floats) -> OneOffer:
    parts = amounts[None, :]
    return OneOffer(worth.whole, worth.cost, parts, _starts(worth, parts, np.array([1.0])))


def _starts(worth: TuningWorth, parts: Floats, proportions: Floats) -> Floats:
    """Return prices in these proportions at which the accounts together would be billed what they pay today."""
    billed = float((proportions @ parts * worth.stands_for).sum())
    today = float((worth.imputed.facts.bill * worth.stands_for).sum())
    return proportions * today / billed if billed > 0 else proportions
