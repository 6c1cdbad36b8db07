"""What happens at one price of a plan, or at several: buyers, revenue and margin with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.outcome import LEVEL, interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.results import Interval

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AtPrice:
    """What happens at one or several prices of a plan: accounts and money per month, draws x prices.

    `buyers` is draws x prices x plans.
    """

    plans: tuple[str, ...]
    plan: int
    fees: Floats
    accounts: float
    buyers: Floats
    revenue: Floats
    margin: Floats

    @property
    def shares(self) -> Floats:
        """Return the share of all accounts per plan, prices x plans, as the mean over draws."""
        found: Floats = self.buyers.mean(axis=0) / self.accounts
        return found

    @property
    def share(self) -> Interval:
        """Return the share of the plan whose price it is, at the first price, with its 90% interval."""
        return interval(self.buyers[:, 0, self.plan] / self.accounts)

    @property
    def money(self) -> tuple[Interval, Interval]:
        """Return revenue and margin at the first price, with their 90% intervals."""
        return interval(self.revenue[:, 0]), interval(self.margin[:, 0])

    def table(self) -> pd.DataFrame:
        """Return per price: share, revenue and margin with the ends of their 90% intervals."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        columns: dict[str, Floats] = {"price": self.fees}
        own = self.buyers[:, :, self.plan] / self.accounts
        tail = (1 - LEVEL) / 2
        for name, values in (("share", own), ("revenue", self.revenue), ("margin", self.margin)):
            low, high = np.quantile(values, (tail, 1 - tail), axis=0)
            columns |= {name: values.mean(axis=0), f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(columns)
