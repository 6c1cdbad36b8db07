"""Holds what the stage concludes of revenue, accounts kept and prices against companies whose customers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from companies_asked import at_prices, base_of, best_prices, design_of
from paying_companies import Company, other_prices

from workbench.demand import DemandError
from workbench.stages.willingness import evaluate, find_prices, gather
from workbench.stages.willingness.price_search import DemandConclusion, conclude

REVENUE_SLACK, KEPT_SLACK = 0.01, 0.01  # of today's revenue, of accounts: a miss by less counts as inside
LEAST_KEPT, FURTHEST = 0.95, 3.0  # accounts to keep; the highest price looked at for the true best, in today's


@dataclass(frozen=True)
class Case:
    """One price list of one company; widths are shares of the median."""

    kind: str
    prices: str
    revenue_inside: bool
    kept_inside: bool
    width: float
    unknown: bool


@dataclass(frozen=True)
class FoundCase:
    """Prices found for one company: whether they are recommended, and what they truly bring of today's and the best."""

    kind: str
    recommended: bool
    reason: str
    of_today: float = np.nan
    of_best: float = np.nan
    truly_kept: float = np.nan
    said: float = np.nan


def judge(company: Company, *, surveyed: bool = True, draws: int | None = None) -> list[Case]:
    """Put price lists before the company's customers, through the stage, and hold its ranges against the truth."""
    base = base_of(company, surveyed=surveyed)
    evidence = gather(base, draws=draws)
    source = _source(company) if surveyed else "what customers pay"
    cases = []
    for name, offers in other_prices(company).items():
        result = evaluate(base, design_of(company, offers, source=source), evidence=evidence)
        cases.append(_judged(company, name, conclude(result, None), company.truth(offers)))
    return cases


def _source(company: Company) -> str:
    return f"price {company.method}"


def _judged(company: Company, prices: str, said: DemandConclusion, truth: tuple[float, float]) -> Case:
    if said.revenue is None or said.accounts_kept is None:
        return Case(company.kind, prices, revenue_inside=False, kept_inside=False, width=np.nan, unknown=True)
    today = float(company.bills.sum())
    revenue, kept = said.revenue, said.accounts_kept
    return Case(
        company.kind,
        prices,
        revenue_inside=revenue.low - REVENUE_SLACK * today <= truth[0] <= revenue.high + REVENUE_SLACK * today,
        kept_inside=kept.low - KEPT_SLACK <= truth[1] <= kept.high + KEPT_SLACK,
        width=(revenue.high - revenue.low) / revenue.estimate,
        unknown=said.status == "unknown",
    )


def judge_found(company: Company, *, starts: int = 8, draws: int | None = None) -> FoundCase:
    """Search prices of today's plans without the rules of design, and hold what is recommended against the truth."""
    base = base_of(company)
    design = design_of(company, company.offers, source=_source(company), rules_off=("T2", "T4", "A2", "C4"))
    result = evaluate(base, design, evidence=gather(base, draws=draws))
    try:
        search = find_prices(result, starts=starts, rule_costs=False, flat=None)
    except DemandError as error:
        return FoundCase(company.kind, recommended=False, reason=str(error))
    found = conclude(result, search).found
    if found.status == "unknown" or found.revenue is None:
        return FoundCase(company.kind, recommended=False, reason=found.reason)
    brings, kept = company.truth(at_prices(company.offers, dict(found.prices)))
    today = float(company.bills.sum())
    best = best_prices(company, company.offers, LEAST_KEPT, FURTHEST)
    return FoundCase(
        company.kind,
        recommended=True,
        reason="",
        of_today=brings / today,
        of_best=brings / best if best else np.nan,
        truly_kept=kept,
        said=found.revenue.estimate / brings if brings else np.inf,
    )
