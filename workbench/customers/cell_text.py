"""A cell as a problem report writes it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def shown(value: object) -> str:
    """Write a cell for a problem report, shortened when it is long."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - one table cell
