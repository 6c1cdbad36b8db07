"""Walk the whole sequence without a screen: decide what is still open, evaluate every stage, keep the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench import progress
from workbench.rules import RULEBOOK, with_waivers
from workbench.stages.registry import STAGES, Stage
from workbench.wording import figure_sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from workbench.customers import CustomerBase
    from workbench.stages.result import StageResult
    from workbench.study import Scenario, StageDecision, Study

_MOST_PASSES = 5  # a stage that looks at later ones settles in two; more would go round in circles
STARTING_POINT = "Starting point computed from the data; to be reviewed by the team."


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """One stage of one scenario: what was decided, what follows, and one sentence that says both."""

    stage: Stage
    decision: StageDecision
    result: StageResult
    summary: str


def evaluate_scenario(
    base: CustomerBase, study: Study, scenario: Scenario, *, seed: int = 0, evidence: Mapping[str, Any] | None = None
) -> tuple[StageOutcome, ...]:
    """Evaluate every stage of a scenario, in the order they are walked.

    `evidence` may hold what `gather_evidence` returned, so that several scenarios share the slow part.
    """
    rulebook = RULEBOOK.for_study(study)
    shared = gather_evidence(base) if evidence is None else evidence
    outcomes = []
    for stage in _each_stage("evaluate", base, "working out the stages"):
        decision = scenario.decision(stage.module.Decision)
        result = stage.module.evaluate(base, scenario, rulebook=rulebook, seed=seed, evidence=shared[stage.key])
        if scenario.waivers:
            result = replace(result, findings=with_waivers(result.findings, scenario.waivers))
        outcomes.append(StageOutcome(stage, decision, result, stage.module.summarise(decision, result)))
    return tuple(outcomes)


def gather_evidence(base: CustomerBase) -> dict[str, Any]:
    """Gather every stage's evidence: the slow part, which depends on the data alone."""
    steps = _each_stage("gather", base, "gathering the evidence")
    return {stage.key: stage.module.gather(base) for stage in steps}


def with_starting_points(
    base: CustomerBase, scenario: Scenario, *, evidence: Mapping[str, Any] | None = None
) -> Scenario:
    """Return the scenario with every open stage decided by that stage's computed starting point.

    The starting points agree with each other: each is the one its stage suggests beside all the others, so that working
    them out again changes nothing. What somebody decided stays as it is.
    """
    shared = gather_evidence(base) if evidence is None else evidence
    opened = {stage.key for stage in STAGES if not scenario.decided(stage.key)}
    for _ in range(_MOST_PASSES):
        before = scenario
        for stage in _each_stage("suggest", base, "finding starting points"):
            if stage.key in opened:
                beside = _without(scenario, stage.key)
                scenario = scenario.with_decision(stage.module.suggest(base, beside, evidence=shared[stage.key]))
        if scenario == before:
            break
    return scenario


def _without(scenario: Scenario, stage: str) -> Scenario:
    """Return the scenario with one stage open."""
    return scenario.replaced(stages={key: document for key, document in scenario.stages.items() if key != stage})


def record_all(
    base: CustomerBase,
    study: Study,
    scenario_id: str,
    *,
    who: str,
    when: datetime,
    reasons: Mapping[str, str] | None = None,
    evidence: Mapping[str, Any] | None = None,
    stages: Collection[str] | None = None,
) -> Study:
    """Return the study with a decision on record for every stage of a scenario that has none yet.

    `reasons` are by stage; a stage without one is recorded as a computed starting point. `stages` names the stages to
    record, all where it is None: what a person decided is not recorded in another's name.
    """
    recorded = {record.stage for record in study.decisions if record.scenario_id == scenario_id}
    for outcome in evaluate_scenario(base, study, study.scenario(scenario_id), evidence=evidence):
        if outcome.stage.key in recorded or (stages is not None and outcome.stage.key not in stages):
            continue
        study = study.record_decision(
            outcome.stage.key,
            scenario_id,
            what=outcome.summary,
            evidence=evidence_sentences(outcome.result),
            findings=finding_sentences(outcome.result),
            reason=(reasons or {}).get(outcome.stage.key, STARTING_POINT),
            who=who,
            when=when,
        )
    return study


def _each_stage(part: str, base: CustomerBase, label: str) -> Iterator[Stage]:
    """Go through the stages, each a step of its own."""
    return progress.each(STAGES, lambda stage: stage.seconds_of(part, len(base)), label)


def evidence_sentences(result: StageResult) -> tuple[str, ...]:
    """Write a result's key figures as the sentences a decision record keeps."""
    return tuple(figure_sentence(figure) for figure in result.key_figures)


def finding_sentences(result: StageResult) -> tuple[str, ...]:
    """Write a result's findings as the sentences a decision record keeps."""
    return tuple(
        f"{each.rule_id} {'set so' if each.is_set_so else each.status}: {each.evidence}" for each in result.findings
    )
