"""How near two figures have to be to count as the same, said once for all that compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LAST_DIGITS = 1e-9  # relative, or of a share: what floating point leaves open in a bill, a sum, a limit
HALF_A_CENT = 0.005  # in the currency: bills that differ by less are the same on an invoice
_OF_A_WHOLE = 1e-6


def make_a_whole(shares: Iterable[float]) -> bool:
    """Tell whether shares that people typed sum to 1."""
    return abs(sum(shares) - 1) <= _OF_A_WHOLE
