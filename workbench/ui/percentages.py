"""Shares as people type them: 0.1 in a document is 10 in a number box."""

from __future__ import annotations

from typing import overload

_IN_PERCENT = 100


@overload
def typed_percent(share: float) -> float: ...
@overload
def typed_percent(share: float | None) -> float | None: ...
def typed_percent(share: float | None) -> float | None:
    """Return the percentage a box shows for a share; the rounding only takes the noise of binary numbers off."""
    return None if share is None else round(share * _IN_PERCENT, 6)


@overload
def share_typed(percentage: float) -> float: ...
@overload
def share_typed(percentage: float | None) -> float | None: ...
def share_typed(percentage: float | None) -> float | None:
    """Return the share somebody means by a percentage, so that 7 is 0.07 and not a neighbour of it."""
    return None if percentage is None else round(percentage / _IN_PERCENT, 8)
