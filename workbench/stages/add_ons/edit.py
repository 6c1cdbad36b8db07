"""Changes a team makes to its add-ons; each returns the new add-ons and leaves the old ones as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.stages.add_ons.candidates import Candidate
from workbench.stages.add_ons.outcome import AddOnOutcome, outcome_of
from workbench.stages.add_ons.suggestion import draft_of, with_condition, with_data_range

if TYPE_CHECKING:
    from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision
    from workbench.stages.add_ons.evaluation import AddOnResult

MOST_ADD_ONS = 8


def with_candidate(decision: AddOnDecision, result: AddOnResult, feature: str) -> tuple[AddOnChoice, ...]:
    """Return the add-ons with one more that sells a candidate feature: name, job, price, range and gate computed.

    StudyError when the feature is no candidate or there are too many add-ons.
    """
    candidate = next((each for each in result.candidates if each.name == feature and each.benefit is not None), None)
    if candidate is None:
        raise StudyError(f"{feature!r} is no candidate for an add-on.", "Choose one of the features few accounts use.")
    return _added(decision, result, candidate)


def with_idea(decision: AddOnDecision, result: AddOnResult, name: str) -> tuple[AddOnChoice, ...]:
    """Return the add-ons with one more of the team's own, at about 30% of the core plan; its buyers a guess."""
    if not name.strip():
        raise StudyError("The idea has no name.", "Write down what it would be called.")
    return _added(decision, result, Candidate(name.strip(), "from the team"))


def without(decision: AddOnDecision, add_on_id: str) -> tuple[AddOnChoice, ...]:
    """Return the add-ons without one."""
    return tuple(choice for choice in decision.add_ons if choice.id != add_on_id)


def changed(decision: AddOnDecision, add_on_id: str, **changes: Any) -> tuple[AddOnChoice, ...]:  # noqa: ANN401 - fields of an add-on
    """Return the add-ons with fields of one replaced; StudyError when its new name is taken or it does not exist."""
    choice = next((each for each in decision.add_ons if each.id == add_on_id), None)
    if choice is None:
        raise StudyError("This add-on is no longer there.", "Choose another one.")
    if "name" in changes:
        _refuse_taken(without(decision, add_on_id), str(changes["name"]))
    return decision.with_add_on(choice.replaced(**changes)).add_ons


def with_usage_charge(decision: AddOnDecision, add_on_id: str, **changes: Any) -> tuple[AddOnChoice, ...]:  # noqa: ANN401 - fields of a charge
    """Return the add-ons with fields of the usage charge of one replaced; StudyError where it bills no usage."""
    choice = next((each for each in decision.add_ons if each.id == add_on_id), None)
    if choice is None or choice.usage_charge is None:
        raise StudyError("This add-on bills no usage.", "Choose one that does.")
    return changed(decision, add_on_id, usage_charge=choice.usage_charge.replaced(**changes))


def with_better_name(decision: AddOnDecision, outcome: AddOnOutcome) -> tuple[AddOnChoice, ...]:
    """Return the add-ons with one renamed as the name check suggests; StudyError when it suggests nothing."""
    if not outcome.better_name:
        raise StudyError(f"There is no better name for {outcome.name} yet.", "Write down the job it does.")
    return changed(decision, outcome.choice.id, name=outcome.better_name)


def with_range_of_data(decision: AddOnDecision, outcome: AddOnOutcome) -> tuple[AddOnChoice, ...]:
    """Return the add-ons with the attach range of one taken from the data; StudyError when the data says nothing."""
    if outcome.attach is None:
        raise StudyError(
            f"The data says nothing about who would buy {outcome.name}.",
            "Name the features it contains, or add the tables feature_use and requests.",
        )
    return decision.with_add_on(with_data_range(outcome.choice, outcome.attach)).add_ons


def _added(decision: AddOnDecision, result: AddOnResult, candidate: Candidate) -> tuple[AddOnChoice, ...]:
    if len(decision.add_ons) >= MOST_ADD_ONS:
        raise StudyError(f"There are {len(decision.add_ons)} add-ons already.", "Remove one before adding another.")
    draft = draft_of(candidate, result.core, result.rulebook, [choice.id for choice in decision.add_ons])
    _refuse_taken(decision.add_ons, draft.name)
    apart = {name for choice in decision.add_ons for name in choice.features}
    draft = with_condition(result.evidence, draft, apart)
    outcome = outcome_of(result.evidence, draft, result.core, result.places, result.rulebook.threshold("A2"))
    return (*decision.add_ons, with_data_range(draft, outcome.attach))


def _refuse_taken(others: tuple[AddOnChoice, ...], name: str) -> None:
    if name.strip().casefold() in {choice.name.casefold() for choice in others}:
        raise StudyError(f"There is an add-on named {name.strip()!r} already.", "Choose another name.")
