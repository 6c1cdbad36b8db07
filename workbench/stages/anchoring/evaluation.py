"""Evaluate the comparison against the rules C1 to C4, and suggest one to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.rules.anchoring import SeenPrice, freshness, position, same_terms
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.add_ons.result import CorePlan, core_plan
from workbench.stages.add_ons.suggestion import add_on_marks
from workbench.stages.anchoring import tables
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.anchoring.evidence import (
    PLAN,
    AnchoringEvidence,
    free_offers,
    gather,
    middle_profile,
    stale_after,
    with_stale_age,
)
from workbench.stages.anchoring.result import (
    AnchoringResult,
    Corridor,
    MarketStanding,
    ProfileComparison,
    add_on_corridors,
    compare_offers,
    homes_of,
    standings,
    tier_corridors,
    values_by_profile,
)
from workbench.stages.anchoring.words import anchoring_cautions, anchoring_key_figures
from workbench.stages.contract import LazyTables, key_of
from workbench.stages.price_book import price_book
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.suggestion import tier_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import PriceBook
    from workbench.rules.rulebook import Finding
    from workbench.stages.anchoring.decision import OfferKey
    from workbench.stages.anchoring.evidence import CompetitorOffer
    from workbench.stages.anchoring.result import EconomicValue
    from workbench.stages.tiers.evidence import TierEvidence
    from workbench.study.model import Scenario

# --- The findings on rules C1 to C4


def anchoring_findings(
    comparisons: Sequence[ProfileComparison],
    standings: Sequence[MarketStanding],
    corridors: Sequence[Corridor],
    values: Mapping[str, EconomicValue],
    offers: Sequence[CompetitorOffer],
    *,
    reference: str,
    today: date,
    currency: str,
    rulebook: Rulebook,
) -> tuple[Finding, ...]:
    """Return the findings: same terms, each tier against its value, age of prices, the corridor of each offer."""
    return (
        _same_terms(comparisons, standings, corridors, offers, rulebook),
        *_positions(comparisons, values, reference, currency, rulebook),
        freshness(
            [SeenPrice(each.vendor, each.offer, each.seen_on, each.source, each.currency) for each in offers],
            today=today,
            rulebook=rulebook,
        ),
        *(each.finding for each in corridors if each.finding is not None),
    )


def _same_terms(
    comparisons: Sequence[ProfileComparison],
    standings: Sequence[MarketStanding],
    corridors: Sequence[Corridor],
    offers: Sequence[CompetitorOffer],
    rulebook: Rulebook,
) -> Finding:
    """Judge C1: which offer of ours meets whom at a profile where it is judged; prices on request are not offers."""
    compared: dict[str, tuple[str, ...]] = {}
    for price in comparisons[0].ours if comparisons else ():
        met = [each.market.vendors for each in homes_of(price.name, standings) if each.market is not None]
        if price.plan.priced:
            compared[price.name] = tuple(vendor for vendors in met for vendor in vendors)
    compared |= {each.offer: each.matched for each in corridors if each.kind == "add-on"}
    return same_terms(
        compared if offers else None, on_request=sum(each.on_request for each in offers), rulebook=rulebook
    )


def _positions(
    comparisons: Sequence[ProfileComparison],
    values: Mapping[str, EconomicValue],
    reference: str,
    currency: str,
    rulebook: Rulebook,
) -> list[Finding]:
    """Judge C2 at each profile for the tier its customer takes; without differentiation the value is not known."""
    found = []
    for each in comparisons:
        ours, value = each.our_choice, values.get(each.profile.id)
        if ours is None:
            continue
        known = value.total if value is not None and value.is_known else None
        name = f"{ours.name} ({each.profile.name})"
        found.append(
            position(
                name,
                ours.quote.price,
                known,
                captured=None if value is None or known is None else value.captured,
                reference=reference,
                currency=currency,
                rulebook=rulebook,
            )
        )
    return found


# --- Corridors that a starting point was made to stand in: bounded by its own rules, with no market in them


def with_what_was_made_so(
    corridors: Iterable[Corridor], scenario: Scenario, needs: TierEvidence, core: CorePlan
) -> tuple[Corridor, ...]:
    """Return the corridors; where only T4 or A2 bounds a price that was set by it, C4 holds by construction."""
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    held = tiers.held_by(tier_marks(tiers, needs)) | add_ons.held_by(add_on_marks(add_ons, core))

    def made(each: Corridor) -> Corridor:
        rule = "T4" if each.kind == "tier" else key_of("A2", each.offer)
        if each.finding is None or each.finding.status != "ok" or each.has_market or rule not in held:
            return each
        return replace(each, finding=replace(each.finding, by_construction=True))

    return tuple(made(each) for each in corridors)


# --- Evaluate the stage: offers at the same usage, corridor of each price

NO_REFERENCE = "the next best alternative"


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: AnchoringEvidence | None = None,
    today: date | None = None,
) -> AnchoringResult:
    """Return where the prices of a scenario stand against named competitors, the rules and their value.

    Every offer is priced for one month at the same quantities; one whose limits do not allow them is left out there.
    A vendor counts with its cheapest plan that serves. Ages of prices are counted to `today`: the day the base is
    known for, unless given. A scenario without profiles is compared at those the data suggests; one that has decided
    nothing about the comparison leaves free offers out of it, as a starting point does.
    """
    found = gather(base) if evidence is None else evidence
    decision = _decision(scenario, found)
    rules = with_stale_age(rulebook, decision.stale_after_days)
    book = price_book(base, scenario)
    profiles = decision.profiles or found.profiles
    offers = tuple(each for each in found.offers if not decision.vendors or each.vendor in decision.vendors)
    comparisons = tuple(compare_offers(profile, offers, book, decision, found.currency) for profile in profiles)
    standing = standings(comparisons)
    core, corridors = _corridors(scenario, found, book, comparisons=comparisons, standing=standing, rulebook=rules)
    values = values_by_profile(comparisons, decision, seed)
    named = found.offer(decision.reference)
    reference = NO_REFERENCE if named is None else named.name
    day = found.today if today is None else today
    judged = tuple(each for each in offers if each.key not in decision.set_aside)
    result = AnchoringResult(
        basis=found.basis,
        missing=found.missing,
        findings=anchoring_findings(
            comparisons,
            standing,
            corridors,
            values,
            judged,
            reference=reference,
            today=day,
            currency=found.currency,
            rulebook=rules,
        ),
        decision=decision,
        evidence=found,
        book=book,
        profiles=profiles,
        offers=offers,
        add_ons={each.id: each.name for each in scenario.decision(AddOnDecision).add_ons},
        comparisons=comparisons,
        standings=standing,
        corridors=corridors,
        values=values,
        core=core,
        reference=reference,
        today=day,
        stale_after=stale_after(rules),
    )
    return replace(
        result,
        key_figures=anchoring_key_figures(result),
        cautions=anchoring_cautions(result),
        tables=LazyTables(tables.anchoring_table_makers(result)),
    )


def _decision(scenario: Scenario, found: AnchoringEvidence) -> AnchoringDecision:
    """Return the scenario's decision; an open one (today's prices take none) with free offers set aside."""
    decision = scenario.decision(AnchoringDecision)
    return decision if scenario.decided(AnchoringDecision) else decision.replaced(set_aside=free_offers(found.offers))


def _corridors(
    scenario: Scenario,
    found: AnchoringEvidence,
    book: PriceBook,
    *,
    comparisons: tuple[ProfileComparison, ...],
    standing: tuple[MarketStanding, ...],
    rulebook: Rulebook,
) -> tuple[CorePlan, tuple[Corridor, ...]]:
    """Return the core plan, and the corridor of every tier and add-on; the baseline has no add-ons of ours."""
    add_ons, decision = scenario.decision(AddOnDecision), scenario.decision(AnchoringDecision)
    core = core_plan(scenario.decision(TierDecision).tiers, add_ons.core_tier, found.needs)
    middle = middle_profile(tuple(each.profile for each in comparisons))
    typical = next((each for each in comparisons if each.profile == middle), None)
    tiers = tier_corridors(book, standing, currency=found.currency, rulebook=rulebook)
    extras = add_on_corridors(
        add_ons.add_ons, core, decision.add_on_matches, typical, currency=found.currency, rulebook=rulebook
    )
    return core, with_what_was_made_so((*tiers, *extras), scenario, found.needs, core)


# --- A starting point for the comparison, computed from the data; what sets us apart is left to the team


def suggest(base: CustomerBase, scenario: Scenario, evidence: AnchoringEvidence | None = None) -> AnchoringDecision:
    """Return profiles from the data, every vendor, free offers set aside, and the nearest offer as reference.

    The reference is the competitor's plan closest in price to our middle tier at the typical profile. Nothing is
    invented about what sets us apart: those items, and a position, are kept as the scenario has them.
    """
    found = gather(base) if evidence is None else evidence
    before = scenario.decision(AnchoringDecision)
    started = before.replaced(
        profiles=found.profiles,
        vendors=(),
        set_aside=free_offers(found.offers),
        stale_after_days=max(1, int(RULEBOOK["C3"].high or before.stale_after_days)),
    )
    profile = middle_profile(found.profiles)
    if profile is None:
        return started
    comparison = compare_offers(profile, found.offers, price_book(base, scenario), started, found.currency)
    return started.replaced(reference=_nearest(comparison, started), value_profile=profile.id)


def _nearest(comparison: ProfileComparison, decision: AnchoringDecision) -> OfferKey | None:
    """Return the plan closest to our middle tier in price; to the market's median where we have no price."""
    open_to_choice = [
        (each.price.estimate, each.offer.key)
        for each in comparison.market
        if each.price is not None and each.offer.kind == PLAN and each.offer.key not in decision.set_aside
    ]
    target = _middle_price(comparison)
    if not open_to_choice or target is None:
        return None
    return min(open_to_choice, key=lambda offer: (abs(offer[0] - target), offer[1]))[1]


def _middle_price(comparison: ProfileComparison) -> float | None:
    """Return what our middle priced tier costs here; else our cheapest that serves; else the market's median."""
    priced = [each for each in comparison.ours if each.plan.priced]
    middle = priced[len(priced) // 2].quote.price if priced else None
    if middle is not None:
        return middle
    if comparison.our_choice is not None:
        return comparison.our_choice.quote.price
    return None if comparison.range is None else comparison.range.median.estimate
