"""A starting point for add-ons, computed from the data: what few need, at a price the core plan carries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from workbench.pricing.round_prices import round_prices_around
from workbench.rules import RULEBOOK
from workbench.stages.add_ons.candidates import Candidate, candidates
from workbench.stages.add_ons.core_plan import CorePlan, core_plan
from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision, ServicesChoice
from workbench.stages.add_ons.evidence import AddOnEvidence, evidence_for
from workbench.stages.add_ons.job_names import job_name, job_of
from workbench.stages.add_ons.made_so import marks
from workbench.stages.add_ons.outcome import outcome_of
from workbench.stages.add_ons.readiness import readiness
from workbench.stages.add_ons.tier_places import tier_places
from workbench.stages.tiers.decision import TierDecision
from workbench.study import fresh_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workbench.customers import CustomerBase
    from workbench.rules import Rulebook, Threshold
    from workbench.stages.add_ons.interest import AttachRange
    from workbench.study import Scenario

MOST = 3
FEWEST_ACCOUNTS = 3
FEWEST_SHARE = 0.02
SHARE_OF_CORE = 0.3


def suggest(
    base: CustomerBase,
    scenario: Scenario,
    evidence: AddOnEvidence | None = None,
    *,
    rulebook: Rulebook = RULEBOOK,
) -> AddOnDecision:
    """Return up to three add-ons out of features few use, each wanted by a real group of accounts.

    Features that no tier of the scenario contains come first; those clearly under the threshold before those too
    close to call. The price is about 30% of the core plan with a usual ending, the attach range that of the data, the
    gate in the middle of the rule's days with a condition on use of what most accounts have. Without
    feature use there is nothing to suggest but the frame of services.
    """
    before, tiers = scenario.decision(AddOnDecision), scenario.decision(TierDecision)
    found = evidence_for(base, scenario, evidence)
    core = core_plan(tiers.tiers, before.core_tier, found.needs)
    chosen = chosen_candidates(candidates(found, tiers.tiers, (), rulebook.threshold("A5")), len(found))
    drafts: list[AddOnChoice] = []
    for each in chosen:
        draft = draft_of(each, core, rulebook, taken=[other.id for other in drafts])
        drafts.append(draft)
    apart = {name for draft in drafts for name in draft.features} | set(tiers.sold_separately)
    decision = AddOnDecision(
        add_ons=tuple(with_condition(found, draft, apart) for draft in drafts),
        core_tier=before.core_tier,
        services=ServicesChoice(),
    )
    places = tier_places(found.needs, tiers, decision)
    fitted = tuple(
        with_data_range(draft, outcome_of(found, draft, core, places, rulebook.threshold("A2")).attach)
        for draft in decision.add_ons
    )
    made = decision.replaced(add_ons=fitted)
    return made.replaced(set_so=marks(made, core))


def draft_of(candidate: Candidate, core: CorePlan, rulebook: Rulebook, taken: Sequence[str] = ()) -> AddOnChoice:
    """Return an add-on that sells one candidate feature, or an idea of the team by its name."""
    benefit = candidate.benefit
    price = suggested_price(core, rulebook.threshold("A2"))
    return AddOnChoice(
        id=fresh_id(candidate.name, set(taken)),
        name=candidate.name[:80] if benefit is None else job_name(candidate.name, benefit.area)[:80],
        job="" if benefit is None else job_of(candidate.name)[:200],
        features=() if benefit is None else (candidate.name,),
        price=price or Decimal(0),
        price_per=core.price_per,
        tenure_days=suggested_days(rulebook.threshold("A3")),
    )


def chosen_candidates(found: Sequence[Candidate], accounts: int) -> tuple[Candidate, ...]:
    """Return up to three candidates that a real group wants, those outside the tiers alone where there are any."""
    fewest = max(FEWEST_ACCOUNTS, FEWEST_SHARE * accounts)
    wanted = [each for each in found if each.benefit is not None and (each.interested or 0) >= fewest]
    outside = [each for each in wanted if not each.in_tiers]
    return tuple((outside or wanted)[:MOST])


def suggested_price(core: CorePlan, band: Threshold) -> Decimal | None:
    """Return about 30% of the core plan with a usual ending, inside the band where one fits; None when unknown."""
    if not core.price:
        return None
    low, high = band.low or 0.0, band.high if band.high is not None else 1.0
    aim = SHARE_OF_CORE if low <= SHARE_OF_CORE <= high else (low + high) / 2
    exact = aim * core.price
    near = sorted(round_prices_around(exact), key=lambda price: abs(float(price) - exact))
    fitting = [price for price in near if band.status(float(price) / core.price) == "ok"]
    return (fitting or near)[0]


def suggested_days(band: Threshold) -> int:
    """Return the middle of the days after which add-ons are usually offered."""
    ends = [end for end in (band.low, band.high) if end is not None]
    return round(sum(ends) / len(ends)) if ends else AddOnChoice.model_fields["tenure_days"].default


def with_data_range(choice: AddOnChoice, attach: AttachRange | None) -> AddOnChoice:
    """Return the add-on with the attach range the data suggests, in whole percents; unchanged when it says nothing."""
    if attach is None:
        return choice
    low, high = round(attach.low, 2), round(attach.high, 2)
    return choice.replaced(attach_low=min(low, high), attach_high=max(low, high))


def with_condition(evidence: AddOnEvidence, draft: AddOnChoice, apart: Collection[str]) -> AddOnChoice:
    """Return the add-on with the usage condition the data suggests; `apart` names features that are sold separately."""
    condition = readiness(evidence, draft.features, apart)
    if condition is None:
        return draft
    return draft.replaced(usage_metric=condition.metric, usage_at_least=condition.at_least)
