"""What a discount policy comes to: today, month by month, and under the scenario's list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.contract import StageResult, may_come_later

if TYPE_CHECKING:
    import pandas as pd

    from workbench.results import Floats, Interval
    from workbench.stages.discounts.decision import DiscountPolicyDecision
    from workbench.stages.discounts.evidence import RealisationEvidence


@dataclass(frozen=True, eq=False)
class PolicyOutcome:
    """What a policy makes of one list's bills of the last month, account by account.

    `beyond` is what each account pays less than the policy allows. `leak` is what that comes to a month, its interval
    from drawing the accounts again, as is that of `realised`, the share of the list that is paid. `brings` is what
    keeping to the policy brings once some are excepted and some have left, its interval over both.
    """

    listed: Floats
    paid: Floats
    beyond: Floats
    realised: Interval
    leak: Interval
    brings: Interval

    @property
    def accounts(self) -> int:
        """Count those who pay less than the policy allows."""
        return int((self.beyond > 0).sum())

    @property
    def break_even(self) -> float | None:
        """Return the share of those raised, by what they pay, that may leave before the policy costs money.

        Where a share `l` of them leaves, `1 - l` of the rise stays and `l` of what they paid is lost.
        """
        rise, paid = float(self.beyond.sum()), float(self.paid[self.beyond > 0].sum())
        return rise / (rise + paid) if rise > 0 else None


@dataclass(frozen=True, kw_only=True)
class DiscountResult(StageResult):
    """What a policy comes to under today's list and under the scenario's, and month by month as the year was."""

    decision: DiscountPolicyDecision
    evidence: RealisationEvidence
    allowed: Floats
    today: PolicyOutcome
    months: pd.DataFrame
    scenario: PolicyOutcome | None = may_come_later(None)
