"""What the desk keeps with a scenario: how many false alarms a month a team puts up with, and the account plans."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from workbench.customers.afterwards import History  # noqa: TC001 - pydantic reads it
from workbench.growth.desk.alerts import FALSE_ALARMS
from workbench.growth.programme import AccountPlan
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, StageDecision

MOST_COPIES = 8
"""How many copies of a plan are kept: two years of quarters."""
Staff = Annotated[int, Field(ge=0, le=500)]
Hours = Annotated[float, Field(ge=0, le=60)]
Times = Annotated[int, Field(ge=0, le=52)]
Copies = Annotated[tuple[AccountPlan, ...], Field(min_length=1, max_length=MOST_COPIES)]


class GrowthDeskDecision(StageDecision):
    """How usage is watched, and what was written into account plans.

    `history` is what is looked at: up to the day of the study, or all there is on record; what came after the day is
    looked at as if the scenario's list held then. There may be `false_alarms` sudden changes without any reason a
    month, over all accounts and metrics. `plans` holds the copies of each account's plan, quarter by quarter, the one
    that is worked on last. `talk_people` in each role have `talk_hours` a week each for the talks of the value
    programme; `cadence` says by kind of talk how often a year segments and healths have it, where that is not the
    usual.
    """

    stage: ClassVar[str] = "growth_desk"

    history: History = "study"
    false_alarms: Annotated[float, Field(ge=0, le=1000), Setting(step=1)] = FALSE_ALARMS
    plans: dict[str, Copies] = Field(default_factory=dict)
    talk_people: dict[str, Staff] = Field(
        default_factory=lambda: {"customer success": 4, "technical": 2, "sales": 1, "product": 1}
    )
    talk_hours: dict[str, Hours] = Field(
        default_factory=lambda: {"customer success": 10.0, "technical": 8.0, "sales": 4.0, "product": 4.0}
    )
    cadence: dict[str, dict[str, Times]] = Field(default_factory=dict)


class DeskTrial(FrozenModel):
    """Which account is in view: nothing that anybody keeps."""

    account: str = ""


Decision = GrowthDeskDecision
