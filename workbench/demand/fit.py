"""The fit of a demand model: how it puts today's customers on today's plans, against where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, money, percent, ratio
from workbench.results import Caution

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ELSEWHERE = "a competitor or nothing"
POOR = 0.10
"""From this part of accounts put on the wrong plan a fit is poor."""
_FAR = 3.0


@dataclass(frozen=True, eq=False)
class Fit:
    """How the model puts today's customers on today's plans, against where they are.

    `actual` and `predicted` are accounts, segments x (plans and elsewhere); `factors` what worth was multiplied by in
    each segment; `scale` the spread of taste (money per month, logit rule). `left_out` counts customers on plans
    without a price, or whose bill is not known. `revenue` is (actual, predicted) per month; actual None where not
    recorded.
    """

    plans: tuple[str, ...]
    segments: tuple[str, ...]
    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
    factors: NDArray[np.float64]
    scale: float
    rule: str
    left_out: float
    revenue: tuple[float | None, float]

    @property
    def error(self) -> float:
        """Return the part of accounts the model puts on another plan than the segment's shares say: 0 is perfect."""
        return float(np.abs(self.predicted - self.actual).sum() / 2 / self.actual.sum())

    @property
    def overall_error(self) -> float:
        """Return the same for all segments together."""
        return float(np.abs((self.predicted - self.actual).sum(axis=0)).sum() / 2 / self.actual.sum())

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what the fit says against using the model."""
        found = []
        if self.error > POOR:
            found.append(
                Caution(
                    f"Poor fit: the model puts {percent(self.error)} of today's accounts on another plan. "
                    "Read differences between offers, not levels, and narrow them with a survey of these plans."
                )
            )
        far = [
            f"{name} ({ratio(factor)})"
            for name, factor in zip(self.segments, self.factors, strict=True)
            if not 1 / _FAR <= factor <= _FAR
        ]
        if far:
            found.append(
                Caution(
                    f"To explain today's plans, worth had to be multiplied by a lot: {', '.join(far)}. What was asked "
                    "about was perhaps another offer than what these customers buy."
                )
            )
        if self.left_out:
            words = "on plans without a price, or without a known bill, left out of the calibration"
            found.append(Caution(f"{count('account', round(self.left_out))} {words}.", "note"))
        return tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """Return segment, plan, actual and predicted share of the segment, and accounts."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        names = (*self.plans, ELSEWHERE)
        rows = []
        for code, segment in enumerate(self.segments):
            size = self.actual[code].sum()
            for place, plan in enumerate(names):
                actual, predicted = self.actual[code, place], self.predicted[code, place]
                rows.append((segment, plan, actual, predicted, actual / size, predicted / size))
        columns = ["segment", "plan", "actual", "predicted", "actual_share", "predicted_share"]
        return pd.DataFrame(rows, columns=columns)

    def reading(self, currency: str) -> str:
        """Return in sentences how good the fit is."""
        actual, predicted = self.revenue
        paid = "" if actual is None else f" Its revenue is {money(predicted, currency)} a month, recorded is "
        paid += "" if actual is None else f"{money(actual, currency)}."
        return (
            f"Put before today's plans, the model has {percent(1 - self.error)} of accounts on the plan mix their "
            f"segment has ({percent(1 - self.overall_error)} over all segments together).{paid}"
        )
