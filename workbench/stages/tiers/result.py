"""What follows from a set of tiers: where accounts land, how bills and plans change, and what each step adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.impact.billing import offer_bills
from workbench.results import HALF_A_CENT, LAST_DIGITS, Measure
from workbench.stages.contract import StageResult, may_come_later
from workbench.stages.needs import UNKNOWN, TierEvidence, is_usual_gate, spaced
from workbench.stages.offers import PER_ACCOUNT, TierDecision
from workbench.stages.price_book import plan_of
from workbench.stages.tiers.decision import LadderStep, ladder_steps
from workbench.stats import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.pricing.placement import Placement
    from workbench.pricing.price_book import Plan
    from workbench.results import Interval
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.offers import Tier
    from workbench.stages.placing import TierAssignment
    from workbench.tables import DataTable


@dataclass(frozen=True, kw_only=True, eq=False)
class TierResult(StageResult):
    """The result of the stage tier design.

    `outcomes` say where accounts land and what that brings; `change` compares bills with recorded MRR, account by
    account, for the `compared` accounts that have both; `unplaced` counts who has no usable bill; `step_ups` what
    each tier adds; `edges` what a bill does at each limit. New bills are of the list; where they are held against what
    is paid, each account keeps its own discount of today. `placement` holds the tier and bill of every account,
    `evidence` what all of it stands on. What takes a look at every account is worked out when it is first read.
    """

    decision: TierDecision
    evidence: TierEvidence
    rulebook: Rulebook
    placement: Placement | None
    outcomes: tuple[TierOutcome, ...]
    compared: int
    change: RecordedBillChange | None = may_come_later()
    unplaced: Unplaced
    step_ups: tuple[StepUp, ...] = may_come_later()
    edges: tuple[Edge, ...] = may_come_later()
    sold_separately: frozenset[str]
    value_metric: str | None = None
    tables: Mapping[str, DataTable] = may_come_later()

    @cached_property
    def tier_index(self) -> NDArray[np.intp]:
        """Return the position of each account's tier, -1 where no tier serves it."""
        return np.full(len(self.evidence), -1) if self.placement is None else self.placement.plan_index

    @cached_property
    def bill(self) -> NDArray[np.float64]:
        """Return each account's new monthly bill, NaN where it has none or it is unknown."""
        return np.full(len(self.evidence), np.nan) if self.placement is None else self.placement.bill

    @cached_property
    def net_bill(self) -> NDArray[np.float64]:
        """Return each account's new bill with its own discount of today kept: paid is held against paid.

        Who has no published price today and keeps a tier on request pays what it pays.
        """
        found = self.evidence
        on_contract = found.on_list.on_request & self.on_request
        return np.where(on_contract, found.mrr, self.bill * found.on_list.kept)

    @cached_property
    def on_request(self) -> NDArray[np.bool_]:
        """Return which accounts are in a tier on request."""
        asked = np.array([*(tier.on_request for tier in self.decision.tiers), False], dtype=bool)
        return np.asarray(asked[self.tier_index])

    @cached_property
    def moves(self) -> PlanMoves:
        """Return today's plans against the new tiers."""
        names = [tier.name for tier in self.decision.tiers]
        codes, plans = self.evidence.plan_codes
        return plan_moves(codes, plans, self.evidence.todays_plans, tiers=names, tier_index=self.tier_index)

    @property
    def placed(self) -> Mapping[str, float]:
        """Return the share of active accounts in each tier."""
        return {each.tier.name: each.share for each in self.outcomes}

    def on_offer(self, name: str) -> tuple[str, ...] | None:
        """Return the ids of the accounts placed in a tier; None for what is no tier, or holds nobody."""
        known = {tier.name for tier in self.decision.tiers}
        return self.accounts_in(name) or None if name in known else None

    def measures(self) -> Iterable[Measure]:
        """Return the share of accounts placed in each tier."""
        who = f"of {count('active account', len(self.evidence))}"
        for name, share in self.placed.items():
            yield Measure(
                f"tier_share.{name}", f"Placed in {name}", share, "share", "placed by need", who,
                self.basis.last_month, reason="Nobody is active.",
            )  # fmt: skip

    def accounts_in(self, tier: str) -> tuple[str, ...]:
        """Return the ids of the accounts placed in a tier, by its name."""
        names = [each.name for each in self.decision.tiers]
        return tuple(self.evidence.account_ids[self.tier_index == names.index(tier)])

    @property
    def not_compared(self) -> int:
        """Return how many accounts in a tier have no new bill to set beside a recorded MRR."""
        served = sum(outcome.accounts for outcome in self.outcomes)
        return served - self.compared

    @property
    def revenue(self) -> float | None:
        """Return the monthly revenue from all known bills, None when there is none."""
        known = [outcome.revenue for outcome in self.outcomes if outcome.revenue is not None]
        return sum(known) if known else None


# --- Where accounts land, tier by tier, and what that brings in a month


@dataclass(frozen=True, slots=True)
class TierOutcome:
    """One tier: how many active accounts land in it, and what they pay a month.

    `share` is of all active accounts, those without a tier included. `revenue` is None where the price is on request
    or a bill cannot be made; `revenue_share` is of the revenue of all tiers. `today` is the recorded MRR of the
    accounts in the tier, and `compared` how many of them have one.
    """

    tier: Tier
    accounts: int
    share: float
    revenue: float | None
    revenue_share: float | None
    today: float
    compared: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Accounts without a usable bill: no tier serves them, only one on request does, or a quantity is unknown."""

    unserved: int
    unserved_today: float
    on_request: int
    unknown_bill: int


def tier_outcomes(
    tiers: Sequence[Tier], placement: Placement, assignment: TierAssignment, unbilled_metrics: Sequence[str]
) -> tuple[TierOutcome, ...]:
    """Return the outcome of each tier, in their order."""
    counts = placement.counts
    revenue = [
        None if tier.on_request or tier.price_per in unbilled_metrics else float(brings)
        for tier, brings in zip(tiers, placement.revenue_by_plan, strict=True)
    ]
    total = sum(value for value in revenue if value is not None)
    today = _per_tier(placement, assignment.today, len(tiers))
    compared = _per_tier(placement, assignment.comparable, len(tiers))
    return tuple(
        TierOutcome(
            tier=tier,
            accounts=int(counts[place]),
            share=counts[place] / placement.accounts if placement.accounts else float("nan"),
            revenue=revenue[place],
            revenue_share=_part(revenue[place], total),
            today=float(today[place]),
            compared=int(compared[place]),
        )
        for place, tier in enumerate(tiers)
    )


def unplaced(placement: Placement, assignment: TierAssignment) -> Unplaced:
    """Return the accounts without a usable bill."""
    outside = placement.group_plan < 0
    return Unplaced(
        unserved=placement.without_plan,
        unserved_today=float(assignment.today[outside].sum()),
        on_request=placement.on_request,
        unknown_bill=placement.unknown_bills,
    )


def _per_tier(placement: Placement, per_group: NDArray[np.float64], tiers: int) -> NDArray[np.float64]:
    return np.bincount(placement.group_plan + 1, per_group, tiers + 1)[1:].astype(float)


def _part(amount: float | None, total: float) -> float | None:
    return None if amount is None or total <= 0 else amount / total


# --- New bills beside today's recorded MRR: the same accounts, the same month

ABOUT_THE_SAME = 0.01
"""A bill within 1% of today's stands in the middle band of a chart: rounding and part months make up that much."""
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class RecordedBillChange:
    """What the new bills do to the accounts that can be compared.

    `accounts` have a new bill and a recorded MRR; of them `more`, `less` and `same` pay more, less or
    the same, to half a cent. `today` and `new` are their monthly totals. `relative` and `amount` hold the 5%, 50% and
    95% quantiles of the change per account; the relative ones leave out accounts that pay nothing today.
    `without_mrr` get a bill but have no recorded MRR; `paying` of the compared pay anything today.
    """

    accounts: int
    without_mrr: int
    more: int
    less: int
    same: int
    today: float
    new: float
    relative: tuple[float, float, float]
    amount: tuple[float, float, float]
    paying: int = 0

    @property
    def change(self) -> float | None:
        """Return the change of the total as a share of today's, None when nothing is paid today."""
        return self.new / self.today - 1 if self.today > 0 else None


def recorded_bill_change(today: NDArray[np.float64], new: NDArray[np.float64]) -> RecordedBillChange:
    """Compare new bills with recorded MRR per account; NaN on either side means that it cannot be compared."""
    difference = new - today
    comparable = difference.size - int(np.count_nonzero(np.isnan(difference)))
    # Comparisons with NaN are false, so what cannot be compared falls out by itself.
    margin = HALF_A_CENT
    more = int(np.count_nonzero(difference > margin))
    less = int(np.count_nonzero(difference < -margin))
    total = float(np.nansum(today + 0 * difference)) if comparable < today.size else float(today.sum())
    picked = spaced(difference.size)
    before, moved = today[picked], difference[picked]
    known = ~np.isnan(moved)
    before, moved = before[known], moved[known]
    paying = before > 0
    return RecordedBillChange(
        accounts=comparable,
        without_mrr=int(np.count_nonzero(~np.isnan(new))) - comparable,
        more=more,
        less=less,
        same=comparable - more - less,
        today=total,
        new=total + float(np.nansum(difference)),
        relative=_quantiles(moved[paying] / before[paying]),
        amount=_quantiles(moved),
        paying=int(np.count_nonzero(~np.isnan(new) & (np.nan_to_num(today) > 0))),
    )


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the quantiles as every page does, between the two accounts a level falls between."""
    if values.size == 0:
        return (float("nan"),) * 3
    low, middle, high = np.quantile(values, QUANTILES).tolist()
    return low, middle, high


# --- Who moves up and who moves down: today's plans against the new tiers


@dataclass(frozen=True, eq=False)
class PlanMoves:
    """Today's plans against the new tiers.

    `counts` is plans x (tiers + 1), the last column for accounts no tier serves. `home` is the tier each plan is
    compared with: the one of the same name, else the one most of its accounts land in; -1 where none of its accounts
    is served. Accounts whose plan is unknown are left out.
    """

    plans: tuple[str, ...]
    tiers: tuple[str, ...]
    counts: NDArray[np.int64]
    home: tuple[int, ...]

    @property
    def up(self) -> int:
        """Return how many accounts land above the tier their plan is compared with."""
        return sum(int(row[at + 1 : -1].sum()) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    @property
    def down(self) -> int:
        """Return how many accounts land below the tier their plan is compared with."""
        return sum(int(row[:at].sum()) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    @property
    def stay(self) -> int:
        """Return how many accounts land in the tier their plan is compared with."""
        return sum(int(row[at]) for row, at in zip(self.counts, self.home, strict=True) if at >= 0)

    def table(self) -> pd.DataFrame:
        """Return a row per plan: accounts per tier, who moves up and down from the tier it is compared with."""
        frame = pd.DataFrame(self.counts, columns=[*self.tiers, "no tier fits"])
        frame.insert(0, "plan today", list(self.plans))
        frame["compared with"] = [self.tiers[at] if at >= 0 else "nothing" for at in self.home]
        frame["move up"] = [int(row[at + 1 : -1].sum()) for row, at in zip(self.counts, self.home, strict=True)]
        frame["move down"] = [
            int(row[:at].sum()) if at >= 0 else 0 for row, at in zip(self.counts, self.home, strict=True)
        ]
        return frame


def plan_moves(
    codes: NDArray[np.intp],
    found: Sequence[str],
    plan_order: Sequence[str],
    *,
    tiers: Sequence[str],
    tier_index: NDArray[np.intp],
) -> PlanMoves:
    """Count each plan's accounts per tier.

    `codes` says for each account which of the plans in `found` it has today; `plan_order` lists today's plans as the
    price list does.
    """
    table = np.zeros((len(found), len(tiers) + 1), dtype=np.int64)
    # A tier index of -1 (no tier serves) indexes the last column.
    flat = codes * (len(tiers) + 1) + np.where(tier_index < 0, len(tiers), tier_index)
    table[:] = np.bincount(flat, minlength=table.size).reshape(table.shape)
    counted = {str(name): table[place] for place, name in enumerate(found) if name != UNKNOWN}
    ordered = tuple(name for name in plan_order if name in counted)
    ordered += tuple(sorted(set(counted) - set(ordered)))
    rows = [counted[name] for name in ordered]
    home = tuple(_home(name, row, tiers) for name, row in zip(ordered, rows, strict=True))
    counts = np.array(rows, dtype=np.int64).reshape(len(rows), len(tiers) + 1)
    return PlanMoves(ordered, tuple(tiers), counts, home)


def _home(plan: str, counts: NDArray[np.int64], tiers: Sequence[str]) -> int:
    same = [place for place, tier in enumerate(tiers) if tier.casefold() == plan.casefold()]
    if same:
        return same[0]
    return int(counts[:-1].argmax()) if len(tiers) and counts[:-1].any() else -1


# --- Whether each tier is a step up


@dataclass(frozen=True, slots=True)
class AddedFeature:
    """A feature that a tier adds: how many of its own accounts use it or asked for it, and who asks at all.

    `share` is None where that is not recorded or the tier holds no account; `requests` counts active accounts.
    """

    feature: str
    users: int
    of_accounts: int
    share: Interval | None
    requests: int | None
    usual_gate: bool


@dataclass(frozen=True, slots=True)
class StepUp:
    """What a tier adds to the one below, and what its accounts make of it."""

    step: LadderStep
    accounts: int
    added: tuple[AddedFeature, ...]

    @property
    def valued(self) -> tuple[str, ...]:
        """Return the added features that at least one of the tier's accounts uses or asked for."""
        return tuple(added.feature for added in self.added if added.users > 0)


def step_ups(
    tiers: Sequence[Tier],
    accounts: Sequence[int],
    users: NDArray[np.float64] | None,
    feature_names: Sequence[str],
    *,
    requests: Mapping[str, int] | None,
    areas: Mapping[str, str],
) -> tuple[StepUp, ...]:
    """Return the step from each tier to the next; the first tier is no step.

    `users` is tiers x features: how many accounts placed in the tier use the feature or asked for it.
    """
    place = {name: column for column, name in enumerate(feature_names)}
    found = []
    for index, step in enumerate(ladder_steps(tiers)):
        if step.below is None:
            continue
        added = []
        for name in step.features:
            used = 0 if users is None or name not in place else int(users[index, place[name]])
            known = users is not None and name in place
            added.append(
                AddedFeature(
                    feature=name,
                    users=used,
                    of_accounts=accounts[index] if known else 0,
                    share=wilson(used, accounts[index]) if known else None,
                    requests=None if requests is None else requests.get(name, 0),
                    usual_gate=is_usual_gate(name, areas.get(name, "")),
                )
            )
        found.append(StepUp(step, accounts[index], tuple(added)))
    return tuple(found)


def users_per_tier(
    group_plan: NDArray[np.intp], group_users: NDArray[np.float64] | None, tiers: int
) -> NDArray[np.float64] | None:
    """Add up groups to tiers x features: how many accounts in each tier value each feature."""
    if group_users is None:
        return None
    totals = np.zeros((tiers, group_users.shape[1]))
    for tier in range(tiers):
        totals[tier] = (group_plan == tier).astype(float) @ group_users
    return totals


# --- What happens to a bill where a limit sends an account to the next tier


@dataclass(frozen=True, slots=True)
class Edge:
    """The bill at a limit, in the tier that ends there and in the next one that goes further.

    Quantities of other metrics stand at the median of the accounts. `drops` means that an account pays less by using
    more, which a price list should not reward.
    """

    metric: str
    limit: Decimal
    below: str
    above: str
    bill_below: float
    bill_above: float

    @property
    def jump(self) -> float:
        """Return how much more an account pays once it is beyond the limit."""
        return self.bill_above - self.bill_below

    @property
    def drops(self) -> bool:
        """Tell whether the bill falls at the edge."""
        return self.jump < -LAST_DIGITS


def edges(tiers: Sequence[Tier], typical: Mapping[str, float]) -> tuple[Edge, ...]:
    """Return the edge at every hard limit between two priced tiers; limits with an overage price are no edge.

    `typical` is the quantity per metric at which the metrics that are not limited stand.
    """
    found = []
    for place, tier in enumerate(tiers):
        for metric, limit in tier.limits.items():
            above = _next_beyond(tiers[place + 1 :], metric, limit)
            if tier.on_request or metric in tier.overage or above is None:
                continue
            at_the_edge = {**typical, metric: float(limit)}
            bills = [_bill(plan_of(each), at_the_edge) for each in (tier, above)]
            if bills[0] is not None and bills[1] is not None:
                found.append(Edge(metric, limit, tier.name, above.name, bills[0], bills[1]))
    return tuple(found)


def _next_beyond(above: Sequence[Tier], metric: str, limit: Decimal) -> Tier | None:
    """Return the first priced tier that allows more than the limit."""
    for tier in above:
        further = metric not in tier.limits or tier.limits[metric] > limit or metric in tier.overage
        if further and not tier.on_request:
            return tier
    return None


def _bill(plan: Plan, quantities: Mapping[str, float]) -> float | None:
    needed = {charge.metric: quantities.get(charge.metric, float("nan")) for charge in plan.charges}
    if any(np.isnan(quantity) for quantity in needed.values()):
        return None
    given = {metric: np.array([quantity]) for metric, quantity in needed.items()} or {PER_ACCOUNT: np.ones(1)}
    return float(offer_bills(plan, given)[0])
