"""The customers of the last months: what they need at most, and how widely each feature is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact import AccountMonths
    from workbench.stages.model_fit.history import History

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Current:
    """The customers of the calibration months: peak quantities per metric, and the share that uses each feature."""

    peaks: dict[str, Floats]
    feature_share: dict[str, float]


def current_customers(history: History, rows: AccountMonths) -> Current:
    """Return what customers of the last months needed at most, and how widely features are needed.

    The months are those that `rows` read needs from; a feature counts as they do, by each account's last of them.
    """
    months = rows.needs_months
    here = history.active[:, -months:].any(axis=1)
    peaks = {}
    for metric, block in history.usage.items():
        recent = block[here, -months:]
        recent = recent[~np.isnan(recent).all(axis=1)]
        peaks[metric] = np.nanmax(recent, axis=1) if len(recent) else np.empty(0)
    share: dict[str, float] = {}
    if rows.features is not None and here.any():
        needed = rows.features.patterns[rows.features.code[_latest(rows, months)]]
        share = dict(zip(rows.features.names, needed.mean(axis=0).tolist(), strict=True))
    return Current(peaks, share)


def _latest(rows: AccountMonths, months: int) -> NDArray[np.intp]:
    """Return the last row of each account that was a customer in the last months; rows come account by account."""
    recent = np.flatnonzero(rows.month >= len(rows.months) - months)
    account = rows.account[recent]
    return recent[np.append(account[1:] != account[:-1], True)]
