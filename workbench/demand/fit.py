"""How a demand model puts today's customers on today's plans, against where they are: printed, never fitted to.

All who are seen bought something, so their choices only look like evidence of what they would pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.fees import fees_of
from workbench.formatting import money, percent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand.model import Demand
    from workbench.pricing import PriceBook

ELSEWHERE = "a competitor or nothing"


@dataclass(frozen=True, eq=False)
class Fit:
    """How the model puts today's customers on today's plans, against where they are.

    `actual` and `predicted` are accounts, segments x (plans and elsewhere). `left_out` counts customers on plans
    without a price, or whose bill is not known. `revenue` is (actual, predicted) per month; actual None where not
    recorded.
    """

    plans: tuple[str, ...]
    segments: tuple[str, ...]
    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
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


def fit_to_today(demand: Demand, price_book: PriceBook) -> Fit:
    """Return how the model puts customers on today's plans (`price_book`), against where they are.

    Customers on plans without a price, or without a known bill, say nothing. Raises DemandError when nobody is left.
    """
    asked, names = demand.customers, price_book.plan_names
    priced = [plan.name for plan in price_book.priced_plans]
    told = np.zeros(len(asked), dtype=bool)
    if asked.plan is not None:
        told = np.isin(asked.plan.astype(str), priced) & demand.known_bills(price_book)
    if not told.any():
        raise DemandError(
            "No customer is on a priced plan of this price book with a known bill.",
            f"Plans: {', '.join(names)}. Give today's price book, and customers with their plan.",
        )
    part = demand.sampled(np.flatnonzero(told), np.arange(demand.draws))
    here, fees = part.customers, fees_of(price_book)
    assert here.plan is not None  # noqa: S101 - told says so
    actual = np.zeros((len(here.segments), len(names) + 1))
    for place, name in enumerate(names):
        on_it = here.plan == name
        np.add.at(actual[:, place], here.segment_codes[on_it], here.weight[on_it])
    predicted, revenue = np.zeros_like(actual), 0.0
    for task in part.tasks(price_book):
        share = task.draws / part.draws
        predicted += task.buyers_by(here.segment_codes, len(here.segments), *fees) * share
        revenue += task.outcome(*fees, by_draw=False).revenue * share
    paid = here.paid
    recorded = None if paid is None or np.isnan(paid).any() else float((paid * here.weight).sum())
    return Fit(
        plans=names,
        segments=here.segments,
        actual=actual,
        predicted=predicted,
        left_out=float(asked.weight[~told].sum()),
        revenue=(recorded, revenue),
    )
