"""A scenario: one full set of stage decisions, so one candidate price book."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from pydantic import Field, JsonValue, model_validator

from workbench.errors import StudyError
from workbench.study.decisions import StageDecision, Waiver
from workbench.study.model import FrozenModel, Identifier, Name, Note, fresh_id, plain_errors

if TYPE_CHECKING:
    from datetime import datetime

Decision = TypeVar("Decision", bound=StageDecision)


class Scenario(FrozenModel):
    """One full set of stage decisions.

    `kind` is "baseline" for today's prices, which hold no decisions, and "design" for a candidate.
    `stages` keeps each decision as plain JSON under its stage key, so a study can be read without
    the stages; use `decision` and `with_decision` for typed access.
    """

    id: Identifier
    name: Name
    note: Note = ""
    kind: Literal["baseline", "design"] = "design"
    stages: dict[str, JsonValue] = Field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "baseline" and self.stages:
            raise ValueError("the baseline is today's price list and takes no stage decisions; use a design scenario")
        ids = [waiver.id for waiver in self.waivers]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two waivers of scenario {self.name!r} share an id: {sorted(ids)}")
        return self

    def decision(self, kind: type[Decision]) -> Decision:
        """Return the decision of that kind's stage, or its defaults when the stage is still open."""
        if kind.stage not in self.stages:
            return kind()
        stage = kind.stage.replace("_", " ")
        with plain_errors(f"The saved decision on {stage} in scenario {self.name!r} cannot be read"):
            return kind.model_validate_json(json.dumps(self.stages[kind.stage]))

    def decided(self, kind: type[StageDecision] | str) -> bool:
        """Tell whether the stage (a decision class or a stage key) has a saved decision."""
        return (kind if isinstance(kind, str) else kind.stage) in self.stages

    def with_decision(self, decision: StageDecision) -> Self:
        """Return the scenario with this decision for its stage; StudyError for the baseline."""
        self._refuse_baseline()
        document = decision.model_dump(mode="json")
        try:
            json.dumps(document, allow_nan=False)
        except ValueError as error:
            raise StudyError(
                f"The decision on {decision.stage.replace('_', ' ')} holds a number that is not finite.",
                "Leave the field empty where a number is unknown.",
            ) from error
        return self.replaced(stages={**self.stages, decision.stage: document})

    def without_decision(self, kind: type[StageDecision] | str) -> Self:
        """Return the scenario with that stage open again."""
        stage = kind if isinstance(kind, str) else kind.stage
        return self.replaced(stages={key: value for key, value in self.stages.items() if key != stage})

    def with_waiver(self, rule: str, reason: str, who: str, when: datetime, *, subject: str = "") -> Self:
        """Return the scenario with a rule set aside for a subject; a waiver of the same two is replaced."""
        others = tuple(waiver for waiver in self.waivers if (waiver.rule, waiver.subject) != (rule, subject))
        same = next((w for w in self.waivers if (w.rule, w.subject) == (rule, subject)), None)
        waiver_id = same.id if same else fresh_id(f"{rule} {subject}", {waiver.id for waiver in others})
        with plain_errors(f"Rule {rule} cannot be set aside"):
            waiver = Waiver(id=waiver_id, rule=rule, subject=subject, reason=reason, who=who, when=when)
        return self.replaced(waivers=(*others, waiver))

    def without_waiver(self, waiver_id: str) -> Self:
        """Return the scenario with the rule of that waiver in force again."""
        known = [waiver.id for waiver in self.waivers]
        if waiver_id not in known:
            raise StudyError(
                f"Scenario {self.name!r} has no waiver {waiver_id!r}; it has: {', '.join(known) or 'none'}."
            )
        return self.replaced(waivers=tuple(waiver for waiver in self.waivers if waiver.id != waiver_id))

    def _refuse_baseline(self) -> None:
        if self.kind == "baseline":
            raise StudyError(
                "The baseline is today's price list and cannot be redesigned.",
                "Duplicate it, and decide in the copy.",
            )
