"""The price list customers are billed by, read along the decided metric: what ten times the use costs, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.impact.billing import placed
from workbench.pricing import Plan, PriceBook
from workbench.pricing.placement import prepare
from workbench.pricing.ratio import spread
from workbench.recent import Recent
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.price_book import price_book
from workbench.stages.standing import list_billed
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.evidence import SEATS, evidence_for

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.pricing import Charge
    from workbench.stages.tiers.evidence import TierEvidence
    from workbench.stages.value_metric.distributions import Quantities
    from workbench.study import Scenario

    Floats = NDArray[np.float64]

MULTIPLE = 10
_KEPT = 8
_readings: WeakKeyDictionary[CustomerBase, Recent[Hashable, PriceListReading]] = WeakKeyDictionary()
BASE_FEE = "base fee"
_POINTS = 60


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
    along = np.unique(np.append(spread(quantities.low, quantities.high, _POINTS), quantities.typical))
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
    one, ten = (placed(prepare(plain, each, used, names or ()), plain).bill for each in (known, grown))
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
