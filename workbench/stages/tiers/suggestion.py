"""A starting point for the tiers, computed from the data: limits, features and prices of three tiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules import RULEBOOK
from workbench.stages.tiers.beside_the_ladder import custom_tier, free_tier
from workbench.stages.tiers.bill_change import spaced
from workbench.stages.tiers.decision import Tier, TierDecision
from workbench.stages.tiers.draft import Draft, feature_columns
from workbench.stages.tiers.evidence import TierEvidence, evidence_for
from workbench.stages.tiers.feature_sorting import sort_features
from workbench.stages.tiers.levels import ENTRY, MIDDLE, TOP, draw_levels
from workbench.stages.tiers.made_so import REVENUE, marks
from workbench.stages.tiers.price_levels import WIDE_SPREAD, PriceLevels, best_prices, price_shapes
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.results import Caution
    from workbench.rules import Rulebook, Threshold
    from workbench.study import Scenario

NAMES = ("Essentials", "Growth", "Scale")


@dataclass(frozen=True, slots=True)
class TierSuggestion:
    """A computed starting point: the decision, why it looks as it does, and what to know before using it."""

    decision: TierDecision
    reasons: tuple[str, ...]
    cautions: tuple[Caution, ...]


def suggest(base: CustomerBase, scenario: Scenario, evidence: TierEvidence | None = None) -> TierDecision:
    """Return three tiers computed from the data; `propose` also says why and with which cautions."""
    return propose(base, scenario, evidence).decision


def propose(
    base: CustomerBase,
    scenario: Scenario,
    evidence: TierEvidence | None = None,
    *,
    revenue_target: float | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> TierSuggestion:
    """Return three tiers computed from the data, with reasons and cautions.

    Limits lie at round numbers near the usage quantiles that bring the middle tier closest to 65% of accounts;
    features follow their benefit share and the order of adoption. Round prices bring `revenue_target` a month, or
    today's MRR of the same accounts with each one's own discount kept, with the top price three to five times the entry
    price, in the shape with the fewest and smallest bill shocks; without either the prices stay open. A free plan of
    today is kept beside the three, and accounts without a published price keep a tier on request and what they pay.
    How the scenario reads needs (window, minimum uses) is kept.
    """
    before = scenario.decision(TierDecision)
    found = evidence_for(base, before, evidence)
    chosen = scenario.decision(ValueMetricDecision).metric
    metric = limited_metric(found, chosen)
    size = found.needs[metric] if metric else None
    features = sort_features(found.benefits, rulebook.threshold("A5"), found.used, found.feature_names, size)
    used = feature_columns(found, features.names)
    free = free_tier(found, NAMES)
    paid_for = np.ones(len(found), dtype=bool) if free is None or not free.is_kept else ~free.holds
    levels = draw_levels(
        None if size is None else size[paid_for],
        None if used is None else used[paid_for],
        features.lowest,
        features.highest,
    )
    contracts = found.on_list.on_request & np.isfinite(found.mrr)
    target = found.today if revenue_target is None else revenue_target
    if target:  # what contracts bring stays as it is, and prices have to bring the rest
        target = max(0.0, target - float(found.mrr[contracts].sum()))
    prices = None
    if target:
        reached = _reached(np.array(levels.features), levels.limits, size, used, len(found))
        aim = _Aim(found, reached, metric, levels.limits, target, rulebook.threshold("T4"), ~paid_for)
        prices = _prices(aim, chosen)
    draft = Draft(found, metric, features, levels, prices, target, revenue_target is not None, free)
    decision = before.model_copy(update={"tiers": _tiers(draft), "sold_separately": features.sold_separately})
    decision = decision.replaced(set_so=_aimed_at(decision, draft))
    return TierSuggestion(decision, draft.reasons(), draft.cautions(rulebook))


def _aimed_at(decision: TierDecision, draft: Draft) -> dict[str, str]:
    """Return the marks of the rules the draft was made to meet: those on prices only where it set prices."""
    found = marks(decision, draft.evidence)
    aims = ["T1", "T2"] if draft.prices is None else ["T1", "T2", "T4"]
    if draft.prices is not None and not draft.is_own_target:
        aims.append(REVENUE)
    return {rule: found[rule] for rule in aims}


@dataclass(frozen=True, eq=False)
class _Aim:
    """What prices have to do: the level each account reaches, the limited metric, the revenue, the band of T4.

    `free` are the accounts that a free tier serves.
    """

    evidence: TierEvidence
    reached: NDArray[np.intp]
    limited: str | None
    limits: tuple[Decimal, Decimal] | None
    target: float
    band: Threshold
    free: NDArray[np.bool_]

    def best(self, *metrics: str) -> PriceLevels | None:
        """Return the best prices per account or per unit of one of the metrics."""
        billed = self.evidence.billed
        included = None if self.limits is None else self.limits[MIDDLE]
        shapes = price_shapes(metrics, self.limited, included, self.band)
        return best_prices(
            shapes,
            self.reached,
            billed,
            np.where(self.evidence.on_list.on_request, np.nan, self.evidence.mrr),
            target=self.target,
            threshold=self.band,
            kept=self.evidence.on_list.kept,
            free=self.free,
        )


def _prices(aim: _Aim, chosen: str | None) -> PriceLevels | None:
    """Return prices that grow with the chosen value metric, or with today's where those would upset most bills.

    The limits still follow the value metric then: a usage component beside a familiar unit is the gentler first step.
    """
    billed = aim.evidence.billed
    familiar = max(billed, key=lambda metric: _goes_with_mrr(aim.evidence, metric), default=None)
    if chosen is None or chosen not in billed:
        return aim.best(*billed)
    found = aim.best(chosen)
    if found is None or familiar is None or not found.closest > WIDE_SPREAD:
        return found
    gentler = aim.best(familiar)
    return gentler if gentler is not None and gentler.closest < found.closest / 2 else found


def limited_metric(evidence: TierEvidence, chosen: str | None) -> str | None:
    """Return the metric to limit: the chosen value metric, else the one that goes with what accounts pay today.

    Without any MRR it is the metric known for most accounts. None when no metric tells accounts apart.
    """
    telling = [name for name, values in evidence.needs.items() if _tells_apart(values)]
    if chosen in telling:
        return chosen
    return max(
        telling, key=lambda name: (_goes_with_mrr(evidence, name), _known(evidence.needs[name]).size), default=None
    )


def _goes_with_mrr(evidence: TierEvidence, metric: str) -> float:
    """Return the rank correlation of a metric with MRR, times the share of accounts it is known for."""
    part = spaced(len(evidence))
    values, paid = evidence.needs[metric][part], evidence.mrr[part]
    both = np.isfinite(values) & np.isfinite(paid)
    if not (_tells_apart(values[both]) and _tells_apart(paid[both])):
        return 0.0
    from scipy.stats import spearmanr  # noqa: PLC0415 - scipy loads slowly; only suggestions need it

    return round(float(spearmanr(values[both], paid[both]).statistic) * float(both.mean()), 3)


def _tells_apart(values: NDArray[np.float64]) -> bool:
    known = _known(values)
    return bool(known.size) and bool(known.min() < known.max())


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def _reached(
    feature_levels: NDArray[np.intp],
    limits: tuple[Decimal, Decimal] | None,
    size: NDArray[np.float64] | None,
    used: NDArray[np.bool_] | None,
    accounts: int,
) -> NDArray[np.intp]:
    """Return the level at which each account's needs end."""
    reached = np.zeros(accounts, dtype=np.intp)
    if used is not None and feature_levels.size:
        reached = np.maximum(reached, (used * feature_levels).max(axis=1))
    if size is not None and limits is not None:
        low, high = (float(limit) for limit in limits)
        reached = np.maximum(reached, (size > low).astype(np.intp) + (size > high))
    return reached


def _tiers(draft: Draft) -> tuple[Tier, ...]:
    prices = draft.prices
    limits: list[dict[str, Decimal]] = [{}, {}, {}]
    if draft.metric and draft.levels.limits is not None:
        limits[ENTRY] = {draft.metric: draft.levels.limits[ENTRY]}
        limits[MIDDLE] = {draft.metric: draft.levels.limits[MIDDLE]}
    overage: dict[str, Decimal] = {}
    if prices is not None and prices.shape.included is not None and prices.overage_price is not None:
        limits[TOP] = {prices.shape.overage_metric: prices.shape.included}
        overage = {prices.shape.overage_metric: prices.overage_price}
    tiers = []
    placed = tuple(zip(draft.features.names, draft.levels.features, strict=True))
    for level, name in enumerate(NAMES):
        contained = tuple(feature for feature, lowest in placed if lowest <= level)
        tier = Tier(id=name.lower(), name=name, limits=limits[level], features=contained)
        if prices is not None:
            own = overage if level == TOP else {}
            tier = tier.replaced(price=prices.prices[level], price_per=prices.shape.price_per, overage=own)
        tiers.append(tier)
    free = draft.free.tier if draft.free is not None and draft.free.is_kept else None
    custom = custom_tier(draft.evidence, tiers[TOP].features)
    return tuple(each for each in (free, *tiers, custom) if each is not None)
