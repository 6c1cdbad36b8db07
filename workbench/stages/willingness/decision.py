"""What a team settles before prices are compared: where willingness to pay comes from and how customers choose."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from workbench.demand.imputed_worth import OVERSTATED
from workbench.pricing.round_prices import Ending
from workbench.study import StageDecision

Source = Literal["best there is", "choices", "price ladder", "price sensitivity", "what customers pay"]
SOURCES: tuple[Source, ...] = Source.__args__  # type: ignore[attr-defined]
SearchedRule = Literal["T2", "T4", "A2", "C4"]
SEARCHED_RULES: tuple[SearchedRule, ...] = SearchedRule.__args__  # type: ignore[attr-defined]
Objective = Literal["revenue", "margin", "share"]
ChoiceRule = Literal["surplus", "logit"]


class WillingnessDecision(StageDecision):
    """How willingness to pay is read and prices are searched, kept with the scenario.

    `source` names the answers it comes from ("best there is": the first of choices, ladder, price sensitivity and
    what customers pay that says something, answers linked to accounts first). Stated prices are divided by
    `overstated_low` to `overstated_high`, a 90% range. `rule` says how customers choose; `rivals` names competitors'
    offers (vendor and offer) they could go to, each of which lacks `rivals_lack_low` to `rivals_lack_high` of what all
    of ours is worth.
    The search maximises `objective`, keeps every rule that is not in `rules_off` and ends prices as `ending` says
    (None: as they come).
    """

    stage: ClassVar[str] = "willingness"

    source: Source = "best there is"
    overstated_low: Annotated[float, Field(ge=0.5, le=5)] = OVERSTATED[0]
    overstated_high: Annotated[float, Field(ge=0.5, le=5)] = OVERSTATED[1]
    rule: ChoiceRule = "surplus"
    rivals: tuple[str, ...] = ()
    rivals_lack_low: Annotated[float, Field(ge=0, le=1)] = 0.1
    rivals_lack_high: Annotated[float, Field(ge=0, le=1)] = 0.5
    objective: Objective = "revenue"
    rules_off: tuple[SearchedRule, ...] = ()
    ending: Ending | None = "usual"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.overstated_low > self.overstated_high:
            raise ValueError(
                f"stated prices overstate by {self.overstated_low:g} to {self.overstated_high:g}: "
                "the first number must not be above the second"
            )
        if self.rivals_lack_low > self.rivals_lack_high:
            raise ValueError(
                f"competitors lack {self.rivals_lack_low:g} to {self.rivals_lack_high:g} of the worth: "
                "the first number must not be above the second"
            )
        return self
