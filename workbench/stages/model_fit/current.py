"""The customers of the last months: what they need at most, and how widely each feature is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.stages.model_fit.history import History

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Current:
    """The customers of the calibration months: peak quantities per metric, and the share that uses each feature."""

    peaks: dict[str, Floats]
    feature_share: dict[str, float]


def current_customers(history: History, months: int = 3, minimum_uses: int = 3) -> Current:
    """Return what customers of the last `months` months needed at most, and how widely features are used."""
    here = history.active[:, -months:].any(axis=1)
    peaks = {}
    for metric, block in history.usage.items():
        recent = block[here, -months:]
        recent = recent[~np.isnan(recent).all(axis=1)]
        peaks[metric] = np.nanmax(recent, axis=1) if len(recent) else np.empty(0)
    share: dict[str, float] = {}
    if history.feature_uses is not None and here.any():
        used = history.feature_uses[here, -months:].sum(axis=1) >= minimum_uses
        share = dict(zip(history.feature_names, used.mean(axis=0).tolist(), strict=True))
    return Current(peaks, share)
