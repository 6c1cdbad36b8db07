"""What a workshop comes to, as its pictures, tables and sentences read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.stages.contract import StageResult, may_come_later
from workbench.stages.workshop.agendas import CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.base import CustomerBase
    from workbench.stages.workshop.decision import WorkshopDecision
    from workbench.study.document import Study
    from workbench.study.model import Scenario
    from workbench.workshop.agenda import Agenda
    from workbench.workshop.outcomes import Calibration, RoomOutcome
    from workbench.workshop.record import HeldWorkshop


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkshopResult(StageResult):
    """What a workshop comes to.

    `agenda` is what the room is or will be asked, `held` the workshops of the study, `shown` the last of them, and
    `outcomes` what it said. `data` is what the data say, by exercise and option. `before` and `after` are the two
    checklists: each a sentence, and whether it is done. `document` is the last workshop for other tools.
    """

    decision: WorkshopDecision
    base: CustomerBase
    study: Study
    scenario: Scenario
    currency: str
    agenda: Agenda
    held: tuple[HeldWorkshop, ...]
    outcomes: tuple[RoomOutcome, ...]
    data: Mapping[str, Mapping[str, str]] = may_come_later()
    before: tuple[tuple[str, bool], ...] = may_come_later()
    after: tuple[tuple[str, bool], ...] = may_come_later()
    calibrated: tuple[Calibration, ...] = may_come_later(())
    document: Mapping[str, Any] | None = may_come_later(None)

    @property
    def shown(self) -> HeldWorkshop | None:
        """Return the last workshop held; None before there is one."""
        return self.held[-1] if self.held else None

    def outcome(self, key: str) -> RoomOutcome | None:
        """Return what the room said to one exercise.

        Parameters
        ----------
        key
            Its key.
        """
        return next((each for each in self.outcomes if each.exercise.key == key), None)

    @cached_property
    def objections(self) -> tuple[tuple[str, str], ...]:
        """Return each objection in its own words with the answer to it, "" where there is none yet."""
        found = self.outcome(CONFIDENCE)
        answers = {each.objection: each.answer for each in self.decision.answered}
        texts_ = {text: None for each in (found.rounds if found else ()) for text in each.texts}
        return tuple((text, answers.get(text, "")) for text in texts_)

    @property
    def judged(self) -> tuple[RoomOutcome, ...]:
        """Return the outcomes that a rule fixed before the vote judges."""
        return tuple(each for each in self.outcomes if each.last is not None and each.last.agreed is not None)

    def decided(self, outcome: RoomOutcome) -> str:
        """Return what the log of this scenario holds that names the exercise, "" where it is not decided.

        Parameters
        ----------
        outcome
            What a room said.
        """
        records = (each for each in reversed(self.study.decisions) if each.scenario_id == self.scenario.id)
        return next((each.what for each in records if outcome.exercise.title in each.what), "")

    def is_on_record(self, outcome: RoomOutcome) -> bool:
        """Tell whether the log holds a decision of this scenario that names the exercise.

        Parameters
        ----------
        outcome
            What a room said.
        """
        return self.decided(outcome) != ""
