"""What the tiers and add-ons of a scenario come to for others: who is placed where, the core plan, services, marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.cache import Recent
from workbench.impact.billing import bills_at, placed_under
from workbench.pricing.placement import Placement, PlacementBook, prepare
from workbench.pricing.price_book import Limit, PriceBook
from workbench.rules.packaging import MARK_UP
from workbench.stages.contract import key_of, mark
from workbench.stages.offers import PER_ACCOUNT, Tier, TierDecision, per_words, recommended_tier
from workbench.stages.price_book import plan_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.rules.rulebook import Threshold
    from workbench.stages.needs import TierEvidence
    from workbench.stages.offers import AddOnDecision, ServicesChoice

say = texts(__name__)

# --- Put every account into the cheapest tier that meets its needs, again and again while prices move

PEAK = "peak month of "
_CONTRACT = "\u241fa contract"  # a need no feature's name can have
_KEPT = 4  # structures kept per evidence: enough to go back and forth between two designs


@dataclass(frozen=True, eq=False)
class TierAssignment:
    """Everything about placing accounts in tiers that prices do not change.

    Accounts with the same fit and the same billed quantities form a group. Per group: `comparable` counts the
    accounts with a recorded MRR, `today` adds up that MRR, and `users` (groups x features)
    counts who uses what or asked for it. `keeps_contracts` tells that accounts without a published price today are in
    the tier on request.
    """

    book: PlacementBook
    comparable: NDArray[np.float64]
    today: NDArray[np.float64]
    users: NDArray[np.float64] | None
    unbilled_metrics: tuple[str, ...]
    keeps_contracts: bool = False

    def place(self, decision: TierDecision, currency: str) -> Placement:
        """Place everybody under the prices of a decision with the same limits and features."""
        return placed_under(self.book, _price_book(decision, currency, keeps_contracts=self.keeps_contracts))


_assignments: WeakKeyDictionary[TierEvidence, Recent[Hashable, TierAssignment]] = WeakKeyDictionary()


def assign(evidence: TierEvidence, decision: TierDecision, sold_separately: frozenset[str]) -> TierAssignment:
    """Return the assignment of a decision; one that differs from an earlier one in prices only is not built anew."""
    known = _assignments.setdefault(evidence, Recent(_KEPT))
    return known.once(_structure(decision, sold_separately), lambda: _build(evidence, decision, sold_separately))


def _build(evidence: TierEvidence, decision: TierDecision, sold_separately: frozenset[str]) -> TierAssignment:
    accounts = len(evidence)
    # Limits must allow for an account's peak month, bills are made of its latest one: two quantities of one metric.
    quantities = {PER_ACCOUNT: np.ones(accounts)}
    quantities |= {PEAK + metric: values for metric, values in evidence.needs.items()}
    quantities |= dict(evidence.billed)
    charged = {metric for tier in decision.tiers for metric in _charged(tier)}
    unbilled = tuple(sorted(charged - set(quantities)))
    quantities |= {metric: np.full(accounts, np.nan) for metric in unbilled}
    columns = [place for place, name in enumerate(evidence.feature_names) if name not in sold_separately]
    names = [evidence.feature_names[place] for place in columns]
    needed = None if evidence.used is None else evidence.used[:, columns]
    names = names if needed is not None else []
    # Who has a contract today keeps one, whatever priced tier it would fit: as if only tiers on request could hold it.
    on_request = evidence.on_list.on_request
    keeps = bool(on_request.any()) and any(tier.on_request for tier in decision.tiers)
    if keeps:
        contract = on_request[:, None]
        needed = contract if needed is None else np.hstack([needed, contract])
        names = [*names, _CONTRACT]
    book = prepare(_price_book(decision, evidence.currency, keeps_contracts=keeps), quantities, needed, names)
    groups = book.group_sizes.size
    known = np.isfinite(evidence.paid)
    return TierAssignment(
        book=book,
        comparable=_per_group(book.group_of, known.astype(float), groups),
        today=_per_group(book.group_of, np.where(known, evidence.mrr, 0.0), groups),
        users=_users(book.group_of, evidence.valued, groups),
        unbilled_metrics=unbilled,
        keeps_contracts=keeps,
    )


def _per_group(group_of: NDArray[np.intp] | None, values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    return values if group_of is None else np.bincount(group_of, values, groups).astype(float)


def _users(
    group_of: NDArray[np.intp] | None, valued: NDArray[np.bool_] | None, groups: int
) -> NDArray[np.float64] | None:
    if valued is None or valued.shape[1] == 0:
        return None
    if group_of is None:
        return valued.astype(float)
    return np.column_stack([np.bincount(group_of, valued[:, place], groups) for place in range(valued.shape[1])])


def _price_book(decision: TierDecision, currency: str, *, keeps_contracts: bool) -> PriceBook:
    """Return the tiers as plans whose limits are checked against each account's peak month."""
    plans = []
    for tier in decision.tiers:
        plan = plan_of(tier)
        limits = tuple(Limit(PEAK + limit.metric, limit.up_to) for limit in plan.limits)
        own = (*plan.features, _CONTRACT) if keeps_contracts and tier.on_request else plan.features
        plans.append(replace(plan, limits=limits, features=own))
    return PriceBook(name="Tiers", currency=currency, plans=tuple(plans))


def _charged(tier: Tier) -> tuple[str, ...]:
    """Name the metrics a tier's bill needs."""
    base = () if tier.price_per == PER_ACCOUNT or tier.price is None else (tier.price_per,)
    return (*base, *tier.overage)


def _structure(decision: TierDecision, sold_separately: frozenset[str]) -> Hashable:
    """Return what a placement depends on besides prices."""
    tiers = tuple(
        (tier.name, tier.price is None, _charged(tier), tuple(tier.limits.items()), tuple(tier.overage), tier.features)
        for tier in decision.tiers
    )
    return tiers, tuple(sorted(sold_separately))


# --- The core plan add-ons are measured against: its name, its price, and that price in another unit

NO_CORE = "the core plan"
TYPICAL_BILL = "the median bill today"


@dataclass(frozen=True, slots=True)
class CorePlan:
    """The plan an add-on is added to: a monthly price for each `price_per` ("account" or a metric).

    `price` None means on request or unknown. `is_stand_in` tells that no tier is decided and the median bill of today
    takes its place. `typical` holds the median quantity per metric, by which a price changes its unit.
    """

    name: str
    price: float | None
    price_per: str
    typical: Mapping[str, float]
    is_stand_in: bool = False

    def price_in(self, price_per: str) -> float | None:
        """Return the price for each `price_per`; at the typical quantity where the units differ, None when unknown."""
        if self.price is None or price_per == self.price_per:
            return self.price
        per_account = bills_at(self.price, self._units(self.price_per))
        units = self._units(price_per)
        converted = per_account / units if units else np.nan
        return None if np.isnan(converted) else converted

    def bounds(self, price_per: str, threshold: Threshold) -> tuple[float, float] | None:
        """Return the lowest and highest price that meets the rule, for each `price_per`; None when unknown."""
        price = self.price_in(price_per)
        if price is None or threshold.low is None or threshold.high is None:
            return None
        return threshold.low * price, threshold.high * price

    @property
    def a_year(self) -> float | None:
        """Return what a typical account pays for the plan in twelve months, None when unknown."""
        price = self.price_in(PER_ACCOUNT)
        return None if price is None else 12 * price

    def in_words(self, currency: str) -> str:
        """Write the plan with its price: "Growth at $950 per account and month"."""
        if self.price is None:
            return say("whose_price_is_unknown", name=self.name)
        return say(
            "at_and_month", name=self.name, price=self.price, currency=currency, per_words=per_words(self.price_per)
        )

    def _units(self, price_per: str) -> float:
        return 1.0 if price_per == PER_ACCOUNT else self.typical.get(price_per, np.nan)


def core_plan(tiers: Sequence[Tier], named: str | None, needs: TierEvidence) -> CorePlan:
    """Return the named tier (by id or name), else the middle one, else the cheapest with a price.

    Without tiers it is the median bill of today, and without any MRR a plan of unknown price.
    """
    chosen = _chosen(tiers, named)
    if chosen is not None:
        price = None if chosen.price is None else float(chosen.price)
        return CorePlan(chosen.name, price, chosen.price_per, needs.typical)
    if needs.has_mrr:
        paid = needs.mrr[np.isfinite(needs.mrr) & (needs.mrr > 0)]
        if paid.size:
            return CorePlan(TYPICAL_BILL, float(np.median(paid)), PER_ACCOUNT, needs.typical, is_stand_in=True)
    return CorePlan(NO_CORE, None, PER_ACCOUNT, needs.typical, is_stand_in=True)


def _chosen(tiers: Sequence[Tier], named: str | None) -> Tier | None:
    for tier in tiers:
        if named and named in (tier.id, tier.name):
            return tier
    middle = recommended_tier(tiers)
    if middle is not None:
        return tiers[middle]
    priced = [tier for tier in tiers if tier.price]
    return priced[0] if priced else next(iter(tiers), None)


# --- The services calculator


@dataclass(frozen=True, slots=True)
class Services:
    """One engagement: what it costs to deliver, its price, and its share of a customer's first year.

    `cost` and `price` are None until a delivery cost is entered. `first_year` is the subscription revenue of twelve
    months, None when unknown; `is_computed` tells that it was worked out from the core plan.
    """

    name: str
    cost: float | None
    price: float | None
    margin: float
    first_year: float | None
    is_computed: bool

    @property
    def profit(self) -> float | None:
        """Return what is left of the price after delivery."""
        return None if self.price is None or self.cost is None else self.price - self.cost

    @property
    def share(self) -> float | None:
        """Return services over services and subscription in the first year."""
        if self.price is None or self.first_year is None or self.price + self.first_year <= 0:
            return None
        return self.price / (self.price + self.first_year)

    def prices(self, mark_up: Threshold) -> tuple[float, float] | None:
        """Return the lowest and highest price that meets the usual mark-up on the delivery cost."""
        if self.cost is None:
            return None
        return self.cost * (1 + (mark_up.low or 0.0)), self.cost * (1 + (mark_up.high or 0.0))

    def affordable_cost(self, share: Threshold) -> tuple[float, float] | None:
        """Return the delivery costs at which this margin keeps services in their usual share of the first year."""
        if self.first_year is None or share.low is None or share.high is None or share.high >= 1:
            return None
        low, high = (end / (1 - end) * self.first_year / (1 + self.margin) for end in (share.low, share.high))
        return low, high


def services_of(choice: ServicesChoice | None, core: CorePlan) -> Services | None:
    """Return the services of a decision, None when none are offered."""
    if choice is None:
        return None
    cost = float(choice.delivery_cost) or None
    own = choice.first_year_revenue
    return Services(
        name=choice.name,
        cost=cost,
        price=None if cost is None else cost * (1 + choice.margin),
        margin=choice.margin,
        first_year=core.a_year if own is None else float(own),
        is_computed=own is None,
    )


# --- Which rules on tiers a starting point was made to meet, and whether it still stands as it was made

REVENUE = "T5"
"""The rule on revenue kept, which holds by construction only where prices were solved for today's."""


def tier_marks(decision: TierDecision, evidence: TierEvidence) -> dict[str, str]:
    """Return a mark per rule of what makes it hold: the number of tiers, the lines between them, their prices.

    Lines and revenue depend on the accounts too, so a later month of data is judged anew.
    """
    data = (evidence.basis.first_month, evidence.basis.last_month, len(evidence))
    read = (decision.needs_months, decision.minimum_uses, decision.sold_separately)
    lines = [(tier.public, tier.limits, sorted(tier.overage), tier.features) for tier in decision.tiers]
    prices = [(tier.price, tier.price_per, tier.overage) for tier in decision.tiers]
    return {
        "T1": mark([(tier.public, tier.on_request) for tier in decision.tiers]),
        "T2": mark(lines, read, data),
        "T4": mark([each[:2] for each in prices]),
        REVENUE: mark(lines, read, data, prices),
    }


def add_on_marks(decision: AddOnDecision, core: CorePlan) -> dict[str, str]:
    """Return a mark per rule and add-on of what makes it hold: name, price against the core, timing, features chosen.

    That few customers use a feature is why it was chosen, so A5 holds by construction for it.
    """
    found = {"A4": mark([each.id for each in decision.add_ons])}
    for each in decision.add_ons:
        found |= {
            key_of("A1", each.name): mark(each.name),
            key_of("A2", each.name): mark(each.price, each.price_per, core.price, core.price_per),
            key_of("A8", each.name): mark(each.price, each.price_per, each.features),
            key_of("A3", each.name): mark(each.tenure_days, each.usage_metric, each.usage_at_least),
        }
        found |= {key_of("A5", feature): mark(feature) for feature in each.features}
    if decision.services is not None:
        found[key_of("A6", MARK_UP)] = mark(decision.services.margin)
    return found
