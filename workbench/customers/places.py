"""Where values of one column stand in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase


def places(wanted: pd.Series, known: pd.Series) -> NDArray[np.intp]:
    """Return the place of each wanted value among the known ones, which differ; -1 where it is missing or unknown."""
    # Monthly tables name an account once a month and metric: what repeats is numbered first, and looked up once.
    codes, values = pd.factorize(wanted)
    return np.append(pd.Index(known).get_indexer(values), -1)[codes]


def account_places(base: CustomerBase, frame: pd.DataFrame) -> NDArray[np.intp]:
    """Return the row in the accounts table of each record's account."""
    return places(frame["account_id"], base.frames["accounts"]["account_id"])
