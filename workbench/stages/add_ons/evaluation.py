"""Evaluate a set of add-ons: prices against the core plan, buyers, revenue, overlap, and the rules A1 to A8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Caution, Interval
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
    GROUPS,
    SOON_DAYS,
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
from workbench.stages.contract import LazyTables, caution_maker, key_figure_maker, said_so
from workbench.stages.offers import AddOnDecision, TierDecision, add_on_price_words, per_words
from workbench.stages.placing import Services, add_on_marks, core_plan, services_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.add_ons.result import AddOnOutcome, TierPlaces
    from workbench.stages.placing import CorePlan
    from workbench.study.model import Scenario

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)


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


# --- What a reader looks at first, and what a result warns about itself

_FEW = 30
_SLACK = 0.005  # a range set to whole percents is not "above" what the data says


def add_on_key_figures(result: AddOnResult) -> Iterator[KeyFigure]:
    """Yield revenue of the add-ons, its share of the core, who is eligible now and soon, and who wants several."""
    core, revenue, overlap_ = result.places.revenue, result.revenue, result.overlap
    active, period = len(result.evidence), _period(result)
    if not result.outcomes:
        few = sum(each.group == GROUPS[0] for each in result.candidates)
        known, line = result.evidence.needs.used is not None, result.rulebook.threshold("A5").high
        yield tell("few_used", few if known else None, few=few, known=known, line=line, active=active, period=period)
        return
    unknown = sum(each.full is None for each in result.outcomes)
    middle = None if revenue is None else revenue.estimate
    yield tell("revenue", middle, interval=revenue, unit=result.currency, add_ons=len(result.outcomes), unknown=unknown)
    if not core or revenue is None:
        yield tell("no_share", None, active=active)
    else:
        share = Interval(revenue.low / core, revenue.estimate / core, revenue.high / core, revenue.level)
        yield tell(
            "share", share.estimate, interval=share, active=active, core=core, currency=result.currency,
            source=result.places.source,
        )  # fmt: skip
    anyone, more = result.eligible_for_any, result.eligible_soon
    yield tell("eligible", anyone, accounts=anyone, active=active, day=result.evidence.day)
    yield tell("soon", more, accounts=more, days=SOON_DAYS)
    if overlap_ is not None and len(result.outcomes) > 1:
        several = overlap_.several_accounts
        yield tell("several", several, accounts=several, anyone=overlap_.any_accounts, period=period)


def _period(result: AddOnResult) -> str:
    basis = result.basis
    return basis.first_month if basis.first_month == basis.last_month else f"{basis.first_month} to {basis.last_month}"


def add_on_cautions(result: AddOnResult) -> Iterator[Caution]:
    """Yield the warnings: features sold twice first, then prices, buyers and the data."""
    yield from _about_fences(result)
    yield from _about_prices(result)
    yield from _about_buyers(result)
    yield from _about_data(result)


def _about_fences(result: AddOnResult) -> Iterator[Caution]:
    places, owners = result.places, dict[str, list[str]]()
    for each in result.outcomes:
        for feature, tiers in each.also_in.items():
            inside = [place for place, tier in enumerate(places.tiers) if tier.name in tiers]
            have = int(np.isin(places.tier_index, inside).sum())
            yield warn("sold_twice", feature=feature, name=each.name, tiers=tiers, accounts=have)
        for feature in each.choice.features:
            owners.setdefault(feature, []).append(each.name)
    for feature, names in owners.items():
        if len(names) > 1:
            yield warn("in_several", feature=feature, names=names)


def _about_prices(result: AddOnResult) -> Iterator[Caution]:
    core = result.core
    if not result.outcomes:
        return
    if core.price is None:
        yield warn("core_price_unknown", name=core.name)
        return
    if core.is_stand_in:
        yield warn("no_tiers")
    units = {each.choice.price_per for each in result.outcomes} - {core.price_per}
    for unit in sorted(units):
        told = {"unit": per_words(unit), "name": core.name, "core_unit": per_words(core.price_per)}
        yield warn("other_unit" if core.price_in(unit) is not None else "other_unit_unknown", **told)


def _about_buyers(result: AddOnResult) -> Iterator[Caution]:
    for each in result.outcomes:
        choice, gate, name = each.choice, each.eligibility, each.name
        highest, included = max(choice.attach_low, choice.attach_high), int(gate.included.sum())
        if choice.attach_low > choice.attach_high:
            yield warn("attach_the_wrong_way", name=name)
        if each.attach is None:
            yield warn("a_guess", name=name)
        elif highest > each.attach.high + _SLACK:
            yield warn("more_than_the_data", name=name, highest=highest, high=each.attach.high)
        if not gate.usage_recorded:
            yield warn("use_not_recorded", metric=choice.usage_metric, name=name)
        elif gate.unknown:
            yield warn("unknown_gate", accounts=gate.unknown, name=name)
        if included:
            yield warn("have_it_already", accounts=included, name=name)
    if any(each.attach is not None for each in result.outcomes):
        yield warn("interest_is_no_readiness")
    if len(result.outcomes) > 1:
        yield warn("independent")


def _about_data(result: AddOnResult) -> Iterator[Caution]:
    needs, line = result.evidence.needs, result.rulebook.threshold("A5").high
    if needs.used is None:
        yield warn("no_feature_use")
    if len(needs) < _FEW:
        yield warn("few_accounts", accounts=len(needs))
    chosen = {name for each in result.outcomes for name in each.choice.features}
    if line is None:
        return
    for benefit in needs.benefits:
        inside, share = benefit.share_where_included, benefit.share.estimate if benefit.share else 1.0
        if benefit.feature in chosen and inside is not None and inside > line >= share:
            yield warn("locked", feature=benefit.feature, accounts=benefit.included_for, inside=inside)


def summarise(decision: AddOnDecision, result: AddOnResult) -> str:
    """Return one sentence: the add-ons with their prices, the revenue range, and services."""
    offers = [f"{each.name} ({add_on_price_words(each, result.currency)})" for each in decision.add_ons]
    return say("summary", offers=offers, result=result, currency=result.currency, services=result.services)


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
        key_figures=tuple(add_on_key_figures(result)),
        cautions=tuple(add_on_cautions(result)),
        tables=LazyTables(tables.add_on_table_makers(result)),
    )
