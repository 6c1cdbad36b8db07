"""Ways to bring today's customers to new prices. Each is a frozen document a study can keep."""

from __future__ import annotations

from itertools import accumulate
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from workbench.formatting import count, exact_percent
from workbench.study import FrozenModel
from workbench.tolerances import make_a_whole

Months = Annotated[int, Field(ge=0, le=240)]
Share = Annotated[float, Field(ge=0, le=1)]
_NO_NOTICE = "from the announcement on"


class _Policy(FrozenModel):
    """What all policies share: no bill changes within `notice_months` of the announcement."""

    notice_months: Months = 0

    def describe(self) -> str:
        """Say the policy in plain words."""
        raise NotImplementedError

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return self.notice_months

    @property
    def _after(self) -> str:
        return f"after {count('month', self.notice_months)} of notice" if self.notice_months else _NO_NOTICE


class NewCustomersOnly(_Policy):
    """Customers of today stay on old prices, whatever happens; new ones pay the new prices."""

    kind: Literal["new customers only"] = "new customers only"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return "Only new customers pay the new prices."


class EveryoneAtOnce(_Policy):
    """Everybody pays the new prices as soon as the notice is over, inside running contracts too."""

    kind: Literal["everyone at once"] = "everyone at once"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return f"Everybody pays the new prices {self._after}."


class AtRenewal(_Policy):
    """Each customer pays the new prices from its first renewal after the notice."""

    kind: Literal["at renewal"] = "at renewal"

    def describe(self) -> str:
        """Say the policy in plain words."""
        return f"Each customer pays the new prices from its next renewal, {self._after}."


class Grandfather(_Policy):
    """Customers of today keep their old prices for `months` from the announcement, or for ever when None."""

    kind: Literal["grandfather"] = "grandfather"
    months: Months | None = None

    def describe(self) -> str:
        """Say the policy in plain words."""
        if self.months is None:
            return "Customers of today keep their old prices for as long as they stay."
        kept = count("month", max(self.months, self.notice_months))
        return f"Customers of today keep their old prices for {kept}, then pay the new ones."


class CappedRise(_Policy):
    """A bill rises by at most `per_year` (0.1 is 10%) in any twelve months, until it reaches the new price.

    The first step comes after the notice, or at the first renewal after it; a fall is given in full on that day.
    """

    kind: Literal["capped rise"] = "capped rise"
    per_year: Annotated[float, Field(gt=0, le=10)] = 0.10
    at_renewal: bool = False

    def describe(self) -> str:
        """Say the policy in plain words."""
        when = f"at renewal, {self._after}" if self.at_renewal else self._after
        return f"A bill rises by at most {exact_percent(self.per_year)} a year, {when}, until the new price is reached."


class Step(FrozenModel):
    """From `month` (after the notice) on, `share` of the change is in the bill."""

    month: Months
    share: Share


class PhasedSteps(_Policy):
    """The change comes in steps; a fall is given in full with the first one unless `falls_too`."""

    kind: Literal["phased steps"] = "phased steps"
    steps: tuple[Step, ...] = (Step(month=0, share=0.34), Step(month=6, share=0.67), Step(month=12, share=1.0))
    falls_too: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.steps or self.steps[-1].share != 1:
            raise ValueError("the last step must bring the whole change (share 1)")
        later = zip(self.steps, self.steps[1:], strict=False)
        if any(b.month <= a.month or b.share <= a.share for a, b in later):
            raise ValueError("steps must grow in month and in share")
        return self

    def describe(self) -> str:
        """Say the policy in plain words."""
        steps = ", ".join(f"{exact_percent(each.share)} after month {each.month}" for each in self.steps)
        return f"The change comes in steps, {self._after}: {steps}."


class OptIn(_Policy):
    """Customers of today choose; who moves pays `incentive` less (0.2 is 20%) for `incentive_months`.

    Those whose bill would fall or stay all move. Of the others, `take_up_low` to `take_up_high` move: a guess, so a
    range. Moves spread evenly over `over_months`.
    """

    kind: Literal["opt-in"] = "opt-in"
    incentive: Share = 0.10
    incentive_months: Months = 12
    over_months: Annotated[int, Field(ge=1, le=60)] = 6
    take_up_low: Share = 0.02
    take_up_high: Share = 0.30

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.take_up_low > self.take_up_high:
            raise ValueError("the low end of the take-up lies above its high end; swap them")
        return self

    def describe(self) -> str:
        """Say the policy in plain words."""
        offer = f" with {exact_percent(self.incentive)} off for {count('month', self.incentive_months)}"
        return f"Customers of today may move to the new prices, {self._after}{offer if self.incentive else ''}."


OnePolicy: TypeAlias = Annotated[
    NewCustomersOnly | EveryoneAtOnce | AtRenewal | Grandfather | CappedRise | PhasedSteps | OptIn,
    Field(discriminator="kind"),
]


class Part(FrozenModel):
    """A share of a segment's accounts and the policy they follow."""

    share: Annotated[float, Field(gt=0, le=1)]
    policy: OnePolicy


class Split(FrozenModel):
    """Several policies in one segment, each for a share of its accounts.

    Which accounts follow which is drawn by their ids, the same at every time: no policy gets the larger ones.
    """

    kind: Literal["split"] = "split"
    parts: tuple[Part, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not make_a_whole(each.share for each in self.parts):
            raise ValueError("the shares of a segment must sum to 100%")
        if len({each.policy.kind for each in self.parts}) < len(self.parts):
            raise ValueError("a segment names the same policy twice; add its shares up")
        return self

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return min(each.policy.least_notice for each in self.parts)

    @property
    def cuts(self) -> tuple[float, ...]:
        """Return where, from 0 to 1, one part ends and the next begins."""
        return tuple(accumulate(each.share for each in self.parts[:-1]))

    def describe(self) -> str:
        """Say the policies in plain words."""
        return " ".join(f"{exact_percent(each.share)}: {each.policy.describe()}" for each in self.parts)


class BySegment(FrozenModel):
    """A policy of its own, or several, for each segment named, and another one for all the rest."""

    kind: Literal["by segment"] = "by segment"
    segments: dict[str, Annotated[OnePolicy | Split, Field(discriminator="kind")]]
    otherwise: OnePolicy

    @property
    def least_notice(self) -> int:
        """Return the months in which no bill can change."""
        return min(each.least_notice for each in (*self.segments.values(), self.otherwise))

    def of(self, segment: str) -> tuple[OnePolicy, ...]:
        """Return the policies of a segment, in the order of its parts."""
        found = self.segments.get(segment, self.otherwise)
        return tuple(each.policy for each in found.parts) if isinstance(found, Split) else (found,)

    def cuts(self, segment: str) -> tuple[float, ...]:
        """Return where one part of a segment ends and the next begins; none where it has one policy."""
        found = self.segments.get(segment)
        return found.cuts if isinstance(found, Split) else ()

    def describe(self) -> str:
        """Say the policy in plain words."""
        if not self.segments:
            return self.otherwise.describe()
        each = [f"{segment}: {policy.describe()}" for segment, policy in self.segments.items()]
        return " ".join([*each, f"Anybody else: {self.otherwise.describe()}"])


Policy: TypeAlias = Annotated[
    NewCustomersOnly | EveryoneAtOnce | AtRenewal | Grandfather | CappedRise | PhasedSteps | OptIn | BySegment,
    Field(discriminator="kind"),
]
