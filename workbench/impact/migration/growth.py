"""What bills grow by over the months of a path, as a forecast of usage and leavers says, segment by segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.ahead import RevenueAhead
    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.cohorts import Cohorts

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BillGrowth:
    """Factors, segments x months: what the bills of a segment come to under today's prices, and under new ones."""

    segments: tuple[str, ...]
    before: Floats
    after: Floats

    def of(self, cohorts: Cohorts, months: int) -> tuple[Floats, Floats]:
        """Return the factors of each cohort (cohorts x months) under today's prices and under new ones."""
        places = np.array([self.segments.index(name) for name in cohorts.segments])[cohorts.segment]
        return self.before[places, :months], self.after[places, :months]


def growth_of(ahead: RevenueAhead, bills: AccountBills, new: str) -> BillGrowth | None:
    """Return the mean growth a forecast says of the bills; None where it does not go as far as a path.

    `new` is the name of the new list in the forecast.
    """
    if ahead.parts is None or ahead.reach.ranges < len(ahead.months):
        return None
    staying = ahead.parts.staying.mean(axis=2)
    lists = (0, ahead.names.index(new))
    before, after = (np.ones((len(bills.segments), len(ahead.months))) for _ in lists)
    for place, segment in enumerate(bills.segments):
        here = bills.segment == segment
        for factors, number, each in zip((before, after), lists, (bills.old, bills.new), strict=True):
            if (whole := float(each[here].sum())) > 0 and segment in ahead.segments:
                factors[place] = staying[ahead.segments.index(segment), number] / whole
    return BillGrowth(bills.segments, before, after)
