"""Small statistics used all over the package."""

from __future__ import annotations

import math
from statistics import NormalDist

from workbench.results import Interval


def wilson(count: float, total: float, level: float = 0.9) -> Interval | None:
    """Return a share with its Wilson score interval, None without anybody to count; counts may be weighted.

    It stays inside 0 to 1 and holds its level for small counts (Wilson 1927, doi:10.1080/01621459.1927.10502953).
    """
    if total <= 0:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    high = 1.0 if count == total else min(1.0, middle + reach)
    return Interval(low, share, high, level)
