"""What the team takes over of a workshop, with one call: the outcome goes into its stage, the vote into the log."""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.formatting import names_in_words
from workbench.stages.comparison.bills import replayed
from workbench.stages.contract import decision_class
from workbench.stages.offers import AddOnDecision, TeamScores, TierDecision, ValueMetricDecision
from workbench.stages.workshop.agendas import ADD_ON, CONFIDENCE, CRITERIA, known_assumptions, value_words
from workbench.stages.workshop.decision import WorkshopDecision
from workbench.text import texts
from workbench.workshop.agreement import FEWEST_ANSWERS
from workbench.workshop.outcomes import OptionOutcome, RoomOutcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from workbench.customers.base import CustomerBase
    from workbench.stages.comparison.bills import DesignEvidence
    from workbench.study.document import Study
    from workbench.study.model import Scenario
    from workbench.workshop.record import HeldWorkshop

say = texts(__name__)
_CENTS_BELOW = 10
_IN_PERCENT = 100


def can_be_taken_over(outcome: RoomOutcome) -> bool:
    """Tell whether an outcome can go into its stage: one that keeps it, and enough answers.

    Parameters
    ----------
    outcome
        What a room said.
    """
    return outcome.exercise.stage in TAKEN_INTO and outcome.last is not None and outcome.last.people >= FEWEST_ANSWERS


def taken_over(
    study: Study,
    scenario_id: str,
    held: HeldWorkshop,
    key: str,
    *,
    reason: str,
    who: str,
    when: datetime,
    also_apart: bool = False,
) -> Study:
    """Return the study with an outcome in its stage's decision, and the vote as evidence in the decision log.

    What the room is apart on by the rule fixed before stays as it was, unless `also_apart`.

    Parameters
    ----------
    study, scenario_id
        The study, and the scenario that takes it over.
    held, key
        The workshop, and the exercise whose outcome it is.
    reason, who, when
        Why, by whom and when, for the log.
    also_apart
        Take over what the room is apart on as well.

    Raises
    ------
    StudyError
        Where no stage keeps the outcome, too few answered, or nothing was agreed.
    """
    outcome, scenario = outcome_of(held, key), study.scenario(scenario_id)
    last = outcome.last
    if last is None or not can_be_taken_over(outcome):
        raise StudyError(
            f"{outcome.exercise.title} cannot be taken over: no step keeps it, or under {FEWEST_ANSWERS} answered.",
            "Note it among the things to do.",
        )
    whole = outcome.exercise.kind == "rank"
    taken = [
        each for each in last.options if each.answers >= FEWEST_ANSWERS and (also_apart or each.agreed is not False)
    ]
    if not taken or (whole and last.agreed is False and not also_apart):
        raise StudyError(
            f"{outcome.exercise.title}: the room is apart by the rule fixed before ({outcome.exercise.rule}).",
            "Talk and vote again, or take it over although the room is apart.",
        )
    changed, told = TAKEN_INTO[outcome.exercise.stage](study, scenario, outcome, taken)
    apart = [each.option.label for each in last.options if each not in taken]
    return changed.record_decision(
        outcome.exercise.stage,
        scenario_id,
        what=say("taken_over", title=outcome.exercise.title, told=names_in_words(told, most=20))[:2000],
        reason=reason,
        who=who,
        when=when,
        evidence=vote_sentences(held, outcome, apart),
    )


def vote_sentences(held: HeldWorkshop, outcome: RoomOutcome, apart: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the vote as the sentences a decision record keeps: how many, spread, shift, and objections.

    Parameters
    ----------
    held, outcome, apart
        The workshop, what it said, and what of it stays as it was.
    """
    last, exercise = outcome.last, outcome.exercise
    if last is None:
        return ()
    told = [say("took_part", title=held.agenda.title, day=held.held_on, people=last.people, roles=outcome.by_role)]
    if outcome.both:
        told.append(say("moved", moved=outcome.moved, both=outcome.both))
    if exercise.rule:
        told.append(say("rule", rule=exercise.rule, agreed=last.agreed))
    told += [f"{each.option.label}: {outcome_words(outcome, each)}" for each in last.options if each.value is not None]
    if apart:
        told.append(say("left_as_it_was", apart=apart))
    objections = outcome_of(held, CONFIDENCE).last if CONFIDENCE in {e.key for e in held.agenda.exercises} else None
    told += [say("objection", text=text) for text in (objections.texts if objections else ())]
    return tuple(each[:2000] for each in told)


def outcome_words(outcome: RoomOutcome, found: OptionOutcome) -> str:
    """Return what a room said of one option, in a few words.

    Parameters
    ----------
    outcome, found
        What was said to the exercise, and of the option.
    """
    exercise = outcome.exercise
    if found.value is None:
        return say("counts_only", answers=found.answers)
    group = next((each.label for each in exercise.groups if each.id == found.group), "")
    ends = [value_words(exercise, end) for end in (found.low, found.high) if end is not None]
    return say(
        "outcome", kind=exercise.kind, value=value_words(exercise, found.value), group=group, ends=ends,
        agreed=found.agreed, shift=outcome.shift(found.option.id), shifted=_shift_words(outcome, found),
    )  # fmt: skip


def _shift_words(outcome: RoomOutcome, found: OptionOutcome) -> str:
    shift = outcome.shift(found.option.id)
    told = "" if not shift else value_words(outcome.exercise, abs(shift))
    return "" if not any(sign in told for sign in "123456789") else told


# --- Into each stage

Change = tuple["Study", list[str]]


def _scores(study: Study, scenario: Scenario, outcome: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    criterion = next((each for each in CRITERIA if outcome.exercise.key.startswith(each)), "")
    if not criterion:
        raise StudyError(
            f"{outcome.exercise.title} names none of the criteria a metric is scored on.",
            f"Let its key begin with one of {', '.join(CRITERIA)}.",
        )
    decision, told = scenario.decision(ValueMetricDecision), []
    scores = dict(decision.scores)
    for each in taken:
        mark = math.floor((each.value or 0) + 0.5)
        scores[each.option.id] = scores.get(each.option.id, TeamScores()).replaced(**{criterion: mark})
        told.append(f"{each.option.label} {mark}")
    return study.with_scenario(scenario.with_decision(decision.replaced(scores=scores))), told


def _model(study: Study, scenario: Scenario, _: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    first = min(taken, key=lambda each: each.value or math.inf)
    decision = scenario.decision(decision_class("model_fit")).replaced(model=first.option.id)
    return study.with_scenario(scenario.with_decision(decision)), [first.option.label]


def _tiers(study: Study, scenario: Scenario, outcome: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    return (_features if outcome.exercise.kind == "cards" else _prices)(study, scenario, outcome, taken)


def _features(study: Study, scenario: Scenario, outcome: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    """Put each feature into the lowest tier the room put it into, and so into all above it; or leave it to add-ons."""
    decision = scenario.decision(TierDecision)
    order, told = [each.id for each in decision.tiers], []
    names = {each.id: each.label for each in outcome.exercise.groups}
    tiers, apart = {each.id: list(each.features) for each in decision.tiers}, list(decision.sold_separately)
    for each in taken:
        feature = each.option.id
        if each.group != ADD_ON and each.group not in order:
            continue
        apart = [name for name in apart if name != feature] + ([feature] if each.group == ADD_ON else [])
        for place, tier in enumerate(order):
            holds = each.group != ADD_ON and place >= order.index(each.group)
            kept = [name for name in tiers[tier] if name != feature or holds]
            tiers[tier] = [*kept, feature] if holds and feature not in kept else kept
        told.append(f"{each.option.label}: {names[each.group]}")
    changed = decision.replaced(
        tiers=tuple(each.replaced(features=tuple(tiers[each.id])) for each in decision.tiers),
        sold_separately=tuple(apart),
        set_so={},
    )
    return study.with_scenario(scenario.with_decision(changed)), told


def _prices(study: Study, scenario: Scenario, _: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    prices = {each.option.id: rounded_price(each.value or 0) for each in taken}
    names = {each.option.id: each.option.label for each in taken}
    changed = with_offer_prices(scenario, prices)
    return study.with_scenario(changed), [f"{names[key]} {price}" for key, price in prices.items()]


def _worth(study: Study, scenario: Scenario, _: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    decision: Any = scenario.decision(decision_class("anchoring"))
    ranges = {each.option.id: each.pooled.median_quantiles for each in taken if each.pooled is not None}
    items = tuple(
        item.replaced(low=ranges[item.id].low, high=ranges[item.id].high) if item.id in ranges else item
        for item in decision.differentiation
    )
    told = [f"{each.option.label} {ranges[each.option.id].low:g} to {ranges[each.option.id].high:g}" for each in taken]
    return study.with_scenario(scenario.with_decision(decision.replaced(differentiation=items))), told


def _names(study: Study, scenario: Scenario, _: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    decision, first = scenario.decision(AddOnDecision), {}
    for each in taken:
        (name, most), *others = Counter(each.counts).most_common(2)
        if not others or others[0][1] < most:
            first[each.option.id] = str(name)
    if not first:
        raise StudyError("No name was written more often than the others.", "Vote on the names with points.")
    add_ons = tuple(each.replaced(name=first.get(each.id, each.name)[:80]) for each in decision.add_ons)
    return study.with_scenario(scenario.with_decision(decision.replaced(add_ons=add_ons))), list(first.values())


def _forecast(study: Study, _: Scenario, outcome: RoomOutcome, taken: Sequence[OptionOutcome]) -> Change:
    known, told = known_assumptions(study), []
    for each in taken:
        if each.option.id in known and each.pooled is not None:
            ends = each.pooled.median_quantiles
            low, high = (end / _IN_PERCENT if outcome.exercise.unit == "%" else end for end in (ends.low, ends.high))
            note = say("from_the_room", title=outcome.exercise.title)
            study = study.with_assumption(known[each.option.id].replaced(low=low, high=high, source=note, note=""))
            told.append(f"{each.option.label} {ends.low:g} to {ends.high:g}{outcome.exercise.unit}")
    if not told:
        raise StudyError("The study keeps no assumption of that name.", "Add it under Assumptions first.")
    return study, told


TAKEN_INTO: Mapping[str, Callable[[Study, Scenario, RoomOutcome, Sequence[OptionOutcome]], Change]] = {
    "value_metric": _scores,
    "model_fit": _model,
    "tiers": _tiers,
    "anchoring": _worth,
    "add_ons": _names,
    "migration": _forecast,
}


def rounded_price(price: float) -> Decimal:
    """Return a price a list would print: whole from 10 upwards, to half a unit below.

    Parameters
    ----------
    price
        As a room's ranges come to.
    """
    return Decimal(str(round(price))) if price >= _CENTS_BELOW else Decimal(str(round(price * 2) / 2))


def with_offer_prices(scenario: Scenario, prices: Mapping[str, Decimal]) -> Scenario:
    """Return the scenario with prices of tiers and add-ons by their ids.

    Parameters
    ----------
    scenario, prices
        The scenario, and the prices.

    Raises
    ------
    StudyError
        For an id that is neither a tier nor an add-on.
    """
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    known = {each.id for each in tiers.tiers} | {each.id for each in add_ons.add_ons}
    if unknown := next((key for key in prices if key not in known), None):
        raise StudyError(f"There is no tier or add-on {unknown!r}.", f"There are: {', '.join(sorted(known))}.")
    changed = [each.replaced(price=prices.get(each.id, each.price)) for each in tiers.tiers]
    offered = [each.replaced(price=prices.get(each.id, each.price)) for each in add_ons.add_ons]
    scenario = scenario.with_decision(tiers.replaced(tiers=tuple(changed), set_so={}))
    if any(key in {each.id for each in add_ons.add_ons} for key in prices):
        scenario = scenario.with_decision(add_ons.replaced(add_ons=tuple(offered), set_so={}))
    return scenario


# --- What if: a proposal of the room becomes a scenario of its own, billed over the same months


def propose_prices(
    base: CustomerBase, study: Study, scenario_id: str, name: str, prices: Mapping[str, Decimal]
) -> tuple[Study, Scenario, DesignEvidence]:
    """Return the study with a scenario named after a proposal, the scenario, and its replay against today.

    Parameters
    ----------
    base, study, scenario_id
        The customers, the study, and the scenario the proposal starts from.
    name, prices
        What the proposal is called, and the prices it asks, by the ids of tiers and add-ons.

    Raises
    ------
    StudyError
        Where the name is taken, or a price is of nothing on offer.
    """
    with_copy = study.duplicate_scenario(scenario_id, name)
    copy = with_copy.designs[-1].without_decision(WorkshopDecision)
    proposal = with_offer_prices(copy, prices)
    changed = with_copy.with_scenario(proposal)
    return changed, proposal, replayed(base, changed, proposal)
