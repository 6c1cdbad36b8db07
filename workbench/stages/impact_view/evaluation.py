"""Hold one design against today: figures, guardrails, ways to get there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import exact_percent, percent
from workbench.impact import check_guardrails
from workbench.results import Caution, KeyFigure
from workbench.stages.impact_view.accounts.tables import distribution
from workbench.stages.impact_view.decision import MigrationDecision
from workbench.stages.impact_view.evidence import gather_design, gather_today
from workbench.stages.impact_view.future import Ahead
from workbench.stages.impact_view.outcome import NET, NEW_LIST, ImpactResult, people
from workbench.stages.impact_view.range_tables import forecast_points, why_unknown
from workbench.stages.impact_view.steady.decision import SteadyDecision
from workbench.stages.impact_view.steady.outcome import steady
from workbench.stages.impact_view.trial import Trial, tried, tried_bridge, tried_percent
from workbench.stages.later import later
from workbench.study.basis import MONTHS_OF_BASIS
from workbench.tolerances import HALF_A_CENT

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.impact import Comparison
    from workbench.impact.migration import AccountBills
    from workbench.stages.impact_view.evidence import DesignEvidence
    from workbench.study import Guardrails, Scenario, Study

NO_TRIAL = Trial()


def evaluate(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    evidence: DesignEvidence | None = None,
    trial: Trial = NO_TRIAL,
    seed: int = 0,
    ahead: Ahead | None = None,
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
    ahead
        That of an earlier result: its paths and draws are used again where they would come to the same.

    """
    months = MONTHS_OF_BASIS[study.basis]
    found = evidence or gather_design(base, gather_today(base, months=months), scenario)
    decision = scenario.decision(MigrationDecision)
    limits, today = study.guardrails, found.today.reconciliation
    if today is not None and today.most_unexplained != limits.most_unexplained:
        today = replace(today, most_unexplained=limits.most_unexplained)
    bills = found.bills_with(decision.term_months)
    coming = Ahead(
        bills,
        decision,
        study.assumptions,
        seed,
        forecast=later(lambda: found.ahead),
        reactions=later(lambda: found.today.reactions),
    )
    if ahead is not None and ahead.is_for(coming):
        coming = ahead
    if found.comparison is None or found.bridge is None or found.prices is None:
        return ImpactResult(
            scenario=scenario,
            limits=limits,
            decision=decision,
            trial=trial,
            ahead=coming,
            why_not=found.why_not,
            missing=found.today.missing,
            reconciliation=today,
            paths={},
            movers=pd.DataFrame(),
            forecast_reason=found.why_not,
        )
    comparison, bridge, prices = found.comparison, found.bridge, found.prices

    @cache
    def moved() -> Comparison:
        return tried(comparison, prices, trial) if trial.change else comparison

    return ImpactResult(
        scenario=scenario,
        limits=limits,
        decision=decision,
        trial=trial,
        ahead=coming,
        reconciliation=today,
        bridge=tried_bridge(bridge, comparison, prices, trial) if trial.change else bridge,
        by_size=prices.by_size,
        bands=later(lambda: distribution(tried_percent(comparison, prices, trial))),
        comparison=later(moved),
        guardrails=later(lambda: check_guardrails(moved(), limits)),
        key_figures=later(lambda: _key_figures(moved(), limits)),
        cautions=(*comparison.cautions, *(today.cautions if today else ()), *_not_comparable(found)),
        basis=comparison.basis,
        paths=later(lambda: coming.paths),
        ranges=later(lambda: coming.ranges(limits)),
        movers=later(lambda: found.movers),
        steady=later(lambda: steady(found.years, scenario.decision(SteadyDecision))),
        forecast=later(lambda: forecast_points(found.ahead, (study.baseline.id, scenario.id))),
        backtest=later(lambda: () if found.ahead is None else found.ahead.back_test),
        forecast_reason=later(lambda: why_unknown(found.ahead, comparison.currency)),
        reactions=later(lambda: found.today.reactions),
    )


def action_reasons(comparison: Comparison, bills: AccountBills) -> dict[str, str]:
    """Return why each customer's bill changes, in words, for the list to act on."""
    from workbench.impact.movers import reasons  # noqa: PLC0415 - worked out when the list is asked for

    here = comparison.accounts[comparison.accounts["account_id"].isin(set(bills.account_ids))]
    here = here[here["change"].abs() > HALF_A_CENT]
    return dict(zip(here["account_id"], reasons(comparison, here), strict=True))


def _key_figures(comparison: Comparison, limits: Guardrails) -> tuple[KeyFigure, ...]:
    basis, months, period = comparison.basis, len(comparison.months), comparison.period
    paid = comparison.before is not None and comparison.before.realisation is not None
    compared = people(basis, paid=paid)
    spread, steep = comparison.spread, limits.steep_rise
    before, after = comparison.revenue_before / months, comparison.revenue_after / months
    changes = comparison.accounts["change"].to_numpy(dtype=float)
    figures = (
        KeyFigure(
            NET if paid else NEW_LIST,
            after,
            comparison.currency,
            period,
            compared,
            change=after - before,
        ),
        KeyFigure("Pay more", float((changes > HALF_A_CENT).mean()), "percent", period, compared),
        KeyFigure(
            f"Accounts above +{exact_percent(steep)}",
            comparison.share_above(steep),
            "percent",
            period,
            compared,
            digits=1,
        ),
        KeyFigure(
            "Bill change at the 95% mark",
            spread.p95,
            "percent",
            period,
            compared,
            digits=1,
            in_words=percent(spread.p95, 1, signed=True),
        ),
    )
    return tuple(figure for figure in figures if figure.value is not None and np.isfinite(figure.value))


def _not_comparable(found: DesignEvidence) -> list[Caution]:
    comparison = found.comparison
    if comparison is None or not comparison.left_out:
        return []
    gone = len(comparison.after.rows) - len(comparison.rows)
    text = f"{gone:,} of {len(comparison.after.rows):,} account-months have a bill on one side only or on none."
    return [Caution(f"{text} They are in no figure here.", "note")]
