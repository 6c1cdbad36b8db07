"""Sort features for packaging: the order in which they are adopted, and the tiers each may go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.tiers.levels import ENTRY, MIDDLE, TOP
from workbench.stages.tiers.step_up import is_usual_gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.rules import Threshold
    from workbench.stages.tiers.benefit import FeatureBenefit

WIDELY_USED = 0.5
GROWS_BY = 2.0
"""A need grows with size when the largest third of accounts uses a feature at least twice as often as the smallest."""


@dataclass(frozen=True, eq=False)
class SortedFeatures:
    """Features in order of adoption with the first and last level each may go to, and those better sold alone."""

    names: tuple[str, ...]
    lowest: NDArray[np.intp]
    highest: NDArray[np.intp]
    sold_separately: tuple[str, ...]


def sort_features(
    benefits: Sequence[FeatureBenefit],
    threshold: Threshold,
    used: NDArray[np.bool_] | None,
    feature_names: Sequence[str],
    size: NDArray[np.float64] | None,
) -> SortedFeatures:
    """Sort features by benefit share, area and how their use grows with the account's size.

    Must-haves and what at least half of the accounts use go to the entry level; analytics, API access and
    integrations no lower than the middle; what more than the threshold's share uses no higher than the middle. What
    few use goes to the top when the need grows with size or nobody has it yet, and is better sold separately when
    accounts of every size use it. Without recorded use, must-haves and everything but the usual gates enter below.
    """
    column = {name: place for place, name in enumerate(feature_names)}
    kept, separate = [], []
    for benefit in benefits:
        growing = _grows(used, column.get(benefit.feature), size)
        lowest, highest = _range_of(benefit, threshold, growing=growing)
        if lowest is None:
            separate.append(benefit.feature)
        else:
            kept.append((benefit.feature, lowest, highest))
    return SortedFeatures(
        names=tuple(name for name, _, _ in kept),
        lowest=np.array([lowest for _, lowest, _ in kept], dtype=np.intp),
        highest=np.array([highest for _, _, highest in kept], dtype=np.intp),
        sold_separately=tuple(separate),
    )


def _range_of(benefit: FeatureBenefit, threshold: Threshold, *, growing: bool) -> tuple[int | None, int]:
    """Return the first and last level of a feature; no first level means that it is better sold separately."""
    gate = is_usual_gate(benefit.feature, benefit.area)
    if benefit.must_have:
        return ENTRY, ENTRY
    if benefit.share is None:
        return (MIDDLE, MIDDLE) if gate else (ENTRY, ENTRY)
    if benefit.share.estimate >= WIDELY_USED:
        return (MIDDLE, MIDDLE) if gate else (ENTRY, ENTRY)
    if benefit.verdict(threshold) != "add-on":
        return (MIDDLE if gate else ENTRY), MIDDLE
    if gate or growing or benefit.users == 0:
        return MIDDLE, TOP
    return None, TOP


def _grows(used: NDArray[np.bool_] | None, place: int | None, size: NDArray[np.float64] | None) -> bool:
    """Tell whether the largest third of accounts uses the feature much more often than the smallest third."""
    if used is None or place is None or size is None:
        return False
    known = np.isfinite(size)
    if np.count_nonzero(known) < 3:  # noqa: PLR2004 - thirds
        return False
    low, high = np.quantile(size[known], (1 / 3, 2 / 3))
    uses = used[:, place]
    small, large = uses[known & (size <= low)], uses[known & (size > high)]
    if small.size == 0 or large.size == 0:
        return False
    return bool(large.any() and large.mean() >= GROWS_BY * small.mean())
