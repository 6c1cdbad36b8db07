"""What a team decides: the settings of one stage, and the log of decisions with evidence and reason."""

from __future__ import annotations

from typing import ClassVar

from workbench.study.model import FrozenModel, Identifier, Name, Reason, Sentence, When


class StageDecision(FrozenModel):
    """The settings a team chose in one stage; every field has a default, so an untouched stage has one too.

    A subclass names its stage: ``stage: ClassVar[str] = "tiers"``.
    """

    stage: ClassVar[str]


class DecisionRecord(FrozenModel):
    """One line of the decision log: what was decided, on which evidence, against which findings, and why.

    `stage` and `scenario_id` say where; `findings` holds the findings as they stood, in sentences.
    """

    id: Identifier
    stage: Identifier
    scenario_id: Identifier
    what: Sentence
    evidence: tuple[Sentence, ...] = ()
    findings: tuple[Sentence, ...] = ()
    reason: Reason
    who: Name
    when: When


class Waiver(FrozenModel):
    """A rule the team sets aside for one subject (a tier, an add-on, or "" for the whole), with the reason."""

    id: Identifier
    rule: Identifier
    subject: str = ""
    reason: Reason
    who: Name
    when: When


class ThresholdOverride(FrozenModel):
    """A threshold this study sets itself; None keeps the rulebook's value on that side."""

    low: float | None = None
    high: float | None = None
    reason: Reason
    who: Name
    when: When


class ScenarioChoice(FrozenModel):
    """The scenario the team settled on, and why."""

    scenario_id: Identifier
    reason: Reason
    who: Name
    when: When
