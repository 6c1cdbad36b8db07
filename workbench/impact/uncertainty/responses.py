"""How customers respond to a rise, as a function of its size and of the values drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_USAGE = 2.0  # a lower price can at most double usage in this form


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Draws x rises: `keep` is the share of customers kept, `pay` of the bill, `pay_metered` of its metered part."""

    keep: Floats
    pay: Floats
    pay_metered: Floats


def respond(
    rises: Floats, *, churn: Floats, downgrade: Floats, saving: Floats, usage: Floats, most_extra_churn: float
) -> Responses:
    """Return the responses at each rise (0.2 is +20%) for each draw of the four values."""
    up = np.maximum(rises, 0.0)[None, :]
    keep = np.multiply(churn[:, None], up)
    np.minimum(keep, most_extra_churn, out=keep)
    np.subtract(1.0, keep, out=keep)
    pay = np.multiply(downgrade[:, None], up)
    np.minimum(pay, 1.0, out=pay)
    pay *= -saving[:, None]
    pay += 1.0
    pay *= keep
    metered = np.multiply(usage[:, None], -rises[None, :])
    metered += 1.0
    np.clip(metered, 0.0, MOST_USAGE, out=metered)
    metered *= pay
    return Responses(keep, pay, metered)
