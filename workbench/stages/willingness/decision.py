"""What a team settles before prices are compared: where willingness to pay comes from and how customers choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from workbench.demand.imputed_worth import OVERSTATED
from workbench.pricing.price_curve import Ending  # noqa: TC001 - pydantic reads the type when the class is made
from workbench.stages.view import PERCENT, Setting
from workbench.study.model import FrozenModel, StageDecision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.study.model import Waiver

Source = Literal["best there is", "choices", "price ladder", "price sensitivity", "what customers pay"]
SOURCES: tuple[Source, ...] = Source.__args__  # type: ignore[attr-defined]
SearchedRule = Literal["T2", "T4", "A2", "C4"]
SEARCHED_RULES: tuple[SearchedRule, ...] = SearchedRule.__args__  # type: ignore[attr-defined]
Objective = Literal["revenue", "margin", "share"]
ChoiceRule = Literal["surplus", "logit"]
CORRIDOR: SearchedRule = "C4"


class ComparableOffer(FrozenModel):
    """A competitor's offer that somebody says stands against one of our tiers, and because of what."""

    vendor: str = Field(min_length=1)
    offer: str = Field(min_length=1)
    tier: str = Field(min_length=1)
    because: str = Field(min_length=1, max_length=400)


class WillingnessDecision(StageDecision):
    """How willingness to pay is read and prices are searched, kept with the scenario.

    `source` names the answers it comes from ("best there is": the first of choices, ladder, price sensitivity and
    what customers pay that says something, answers linked to accounts first). Stated prices are divided by
    `overstated_low` to `overstated_high`, a 90% range. `rule` says how customers choose; `rivals` names competitors'
    offers (vendor and offer) they could go to, each of which lacks `rivals_lack_low` to `rivals_lack_high` of what all
    of ours is worth.
    The search maximises `objective` ("margin" is contribution: revenue less what serving costs, where that is known),
    keeps `kept` of the accounts that pay today, and every rule that is not in `rules_off`, and ends prices as `ending`
    says (None: as they come). Until the team settles `rules_off` (None), the market corridor and the rules it has set
    aside are off. A competitor's offer bounds a price only where `comparable` says which tier it stands against.
    """

    stage: ClassVar[str] = "willingness"

    source: Source = "best there is"
    overstated_low: Annotated[float, Setting(step=0.05), Field(ge=0.5, le=5)] = OVERSTATED[0]
    overstated_high: Annotated[float, Setting(step=0.05), Field(ge=0.5, le=5)] = OVERSTATED[1]
    rule: ChoiceRule = "surplus"
    rivals: tuple[str, ...] = ()
    rivals_lack_low: Annotated[float, Field(ge=0, le=1)] = 0.1
    rivals_lack_high: Annotated[float, Field(ge=0, le=1)] = 0.5
    objective: Objective = "margin"
    kept: Annotated[float, Setting(unit=PERCENT, step=1), Field(ge=0, le=1)] = 0.95
    rules_off: tuple[SearchedRule, ...] | None = None
    comparable: tuple[ComparableOffer, ...] = ()
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


Decision = WillingnessDecision


def searched_off(decision: WillingnessDecision, waivers: Iterable[Waiver]) -> frozenset[SearchedRule]:
    """Return the rules a search does not keep: those the team chose, or C4 and what it has set aside in the study."""
    if decision.rules_off is not None:
        return frozenset(decision.rules_off)
    aside = {waiver.rule for waiver in waivers}
    return frozenset((CORRIDOR, *(rule for rule in SEARCHED_RULES if rule in aside)))
