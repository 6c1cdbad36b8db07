"""Put every account into the cheapest tier that meets its needs, again and again while prices move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.impact.billing import placed
from workbench.pricing import Limit, PriceBook
from workbench.pricing.placement import Placement, PlacementBook, prepare
from workbench.recent import Recent
from workbench.stages.price_book import plan_of
from workbench.stages.tiers.decision import PER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from workbench.stages.tiers.decision import Tier, TierDecision
    from workbench.stages.tiers.evidence import TierEvidence

_PEAK = "peak month of "
_CONTRACT = "\u241fa contract"  # a need no feature's name can have
_KEPT = 4  # structures kept per evidence: enough to go back and forth between two designs


@dataclass(frozen=True, eq=False)
class Assignment:
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
        return placed(self.book, _price_book(decision, currency, keeps_contracts=self.keeps_contracts))


_assignments: WeakKeyDictionary[TierEvidence, Recent[Hashable, Assignment]] = WeakKeyDictionary()


def assign(evidence: TierEvidence, decision: TierDecision, sold_separately: frozenset[str]) -> Assignment:
    """Return the assignment of a decision; one that differs from an earlier one in prices only is not built anew."""
    known = _assignments.setdefault(evidence, Recent(_KEPT))
    return known.once(_structure(decision, sold_separately), lambda: _build(evidence, decision, sold_separately))


def _build(evidence: TierEvidence, decision: TierDecision, sold_separately: frozenset[str]) -> Assignment:
    accounts = len(evidence)
    # Limits must allow for an account's peak month, bills are made of its latest one: two quantities of one metric.
    quantities = {PER_ACCOUNT: np.ones(accounts)}
    quantities |= {_PEAK + metric: values for metric, values in evidence.needs.items()}
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
    return Assignment(
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
        limits = tuple(Limit(_PEAK + limit.metric, limit.up_to) for limit in plan.limits)
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
