"""What the team decides about expansion: its triggers and which are on, talks a week, and a discount that ends."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from workbench.customers.afterwards import History  # noqa: TC001 - pydantic reads it
from workbench.growth.programme.pods import ROLES
from workbench.growth.triggers import PLAYBOOK, Playbook, Trigger
from workbench.growth.triggers.rules import OfferDiscount
from workbench.stages.view import CURRENCY, PERCENT, Setting
from workbench.study.model import StageDecision

Talks = Annotated[int, Field(ge=0, le=10_000)]
Staff = Annotated[int, Field(ge=0, le=500)]


class ExpansionDecision(StageDecision):
    """The timing playbook of a scenario.

    `history` is what triggers are tested on: up to the day of the study, or all there is on record. `playbook` holds
    every trigger as data, the team's own with them; those whose keys are in `switched_on` are acted upon. `capacity`
    is how many talks each team can hold in a week. What asks for a feature of a higher tier is offered it for
    `discount` less over `discount_days`. `people` in each role look after `accounts_each`, `by_region` or everywhere,
    and each role is paid by a plan of its own: customer success a share of expansion, sales one of what comes after the
    sale, both less what is lost within `clawback_months`; product for each account with another use case, technical for
    each that uses `usage_goal` more, and `executives` up to a bonus for net retention of `retention_goal`.
    """

    stage: ClassVar[str] = "expansion"

    history: History = "study"
    playbook: Playbook = PLAYBOOK
    switched_on: tuple[str, ...] = tuple(PLAYBOOK.triggers)
    capacity: dict[str, Talks] = Field(default_factory=lambda: {"customer success": 10, "sales": 5})
    discount: Annotated[float, Setting(unit=PERCENT, step=5), Field(gt=0, le=1)] = 0.2
    discount_days: Annotated[int, Setting(unit="days", step=30), Field(ge=1, le=730)] = 90
    people: dict[str, Staff] = Field(default_factory=lambda: dict.fromkeys(ROLES, 2))
    accounts_each: dict[str, Staff] = Field(default_factory=lambda: dict.fromkeys(ROLES, 40))
    by_region: bool = False
    expansion_share: Annotated[float, Setting(unit=PERCENT, step=1), Field(ge=0, le=1)] = 0.03
    post_sale_share: Annotated[float, Setting(unit=PERCENT, step=1), Field(ge=0, le=1)] = 0.05
    adoption_bonus: Annotated[float, Setting(unit=CURRENCY, step=10), Field(ge=0, le=1e6)] = 50.0
    usage_bonus: Annotated[float, Setting(unit=CURRENCY, step=10), Field(ge=0, le=1e6)] = 50.0
    usage_goal: Annotated[float, Setting(unit=PERCENT, step=5), Field(gt=0, le=10)] = 0.1
    executives: Annotated[int, Field(ge=0, le=100)] = 1
    executive_bonus: Annotated[float, Setting(unit=CURRENCY, step=1000), Field(ge=0, le=1e8)] = 20_000.0
    retention_goal: Annotated[float, Setting(unit=PERCENT, step=5), Field(gt=1, le=3)] = 1.2
    clawback_months: Annotated[int, Setting(unit="months"), Field(ge=0, le=24)] = 6

    @model_validator(mode="after")
    def _switches_what_there_is(self) -> Self:
        unknown = [each for each in self.switched_on if each not in self.playbook.triggers]
        if unknown:
            there = ", ".join(self.playbook.triggers)
            raise ValueError(f"{unknown[0]!r} is switched on, and the playbook has {there or 'no trigger'}")
        return self

    @property
    def triggers(self) -> Playbook:
        """Return the playbook with the discount as it is decided."""
        ends = OfferDiscount(percent=round(self.discount * 100, 6), days=self.discount_days)
        return Playbook(triggers={key: _with(each, ends) for key, each in self.playbook.triggers.items()})

    @property
    def in_use(self) -> Playbook:
        """Return the triggers that are on."""
        return Playbook(triggers={key: each for key, each in self.triggers.triggers.items() if key in self.switched_on})

    @property
    def teams(self) -> tuple[str, ...]:
        """Return who acts on triggers, in the order of the playbook."""
        return tuple(dict.fromkeys(each.who for each in self.playbook.triggers.values() if each.who))


def _with(trigger: Trigger, ends: OfferDiscount) -> Trigger:
    return trigger if trigger.discount is None else trigger.model_copy(update={"discount": ends})


Decision = ExpansionDecision
