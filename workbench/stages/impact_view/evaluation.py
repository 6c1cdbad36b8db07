"""Hold one design against today: figures, guardrails, ways to get there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.impact import check_guardrails
from workbench.results import Caution, KeyFigure
from workbench.stages.impact_view.decision import MigrationDecision
from workbench.stages.impact_view.evidence import gather_design, gather_today
from workbench.stages.impact_view.future import paths, ranges, under
from workbench.stages.impact_view.outcome import ImpactResult
from workbench.stages.impact_view.trial import Trial, tried, tried_bridge
from workbench.stages.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.impact import Comparison
    from workbench.impact.migration import AccountBills, MigrationPath
    from workbench.stages.impact_view.evidence import DesignEvidence
    from workbench.stages.impact_view.future import Ranges
    from workbench.study import Guardrails, Scenario, Study

MOST_MOVERS = 10
NO_TRIAL = Trial()


def evaluate(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    evidence: DesignEvidence | None = None,
    trial: Trial = NO_TRIAL,
    seed: int = 0,
    before: ImpactResult | None = None,
) -> ImpactResult:
    """Return what a design would have done to every customer, and the ways to get there.

    Parameters
    ----------
    evidence
        What `gather_design` returned for the scenario; gathered here without it.
    trial
        A price to move without billing anew: figures, guardrails and bridge follow, migration does not.
    seed
        Of the draws of what customers may do.
    before
        A result with the same evidence, migration and assumptions: its paths and draws are used again.

    """
    found = evidence or gather_design(base, gather_today(base), scenario)
    decision = scenario.decision(MigrationDecision)
    limits = study.guardrails
    if found.comparison is None or found.bridge is None or found.counts is None:
        return ImpactResult(
            scenario=scenario,
            limits=limits,
            decision=decision,
            trial=trial,
            why_not=found.why_not,
            missing=found.today.missing,
            reconciliation=found.today.reconciliation,
            paths={},
            movers=pd.DataFrame(),
        )
    comparison, bridge = found.comparison, found.bridge

    @cache
    def ways() -> Mapping[str, MigrationPath]:
        if before is not None:
            return before.paths
        return {} if found.bills is None else paths(found.bills, decision)

    if trial.change:
        comparison = tried(comparison, found.counts, trial)
        bridge = tried_bridge(bridge, comparison)
    return ImpactResult(
        scenario=scenario,
        limits=limits,
        decision=decision,
        trial=trial,
        reconciliation=found.today.reconciliation,
        comparison=comparison,
        bridge=bridge,
        guardrails=check_guardrails(comparison, limits),
        key_figures=_key_figures(comparison, limits),
        cautions=(*comparison.cautions, *_not_comparable(found)),
        basis=comparison.basis,
        paths=later(ways),
        ranges=later(lambda: _ranges(ways().get(decision.policy), study, before, seed)),
        movers=later(lambda: _movers(found, before)),
    )


def _movers(found: DesignEvidence, before: ImpactResult | None) -> pd.DataFrame:
    if before is not None:
        return before.movers
    return pd.DataFrame() if found.comparison is None else found.comparison.movers(MOST_MOVERS)


def _ranges(way: MigrationPath | None, study: Study, before: ImpactResult | None, seed: int) -> Ranges | None:
    if before is not None:
        return None if before.ranges is None else under(before.ranges, study.guardrails)
    return None if way is None else ranges(way, study.guardrails, study.assumptions, seed=seed)


def action_reasons(comparison: Comparison, bills: AccountBills) -> dict[str, str]:
    """Return why each customer's bill changes, in words, for the list to act on."""
    from workbench.impact.movers import reasons  # noqa: PLC0415 - worked out when the list is asked for

    here = comparison.accounts[comparison.accounts["account_id"].isin(set(bills.account_ids))]
    here = here[here["change"].abs() > HALF_A_CENT]
    return dict(zip(here["account_id"], reasons(comparison, here), strict=True))


HALF_A_CENT = 0.005


def _key_figures(comparison: Comparison, limits: Guardrails) -> tuple[KeyFigure, ...]:
    basis, months = comparison.basis, len(comparison.months)
    period = f"mean of {months} months to {basis.last_month}"
    people = f"{basis.accounts:,} accounts with a bill on both sides"
    spread, steep = comparison.spread, limits.steep_rise
    before, after = comparison.revenue_before / months, comparison.revenue_after / months
    changes = comparison.accounts["change"].to_numpy(dtype=float)
    figures = (
        KeyFigure("Revenue a month", after, comparison.currency, period, people, change=after - before),
        KeyFigure("Accounts that pay more", float((changes > HALF_A_CENT).mean()), "percent", period, people),
        KeyFigure(
            f"Accounts above +{steep * 100:g}%", comparison.share_above(steep), "percent", period, people, digits=1
        ),
        KeyFigure("Bill change at the 95% mark", spread.p95, "percent", period, people, digits=1),
    )
    return tuple(figure for figure in figures if figure.value is not None and np.isfinite(figure.value))


def _not_comparable(found: DesignEvidence) -> list[Caution]:
    comparison = found.comparison
    if comparison is None or not comparison.left_out:
        return []
    gone = len(comparison.after.rows) - len(comparison.rows)
    text = f"{gone:,} of {len(comparison.after.rows):,} account-months have a bill on one side only or on none."
    return [Caution(f"{text} They are in no figure here.", "note")]
