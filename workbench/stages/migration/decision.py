"""How a design reaches today's customers: the policy a team has settled on, kept with the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from workbench.errors import StudyError
from workbench.formatting import exact, exact_percent, share_typed, typed_percent
from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
    Part,
    PhasedSteps,
    Split,
)
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, default_assumptions
from workbench.results import make_a_whole
from workbench.stages.view import PERCENT, Setting
from workbench.study.model import FrozenModel, StageDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.impact.migration.policies import OnePolicy, Policy
    from workbench.stages.view import Cells
    from workbench.study.document import Study
    from workbench.study.model import Assumption

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
    notice_months: Annotated[int, Field(ge=0, le=24), Setting(unit="months")] = 3
    cap_per_year: Annotated[
        float, Field(gt=0, le=10), Setting(unit=PERCENT, step=1, shown_when={"policy": "capped rise"})
    ] = 0.10
    kept_months: Annotated[int, Field(ge=0, le=120), Setting(unit="months", shown_when={"policy": "grandfather"})] = 12
    incentive: Annotated[float, Field(ge=0, le=1), Setting(unit=PERCENT, step=1, shown_when={"policy": "opt-in"})] = (
        0.10
    )
    term_months: Annotated[int, Field(ge=1, le=60), Setting(unit="months")] = 12
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


Decision = MigrationDecision


def _mixed(shares: Mapping[PolicyName, float], single: Mapping[PolicyName, Any]) -> OnePolicy | Split:
    """Return what a segment follows: the policy that has all of its accounts, or the split of them."""
    used = {name: share for name, share in shares.items() if share > 0}
    if len(used) == 1:
        return single[next(iter(used))]
    return Split(parts=tuple(Part(share=share, policy=single[name]) for name, share in used.items()))


# --- The mixture of policies by segment, as it is typed


def mixture_cells(decision: MigrationDecision, segments: Sequence[str]) -> list[list[float | None]]:
    """Return the share of each segment's accounts that follows each policy, in percent; at renewal where it is open."""
    usual: Mapping[PolicyName, float] = {USUAL: 1.0}
    shares = [decision.mixture.get(segment, usual) for segment in segments]
    return [[typed_percent(each.get(name, 0.0)) for name in SINGLE_POLICIES] for each in shares]


def with_mixture(segments: Sequence[str], cells: Cells) -> dict[str, object]:
    """Return the mixture typed; StudyError says by how much a segment's shares miss 100%."""
    mixture: dict[str, dict[str, float]] = {}
    for segment, values in zip(segments, cells, strict=True):
        shares = {str(name): share_typed(value) for name, value in zip(SINGLE_POLICIES, values, strict=True) if value}
        total = sum(shares.values())
        if not make_a_whole(shares.values()):
            off = f"{exact(typed_percent(abs(total - 1)))}% {'too many' if total > 1 else 'missing'}"
            raise StudyError(
                f"The shares of {segment} sum to {exact(typed_percent(total))}%: {off}.",
                "They are kept once they sum to 100%.",
            )
        mixture[segment] = shares
    return {"mixture": mixture}


# --- New customers a month: a range of the study, entered where the way is


def new_customers(assumptions: Iterable[Assumption]) -> NewCustomers:
    """Return how many new customers a study assumes to come in a month; none where it assumes nothing."""
    found = next((each for each in assumptions if each.id == NEW_CUSTOMERS), None)
    return NewCustomers() if found is None else NewCustomers(low=max(0.0, found.low), high=max(0.0, found.high))


class Comers(FrozenModel):
    """How many new customers come in a month, at least and at most."""

    low: Annotated[float, Field(ge=0), Setting(unit="a month", step=1)] = 0.0
    high: Annotated[float, Field(ge=0), Setting(unit="a month", step=1)] = 0.0


def comers_of(study: Study) -> Comers:
    """Return how many new customers a study assumes to come in a month; none where it assumes nothing."""
    coming = new_customers(study.assumptions)
    return Comers(low=coming.low, high=coming.high)


def with_comers(study: Study, changes: Mapping[str, Any]) -> Study:
    """Return the study with so many new customers; the other end follows, so that either can be entered first."""
    usual = default_assumptions()
    known = {each.id: each for each in (*usual, *study.assumptions)}[NEW_CUSTOMERS]
    ends = {"low": known.low, "high": known.high, **changes}
    if ends["low"] > ends["high"]:
        ends = dict.fromkeys(ends, next(iter(changes.values())))
    note = "" if known.note in {each.note for each in usual} else known.note
    return study.with_assumption(known.replaced(**ends, note=note))
