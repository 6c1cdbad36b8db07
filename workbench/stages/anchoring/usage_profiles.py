"""Typical customers to compare prices for: quantiles of what active accounts use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.anchoring.decision import UsageProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SIZES = (("small", "Small", 0.1), ("typical", "Typical", 0.5), ("large", "Large", 0.9))
"""Id, name and quantile of each profile: one account in ten uses no more than the small one, nine in ten no more than
the large one."""
_DIGITS = 3


def usage_profiles(quantities: Mapping[str, NDArray[np.float64]]) -> tuple[UsageProfile, ...]:
    """Return a small, a typical and a large customer: the 10%, 50% and 90% quantile of every metric on its own.

    `quantities` holds one entry per active account and metric, NaN where unknown; metrics nobody has a quantity of
    are left out. Quantities that are counted in whole units stay whole, others keep three digits.
    """
    known = {metric: values[np.isfinite(values)] for metric, values in quantities.items()}
    known = {metric: values for metric, values in known.items() if values.size}
    return tuple(
        UsageProfile(
            id=key,
            name=name,
            quantities={metric: _typed(values, level) for metric, values in known.items()},
        )
        for key, name, level in SIZES
        if known
    )


def middle_profile(profiles: tuple[UsageProfile, ...]) -> UsageProfile | None:
    """Return the typical profile: the one of that id, else the one in the middle; None without any."""
    for profile in profiles:
        if profile.id == SIZES[1][0]:
            return profile
    return profiles[len(profiles) // 2] if profiles else None


def _typed(values: NDArray[np.float64], level: float) -> float:
    found = float(np.quantile(values, level, method="inverted_cdf"))
    if found == 0 or (values == np.round(values)).all():
        return found
    return round(found, _DIGITS - 1 - math.floor(math.log10(abs(found))))
