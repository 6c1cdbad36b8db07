"""The terms on which ways of taming usage bills are compared, kept with a design."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.impact.volatility import (
    AsUsed,
    Cap,
    FreeBaseline,
    MonthlyCommitment,
    Smoothing,
    VolatilityTool,
    YearlyPool,
)
from workbench.stages.view import CURRENCY, PERCENT, Setting
from workbench.study.model import StageDecision

SEGMENTS, CYCLES = "segments", "usage cycles"
Groups = Literal["segments", "usage cycles"]
NAMES = ("As used", "Minimum commitment", "Prepaid pool", "Smoothing", "Cap", "Free baseline")


class SteadyDecision(StageDecision):
    """Terms: discount for committing or prepaying, premium beyond it (shares), size of the pool (1: last year's spend).

    `smoothing_months` are averaged, `cap_times` the usual month is the most that is billed, `free_baseline` is free
    every month (currency; None: a quarter of the median month's usage). `groups` are those of the portfolio view.
    """

    stage: ClassVar[str] = "steady"

    commitment_discount: Annotated[float, Field(ge=0, lt=1), Setting(unit=PERCENT, step=1)] = 0.15
    overage_premium: Annotated[float, Field(ge=0, le=5), Setting(unit=PERCENT, step=1)] = 0.10
    pool_share: Annotated[float, Field(gt=0, le=5), Setting(unit=PERCENT, step=1)] = 1.0
    smoothing_months: Annotated[int, Field(ge=2, le=12), Setting(unit="months")] = 3
    cap_times: Annotated[float, Field(gt=0, le=20), Setting(unit="times the usual month", step=0.1)] = 1.5
    free_baseline: Annotated[float | None, Field(ge=0), Setting(unit=CURRENCY)] = None
    groups: Groups = "segments"

    def tools(self, usual_baseline: float, charged: str = "usage", currency: str = "") -> dict[str, VolatilityTool]:
        """Return every tool by name, on these terms; `charged` says what bills grow with, in `currency`."""
        discount, premium = self.commitment_discount, self.overage_premium
        free = usual_baseline if self.free_baseline is None else self.free_baseline
        tools = (
            AsUsed(),
            MonthlyCommitment(discount, premium),
            YearlyPool(self.pool_share, discount, premium),
            Smoothing(self.smoothing_months),
            Cap(self.cap_times),
            FreeBaseline(free, charged, currency),
        )
        return dict(zip(NAMES, tools, strict=True))


Decision = SteadyDecision
