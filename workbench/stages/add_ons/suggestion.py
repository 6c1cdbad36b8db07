"""A starting point for add-ons, computed from the data, and the edits a team makes from there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import capitalised
from workbench.pricing.price_curve import round_prices_around
from workbench.rules.packaging import is_specific, suggested_name
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.add_ons.evidence import AddOnEvidence, add_on_evidence_for, interest_in
from workbench.stages.add_ons.result import AddOnCandidate, add_on_outcome, candidates, tier_places, usage_of
from workbench.stages.contract import key_of
from workbench.stages.offers import PER_ACCOUNT, AddOnChoice, AddOnDecision, ServicesChoice, TierDecision
from workbench.stages.placing import CorePlan, add_on_marks, core_plan
from workbench.stats import ranks
from workbench.study.model import fresh_id
from workbench.text import words_at

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.rules.rulebook import Rulebook, Threshold
    from workbench.stages.add_ons.evidence import AttachRange, PriceEvidence
    from workbench.study.model import Scenario


# --- Name an add-on after the job a feature does, and say the job in a sentence


def job_name(feature: str, area: str = "") -> str:
    """Return a name for the add-on that sells a feature: the feature's own where it is specific, else with its area."""
    plain = suggested_name("", features=(feature,))
    if plain:
        return plain
    with_area = suggested_name("", features=(f"{area} {feature}".strip(),))
    return with_area or _plain(feature)


def job_of(feature: str) -> str:
    """Return the job a feature does, as a sentence to start from."""
    words = _plain(feature).split()
    last = words[-1].casefold() if words else ""
    pattern = _job(last) or _job(last.removesuffix("s"))
    rest = " ".join(words[:-1])
    if not pattern or not rest or not is_specific(rest):
        return f"Use {_lower_first(_plain(feature))}"
    return pattern.format(rest=_lower_first(rest))


def _job(word: str) -> str:
    """Return the job behind the last word of a feature's name; `{rest}` stands for the words before it."""
    return words_at(__package__, "jobs", word, default="")


def _plain(feature: str) -> str:
    text = " ".join(feature.replace("_", " ").split())
    return capitalised(text)


def _lower_first(text: str) -> str:
    # An abbreviation such as API or CRM keeps its capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


# --- Which use shows that an account is ready for an add-on, and how much of it

WIDELY_USED = 0.3
QUANTILE = 0.25
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """At least so many units (or uses of a feature) a month; three in four interested accounts meet it."""

    metric: str
    at_least: float
    separation: float


def readiness(evidence: AddOnEvidence, features: tuple[str, ...], apart: Collection[str]) -> Condition | None:
    """Return the use that best tells interested accounts from the others.

    It is looked for first among features that more than 30% of accounts use and that are not sold apart, as they are
    what an add-on builds on; then among metrics. None when no use tells interested accounts apart.
    """
    interest = interest_in(evidence, features)
    if interest is None or interest.shown.sum() < FEWEST or interest.shown.all():
        return None
    common = [
        benefit.feature
        for benefit in evidence.needs.benefits
        if benefit.share is not None
        and benefit.share.estimate > WIDELY_USED
        and benefit.feature not in apart
        and benefit.feature not in features
    ]
    for names in (common, list(evidence.needs.billed)):
        found = [_condition(evidence, name, interest.shown) for name in names]
        telling = [each for each in found if each is not None and each.separation > 0.5]  # noqa: PLR2004 - 0.5: by chance
        if telling:
            return max(telling, key=lambda each: (each.separation, each.metric))
    return None


def _condition(evidence: AddOnEvidence, name: str, shown: NDArray[np.bool_]) -> Condition | None:
    quantity = usage_of(evidence, name)
    if quantity is None:
        return None
    known = np.isfinite(quantity)
    own, others = quantity[known & shown], quantity[known & ~shown]
    if own.size < FEWEST or not others.size:
        return None
    at_least = _round_down(float(np.quantile(own, QUANTILE)))
    return Condition(name, at_least, _separation(own, others)) if at_least > 0 else None


def _separation(own: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return how often an interested account uses more than another one (a tie counts half)."""
    places = ranks(np.concatenate([own, others]))
    return float((places[: own.size].sum() - own.size * (own.size + 1) / 2) / (own.size * others.size))


def _round_down(quantity: float) -> float:
    """Return a number people can remember at or below a quantity: one significant digit, 1 at least."""
    if quantity < 1:
        return 1.0 if quantity > 0 else 0.0
    unit = 10.0 ** math.floor(math.log10(quantity))
    return math.floor(quantity / unit) * unit


# --- Which rules on add-ons a starting point was made to meet, and whether it still stands as it was made


def aimed_at(decision: AddOnDecision, core: CorePlan, prices: PriceEvidence) -> dict[str, str]:
    """Return the marks of the rules a starting point was made to meet.

    A price follows the core plan (A2) or, where it was measured, what customers find the add-on worth (A8).
    """
    found = add_on_marks(decision, core)
    for each in decision.add_ons:
        measured = prices.of(each.features, each.price_per) is not None
        found.pop(key_of("A2" if measured else "A8", each.name), None)
    return found


# --- A starting point for add-ons, computed from the data: what few need, at a price the core plan carries

MOST = 3
FEWEST_ACCOUNTS = 3
FEWEST_SHARE = 0.02
SHARE_OF_CORE = 0.3


def suggest(
    base: CustomerBase, scenario: Scenario, evidence: AddOnEvidence | None = None, *, rulebook: Rulebook = RULEBOOK
) -> AddOnDecision:
    """Return up to three add-ons out of features few use, each wanted by a real group of accounts.

    What a tier of the scenario contains is never suggested: it would be paid for twice. Features clearly under the
    threshold come before those too close to call. Where a choice survey measured what a feature is worth, the price is
    that worth; else about 30% of the core plan, and a finding says that there is no price evidence. The attach range is
    that of the data, the gate in the middle of the rule's days with a condition on use of what most accounts have.
    Without feature use there is nothing to suggest but the frame of services.
    """
    before, tiers = scenario.decision(AddOnDecision), scenario.decision(TierDecision)
    found = add_on_evidence_for(base, scenario, evidence)
    core = core_plan(tiers.tiers, before.core_tier, found.needs)
    chosen = chosen_candidates(candidates(found, tiers.tiers, (), rulebook.threshold("A5")), len(found))
    drafts: list[AddOnChoice] = []
    for each in chosen:
        draft = draft_of(each, core, rulebook, taken=[other.id for other in drafts])
        drafts.append(with_measured_price(draft, found))
    apart = {name for draft in drafts for name in draft.features} | set(tiers.sold_separately)
    decision = AddOnDecision(
        add_ons=tuple(with_condition(found, draft, apart) for draft in drafts),
        core_tier=before.core_tier,
        services=ServicesChoice(),
    )
    places = tier_places(found.needs, tiers, decision)
    fitted = tuple(
        with_data_range(draft, add_on_outcome(found, draft, core, places, rulebook.threshold("A2")).attach)
        for draft in decision.add_ons
    )
    made = decision.replaced(add_ons=fitted)
    return made.replaced(set_so=aimed_at(made, core, found.prices))


def draft_of(candidate: AddOnCandidate, core: CorePlan, rulebook: Rulebook, taken: Sequence[str] = ()) -> AddOnChoice:
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


def chosen_candidates(found: Sequence[AddOnCandidate], accounts: int) -> tuple[AddOnCandidate, ...]:
    """Return up to three candidates that a real group wants and no tier contains."""
    fewest = max(FEWEST_ACCOUNTS, FEWEST_SHARE * accounts)
    wanted = [each for each in found if each.benefit is not None and (each.interested or 0) >= fewest]
    return tuple([each for each in wanted if not each.in_tiers][:MOST])


def with_measured_price(draft: AddOnChoice, evidence: AddOnEvidence) -> AddOnChoice:
    """Return the draft at the worth a choice survey measured, rounded to a usual price inside its interval if one is.

    Unchanged where nobody was asked, where what was asked has no quantity here, or where it is worth nothing.
    """
    prices = evidence.prices
    worth = prices.of(draft.features, prices.per)
    can_bill = prices.per == PER_ACCOUNT or prices.per in evidence.needs.billed
    if worth is None or not can_bill or not worth.estimate > 0:
        return draft
    near = sorted(round_prices_around(worth.estimate), key=lambda price: abs(float(price) - worth.estimate))
    inside = [price for price in near if worth.low <= float(price) <= worth.high]
    return draft.replaced(price=(inside or near)[0], price_per=prices.per)


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
