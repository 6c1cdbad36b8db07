"""What the team decides about discounts: how far below the list anybody may pay, and who may leave over it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from workbench.stages.view import Setting
from workbench.study import StageDecision


class DiscountDecision(StageDecision):
    """The floor under discounts.

    `floor` is the least share of the list price that anybody pays; `leaving` the share of those raised to it that are
    expected to leave instead, weighted by what they pay.
    """

    stage: ClassVar[str] = "discount_policy"

    floor: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.7
    leaving: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.05
