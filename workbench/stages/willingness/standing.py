"""Whether what demand says of a design may be concluded from: known, or unknown with one sentence why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.formatting import money
from workbench.stages.willingness.evidence import WHY_UNKNOWN

if TYPE_CHECKING:
    from workbench.demand.outcome import Outcome
    from workbench.results import Interval
    from workbench.stages.willingness.evidence import SourcedDemand

Known = Literal["known", "unknown"]
LEAST_KEPT = 0.90
"""The low end of accounts kept that prices must reach to be recommended (ours, held against known worlds)."""
NOBODY_ASKED = (
    "Nobody was asked what they would pay: bills show the least, never the most, so the range is a wide one around "
    "what is paid, and no prices are found."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a price list brings and keeps, as 90% ranges, and whether that is known; `reason` says why not.

    Where people's answers cannot be believed there is no range at all. Where nobody was asked there is a wide range
    around what is paid, and a range wider than its own middle is shown and called undecided.
    """

    status: Known
    reason: str = ""
    revenue: Interval | None = None
    accounts_kept: Interval | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether it may be concluded from."""
        return self.status == "known"


def standing_of(sourced: SourcedDemand, outcome: Outcome, currency: str) -> Standing:
    """Return what an outcome says, or why it says nothing."""
    if sourced.why_unknown is not None:
        return Standing("unknown", why_not_known(sourced))
    revenue = outcome.revenue_interval
    kept = outcome.kept_interval if outcome.paying else None
    if sourced.source == "what customers pay":
        return Standing("unknown", NOBODY_ASKED, revenue, kept)
    if revenue.high - revenue.low > revenue.estimate:
        words = f"{money(revenue.low, currency)} to {money(revenue.high, currency)} a month"
        reason = f"Undecided: the range of revenue, {words}, is wider than its middle."
        return Standing("unknown", reason, revenue, kept)
    return Standing("known", "", revenue, kept)


def why_not_known(sourced: SourcedDemand) -> str:
    """Return why the answers of a source say nothing, in a sentence; "" where they do."""
    why = sourced.why_unknown
    return "" if why is None else f"From {sourced.source}: {WHY_UNKNOWN[why]}"


__all__ = ["Standing", "standing_of", "why_not_known"]
