"""Replays at what customers pay: each account keeps, under every list, what it pays of today's.

Paid is then compared with paid, as list is with list; an account without a list price pays what is on record today,
and the new list as it stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.assignment import CheapestThatFits
from workbench.impact.coverage import BILLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]


def realisation(today: Replay) -> Floats:
    """Return per account of the base what it pays over what today's list says, from the months that know both."""
    rows = today.rows
    if rows.recorded is None:
        return np.ones(len(rows.account_ids))
    both = np.isfinite(rows.recorded) & np.isfinite(today.amounts)
    paid = rows.by_account(np.where(both, rows.recorded, 0.0))
    listed = rows.by_account(np.where(both, today.amounts, 0.0))
    return share_of_list(paid, listed)


def share_of_list(paid: Floats, listed: Floats, *, least: float = 0.0, most: float = np.inf) -> Floats:
    """Return the share of its list price that each account pays: the one definition of it, whoever asks.

    Both are of the same months. The share is 1 where it is not known: where one of them is not, where the list asks
    for nothing, and where a credit outweighs what was paid, which is no discount.

    Parameters
    ----------
    least, most
        The shares that are taken for a discount or a surcharge on this list; outside, an account is billed as listed.
    """
    known = (listed > 0) & (paid >= 0)
    share = np.divide(paid, listed, out=np.ones(len(paid)), where=known)
    return np.where((share >= least) & (share <= most), share, 1.0)


def at_what_is_paid(today: Replay, *others: Replay) -> tuple[Replay, ...]:
    """Return today's replay and others of the same account-months with each account's own discount kept.

    Whom a list puts on request keeps the contract there is, and pays under it what is on record.
    """
    rows = today.rows
    if rows.recorded is None:
        return (today, *others)
    share = realisation(today)[rows.account]
    return (
        _paid(today, share, otherwise=~np.isfinite(today.amounts)),
        *(_paid(each, share, otherwise=on_request(each)) for each in others),
    )


def placed_by_need(today: Replay | None) -> CheapestThatFits:
    """Return how a design places accounts: in the cheapest plan that fits; who has a contract today keeps it."""
    if today is None:
        return CheapestThatFits()
    places = np.unique(today.rows.account[on_request(today)])
    return CheapestThatFits(contracts=frozenset(map(str, today.rows.account_ids[places])))


def on_request(replay: Replay) -> NDArray[np.bool_]:
    """Tell which account-months a replay puts into a plan whose price is on request."""
    unpriced = np.array([*(not plan.priced for plan in replay.book.plans), False])
    found: NDArray[np.bool_] = unpriced[replay.plan_index]
    return found


def _paid(replay: Replay, share: Floats, *, otherwise: NDArray[np.bool_]) -> Replay:
    """Return a replay at a share of its list, and at what is on record where the list is silent."""
    recorded = replay.rows.recorded
    assert recorded is not None  # noqa: S101 - asked only where revenue is on record
    amounts = np.where(otherwise, recorded, replay.amounts * share)
    reason = np.where(np.isfinite(amounts), BILLED, replay.reason)
    return replace(replay, amounts=amounts, reason=reason, realisation=share)
