"""What one price of a survey buys, and how often each account buys it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import customers_of
from workbench.demand.errors import DemandError
from workbench.formatting import count
from workbench.results import Caution
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.demand.customers import Customers


def accounts_asked(base: CustomerBase, table: str) -> tuple[Customers, NDArray[np.float64], tuple[Caution, ...]]:
    """Return the active accounts, and how often each buys what one price of the survey buys."""
    per, everybody = asked_per(base.frames[table]), customers_of(base)
    if per == PER_ACCOUNT:
        return everybody, np.ones(len(everybody)), ()
    units = everybody.quantities((per,))[per]
    known = np.flatnonzero(np.nan_to_num(units) > 0)
    if not known.size:
        raise DemandError(
            f"The survey asked for prices per {per}, but no active account has any {metric_words(per)} recorded.",
            f"Add {per} to the data, or write in the column per what one price buys.",
        )
    words = f"The survey asked for prices per {one_unit(per)}, so what an account would pay is that times its "
    said = [Caution(f"{words}{metric_words(per)}.", "note")]
    if known.size < len(everybody):
        gone = count("account", len(everybody) - known.size)
        said.append(Caution(f"{gone} without {metric_words(per)} on record left out."))
    return everybody.take(known), units[known], tuple(said)


def asked_per(frame: pd.DataFrame) -> str:
    """Return what one price of a survey buys: "account" or a metric; DemandError when rows say different things."""
    if "per" not in frame:
        return PER_ACCOUNT
    found = sorted({str(each).strip() or PER_ACCOUNT for each in frame["per"].fillna(PER_ACCOUNT).unique()})
    if len(found) > 1:
        raise DemandError(
            f"The survey asked for prices per {' and per '.join(found)} in one table.",
            "Keep answers about different prices in tables of their own.",
        )
    return found[0] if found else PER_ACCOUNT
