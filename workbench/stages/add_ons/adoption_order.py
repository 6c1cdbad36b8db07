"""Whether a feature belongs to the common order in which customers take features up, or stands apart from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.stages.model_fit.scalability import WEAK, scalability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from workbench.results import Interval

Place = Literal["apart from it", "part of it", "cannot be told", "too few users"]

FEWEST_USERS = 5


@dataclass(frozen=True, slots=True)
class AdoptionOrder:
    """Loevinger's H of each feature against all others, with a 90% interval; features with too few users are absent.

    A feature whose H lies under 0.3 is wanted by some whatever else they use: the usual mark of an add-on. One above
    it comes when the more common ones are in use: the usual mark of a tier feature.
    """

    items: Mapping[str, Interval]

    def place(self, feature: str) -> Place:
        """Say whether a feature stands apart from the common order, as far as its interval tells."""
        h = self.items.get(feature)
        if h is None or h.estimate != h.estimate:
            return "too few users"
        if h.high < WEAK:
            return "apart from it"
        return "part of it" if h.low >= WEAK else "cannot be told"


def adoption_order(used: NDArray[np.bool_], names: Sequence[str]) -> AdoptionOrder:
    """Return how each feature stands to the order of the others, from who uses what (accounts x features)."""
    found = scalability(used, names, fewest_users=FEWEST_USERS)
    return AdoptionOrder(dict(zip(found.names, found.items, strict=True)))
