"""Who leaves and who joins: monthly hazards by age and segment, and the rate of new customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.forecast.history import UsageHistory

AGE_ENDS = np.array([3, 12])  # the last age of each band; older accounts are the last one
AGE_BANDS = len(AGE_ENDS) + 1
_PRIOR_LEAVERS, _PRIOR_RATE = 0.5, 0.01  # half a leaver at 1% a month
_PRIOR_STRENGTH = 3.0  # leavers' worth of the wider group
_LEAST_LASTING = 0.5  # of those who left, at least this part stays away
_RECENT = 12
_DONORS = 60


@dataclass(frozen=True, slots=True)
class Attrition:
    """Monthly hazards of leaving, age bands x segments, and how many join a month."""

    hazard: NDArray[np.float64]
    leavers: int
    joined_per_month: float
    joined: int
    overdispersion: float
    donors: NDArray[np.int64]

    def of(self, age: NDArray[np.int64], segment: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the hazard of the step that ends at this age."""
        return self.hazard[np.searchsorted(AGE_ENDS, age), segment]


def fit_attrition(history: UsageHistory) -> Attrition:
    """Count who left and who joined; narrow groups lean on wider ones."""
    active = history.active
    segments = int(history.segment.max(initial=0)) + 1
    before, now = active[:, :-1], active[:, 1:]
    rows, steps = np.nonzero(before)
    left = ~now[rows, steps]
    returned = int((~before & now & (np.cumsum(active, axis=1)[:, :-1] > 0)).sum())
    bands = np.searchsorted(AGE_ENDS, history.age[rows] + steps + 1)
    cells = bands * segments + history.segment[rows]
    exposure = np.bincount(cells, minlength=AGE_BANDS * segments).reshape(AGE_BANDS, segments).astype(float)
    events = np.bincount(cells, left, AGE_BANDS * segments).reshape(AGE_BANDS, segments)
    leavers = int(left.sum())
    overall = (leavers + _PRIOR_LEAVERS) / (exposure.sum() + _PRIOR_LEAVERS / _PRIOR_RATE)
    strength = _PRIOR_STRENGTH / overall
    of_segment = (events.sum(axis=0) + strength * overall) / (exposure.sum(axis=0) + strength)
    hazard = (events + strength * of_segment) / (exposure + strength)
    lasting = max(_LEAST_LASTING, 1 - returned / leavers) if leavers else 1.0
    first = np.where(active.any(axis=1), active.argmax(axis=1), -1)
    counts = np.bincount(first[first > 0], minlength=history.months)[1:].astype(float)
    recent = counts[-_RECENT:]
    rate = float(recent.mean()) if len(recent) else 0.0
    spread = float(recent.var(ddof=1) / rate) if len(recent) > 2 and rate > 0 else 1.0  # noqa: PLR2004
    return Attrition(hazard * lasting, leavers, rate, int(recent.sum()), max(1.0, spread), _donors(history, first))


def _donors(history: UsageHistory, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whom new customers are like: those who joined in the last two years; where few did, earlier ones too."""
    recent = np.flatnonzero((first > 0) & (first >= history.months - 2 * _RECENT))
    if len(recent) >= _DONORS or len(recent) == 0:
        return recent
    earlier = np.setdiff1d(np.flatnonzero(first >= 0), recent)
    youngest = earlier[np.argsort(history.age[earlier], kind="stable")]
    return np.concatenate([recent, youngest[: _DONORS - len(recent)]])
