"""What the team decides about discounts: bands by size and term, the floor, who approves, and who may leave over it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from workbench.formatting import exact, exact_percent, hundredfold
from workbench.pricing.discounts import Approval, DiscountBand, DiscountPolicy, TermDiscount
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, StageDecision

ShareOff = Annotated[float, Setting(unit="%", step=1), Field(ge=0, le=1)]


class SizeBand(FrozenModel):
    """Deals from a list price a month on, and the most they may get off."""

    id: str
    name: str = Field(min_length=1, max_length=80)
    from_list: Annotated[Decimal, Setting(unit="currency", step=50), Field(ge=0)] = Decimal(0)
    most: ShareOff = 0.1


class TermBand(FrozenModel):
    """Deals bound so many months or longer, and what they may get off on top."""

    id: str
    name: str = Field(min_length=1, max_length=80)
    months: Annotated[int, Setting(unit="months", step=1), Field(ge=1, le=120)] = 12
    more: ShareOff = 0.05


class Approver(FrozenModel):
    """Who has to approve a discount that is deeper than a share of the list."""

    id: str
    name: str = Field(min_length=1, max_length=80)
    above: ShareOff = 0.1


class DiscountPolicyDecision(StageDecision):
    """The discount policy of a scenario, and what is expected of those it raises.

    `floor` is the least share of the list that anybody pays, whatever size and term allow. Of those who pay less than
    the policy allows, `excepted` keeps what it pays, by an exception somebody approves; of the others a share between
    `leave_low` and `leave_high` is expected to leave, weighted by what they pay.
    """

    stage: ClassVar[str] = "discounts"

    bands: tuple[SizeBand, ...] = (SizeBand(id="all", name="All deals"),)
    terms: tuple[TermBand, ...] = ()
    floor: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.7
    approvers: tuple[Approver, ...] = ()
    excepted: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.1
    leave_low: Annotated[float, Setting(unit="%", step=1), Field(ge=0, le=1)] = 0.02
    leave_high: Annotated[float, Setting(unit="%", step=1), Field(ge=0, le=1)] = 0.1

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.leave_low > self.leave_high:
            low, high = exact_percent(self.leave_low), exact_percent(self.leave_high)
            raise ValueError(f"those who leave are between {low} and {high}; put the lower share first")
        sizes = [each.from_list for each in self.bands]
        if twice := [each for each in sizes if sizes.count(each) > 1]:
            raise ValueError(f"two bands begin at {exact(twice[0])}; let one begin elsewhere, or remove it")
        lengths = [each.months for each in self.terms]
        if long := [each for each in lengths if lengths.count(each) > 1]:
            raise ValueError(f"two terms last {long[0]} months; let one begin elsewhere, or remove it")
        return self

    @property
    def policy(self) -> DiscountPolicy:
        """Return the policy as deals are billed by it."""
        return DiscountPolicy(
            tuple(DiscountBand(each.from_list, hundredfold(each.most)) for each in self.bands),
            tuple(TermDiscount(each.months, hundredfold(each.more)) for each in self.terms),
            100 - hundredfold(self.floor),
            tuple(Approval(hundredfold(each.above), each.name) for each in self.approvers),
        )


Decision = DiscountPolicyDecision
