"""How a design reaches today's customers: the policy a team has settled on, kept with the scenario."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.impact.migration import (
    AtRenewal,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
)
from workbench.study import StageDecision

OnePolicy = NewCustomersOnly | EveryoneAtOnce | AtRenewal | Grandfather | CappedRise | PhasedSteps | OptIn
PolicyName = Literal[
    "everyone at once",
    "at renewal",
    "capped rise",
    "phased steps",
    "grandfather",
    "opt-in",
    "new customers only",
]
POLICY_NAMES: tuple[PolicyName, ...] = PolicyName.__args__  # type: ignore[attr-defined]


class MigrationDecision(StageDecision):
    """The way to the new prices: which policy, with how much notice (months) and at most which rise a year (0.1: 10%).

    `kept_months` is how long a grandfathered customer keeps the old price, `incentive` what who opts in pays less in
    the first year.
    """

    stage: ClassVar[str] = "migration"

    policy: PolicyName = "at renewal"
    notice_months: Annotated[int, Field(ge=0, le=24)] = 3
    cap_per_year: Annotated[float, Field(gt=0, le=10)] = 0.10
    kept_months: Annotated[int, Field(ge=0, le=120)] = 12
    incentive: Annotated[float, Field(ge=0, le=1)] = 0.10

    def policies(self) -> dict[str, OnePolicy]:
        """Return every policy by name with these settings, so that they can be compared."""
        notice = self.notice_months
        found: dict[PolicyName, OnePolicy] = {
            "everyone at once": EveryoneAtOnce(notice_months=notice),
            "at renewal": AtRenewal(notice_months=notice),
            "capped rise": CappedRise(notice_months=notice, per_year=self.cap_per_year),
            "phased steps": PhasedSteps(notice_months=notice),
            "grandfather": Grandfather(notice_months=notice, months=self.kept_months),
            "opt-in": OptIn(notice_months=notice, incentive=self.incentive),
            "new customers only": NewCustomersOnly(notice_months=notice),
        }
        return {name: found[name] for name in POLICY_NAMES}
