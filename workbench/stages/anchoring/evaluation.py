"""Evaluate the comparison against the rules C1 to C4, and suggest one to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.rules.anchoring import SeenPrice, freshness, position, same_terms
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.stages.anchoring import tables
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.anchoring.evidence import AnchoringEvidence, gather, middle_profile, stale_after, with_stale_age
from workbench.stages.anchoring.result import (
    FEWEST_VENDORS,
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
from workbench.stages.contract import LazyTables, caution_maker, key_figure_maker, key_of
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.placing import CorePlan, add_on_marks, core_plan, tier_marks
from workbench.stages.price_book import free_offers, price_book
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Caution, Interval, KeyFigure
    from workbench.rules.rulebook import Finding
    from workbench.stages.anchoring.decision import OfferKey, UsageProfile
    from workbench.stages.needs import TierEvidence
    from workbench.stages.price_book import CompetitorOffer
    from workbench.study.model import Scenario

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)

# --- The findings on rules C1 to C4


def _findings(result: AnchoringResult, rulebook: Rulebook) -> tuple[Finding, ...]:
    """Return the findings: same terms, each tier against its value, age of prices, the corridor of each offer."""
    judged = [each for each in result.offers if each.key not in result.decision.set_aside]
    seen = [SeenPrice(each.vendor, each.offer, each.seen_on, each.source, each.currency) for each in judged]
    return (
        _same_terms(result, judged, rulebook),
        *_positions(result, rulebook),
        freshness(seen, today=result.today, rulebook=rulebook),
        *(each.finding for each in result.corridors if each.finding is not None),
    )


def _same_terms(result: AnchoringResult, judged: Sequence[CompetitorOffer], rulebook: Rulebook) -> Finding:
    """Judge C1: which offer of ours meets whom at a profile where it is judged; prices on request are not offers."""
    compared: dict[str, tuple[str, ...]] = {}
    for price in result.comparisons[0].ours if result.comparisons else ():
        met = [each.market.vendors for each in homes_of(price.name, result.standings) if each.market is not None]
        if price.plan.priced:
            compared[price.name] = tuple(vendor for vendors in met for vendor in vendors)
    compared |= {each.offer: each.matched for each in result.corridors if each.kind == "add-on"}
    on_request = sum(each.on_request for each in judged)
    return same_terms(compared if judged else None, on_request=on_request, rulebook=rulebook)


def _positions(result: AnchoringResult, rulebook: Rulebook) -> Iterator[Finding]:
    """Judge C2 at each profile for the tier its customer takes; without differentiation the value is not known."""
    for each in result.comparisons:
        ours, value = each.our_choice, result.values.get(each.profile.id)
        known = value if value is not None and value.is_known else None
        if ours is not None:
            yield position(
                f"{ours.name} ({each.profile.name})",
                ours.quote.price,
                None if known is None else known.total,
                captured=None if known is None else known.captured,
                reference=result.reference,
                currency=result.currency,
                rulebook=rulebook,
            )


# --- The key figures of the stage


def _key_figures(result: AnchoringResult) -> Iterator[KeyFigure]:
    """Go through vendors compared, the premium of each tier on the market, price over value, the state of prices."""
    offers, value, profile, currency = result.offers, result.value, result.value_profile, result.currency
    if offers:
        stale = sum(result.state(offer) == "stale" for offer in offers)
        oldest = max(map(result.age, offers))
        yield tell("competitors", len(result.vendors), known=len({offer.vendor for offer in offers}))
        yield tell("on_request", sum(offer.on_request for offer in offers), offers=len(offers))
        yield tell("stale", stale, stale_after=result.stale_after, today=result.today, oldest=oldest)
    else:
        yield tell("competitors_unknown", None)
    for home in result.homes:
        vendors = len(home.market.vendors) if home.market is not None else 0
        yield _ranged("premium", home.premium, tier=home.tier, at=home.at, vendors=vendors)
    if value is None or profile is None:
        return
    at = say("a_month_at_the_profile", name=profile.name)
    if not value.is_known:
        price = value.reference.estimate
        words = {"population": result.reference, "price": price, "currency": currency}
        yield _ranged("reference", value.reference, unit=currency, period=at, **words)
        return
    yield _ranged("value", value.total, unit=currency, period=at, reference=result.reference)
    if value.over_value is not None:
        yield _ranged("over_value", value.over_value, period=at)
    if value.captured is not None:
        yield _ranged("captured", value.captured, period=at)


def _ranged(key: str, found: Interval | None, **values: Any) -> KeyFigure:  # noqa: ANN401 - what its words write
    """Return a key figure with its interval, which is left out where it is exact."""
    is_exact = found is None or found.low == found.high
    return tell(key, None if found is None else found.estimate, interval=None if is_exact else found, **values)


# --- What a result on anchoring warns about itself: what is not compared and why, what the value lacks


def _cautions(result: AnchoringResult) -> Iterator[Caution]:
    yield from _about_ours(result)
    if result.offers:
        yield from _about_the_market(result)
    if result.value_profile is not None:
        yield from _about_value(result, result.value_profile)


def _about_ours(result: AnchoringResult) -> Iterator[Caution]:
    if not result.book.plans:
        yield warn("no_tiers")
    if not result.profiles:
        yield warn("no_usage")
    for each in result.comparisons:
        if each.ours and each.our_choice is None:
            yield warn("no_tier_serves", name=each.profile.name)
    for name in result.book.plan_names:
        homes = homes_of(name, result.standings)
        if result.book.plan(name).priced and not homes and result.profiles:
            yield warn("serves_no_profile", name=name)
        if homes and not any(each.comparison.of_ours(name).chosen for each in homes):
            yield warn("cheapest_for_none", name=name, at=homes[0].at)


def _about_the_market(result: AnchoringResult) -> Iterator[Caution]:
    uncompared: dict[str, list[str]] = {}
    for offer in result.offers:
        met = [each for c in result.comparisons for each in c.market if each.offer is offer]
        reasons = {each.quote.reason for each in met}
        if not any(each.price for each in met) and not offer.on_request and len(reasons) == 1:
            uncompared.setdefault(reasons.pop(), []).append(offer.name)
    for reason, names in uncompared.items():
        yield warn("not_compared", reason=reason, names=names)
    for comparison in result.comparisons:
        vendors = () if comparison.range is None else comparison.range.vendors
        if len(vendors) < FEWEST_VENDORS:
            yield warn("no_corridor", name=comparison.profile.name, vendors=vendors)
    yield warn("contents_unknown")


def _about_value(result: AnchoringResult, profile: UsageProfile) -> Iterator[Caution]:
    if result.value is None:
        yield warn("no_reference_price", name=profile.name)
    if unsaid := [each.label for each in result.decision.differentiation if not each.per]:
        yield warn("nothing_drives", names=unsaid)
    for each in result.profiles:
        value = result.values.get(each.id)
        if value is not None and value.unmeasured:
            yield warn("value_unknown", name=each.name, names=value.unmeasured)
    if result.value is not None and not result.value.items and not result.value.unmeasured:
        yield warn("nothing_sets_apart")


# --- The stage in one sentence, and the position the numbers speak of


def summarise(decision: AnchoringDecision, result: AnchoringResult) -> str:
    """Return one sentence: the position the team wrote, or what the numbers say; then the reference."""
    said = decision.position.strip() or position_words(result)
    return say("summary", said=said, result=result, value=result.value, profile=result.value_profile)


def position_words(result: AnchoringResult) -> str:
    """Write where each tier stands against the median of the vendors it is compared with."""
    vendors = len(result.vendors)
    return say("position", has_plans=bool(result.book.plans), vendors=vendors, homes=result.homes)


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
    named = found.offer(decision.reference)
    result = AnchoringResult(
        basis=found.basis,
        missing=found.missing,
        decision=decision,
        evidence=found,
        book=book,
        profiles=profiles,
        offers=offers,
        add_ons={each.id: each.name for each in scenario.decision(AddOnDecision).add_ons},
        comparisons=comparisons,
        standings=standing,
        corridors=corridors,
        values=values_by_profile(comparisons, decision, seed),
        core=core,
        reference=NO_REFERENCE if named is None else named.name,
        today=found.today if today is None else today,
        stale_after=stale_after(rules),
    )
    return replace(
        result,
        findings=_findings(result, rules),
        key_figures=tuple(_key_figures(result)),
        cautions=tuple(_cautions(result)),
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
        if each.price is not None and each.offer.competes(decision.set_aside)
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
