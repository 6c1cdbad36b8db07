"""What paying by the year comes to: month by month, over a customer's time, and as the last year would have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.contract import StageResult, may_come_later

if TYPE_CHECKING:
    import pandas as pd

    from workbench.results import Interval
    from workbench.stages.annual_terms.decision import AnnualTermsDecision
    from workbench.stages.annual_terms.evidence import AnnualEvidence


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where the offer begins to cost money: discount and renewal churn in closed form, take-up over the horizon.

    `discount` is the deepest at which the first year brings as much, `renewal` the share that may leave at the end of
    each year; None where how many leave each month is not known. `take_up` is the least share that must switch to make
    up for who pays by the year already; None where none does, or where something it stands on is not known.
    """

    discount: Interval | None
    renewal: Interval | None
    take_up: float | None
    take_up_is_known: bool = False


@dataclass(frozen=True, slots=True)
class YearReplayed:
    """The last year of those who paid by the month when it began, had they all paid by the year.

    Money of twelve months; `change` is what it would have been more, its interval from drawing the accounts again.
    """

    accounts: int
    left: int
    by_month: float
    by_year: float
    change: Interval
    discount: float

    # `discount` is the one at which both would have been the same, under the same rule on refunds.


@dataclass(frozen=True, kw_only=True)
class AnnualResult(StageResult):
    """What the terms come to. `path` is month by month, empty where take-up is not known; `gain` in draws of a unit."""

    decision: AnnualTermsDecision
    evidence: AnnualEvidence
    churn: Interval | None
    path: pd.DataFrame
    break_even: BreakEven
    more_in_all: Interval | None
    replayed: YearReplayed | None = may_come_later(None)
