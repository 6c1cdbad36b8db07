"""The life of a trigger, step by step: met or not, pending, firing, and the entry that opens once per episode.

As in Prometheus: a condition is pending until it has held for a time, then fires; it may go on firing for a time after
it was last met. Beside that, a level at which it ends that lies below the one at which it begins, and a time in which
no new entry opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

INACTIVE, PENDING, FIRING = 0, 1, 2


def with_hysteresis(on: Flags, holds: Flags) -> Flags:
    """Return accounts x steps: met from where it is on, as long as it holds.

    Parameters
    ----------
    on, holds
        Where it begins, and where it goes on once it has begun; false where the signal is unknown.

    Returns
    -------
    Flags
        Where it is met.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.triggers import with_hysteresis
    >>> use = np.array([[0.79, 0.80, 0.74, 0.69, 0.72]])
    >>> with_hysteresis(use >= 0.8, use >= 0.7).tolist()
    [[False, True, True, False, False]]
    """
    met = np.zeros_like(on)
    before = np.zeros(on.shape[0], dtype=bool)
    for step in range(on.shape[1]):
        before = on[:, step] | (before & holds[:, step])
        met[:, step] = before
    return met


def states(met: Flags, hold: int = 0, keep: int = 0) -> NDArray[np.int8]:
    """Return accounts x steps: 0 inactive, 1 pending, 2 firing.

    Parameters
    ----------
    met
        Where the condition is met.
    hold
        For how many further steps it must go on before it fires.
    keep
        For how many steps it goes on firing after it was last met.

    Returns
    -------
    NDArray[np.int8]
        The state of each step.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.triggers import states
    >>> states(np.array([[False, True, True, True, False]]), hold=2).tolist()
    [[0, 1, 1, 2, 0]]
    """
    by_step = np.ascontiguousarray(met.T)  # one step after the other, as they are gone through
    found = np.zeros(by_step.shape, dtype=np.int8)
    run = np.zeros(len(met), dtype=np.int64)  # steps met without a break
    since = np.full(len(met), keep + 1)  # steps since it was last met
    firing = np.zeros(len(met), dtype=bool)
    for step, here in enumerate(by_step):
        run, since = np.where(here, run + 1, 0), np.where(here, 0, since + 1)
        firing = (here & (run > hold)) | (firing & (since <= keep))
        found[step] = np.where(firing, FIRING, np.where(here, PENDING, INACTIVE))
    return np.ascontiguousarray(found.T)


def entries(
    firing: Flags, days: NDArray[np.datetime64], cool_down_days: int = 0, *, again_while_on: bool = False
) -> Flags:
    """Return accounts x steps: where an entry opens.

    Parameters
    ----------
    firing
        Where the trigger fires.
    days
        The day of each step.
    cool_down_days
        How many days after an entry the next one may open.
    again_while_on
        Whether the next one may open without the trigger having stopped.

    Returns
    -------
    Flags
        Where an entry opens: once per episode, as long as nothing else is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.triggers import entries
    >>> days = np.arange("2024-01-01", "2024-01-06", dtype="datetime64[D]")
    >>> entries(np.array([[True, True, False, True, True]]), days, cool_down_days=4).tolist()
    [[True, False, False, False, False]]
    """
    by_step = np.ascontiguousarray(firing.T)
    found = np.zeros_like(by_step)
    at = days.astype("datetime64[D]").astype(np.int64)
    last = np.full(len(firing), np.iinfo(np.int64).min // 2)
    before = np.zeros(len(firing), dtype=bool)
    for step, here in enumerate(by_step):
        opens = here & (again_while_on | ~before) & (at[step] - last >= cool_down_days)
        last, before = np.where(opens, at[step], last), here
        found[step] = opens
    return np.ascontiguousarray(found.T)


def spaced_entries(account: NDArray[np.intp], days: NDArray[np.datetime64], cool_down_days: int) -> Flags:
    """Tell which events of accounts open an entry: the first, and each a cool-down or more after the last that did.

    Parameters
    ----------
    account, days
        Whose each event is and when, in the order of accounts and days.
    cool_down_days
        How many days lie between entries at least; two events of a day are one.

    Returns
    -------
    Flags
        Whether each event opens one.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.triggers import spaced_entries
    >>> days = np.array(["2024-01-01", "2024-01-20", "2024-04-01"], dtype="datetime64[D]")
    >>> spaced_entries(np.array([0, 0, 0]), days, 90).tolist()
    [True, False, True]
    """
    found = np.zeros(len(account), dtype=bool)
    at = days.astype("datetime64[D]").astype(np.int64)
    begins = np.flatnonzero(np.r_[True, account[1:] != account[:-1]]) if len(account) else np.empty(0, dtype=np.intp)
    here, ends = begins.copy(), np.r_[begins[1:], len(account)] if len(account) else begins
    while len(here):
        found[here] = True
        # The first event of the same account that is far enough from this one.
        keys = account.astype(np.int64) * (at.max() - at.min() + cool_down_days + 2) + (at - at.min())
        wanted = keys[here] + max(cool_down_days, 1)
        following = np.searchsorted(keys, wanted)
        inside = following < ends
        here, ends = following[inside], ends[inside]
    return found
