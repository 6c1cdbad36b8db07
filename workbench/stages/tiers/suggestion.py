"""A starting point for the tiers, computed from the data: limits, features and prices of three tiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.cache import Recent
from workbench.formatting import percent
from workbench.impact.billing import bills_at
from workbench.pricing.price_curve import round_limit, round_prices_around
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.contract import caution_maker
from workbench.stages.needs import TierEvidence, evidence_for, spaced
from workbench.stages.offers import PER_ACCOUNT, Tier, TierDecision, ValueMetricDecision, per_words
from workbench.stages.placing import REVENUE, tier_marks
from workbench.stages.tiers.decision import ENTRY, MIDDLE, TOP
from workbench.stages.tiers.evidence import custom_tier, free_tier, sort_features
from workbench.stats import spearman
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Caution
    from workbench.rules.rulebook import Rulebook, Threshold
    from workbench.stages.tiers.evidence import FreeTier, SortedFeatures
    from workbench.stages.tiers.result import TierResult
    from workbench.study.model import Scenario

say, warn = texts(__name__), caution_maker(__package__)

# --- Draw the lines between three tiers: which features and how much usage each level includes

ENTRY_QUANTILES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
MIDDLE_QUANTILES = (0.75, 0.8, 0.85, 0.9, 0.93, 0.96)
AIM = 0.65
"""Share of accounts the middle tier is aimed at: the centre of 60% to 70%."""
LEAST_ENTRY, LEAST_TOP = 0.1, 0.05
_SAMPLE = 5_000
_MOST_CUTS = 16


@dataclass(frozen=True, slots=True)
class Levels:
    """Where the lines lie: the level of each feature (by column) and the most usage of the lower two levels.

    `limits` is None without a metric to limit. `shares` are the shares of accounts whose needs end at each level.
    """

    features: tuple[int, ...]
    limits: tuple[Decimal, Decimal] | None
    shares: tuple[float, float, float]


def draw_levels(
    quantity: NDArray[np.float64] | None,
    used: NDArray[np.bool_] | None,
    lowest: NDArray[np.intp],
    highest: NDArray[np.intp],
) -> Levels:
    """Return the lines that bring the middle level closest to 65% of accounts.

    Parameters
    ----------
    quantity : usage of the limited metric per account, NaN unknown; None to draw no limits.
    used : accounts x features in the order in which they are adopted, most used first; None when not recorded.
    lowest, highest : the first and last level each feature may go to. Within that, features keep their order of
        adoption: a feature never sits below one that more accounts use.

    The entry level keeps at least 10% and the top level 5% of accounts where the data allow it.
    """
    accounts = 0 if used is None else used.shape[0]
    accounts = accounts if quantity is None else quantity.size
    picked = np.unique(np.linspace(0, accounts - 1, min(accounts, _SAMPLE)).astype(int)) if accounts else np.arange(0)
    part = None if quantity is None else quantity[picked]
    features = [(levels, _level_by_features(used, picked, levels)) for levels in _feature_levels(lowest, highest)]
    limits = [(pair, _level_by_limits(part, pair, picked.size)) for pair in _limit_pairs(quantity)]
    best: tuple[float, Levels] | None = None
    for (levels, by_features), (pair, by_limits) in product(features, limits):
        needed = np.maximum(by_features, by_limits)
        counts = np.bincount(needed, minlength=3) if needed.size else np.zeros(3)
        shares = counts / max(1, needed.size)
        badness = _badness(shares)
        if best is None or badness < best[0] - 1e-12:
            entry, middle, top = (float(share) for share in shares)
            best = (badness, Levels(tuple(int(level) for level in levels), pair, (entry, middle, top)))
    if best is None:  # there is always one combination: no features and no limits
        raise AssertionError("no lines to choose from")
    return best[1]


def _badness(shares: NDArray[np.float64]) -> float:
    """Measure how far shares are from the aim; starving an end counts more than missing the middle."""
    starved = max(0.0, LEAST_ENTRY - shares[ENTRY]) + max(0.0, LEAST_TOP - shares[TOP])
    return float(abs(shares[MIDDLE] - AIM) + 3 * starved)


def _feature_levels(lowest: NDArray[np.intp], highest: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """List the ways to cut the features, in order of adoption, into three levels."""
    count = lowest.size
    place = np.arange(count)
    cuts = np.unique(np.linspace(0, count, min(count + 1, _MOST_CUTS)).astype(int))
    found: dict[tuple[int, ...], NDArray[np.intp]] = {}
    for entry_ends in cuts:
        for middle_ends in cuts[cuts >= entry_ends]:
            levels = np.where(place < entry_ends, ENTRY, np.where(place < middle_ends, MIDDLE, TOP))
            levels = np.clip(levels, lowest, highest)
            found.setdefault(tuple(levels.tolist()), levels)
    return list(found.values())


def _limit_pairs(quantity: NDArray[np.float64] | None) -> list[tuple[Decimal, Decimal] | None]:
    known = np.array([]) if quantity is None else quantity[np.isfinite(quantity)]
    if known.size == 0:
        return [None]
    entry, middle = (np.quantile(known, levels) for levels in (ENTRY_QUANTILES, MIDDLE_QUANTILES))
    pairs = {(round_limit(float(low)), round_limit(float(high))) for low, high in product(entry, middle)}
    rising = sorted(pair for pair in pairs if pair[0] < pair[1])
    return [*rising] if rising else [None]


def _level_by_features(
    used: NDArray[np.bool_] | None, picked: NDArray[np.intp], levels: NDArray[np.intp]
) -> NDArray[np.intp]:
    if used is None or levels.size == 0:
        return np.zeros(picked.size, dtype=np.intp)
    return (used[picked] * levels).max(axis=1).astype(np.intp)


def _level_by_limits(
    quantity: NDArray[np.float64] | None, pair: tuple[Decimal, Decimal] | None, accounts: int
) -> NDArray[np.intp]:
    if quantity is None or pair is None:
        return np.zeros(accounts, dtype=np.intp)
    low, high = (float(limit) for limit in pair)
    return (quantity > low).astype(np.intp) + (quantity > high)


# --- Set the prices of three tiers so that they bring a wanted revenue and move bills as little as possible

RATIOS = (3.0, 3.5, 4.0, 4.5, 5.0)
MIDDLES = (1.6, 1.8, 2.0, 2.2, 2.5)
OVERAGE_RATES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Price of a unit beyond what the top tier includes, against the average price of the units included."""
STEEP_RISE = 0.25
"""A bill that rises by more than this shocks; our default, the one of a study's guardrails too."""
ON_TARGET = 0.01
"""Round prices within 1% of the revenue aimed at are on target."""
_ROUNDED = 8  # shapes of the least shock whose prices are rounded and compared
_ABOUT = 0.01  # shapes within this much of the least shock are as good
WIDE_SPREAD = 0.5
"""A median distance from today's bills beyond which prices upset most customers: a factor of 1.5."""
_COMPARED = 10_000
"""About how many accounts the shapes are compared on; the prices themselves are scaled on all."""


@dataclass(frozen=True, slots=True)
class PriceShape:
    """How the prices of the tiers relate, before their size is set.

    The middle tier costs `middle` and the top tier `ratio` times the entry price, each per account or per unit of a
    metric. With `included`, the top tier includes that much of `overage_metric` and bills more at `overage_rate`
    times the average price of an included unit.
    """

    price_per: str
    middle: float
    ratio: float
    overage_metric: str = ""
    overage_rate: float = 0.0
    included: Decimal | None = None

    def bills(self, level: NDArray[np.intp], quantities: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return each account's bill at an entry price of 1."""
        units = _units(self.price_per, level, quantities)
        bills = bills_at(np.array([1.0, self.middle, self.ratio])[level], units)
        if self.included is not None:
            beyond = np.maximum(quantities[self.overage_metric] - float(self.included), 0.0)
            bills = bills + np.where(level == TOP, bills_at(self.overage_price(1.0), beyond), 0.0)
        return bills

    def overage_price(self, entry: float) -> float:
        """Return the price of a unit beyond what the top tier includes, at an entry price."""
        return entry * self.ratio * self.overage_rate / float(self.included or 1)


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """The prices found: of the three tiers, of a unit beyond the top tier's included ones, and what they bring.

    `spread` is the median distance of a new bill from today's as a factor less one (0.4: half of the accounts
    within a factor of 1.4); NaN where today's bills are unknown. `closest` is the least spread any shape has,
    `badness` what the rounded prices are ranked by: outside the band, off the target, shock.
    """

    shape: PriceShape
    prices: tuple[Decimal, Decimal, Decimal]
    overage_price: Decimal | None
    revenue: float
    spread: float
    closest: float = 0.0
    badness: tuple[float, ...] = ()


def price_shapes(
    metrics: Sequence[str], limited: str | None, included: Decimal | None, threshold: Threshold
) -> list[PriceShape]:
    """List the shapes to choose from: per account, per account with overage in the top tier, per unit of a metric.

    With overage the top tier includes as much of the limited metric as the middle tier does (`included`). `threshold`
    is the band the top price over the entry price has to lie in.
    """
    ratios = [ratio for ratio in RATIOS if threshold.status(ratio) == "ok"] or [threshold.nearest(4.0)]
    pairs = [(middle, ratio) for middle, ratio in product(MIDDLES, ratios) if middle < ratio]
    shapes = [PriceShape(per, middle, ratio) for per in (PER_ACCOUNT, *metrics) for middle, ratio in pairs]
    if limited is not None and included:
        shapes += [
            PriceShape(PER_ACCOUNT, middle, ratio, limited, rate, included)
            for (middle, ratio), rate in product(pairs, OVERAGE_RATES)
        ]
    return shapes


def best_price_levels(
    shapes: Sequence[PriceShape],
    level: NDArray[np.intp],
    quantities: Mapping[str, NDArray[np.float64]],
    today: NDArray[np.float64],
    *,
    target: float,
    threshold: Threshold,
    kept: NDArray[np.float64] | None = None,
    free: NDArray[np.bool_] | None = None,
) -> PriceLevels | None:
    """Return round prices that bring `target` a month, in the shape with the fewest and smallest bill shocks.

    All shapes are scaled to the target, so all keep revenue; of those that leave half of the bills within a factor of
    1.5 and whose shock is about the least, the one that keeps bills closest to today's is taken. The target is for the
    accounts whose MRR is in `today`; where no MRR is known it is for all accounts. `kept` is the share of the list that
    each account pays, which it keeps; `free` are accounts that a free tier serves. None when no account has a bill to
    scale.
    """
    pays = np.ones(level.size) if kept is None else kept
    pays = pays if free is None else np.where(free, 0.0, pays)
    part = slice(None, None, max(1, level.size // _COMPARED))
    some = {metric: values[part] for metric, values in quantities.items()}
    ranked: list[tuple[float, float, PriceShape]] = []
    for shape in shapes:
        bills = shape.bills(level[part], some) * pays[part]
        total = _total(bills, today[part])
        if total <= 0:
            continue
        # The sum that an evenly spaced part should bring stands to its MRR as the target stands to all MRR.
        scaled = bills * (target / total / _times(today, part))
        spread = _spread(scaled, today[part])
        ranked.append((shock(scaled, today[part]), spread if np.isfinite(spread) else 0.0, shape))
    if not ranked:
        return None
    closest = min(spread for _, spread, _ in ranked)
    # A shape that moves half of all bills by half or more, most of them down, is no answer to the few that go up.
    near = [each for each in ranked if each[1] <= max(WIDE_SPREAD, closest)]
    drafts = [
        _rounded(shape, level, quantities, today, pays, target=target, threshold=threshold)
        for _, _, shape in sorted(near, key=lambda each: each[0])[:_ROUNDED]
    ]
    least = min(each.badness for each in drafts)
    good = [each for each in drafts if each.badness[:-1] == least[:-1] and each.badness[-1] <= least[-1] + _ABOUT]
    return replace(min(good, key=lambda each: each.spread if np.isfinite(each.spread) else 0.0), closest=closest)


def shock(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Return how hard bills shock: the share of paying accounts that rise by more than 25%, and by how much beyond.

    Each such account counts once, and once more for every doubling beyond those 25%. 0 where nothing is paid.
    """
    both = np.isfinite(bills) & np.isfinite(today) & (today > 0)
    if not both.any():
        return 0.0
    beyond = np.log2(np.maximum(bills[both] / today[both] / (1 + STEEP_RISE), 1.0))
    return float(np.where(beyond > 0, 1 + beyond, 0.0).mean())


def _rounded(
    shape: PriceShape,
    level: NDArray[np.intp],
    quantities: Mapping[str, NDArray[np.float64]],
    today: NDArray[np.float64],
    pays: NDArray[np.float64],
    *,
    target: float,
    threshold: Threshold,
) -> PriceLevels:
    """Round the three prices so that the ladder stays in its band, revenue on target, and bills shock the least.

    A price rounded up can carry a whole tier over the line from which a rise shocks, so rounding looks at it too.
    """
    exact = target / _total(shape.bills(level, quantities) * pays, today)
    factors = (1.0, shape.middle, shape.ratio)
    overage = _round_small(shape.overage_price(exact)) if shape.included is not None else None
    units = _units(shape.price_per, level, quantities)
    beyond = np.zeros(level.size)
    if overage is not None:
        over = np.maximum(quantities[shape.overage_metric] - float(shape.included or 0), 0.0)
        beyond = np.where(level == TOP, bills_at(float(overage), over), 0.0)
    ladders = [each for each in product(*(round_prices_around(exact * factor) for factor in factors)) if _rises(each)]
    ladders = ladders or [tuple(_round_small(exact * factor) for factor in factors)]
    made = []
    for prices in ladders:
        bills = bills_at(np.array([float(price) for price in prices])[level], units, beyond) * pays
        revenue = _total(bills, today)
        outside = threshold.status(float(prices[2] / prices[0])) != "ok"
        off = abs(revenue / target - 1)
        badness = (float(outside), 0.0 if off <= ON_TARGET else off, shock(bills, today))
        made.append((badness, off, (prices[0], prices[1], prices[2]), revenue, bills))
    badness, _, prices, revenue, bills = min(made, key=lambda each: each[:2])
    return PriceLevels(shape, prices, overage, revenue, _spread(bills, today), badness=badness)


def _units(
    price_per: str, level: NDArray[np.intp], quantities: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    return np.ones(level.size) if price_per == PER_ACCOUNT else quantities[price_per]


def _rises(prices: tuple[Decimal, ...]) -> bool:
    return 0 < prices[0] < prices[1] < prices[2]


def _round_small(price: float) -> Decimal:
    """Return the nearest usual price, for prices too small to vary in steps."""
    return min(round_prices_around(price), key=lambda near: abs(float(near) - price))


def _times(today: NDArray[np.float64], part: slice) -> float:
    """Return how many times the MRR of a part of the accounts makes up the MRR of all."""
    whole, some = float(np.nansum(today)), float(np.nansum(today[part]))
    return whole / some if some > 0 else 1.0


def _total(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Add up the bills of the accounts with a recorded MRR; of all accounts where nobody has one."""
    known = np.isfinite(today)
    return float(np.nansum(bills[known] if known.any() else bills))


def _spread(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Return the median factor between new bills and today's, less one; NaN when nothing can be compared."""
    both = np.isfinite(bills) & np.isfinite(today) & (bills > 0) & (today > 0)
    if not both.any():
        return float("nan")
    return float(np.expm1(np.median(np.abs(np.log(bills[both] / today[both])))))


# --- A draft of three tiers while it is computed, and what to say about it

_FEW = 30
_OFF_TARGET = 0.05


@dataclass(frozen=True, eq=False)
class TierDraft:
    """The parts of a draft: the limited metric, features in levels, prices, and the revenue aimed at.

    `target` is None where no revenue is known or set; `is_own_target` tells a target set by the team from today's MRR.
    `free` is today's free plan, where somebody is on one.
    """

    evidence: TierEvidence
    metric: str | None
    features: SortedFeatures
    levels: Levels
    prices: PriceLevels | None
    target: float | None
    is_own_target: bool
    free: FreeTier | None = None

    def reasons(self) -> Iterator[str]:
        """Yield in sentences why the draft looks as it does."""
        prices, found, limits = self.prices, self.evidence, self.levels.limits
        if self.metric and limits is not None:
            yield say("limits", limits=limits, metric=self.metric)
        yield say("levels", shares=[percent(share) for share in self.levels.shares])
        if prices is not None:
            unit = per_words(prices.shape.price_per)
            if self.metric and prices.shape.price_per not in {self.metric, PER_ACCOUNT}:
                yield say("familiar_unit", unit=unit, metric=self.metric)
            told = {"is_own": self.is_own_target, "month": found.billing_month, "brings": prices.revenue}
            yield say("prices", unit=unit, steep=STEEP_RISE, currency=found.currency, **told)
        if self.free is not None and self.free.is_kept:
            yield say("free_plan_kept", name=self.free.tier.name, accounts=int(self.free.holds.sum()))
        if contracts := int(found.on_list.on_request.sum()):
            yield say("contracts", accounts=contracts)

    def cautions(self, rulebook: Rulebook) -> Iterator[Caution]:
        """Yield what to know before using the draft."""
        band, found, free = rulebook.threshold("T2"), self.evidence, self.free
        middle = self.levels.shares[MIDDLE]
        if len(found) < _FEW:
            yield warn("draft_of_few", accounts=len(found))
        if self.metric is None:
            yield warn("no_usage")
        if found.used is None:
            yield warn("no_feature_use")
        if band.status(middle) != "ok":
            yield warn("middle_off", share=middle, band=band.in_words())
        for name, share in zip(("entry", "middle", "top"), self.levels.shares, strict=True):
            if share == 0:
                yield warn("empty_level", name=name)
        if free is not None and not free.is_kept:
            losing = int((found.plan == free.tier.name).sum())
            yield warn("free_plan_left_out", name=free.tier.name, paying=free.paying_inside, losing=losing)
        if names := self.features.sold_separately:
            used = feature_columns(found, names)
            yield warn("left_to_add_ons", names=names, accounts=None if used is None else int(used.any(axis=1).sum()))
        yield from self._about_prices()

    def _about_prices(self) -> Iterator[Caution]:
        prices = self.prices
        if not self.target:
            yield warn("no_revenue_known")
        elif prices is None:
            yield warn("no_bill_to_scale")
        else:
            if abs(prices.revenue / self.target - 1) > _OFF_TARGET:
                yield warn("off_target", brings=prices.revenue, wanted=self.target, currency=self.evidence.currency)
            if np.isfinite(prices.spread) and prices.spread > WIDE_SPREAD:
                yield warn("wide_spread", factor=1 + prices.spread)


def feature_columns(evidence: TierEvidence, names: tuple[str, ...]) -> NDArray[np.bool_] | None:
    """Return who uses the named features, accounts x names in their order; None where use is not recorded."""
    if evidence.used is None:
        return None
    place = {name: column for column, name in enumerate(evidence.feature_names)}
    return evidence.used[:, [place[name] for name in names]]


# --- A starting point for the tiers, computed from the data: limits, features and prices of three tiers

NAMES = ("Essentials", "Growth", "Scale")


_KEPT = 8


@dataclass(frozen=True, slots=True)
class TierSuggestion:
    """A computed starting point: the decision, why it looks as it does, and what to know before using it."""

    decision: TierDecision
    reasons: tuple[str, ...]
    cautions: tuple[Caution, ...]


_proposed: WeakKeyDictionary[TierEvidence, Recent[str, TierSuggestion]] = WeakKeyDictionary()


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
    return proposal(found, before, chosen, revenue_target=revenue_target, rulebook=rulebook)


def proposal(
    found: TierEvidence,
    before: TierDecision,
    chosen: str | None,
    *,
    revenue_target: float | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> TierSuggestion:
    """Return what `propose` does, on evidence and the value metric chosen."""
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
    draft = TierDraft(found, metric, features, levels, prices, target, revenue_target is not None, free)
    decision = before.model_copy(update={"tiers": _tiers(draft), "sold_separately": features.sold_separately})
    decision = decision.replaced(set_so=_aimed_at(decision, draft))
    made = TierSuggestion(decision, tuple(draft.reasons()), tuple(draft.cautions(rulebook)))
    _proposed.setdefault(found, Recent(_KEPT))[decision.tiers_as_text] = made
    return made


def why_proposed(result: TierResult) -> tuple[str, ...]:
    """Return why tiers look as they do that were computed a moment ago and stand as they were, and what to know."""
    kept = _proposed.get(result.evidence)
    found = None if kept is None else kept.get(result.decision.tiers_as_text)
    return () if found is None else (*found.reasons, *(each.text for each in found.cautions))


def _aimed_at(decision: TierDecision, draft: TierDraft) -> dict[str, str]:
    """Return the marks of the rules the draft was made to meet: those on prices only where it set prices."""
    found = tier_marks(decision, draft.evidence)
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
        return best_price_levels(
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
    return round(spearman(values, paid) * float(both.mean()), 3)


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


def _tiers(draft: TierDraft) -> tuple[Tier, ...]:
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
