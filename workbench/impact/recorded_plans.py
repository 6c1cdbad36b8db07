"""The plan each account was on in each month, as the revenue on record says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.places import account_places
from workbench.pricing.placement import NO_PLAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPlans:
    """Each row's place in `names`, -1 where no plan is on record; `from_accounts` when only accounts name plans."""

    code: NDArray[np.int32]
    names: tuple[str, ...]
    from_accounts: bool = False


def recorded_plans(
    base: CustomerBase, account: NDArray[np.int32], month: NDArray[np.int32], months: pd.DatetimeIndex
) -> RecordedPlans:
    """Return the plan of each account-month; where revenue names no plan at all, the plan on the account."""
    mrr = base.frames.get("mrr")
    if mrr is None or not mrr["plan"].notna().any():
        codes, names = pd.factorize(base.frames["accounts"]["plan"])
        return RecordedPlans(codes.astype(np.int32)[account], tuple(map(str, names)), from_accounts=True)
    codes, names = pd.factorize(mrr["plan"])
    row = account_places(base, mrr)
    column = (mrr["month"].to_numpy(dtype="datetime64[M]") - np.datetime64(months[0], "M")).astype(int)
    matrix = np.full((len(base), len(months)), NO_PLAN, dtype=np.int32)
    matrix[row, column] = codes
    return RecordedPlans(matrix[account, month], tuple(map(str, names)))
