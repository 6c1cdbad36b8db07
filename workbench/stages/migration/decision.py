"""How a design reaches today's customers: the policy a team has settled on, kept with the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from workbench.formatting import exact_percent
from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    Part,
    PhasedSteps,
    Split,
)
from workbench.results import make_a_whole
from workbench.study.model import StageDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.impact.migration.policies import OnePolicy, Policy

PolicyName = Literal[
    "everyone at once",
    "at renewal",
    "capped rise",
    "phased steps",
    "grandfather",
    "opt-in",
    "new customers only",
    "by segment",
]
POLICY_NAMES: tuple[PolicyName, ...] = PolicyName.__args__  # type: ignore[attr-defined]
BY_SEGMENT: PolicyName = "by segment"
SINGLE_POLICIES = tuple(name for name in POLICY_NAMES if name != BY_SEGMENT)
USUAL: PolicyName = "at renewal"


class MigrationDecision(StageDecision):
    """The way to the new prices: which policy, with how much notice (months) and at most which rise a year (0.1: 10%).

    `kept_months` is how long a grandfathered customer keeps the old price, `incentive` what who opts in pays less in
    the first year. `term_months` is how long a contract runs where no date is on record. `mixture` says, for the policy
    "by segment", which share of a segment's accounts follows which policy; segments without one move at renewal.
    """

    stage: ClassVar[str] = "migration"

    policy: PolicyName = "at renewal"
    notice_months: Annotated[int, Field(ge=0, le=24)] = 3
    cap_per_year: Annotated[float, Field(gt=0, le=10)] = 0.10
    kept_months: Annotated[int, Field(ge=0, le=120)] = 12
    incentive: Annotated[float, Field(ge=0, le=1)] = 0.10
    term_months: Annotated[int, Field(ge=1, le=60)] = 12
    mixture: dict[str, dict[PolicyName, Annotated[float, Field(ge=0, le=1)]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for segment, shares in self.mixture.items():
            if BY_SEGMENT in shares:
                raise ValueError(f"the policy of {segment} must be a single one")
            if not make_a_whole(shares.values()):
                total = exact_percent(round(sum(shares.values()), 9))
                raise ValueError(f"the shares of {segment} sum to {total}; they must sum to 100%")
        return self

    def policies(self) -> dict[str, Policy]:
        """Return every policy by name with these settings, so that they can be compared."""
        notice = self.notice_months
        found: dict[PolicyName, Any] = {
            "everyone at once": EveryoneAtOnce(notice_months=notice),
            "at renewal": AtRenewal(notice_months=notice),
            "capped rise": CappedRise(notice_months=notice, per_year=self.cap_per_year),
            "phased steps": PhasedSteps(notice_months=notice),
            "grandfather": Grandfather(notice_months=notice, months=self.kept_months),
            "opt-in": OptIn(notice_months=notice, incentive=self.incentive),
            "new customers only": NewCustomersOnly(notice_months=notice),
        }
        if self.mixture or self.policy == BY_SEGMENT:
            found[BY_SEGMENT] = BySegment(
                segments={segment: _mixed(shares, found) for segment, shares in self.mixture.items()},
                otherwise=found[USUAL],
            )
        return {name: found[name] for name in POLICY_NAMES if name in found}


def _mixed(shares: Mapping[PolicyName, float], single: Mapping[PolicyName, Any]) -> OnePolicy | Split:
    """Return what a segment follows: the policy that has all of its accounts, or the split of them."""
    used = {name: share for name, share in shares.items() if share > 0}
    if len(used) == 1:
        return single[next(iter(used))]
    return Split(parts=tuple(Part(share=share, policy=single[name]) for name, share in used.items()))
