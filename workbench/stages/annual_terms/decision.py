"""What the team decides about paying by the year: the discount, the rule on refunds, and who is expected to take it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from workbench.formatting import exact_percent, hundredfold
from workbench.pricing.annual import AnnualTerms, RefundRule
from workbench.stages.view import Setting
from workbench.study.model import StageDecision

Guess = Annotated[float | None, Setting(unit="%", step=1), Field(ge=0, le=1)]


class AnnualTermsDecision(StageDecision):
    """The terms of paying a year in advance.

    `take_up` is the share of the revenue paid by the month that is paid by the year once this is offered, switching
    evenly over `ramp_months`; `renewal` the share of those who leaves at the end of a year. Both are ranges that hold
    it nine times in ten; without them what follows is unknown. `churn`, the share of those who pay by the month that
    leaves each month, is measured where it is empty.
    """

    stage: ClassVar[str] = "annual_terms"

    discount: Annotated[float, Setting(unit="%", step=0.5, slider=True), Field(ge=0, le=0.5)] = 0.1
    refund: RefundRule = "none"
    take_up_low: Guess = None
    take_up_high: Guess = None
    renewal_low: Guess = None
    renewal_high: Guess = None
    churn_low: Guess = None
    churn_high: Guess = None
    ramp_months: Annotated[int, Setting(unit="months", step=1), Field(ge=1, le=24)] = 6
    horizon_months: Annotated[int, Setting(unit="months", step=12), Field(ge=12, le=60)] = 24

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        for name in ("take_up", "renewal", "churn"):
            low, high = self.range_of(name)
            if low is not None and high is not None and low > high:
                ends = f"{exact_percent(low)} to {exact_percent(high)}"
                raise ValueError(f"the range of {name.replace('_', ' ')} is {ends}; put the lower share first")
        return self

    def range_of(self, name: str) -> tuple[float | None, float | None]:
        """Return the ends of a guess; one end alone stands for both."""
        low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
        return (high if low is None else low), (low if high is None else high)

    @property
    def terms(self) -> AnnualTerms:
        """Return the terms as a year is billed by them."""
        return AnnualTerms(hundredfold(self.discount), self.refund)


Decision = AnnualTermsDecision
