"""What follows from a set of tiers: where accounts land, what they pay, and which rules that meets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Caution
from workbench.rules import RULEBOOK
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.later import later, may_come_later
from workbench.stages.result import StageResult
from workbench.stages.set_so import said_so
from workbench.stages.tiers import tables
from workbench.stages.tiers.assignment import assign
from workbench.stages.tiers.bill_change import BillChange, bill_change
from workbench.stages.tiers.cautions import tier_cautions
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.edges import Edge, edges
from workbench.stages.tiers.evidence import TierEvidence, evidence_for
from workbench.stages.tiers.headline import key_figures
from workbench.stages.tiers.lazy_tables import LazyTables
from workbench.stages.tiers.made_so import marks
from workbench.stages.tiers.moves_of_today import moves_of_today
from workbench.stages.tiers.outcome import TierOutcome, Unplaced, tier_outcomes, unplaced
from workbench.stages.tiers.plan_moves import PlanMoves, plan_moves
from workbench.stages.tiers.step_up import StepUp, step_ups, users_per_tier
from workbench.stages.tiers.verdicts import tier_findings, with_accounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.pricing.placement import Placement
    from workbench.rules import Finding, Rulebook
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.tiers.assignment import Assignment
    from workbench.study import Scenario


_NAMED_UP_TO = 50_000
"""Findings name their accounts up to this many; beyond it they name the tiers."""


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
    change: BillChange | None = may_come_later()
    unplaced: Unplaced
    step_ups: tuple[StepUp, ...] = may_come_later()
    edges: tuple[Edge, ...] = may_come_later()
    sold_separately: frozenset[str]
    tables: Mapping[str, pd.DataFrame] = may_come_later()

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


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,  # noqa: ARG001 - every stage takes one; nothing here is drawn at random
    evidence: TierEvidence | None = None,
) -> TierResult:
    """Return what follows from the tiers of a scenario.

    Every active account goes to the cheapest tier whose limits allow for its peak month and whose features include
    those it needs; features sold separately or in one of the scenario's add-ons are no need of a tier. Bills are those
    of tiers alone, made of each account's latest month and compared with its recorded MRR. What an add-on costs decides
    whether somebody takes it to stay within a smaller tier, so a limit an add-on lifts holds here, and a caution says
    so; a replay weighs the two. With evidence at hand a price change takes milliseconds.
    """
    decision = scenario.decision(TierDecision)
    found = evidence_for(base, decision, evidence)
    add_ons = scenario.decision(AddOnDecision).add_ons
    separately = frozenset(decision.sold_separately).union(*(choice.features for choice in add_ons))
    if not decision.tiers:
        return _without_tiers(decision, found, rulebook, separately)
    assignment = assign(found, decision, separately)
    placement = assignment.place(decision, found.currency)
    contracts = int((found.on_list.on_request & np.isfinite(found.paid)).sum()) if assignment.keeps_contracts else 0
    outcomes = tier_outcomes(decision.tiers, placement, assignment, assignment.unbilled_metrics)
    result = TierResult(
        decision=decision,
        evidence=found,
        rulebook=rulebook,
        placement=placement,
        outcomes=outcomes,
        compared=int(assignment.comparable[np.isfinite(placement.group_bill)].sum()) + contracts,
        change=later(lambda: bill_change(found.paid, result.net_bill)) if found.has_mrr else None,
        unplaced=unplaced(placement, assignment),
        step_ups=later(lambda: _step_ups(result, placement, assignment)),
        edges=later(lambda: edges(decision.tiers, found.typical)),
        sold_separately=separately,
        findings=later(lambda: _findings(result)),
        key_figures=later(lambda: key_figures(result)),
        cautions=later(lambda: tier_cautions(result, assignment.unbilled_metrics, _lifted(decision, add_ons))),
        tables=later(lambda: LazyTables(tables.makers(result))),
        basis=found.basis,
        missing=found.missing,
    )
    return result


def _lifted(decision: TierDecision, add_ons: Iterable[AddOnChoice]) -> tuple[str, ...]:
    """Return the metrics some tier limits and some add-on sells more of."""
    limited = {metric for tier in decision.tiers for metric in tier.limits if metric not in tier.overage}
    sold = {each.usage_charge.metric for each in add_ons if each.usage_charge is not None}
    return tuple(sorted(limited & sold))


def _step_ups(result: TierResult, placement: Placement, assignment: Assignment) -> tuple[StepUp, ...]:
    tiers, found = result.decision.tiers, result.evidence
    return step_ups(
        tiers,
        [outcome.accounts for outcome in result.outcomes],
        users_per_tier(placement.group_plan, assignment.users, len(tiers)),
        found.feature_names,
        requests={benefit.feature: benefit.requests or 0 for benefit in found.benefits},
        areas=found.areas,
    )


def _findings(result: TierResult) -> tuple[Finding, ...]:
    found = tier_findings(result.outcomes, result.step_ups, result.evidence.currency, result.rulebook)
    found = (*found, *moves_of_today(result))
    found = said_so(found, result.decision.held_by(marks(result.decision, result.evidence)))
    return with_accounts(found, result.accounts_in) if len(result.evidence) <= _NAMED_UP_TO else found


def _without_tiers(
    decision: TierDecision, found: TierEvidence, rulebook: Rulebook, separately: frozenset[str]
) -> TierResult:
    """Return the result of a scenario that has no tiers yet: what accounts need, and nothing about prices."""
    result = TierResult(
        decision=decision,
        evidence=found,
        rulebook=rulebook,
        placement=None,
        outcomes=(),
        compared=0,
        change=None,
        unplaced=Unplaced(0, 0.0, 0, 0),
        step_ups=(),
        edges=(),
        sold_separately=separately,
        findings=tier_findings((), (), found.currency, rulebook),
        cautions=(Caution("This scenario has no tiers yet.", "note"),),
        tables=later(lambda: LazyTables(tables.makers(result))),
        basis=found.basis,
        missing=found.missing,
    )
    return result
