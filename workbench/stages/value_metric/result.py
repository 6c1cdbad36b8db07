"""What follows from the decision.

The ranking of candidates, the price curve, and the price list read along the metric.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.tables import SEATS
from workbench.errors import CurveError
from workbench.impact.billing import amounts_of, bills_along, placed_under
from workbench.pricing.placement import prepare
from workbench.pricing.price_book import Plan, PriceBook
from workbench.pricing.price_curve import propose_bands, share_inside, spread
from workbench.stages.account_statistics import BOOTSTRAP_DRAWS
from workbench.stages.contract import StageResult, mark
from workbench.stages.needs import evidence_for
from workbench.stages.offers import METRIC_WEIGHTS, AddOnDecision, TeamScores, TierDecision
from workbench.stages.price_book import price_book
from workbench.stages.study_replay import list_billed
from workbench.stages.value_metric.decision import CRITERIA, MEASURED_CRITERIA, MetricCandidate
from workbench.stages.value_metric.evidence import LEVEL, interval_around
from workbench.stats import stream

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.pricing.charge import Charge
    from workbench.results import Interval
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.needs import TierEvidence
    from workbench.stages.offers import ValueMetricDecision
    from workbench.stages.value_metric.evidence import Quantities, ValueMetricEvidence
    from workbench.study.model import Scenario

    Values = NDArray[np.float64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ValueMetricResult(StageResult):
    """The candidates in order, the metric looked at (the one chosen, else the first), and its price curve.

    `curve` is None where none can be drawn; `no_curve` then says why. `corridors` are those of the rules in force.
    `price_list` is what customers are billed by, read along the metric; nobody is billed by the curve once there are
    tiers.
    """

    ranked: tuple[Ranked, ...] = ()
    metric: MetricCandidate | None = None
    is_chosen: bool = False
    curve: PriceCurve | None = None
    no_curve: str = ""
    corridors: tuple[RatioCorridor, ...] = ()
    price_list: PriceListReading | None = None
    growth: pd.DataFrame = field(default_factory=pd.DataFrame)
    currency: str = "USD"

    @property
    def order(self) -> tuple[tuple[str, float, float], ...]:
        """Return the candidates, best first: name, score and how often it leads."""
        return tuple((each.candidate.name, each.score.estimate, each.probability_first) for each in self.ranked)

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]:
        """Return each candidate's name and its probability of coming first, best first."""
        return tuple((each.candidate.name, each.probability_first) for each in self.ranked)

    @property
    def place(self) -> Ranked | None:
        """Return where the metric looked at stands."""
        return next((each for each in self.ranked if each.candidate == self.metric), None)

    @property
    def list_beside_curve(self) -> PriceListReading | None:
        """Return the price list where customers are billed by it and not by the curve; None where there is no curve."""
        listed, curve = self.price_list, self.curve
        if curve is None or listed is None or listed.is_proposal or listed.is_on_one_charge(curve.charge):
            return None
        return listed


# --- Rank candidates by weighted scores, and say how sure the order is when weights and evidence vary

TEAM_CRITERIA = tuple(key for key in CRITERIA if key not in MEASURED_CRITERIA)
MIDDLE = 0.5  # the mean of a score that can lie anywhere
_HIGHEST_MARK = 5
_ROUNDING = 1e-12  # scores this close are a tie


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one candidate stands.

    `score` is between 0 and 1 with its 90% interval; `known_weight` the share of the weights that rests on something
    known. `criteria` holds each criterion's score, None where unknown; `gaps` how many points of the weighted
    score each criterion puts the candidate above (or below) the mean candidate.
    """

    candidate: MetricCandidate
    score: Interval
    probability_first: float
    expected_rank: float
    known_weight: float
    criteria: Mapping[str, float | None]
    gaps: Mapping[str, float]


def rank(
    evidence: ValueMetricEvidence,
    candidates: Sequence[MetricCandidate],
    scores: Mapping[str, TeamScores],
    weights: Mapping[str, float],
    *,
    weight_doubt: float = 0.5,
    seed: int = 0,
) -> tuple[Ranked, ...]:
    """Return the candidates from first to last: by the probability of coming first, then by expected rank.

    `candidates` may name more than the evidence knows: those the team added. Ties share the first rank, so the
    probabilities of being first add up to 1.
    """
    if not candidates:
        return ()
    points = candidate_scores(evidence, candidates, scores)
    drawn = _score_draws(evidence, candidates, points, seed)
    relative = _relative(weights)
    totals = _totals(drawn, relative[:, None] * (1 + weight_doubt * _weight_moves(drawn.shape[2], seed)))
    first, ranks = _places(totals)
    filled = np.where(np.isnan(points), MIDDLE, points)
    score = filled @ relative
    low, high = np.quantile(totals, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    gaps = (filled - filled.mean(axis=0)) * relative
    # Probabilities of exactly zero are many: among those, and among equals, the expected rank decides.
    order = np.lexsort((-score, ranks.mean(axis=1), -np.round(first.mean(axis=1), 9)))
    return tuple(
        Ranked(
            candidate=candidates[row],
            score=interval_around(score[row], low[row], high[row]),
            probability_first=float(first[row].mean()),
            expected_rank=float(ranks[row].mean()),
            known_weight=float(relative[~np.isnan(points[row])].sum()),
            criteria={key: _known(value) for key, value in zip(CRITERIA, points[row], strict=True)},
            gaps=dict(zip(CRITERIA, gaps[row].tolist(), strict=True)),
        )
        for row in order
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def candidate_scores(
    evidence: ValueMetricEvidence, candidates: Sequence[MetricCandidate], scores: Mapping[str, TeamScores]
) -> Values:
    """Return the score of every candidate on every criterion, candidates x criteria; NaN where unknown."""
    table = np.full((len(candidates), len(CRITERIA)), np.nan)
    rows = {each.name: row for row, each in enumerate(evidence.candidates)}
    for row, candidate in enumerate(candidates):
        if candidate.name in rows:
            table[row, : len(MEASURED_CRITERIA)] = evidence.scores[rows[candidate.name]]
        marks = scores.get(candidate.name, TeamScores())
        for column, key in enumerate(CRITERIA):
            mark = getattr(marks, key, None)
            if mark is not None:
                table[row, column] = (mark - 1) / (_HIGHEST_MARK - 1)
    return table


def _score_draws(
    evidence: ValueMetricEvidence, candidates: Sequence[MetricCandidate], points: Values, seed: int
) -> Values:
    """Return draws of every score, candidates x criteria x draws, without gaps: the unknown is drawn from 0 to 1."""
    draws = evidence.score_draws.shape[2] or BOOTSTRAP_DRAWS
    drawn = np.repeat(points[:, :, None], draws, axis=2)
    rows = {each.name: row for row, each in enumerate(evidence.candidates)}
    for row, candidate in enumerate(candidates):
        if candidate.name in rows and evidence.score_draws.shape[2]:
            drawn[row, : len(MEASURED_CRITERIA)] = evidence.score_draws[rows[candidate.name]]
        unknown = np.isnan(points[row])
        drawn[row, unknown] = _anywhere(candidate.name, draws, seed)[unknown]
    return drawn


@lru_cache(maxsize=64)
def _anywhere(name: str, draws: int, seed: int) -> Values:
    """Return what could be true of a candidate nobody measured: criteria x draws, by its name alone."""
    rng = stream(seed, name)
    values = rng.random((len(CRITERIA), draws))
    values.setflags(write=False)
    return values


@lru_cache(maxsize=8)
def _weight_moves(draws: int, seed: int) -> Values:
    """Return how far each weight moves in each draw, criteria x draws, evenly from -1 to 1."""
    moves = np.random.default_rng([seed, 1]).uniform(-1, 1, (len(CRITERIA), draws))
    moves.setflags(write=False)
    return moves


def _relative(weights: Mapping[str, float]) -> Values:
    """Return the weights in the order of the criteria, adding up to 1; all zero means all equal."""
    values = np.array([max(0.0, float(weights.get(key, METRIC_WEIGHTS[key]))) for key in CRITERIA])
    return values / values.sum() if values.sum() > 0 else np.full(len(values), 1 / len(values))


def _totals(drawn: Values, weights: Values) -> Values:
    """Return the weighted mean score, candidates x draws; `weights` is criteria x draws."""
    return np.einsum("ckd,kd->cd", drawn, weights) / np.maximum(weights.sum(axis=0), _ROUNDING)


def _places(totals: Values) -> tuple[Values, Values]:
    """Return each candidate's share of the first place and its rank, both candidates x draws; ties share."""
    best = totals >= totals.max(axis=0) - _ROUNDING
    first = best / best.sum(axis=0)
    above = (totals[None, :, :] > totals[:, None, :] + _ROUNDING).sum(axis=1)
    equal = (np.abs(totals[None, :, :] - totals[:, None, :]) <= _ROUNDING).sum(axis=1) - 1
    return first, 1 + above + equal / 2


# --- The price curve on the chosen metric

_CURVE_POINTS = 80
_NO_END = 1000.0  # ten times the use never costs this much


@dataclass(frozen=True, slots=True)
class RatioCorridor:
    """Where a rule wants bill(10q) / bill(q): its words, lowest and highest ratio."""

    label: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class PriceCurve:
    """A charge on the metric, read along the quantities customers really have.

    `along` has quantity, bill, bill_at_multiple (ten times the quantity) and ratio from the 5th to the 95th
    percentile of accounts, and `ratios` the ratio at each of `quantities.points`. `revenue` is a month's revenue from
    all accounts that use the metric, `from_paying` that of the accounts whose payment in the same month is known too,
    None where nobody's is. `is_accepted` says whether the team took the charge into the decision.
    """

    charge: Charge
    quantities: Quantities
    along: pd.DataFrame
    ratios: np.ndarray
    typical_ratio: float
    revenue: float
    from_paying: float | None
    target: float | None
    is_accepted: bool

    @property
    def change(self) -> float | None:
        """Return the revenue on the curve less what the same accounts paid in the same month; None when unknown."""
        return None if self.from_paying is None else self.from_paying - self.quantities.paid

    def share_between(self, low: float, high: float) -> float:
        """Return the share of accounts whose ratio lies from `low` to `high`."""
        return share_inside(self.ratios, low, high)


@lru_cache(maxsize=64)
def proposed_charge(quantities: Quantities, metric: str, ratio: float, revenue: float | None) -> Charge:
    """Return round graduated bands on the metric that earn the revenue at that ratio; CurveError when none can.

    Without a revenue they earn what the accounts of known payment pay, from the quantities of these accounts.

    Kept for the last requests: the fit takes a moment, and a change elsewhere in the stage must not wait for it.
    """
    if not quantities.usable:
        raise CurveError(
            f"The accounts' quantities of {metric} do not differ enough for a price curve.",
            "Choose a metric with monthly usage, or wait for more of it.",
        )
    if revenue is not None:
        return propose_bands(ratio, quantities.points, revenue / quantities.accounts_each, metric=metric).charge
    points = quantities.paying[quantities.paying > 0]
    return propose_bands(ratio, points, quantities.paid / quantities.paying_each, metric=metric).charge


def ratio_corridors(rulebook: Rulebook) -> tuple[RatioCorridor, ...]:
    """Return the corridors of the rules on ten times the use (VM3, U2), with this study's thresholds."""
    found = []
    for rule_id, what in (("VM3", "value metric"), ("U2", "volume discount")):
        band = rulebook.threshold(rule_id)
        low = 0.0 if band.low is None else band.low
        high = _NO_END if band.high is None else band.high
        found.append(RatioCorridor(f"{band.in_words()} ({what})", low, high))
    return tuple(found)


def price_curve_marks(decision: ValueMetricDecision) -> dict[str, str]:
    """Return a mark per rule that an accepted curve was made to meet, as long as it is the one proposed."""
    charge = None if decision.charge is None else decision.charge.with_(free_units=0)
    return dict.fromkeys(("VM3", "VM6", "U2"), mark(decision.metric, repr(charge)))


def with_included(charge: Charge, included: Decimal) -> Charge:
    """Return the charge with so many units included before it begins."""
    return charge if charge.free_units == included else charge.with_(free_units=included)


def read_curve(charge: Charge, quantities: Quantities, *, target: float | None, is_accepted: bool) -> PriceCurve:
    """Read a charge along the quantities customers have."""
    points = bills_along(charge, quantities.points)
    paying = None
    if quantities.compared:
        paying = float(amounts_of(charge, quantities.paying).sum() * quantities.paying_each)
    return PriceCurve(
        charge=charge,
        quantities=quantities,
        along=bills_along(charge, spread(quantities.low, quantities.high, _CURVE_POINTS)),
        ratios=points["ratio"].to_numpy(),
        typical_ratio=float(bills_along(charge, [quantities.typical])["ratio"].iloc[0]),
        revenue=float(points["bill"].sum() * quantities.accounts_each),
        from_paying=paying,
        target=target,
        is_accepted=is_accepted,
    )


# --- The price list customers are billed by, read along the decided metric

MULTIPLE = 10
_KEPT = 8
_readings: WeakKeyDictionary[CustomerBase, Recent[Hashable, PriceListReading]] = WeakKeyDictionary()
BASE_FEE = "base fee"
_LIST_POINTS = 60


@dataclass(frozen=True, eq=False)
class PriceListReading:
    """What a price list does along a metric.

    `ratios` are bill(10q) / bill(q) at `quantities` (rising) with every other metric at its median (`others`);
    `own_ratios` those of every account from its own quantities and features: tiers jumped, overage and fees
    included. NaN is a bill nobody knows or has. `shares` is the revenue of `month` by what it is charged for, as shares
    of `revenue` over `accounts`, empty where nothing could be billed. `is_proposal` tells that nothing is decided and
    the list is the proposed curve.
    """

    book: PriceBook
    metric: str
    quantities: Floats
    ratios: Floats
    typical: float
    others: Mapping[str, float]
    own_ratios: Floats
    shares: Mapping[str, float]
    revenue: float
    accounts: int
    month: str
    is_proposal: bool

    @property
    def share(self) -> float | None:
        """Return the share of revenue charged by the metric, None where nothing could be billed."""
        return self.shares.get(self.metric, 0.0) if self.shares else None

    @property
    def typical_ratio(self) -> float | None:
        """Return bill(10q) / bill(q) at the typical quantity, None where it is not known."""
        found = float(self.ratios[int(np.searchsorted(self.quantities, self.typical))])
        return found if np.isfinite(found) else None

    @property
    def main_metric(self) -> str:
        """Return the decided metric where the list charges for it, else the one that brings most; "" for none."""
        if any(charge.metric == self.metric for charge in _charges(self.book)):
            return self.metric
        charged = {charge.metric: self.shares.get(charge.metric, 0.0) for charge in _charges(self.book)}
        return max(charged, key=lambda metric: charged[metric], default="")

    @property
    def usage_charged(self) -> tuple[str, ...]:
        """Return the metrics, seats apart, that bills of plans and add-ons grow with: what could surprise somebody."""
        offers = (*self.book.plans, *self.book.add_ons)
        return tuple(dict.fromkeys(c.metric for offer in offers for c in offer.charges if c.metric != SEATS))

    @property
    def is_capped(self) -> bool:
        """Tell whether every charge on usage has a highest amount."""
        offers = (*self.book.plans, *self.book.add_ons)
        usage = [charge for offer in offers for charge in offer.charges if charge.metric != SEATS]
        return bool(usage) and all(charge.maximum is not None for charge in usage)

    @property
    def has_free_plan(self) -> bool:
        """Tell whether some public plan costs nothing."""
        return any(plan.public and plan.priced and not plan.base_fee and not plan.charges for plan in self.book.plans)

    def is_on_one_charge(self, charge: Charge | None) -> bool:
        """Tell whether the list is nothing but one charge: the curve decided, with no tiers around it."""
        return charge is not None and len(self.book.plans) == 1 and self.book.plans[0].charges == (charge,)

    def included(self, metric: str) -> float:
        """Return the smallest quantity of a metric that a public plan with a price includes; infinite for no end."""
        return min((_included(plan, metric) for plan in self.book.plans if plan.public and plan.priced), default=np.inf)

    def limited(self) -> tuple[tuple[str, float], ...]:
        """Return the plans that only limit the metric, with their limits."""
        return tuple(
            (plan.name, float(limit.up_to))
            for plan in self.book.plans
            for limit in plan.limits
            if limit.metric == self.metric and limit.up_to is not None
        )


def read_price_list(
    base: CustomerBase, scenario: Scenario, metric: str, quantities: Quantities | None, proposal: Charge | None
) -> PriceListReading | None:
    """Return the price list of a scenario read along a metric; without one, the proposed curve as a plan of its own.

    None where there is neither, or no account has a quantity of the metric.
    """
    book = price_book(base, scenario)
    is_proposal = not book.plans
    if is_proposal and proposal is not None:
        plan = Plan(name="Standard", base_fee=0, charges=(proposal,))
        book = PriceBook(name=scenario.name, currency=book.currency, plans=(plan,))
    if not book.plans or quantities is None or not quantities.usable:
        return None
    # A weight moved or a score given changes no price: the list is read once.
    tiers = scenario.decision(TierDecision)
    read = (tuple(tiers.how_needs_are_read.items()), tiers.sold_separately)
    key = (scenario.kind, book.plans, book.add_ons, read, metric, quantities.typical, is_proposal)
    return _readings.setdefault(base, Recent(_KEPT)).once(
        key, lambda: _reading(base, scenario, book, metric, quantities, is_proposal=is_proposal)
    )


def _reading(
    base: CustomerBase, scenario: Scenario, book: PriceBook, metric: str, quantities: Quantities, *, is_proposal: bool
) -> PriceListReading:
    tiers = scenario.decision(TierDecision)
    needs = evidence_for(base, tiers, None)
    told = {charge.metric for charge in _charges(book)} | {limit.metric for plan in book.plans for limit in plan.limits}
    typical = {name: value for name, value in needs.typical.items() if name in told - {metric}}
    along = np.unique(np.append(spread(quantities.low, quantities.high, _LIST_POINTS), quantities.typical))
    apart = {name for each in scenario.decision(AddOnDecision).add_ons for name in each.features}
    month, revenue, accounts, shares = _charged(base, scenario, book, is_proposal=is_proposal)
    return PriceListReading(
        book=book,
        metric=metric,
        quantities=along,
        ratios=_ratios(book, {metric: along, **{n: np.full(along.shape, v) for n, v in typical.items()}}, metric),
        typical=quantities.typical,
        others=typical,
        own_ratios=_own_ratios(book, needs, metric, apart | set(tiers.sold_separately)),
        shares=shares,
        revenue=revenue,
        accounts=accounts,
        month=month,
        is_proposal=is_proposal,
    )


def _own_ratios(book: PriceBook, needs: TierEvidence, metric: str, apart: set[str]) -> Floats:
    """Return each account's ratio, in the plan its own quantities and features ask for."""
    if metric not in needs.billed:
        return np.array([])
    offered = {name for plan in book.plans for name in plan.features} - apart
    columns = [at for at, name in enumerate(needs.feature_names) if name in offered]
    names = [needs.feature_names[at] for at in columns]
    used = None if needs.used is None or not names else needs.used[:, columns]
    return _ratios(book, dict(needs.billed), metric, used, names if used is not None else [])


def _ratios(
    book: PriceBook,
    quantities: Mapping[str, Floats],
    metric: str,
    used: NDArray[np.bool_] | None = None,
    names: list[str] | None = None,
) -> Floats:
    size = quantities[metric].size
    charged = {charge.metric for charge in _charges(book)}
    known = {**{name: np.full(size, np.nan) for name in charged if name not in quantities}, **quantities}
    grown = {**known, metric: known[metric] * MULTIPLE}
    plain = replace(book, add_ons=(), features=())
    one, ten = (placed_under(prepare(plain, each, used, names or ()), plain).bill for each in (known, grown))
    positive = np.isfinite(one) & np.isfinite(ten) & (one > 0) & (known[metric] > 0)
    return np.divide(ten, one, out=np.full(size, np.nan), where=positive)


def _charged(
    base: CustomerBase, scenario: Scenario, book: PriceBook, *, is_proposal: bool
) -> tuple[str, float, int, dict[str, float]]:
    """Return the month, revenue, accounts and shares of revenue by what is charged; the proposal charges one thing."""
    if is_proposal:
        return "", 0.0, 0, {book.plans[0].charges[0].metric: 1.0}
    billed = list_billed(base, scenario)
    if billed is None:
        return "", 0.0, 0, {}
    table, month = billed.by_item(), f"{billed.rows.shown_months[-1]:%Y-%m}"
    total = float(table["revenue"].sum())
    if total <= 0:
        return month, 0.0, 0, {}
    shares = (table.groupby("item")["revenue"].sum() / total).to_dict()
    accounts = int(np.unique(billed.rows.account[billed.known]).size)
    return month, total, accounts, {str(name): float(share) for name, share in shares.items()}


def _charges(book: PriceBook) -> tuple[Charge, ...]:
    return tuple(charge for plan in book.plans if plan.priced for charge in plan.charges)


def _included(plan: Plan, metric: str) -> float:
    """Return how much of a metric a plan includes: what its charges leave free, else what it allows."""
    charges = [charge for charge in plan.charges if charge.metric == metric]
    if charges:
        return min(_free(charge) for charge in charges)
    limits = [float(limit.up_to) for limit in plan.limits if limit.metric == metric and limit.up_to is not None]
    return min(limits, default=np.inf)


def _free(charge: Charge) -> float:
    """Return the units before a charge begins: its free ones, and a first band that costs nothing."""
    first = charge.bands[0] if charge.bands else None
    costs_nothing = first is not None and first.up_to is not None and not (first.unit_price or first.flat_fee)
    return float(charge.free_units) + (float(first.up_to or 0) if first is not None and costs_nothing else 0.0)
