"""What currency lists are judged on: where accounts are, and which currency their contracts name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.base import account_places
from workbench.locales import NO_CURRENCY

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase


@dataclass(frozen=True, eq=False)
class PlacesEvidence:
    """Each account's region and the currency its contract names, "" where nothing says; the last day on record."""

    base: CustomerBase
    currency: str
    region: NDArray
    contract: NDArray
    day: dt.date

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions there are, in alphabetical order."""
        return tuple(sorted({str(each) for each in self.region if each}))


def gather(base: CustomerBase) -> PlacesEvidence:
    """Return where accounts are and what their contracts are in."""
    region = base.accounts["region"].astype(object).where(base.accounts["region"].notna(), "").to_numpy(dtype=object)
    contract = np.full(len(base), "", dtype=object)
    table = base.table("subscriptions") if base.has("subscriptions") else None
    if table is not None and "currency" in table:
        known = table[table["currency"].notna()].sort_values("start", kind="stable")
        contract[account_places(base, known)] = known["currency"].str.upper().to_numpy(dtype=object)
    day = (base.months[-1] + pd.offsets.MonthEnd(1)).date()
    return PlacesEvidence(base, base.currency or NO_CURRENCY, region, contract, day)
