"""Evaluate a set of add-ons: prices against the core plan, buyers, revenue, overlap, and the rules A1 to A8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.packaging import (
    benefit_share,
    few_in_tiers,
    named_job,
    number_of_add_ons,
    offer_timing,
    price_evidence,
    price_share,
    services_margin,
    services_share,
    taken_away,
)
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.add_ons import tables
from workbench.stages.add_ons.evidence import AddOnEvidence, add_on_evidence_for
from workbench.stages.add_ons.result import (
    AddOnResult,
    add_on_bills,
    add_on_outcome,
    candidates,
    few_used,
    losing_accounts,
    overlap,
    tier_places,
    total_range,
)
from workbench.stages.add_ons.words import add_on_cautions, add_on_key_figures
from workbench.stages.contract import LazyTables, said_so
from workbench.stages.offers import AddOnDecision, TierDecision, per_words
from workbench.stages.placing import Services, add_on_marks, core_plan, services_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.add_ons.result import AddOnOutcome, TierPlaces
    from workbench.stages.placing import CorePlan
    from workbench.study.model import Scenario


def services_findings(services: Services | None, currency: str, rulebook: Rulebook) -> tuple[Finding, ...]:
    """Return both findings on A6; none when no services are offered."""
    if services is None:
        return ()
    return (
        services_margin(delivery_cost=services.cost, price=services.price, currency=currency, rulebook=rulebook),
        services_share(
            services_revenue=services.price,
            subscription_revenue=services.first_year,
            currency=currency,
            rulebook=rulebook,
        ),
    )


Decision = AddOnDecision

# --- The findings on rules A1 to A8 for a set of add-ons


def add_on_findings(
    outcomes: Sequence[AddOnOutcome],
    services: Services | None,
    evidence: AddOnEvidence,
    core: CorePlan,
    places: TierPlaces,
    *,
    rulebook: Rulebook,
    is_decided: bool,
) -> tuple[Finding, ...]:
    """Return the findings on number, name, price, timing, benefit and what customers lose, and on services."""
    names = [each.name for each in outcomes] if outcomes or is_decided else None
    findings = [number_of_add_ons(names, rulebook=rulebook)]
    for each in outcomes:
        findings += _on_one(each, evidence, core, places, rulebook)
    findings += _on_benefit(outcomes, evidence, rulebook)
    findings += _on_tiers(outcomes, evidence, places, rulebook)
    findings += services_findings(services, evidence.currency, rulebook)
    return tuple(findings)


def _on_one(
    each: AddOnOutcome, evidence: AddOnEvidence, core: CorePlan, places: TierPlaces, rulebook: Rulebook
) -> Iterator[Finding]:
    choice = each.choice
    yield named_job(choice.name, job=choice.job, features=choice.features, rulebook=rulebook)
    yield price_share(
        choice.name,
        each.price,
        core_price=each.core_price,
        core_name=core.name,
        currency=evidence.currency,
        rulebook=rulebook,
    )
    yield offer_timing(
        choice.name,
        tenure_days=choice.tenure_days,
        usage_condition=each.condition,
        eligible=each.eligibility.count if each.eligibility.usage_recorded else None,
        of_accounts=len(evidence),
        rulebook=rulebook,
    )
    prices = evidence.prices
    yield price_evidence(
        choice.name,
        each.price,
        prices.of(choice.features, choice.price_per),
        respondents=prices.respondents,
        per=f" {per_words(choice.price_per)}",
        rests_on="" if each.core_price is None or each.price is None else f"the price of {core.name}",
        currency=evidence.currency,
        rulebook=rulebook,
    )
    if not choice.features:
        return
    losing = losing_accounts(evidence, choice.features, places)
    bills = add_on_bills(evidence, choice)
    known = losing is not None and bills is not None and np.isfinite(bills[losing]).any()
    yield taken_away(
        choice.name,
        None if losing is None else int(losing.sum()),
        would_pay=float(np.nansum(bills[losing])) if known and bills is not None else None,
        currency=evidence.currency,
        rulebook=rulebook,
    )


def _on_tiers(
    outcomes: Sequence[AddOnOutcome], evidence: AddOnEvidence, places: TierPlaces, rulebook: Rulebook
) -> Iterator[Finding]:
    """Judge what sits in tiers although few use it, and what is sold nowhere although somebody uses it."""
    if not places.tiers:
        return
    inside = {name for tier in places.tiers for name in tier.features}
    sold = inside.union(*(each.choice.features for each in outcomes))
    yield few_in_tiers(
        few_used(evidence, places, rulebook.threshold("A5")),
        judged=sum(b.feature in inside and b.share is not None for b in evidence.needs.benefits),
        of_accounts=len(evidence),
        rulebook=rulebook,
    )
    nowhere = [name for name in evidence.features if name not in sold]
    losing = {name: found for name in nowhere if (found := losing_accounts(evidence, (name,), places)) is not None}
    lost = {name: mask for name, mask in losing.items() if mask.any()}
    if lost:
        yield taken_away(
            "features sold nowhere",
            int(np.any(list(lost.values()), axis=0).sum()),
            is_sold=False,
            features=tuple(sorted(lost, key=lambda name: -int(lost[name].sum()))),
            currency=evidence.currency,
            rulebook=rulebook,
        )


def _on_benefit(outcomes: Sequence[AddOnOutcome], evidence: AddOnEvidence, rulebook: Rulebook) -> Iterator[Finding]:
    """Judge each feature once, however many add-ons contain it; an add-on without features stands for itself."""
    subjects = dict.fromkeys(name for each in outcomes for name in (each.choice.features or (each.name,)))
    for name in subjects:
        benefit = evidence.needs.benefit(name)
        known = benefit is not None and benefit.share is not None
        yield benefit_share(
            name,
            users=benefit.users if benefit is not None and known else None,
            of_accounts=len(evidence),
            placed="add_on",
            rulebook=rulebook,
        )


# --- What follows from a set of add-ons


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: AddOnEvidence | None = None,
) -> AddOnResult:
    """Return what follows from the add-ons of a scenario, on the tiers it has decided.

    The same seed gives every scenario the same draws for the same add-on. Eligible is who passes the gate today and
    whose tier does not contain everything in the add-on already.
    """
    decision, tiers = scenario.decision(AddOnDecision), scenario.decision(TierDecision)
    found = add_on_evidence_for(base, scenario, evidence)
    places = tier_places(found.needs, tiers, decision)
    core = core_plan(tiers.tiers, decision.core_tier, found.needs)
    outcomes = tuple(
        add_on_outcome(found, choice, core, places, rulebook.threshold("A2")) for choice in decision.add_ons
    )
    services = services_of(decision.services, core)
    result = AddOnResult(
        decision=decision,
        evidence=found,
        rulebook=rulebook,
        core=core,
        places=places,
        candidates=candidates(found, tiers.tiers, decision.add_ons, rulebook.threshold("A5")),
        outcomes=outcomes,
        overlap=overlap([each.name for each in outcomes], [each.interest for each in outcomes]),
        revenue=total_range(decision.add_ons, [each.full for each in outcomes], seed),
        services=services,
        findings=said_so(
            add_on_findings(
                outcomes, services, found, core, places, rulebook=rulebook, is_decided=scenario.decided(AddOnDecision)
            ),
            decision.held_by(add_on_marks(decision, core)),
        ),
        basis=found.basis,
        missing=found.missing,
    )
    return replace(
        result,
        key_figures=add_on_key_figures(result),
        cautions=add_on_cautions(result),
        tables=LazyTables(tables.add_on_table_makers(result)),
    )
