"""The findings on rules A1 to A6 for a set of add-ons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rules.checks.add_ons import benefit_share, named_job, number_of_add_ons, offer_timing, price_share
from workbench.stages.add_ons.services import Services, services_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.rules import Finding, Rulebook
    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.add_ons.outcome import AddOnOutcome


def add_on_findings(
    outcomes: Sequence[AddOnOutcome],
    services: Services | None,
    evidence: AddOnEvidence,
    core: CorePlan,
    *,
    rulebook: Rulebook,
    is_decided: bool,
) -> tuple[Finding, ...]:
    """Return the findings on number, name, price, timing and benefit of add-ons, and on services where offered."""
    names = [each.name for each in outcomes] if outcomes or is_decided else None
    findings = [number_of_add_ons(names, rulebook=rulebook)]
    for each in outcomes:
        findings += _on_one(each, evidence, core, rulebook)
    findings += _on_benefit(outcomes, evidence, rulebook)
    findings += services_findings(services, evidence.currency, rulebook)
    return tuple(findings)


def _on_one(each: AddOnOutcome, evidence: AddOnEvidence, core: CorePlan, rulebook: Rulebook) -> Iterator[Finding]:
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
