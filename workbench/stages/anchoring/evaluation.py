"""Evaluate the stage: offers at the same usage, corridor of each price, value against the next best alternative."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.rules import RULEBOOK, Rulebook
from workbench.stages.add_ons.core_plan import CorePlan, core_plan
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.anchoring import tables
from workbench.stages.anchoring.cautions import cautions
from workbench.stages.anchoring.comparison import ProfileComparison, compare
from workbench.stages.anchoring.competitor_offer import free_offers
from workbench.stages.anchoring.corridors import Corridor, add_on_corridors, tier_corridors
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.anchoring.evidence import AnchoringEvidence, gather
from workbench.stages.anchoring.freshness import stale_after, with_stale_age
from workbench.stages.anchoring.headline import key_figures
from workbench.stages.anchoring.made_so import with_what_was_made_so
from workbench.stages.anchoring.standing import Standing, standings
from workbench.stages.anchoring.usage_profiles import middle_profile
from workbench.stages.anchoring.values import values_by_profile
from workbench.stages.anchoring.verdicts import findings
from workbench.stages.price_book import price_book
from workbench.stages.result import StageResult
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.lazy_tables import LazyTables

if TYPE_CHECKING:
    from datetime import date

    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.stages.anchoring.competitor_offer import CompetitorOffer
    from workbench.stages.anchoring.decision import UsageProfile
    from workbench.stages.anchoring.economic_value import EconomicValue
    from workbench.study import Scenario

NO_REFERENCE = "the next best alternative"


@dataclass(frozen=True, kw_only=True, eq=False)
class AnchoringResult(StageResult):
    """The result of the stage competitive anchoring.

    `comparisons` hold every offer at each profile, `standings` each tier of ours where it serves, `corridors` the
    prices left open for each offer, `values` the economic value by profile id (where a reference price is known).
    `offers` are those of the vendors compared; ages are counted to `today`, and prices older than `stale_after` days
    are stale. `core` is the plan that add-ons are held against.
    """

    decision: AnchoringDecision
    evidence: AnchoringEvidence
    book: PriceBook
    profiles: tuple[UsageProfile, ...]
    offers: tuple[CompetitorOffer, ...]
    comparisons: tuple[ProfileComparison, ...]
    standings: tuple[Standing, ...]
    corridors: tuple[Corridor, ...]
    values: dict[str, EconomicValue]
    core: CorePlan
    reference: str
    today: date
    stale_after: int

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.evidence.currency

    @property
    def value_profile(self) -> UsageProfile | None:
        """Return the profile whose economic value is shown: the one chosen, else the typical one."""
        chosen = (profile for profile in self.profiles if profile.id == self.decision.value_profile)
        return next(chosen, middle_profile(self.profiles))

    @property
    def value(self) -> EconomicValue | None:
        """Return the economic value at the profile shown, None where no reference price is known."""
        profile = self.value_profile
        return None if profile is None else self.values.get(profile.id)

    @property
    def typical(self) -> ProfileComparison | None:
        """Return the comparison at the typical profile."""
        return self.at(middle_profile(self.profiles))

    def at(self, profile: UsageProfile | None) -> ProfileComparison | None:
        """Return the comparison at a profile."""
        return next((each for each in self.comparisons if each.profile == profile), None)


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
    comparisons = tuple(compare(profile, offers, book, decision, found.currency) for profile in profiles)
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
        findings=findings(
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
        key_figures=key_figures(result),
        cautions=cautions(result),
        tables=LazyTables(tables.makers(result)),
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
    standing: tuple[Standing, ...],
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
