"""Replays at what customers pay: each account keeps, under every list, what it pays of today's.

Paid is then compared with paid, as list is with list; an account without a list price pays what is on record today,
and the new list as it stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.coverage import BILLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]


def realisation(today: Replay) -> Floats:
    """Return per account of the base what it pays over what today's list says, from the months that know both.

    It is 1 where no month does, as for prices on request.
    """
    rows = today.rows
    if rows.recorded is None:
        return np.ones(len(rows.account_ids))
    both = np.isfinite(rows.recorded) & np.isfinite(today.amounts)
    paid = rows.by_account(np.where(both, rows.recorded, 0.0))
    listed = rows.by_account(np.where(both, today.amounts, 0.0))
    return np.divide(paid, listed, out=np.ones(len(paid)), where=listed > 0)


def at_what_is_paid(today: Replay, *others: Replay) -> tuple[Replay, ...]:
    """Return today's replay and others of the same account-months with each account's own discount kept."""
    rows = today.rows
    if rows.recorded is None:
        return (today, *others)
    share = realisation(today)[rows.account]
    paid = np.where(np.isfinite(today.amounts), today.amounts * share, rows.recorded)
    return (
        replace(today, amounts=paid, realisation=share, reason=np.where(np.isfinite(paid), BILLED, today.reason)),
        *(replace(each, amounts=each.amounts * share, realisation=share) for each in others),
    )
