"""What a team settles about a workshop: its agenda, and what came of it that no other step keeps."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, StageDecision
from workbench.workshop.agenda import ActionItem, Exercise

Ready = Literal["metric_to_tiers", "whole_redesign", "price_check"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class AgendaStep(Exercise):
    """An exercise as it is edited: named by its title."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    minutes: Annotated[int, Setting(unit="minutes", step=5), Field(ge=1, le=240)] = 10
    rounds: Literal[1, 2] = 2
    notes: Annotated[str, Setting(lines=3), Field(max_length=4000)] = ""
    agreed_at: Annotated[float | None, Setting(step=0.05), Field(ge=0, le=100)] = None
    shown_first: Annotated[str, Setting(lines=3), Field(max_length=4000)] = ""

    @property
    def id(self) -> str:
        """Return its key: what a list of items is kept by."""
        return self.key

    @property
    def name(self) -> str:
        """Return its title: what people choose it by."""
        return self.title


class Parked(FrozenModel):
    """Something that came up and belongs elsewhere."""

    id: str
    name: Line


class Task(ActionItem):
    """Who does what by when, as it is edited."""

    @property
    def name(self) -> str:
        """Return what is to be done."""
        return self.what


class AnsweredObjection(FrozenModel):
    """An objection in its own words, and what the team says to it."""

    objection: Line
    answer: Line


class Came(FrozenModel):
    """What came of a number a room gave ranges for."""

    workshop: str
    exercise: str
    option: str
    value: float


class WorkshopDecision(StageDecision):
    """The agenda of a scenario's workshop, and what is kept of it.

    `ready` is the ready-made agenda it began with, `exercises` the exercises once somebody edits them (none: the
    ready-made ones, filled from the study at hand). `called` names the workshop: under a new name a new record begins.
    `roles` are what participants choose from. `parked`, `actions` and `answered` are what came up, who does what, and
    what was said to objections; `came` is what ranges are held against.
    """

    stage: ClassVar[str] = "workshop"

    ready: Annotated[Ready, Setting(resets=())] = "metric_to_tiers"
    exercises: tuple[AgendaStep, ...] = ()
    called: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    roles: tuple[str, ...] = ("Product", "Sales", "Customer success", "Finance", "Marketing")
    parked: tuple[Parked, ...] = ()
    actions: tuple[Task, ...] = ()
    answered: tuple[AnsweredObjection, ...] = ()
    came: tuple[Came, ...] = ()


Decision = WorkshopDecision
