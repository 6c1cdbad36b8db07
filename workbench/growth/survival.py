"""How long until something happens first, when for some it has not happened yet: survival curves, and first expansion.

Who has not expanded is counted for as long as it was seen, and neither dropped nor taken for one that never will
(Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import DAYS_PER_MONTH
from workbench.growth.recurring_revenue import MovementsError, ledger_of
from workbench.stats import normal_reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from workbench.growth.recurring_revenue import MrrLedger
    from workbench.results import Floats

_HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """The share for which something has not happened yet, by time.

    Attributes
    ----------
    times
        At which it happened to somebody, rising.
    at_risk, events
        How many were still waiting just before each time, and to how many it happened.
    survival, error, low, high
        The share still waiting after each time, its standard error (Greenwood), and the ends of its interval by the
        logarithm of the logarithm, which stays between 0 and 1.
    level
        Of the interval.
    cases
        How many were followed.
    last
        The longest time anybody was followed.

    Examples
    --------
    >>> from workbench.growth import survival_curve
    >>> curve = survival_curve([1, 2, 2, 3, 4], [True, True, False, True, False])
    >>> curve.survival.round(3).tolist(), curve.median
    ([0.8, 0.6, 0.3], 3.0)
    """

    times: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: Floats
    error: Floats
    low: Floats
    high: Floats
    level: float
    cases: int
    last: float

    def after(self, time: float) -> float:
        """Return the share for which it has not happened by the end of a time."""
        at = int(np.searchsorted(self.times, time, side="right"))
        return float(self.survival[at - 1]) if at else 1.0

    @property
    def median(self) -> float | None:
        """Return the first time by which it has happened to half of them; None: not reached."""
        return _first(self.times, self.survival)

    @property
    def median_between(self) -> tuple[float | None, float | None]:
        """Return the ends of the interval of the median, each None where it is not reached."""
        return _first(self.times, self.low), _first(self.times, self.high)

    def restricted_mean(self, until: float) -> float:
        """Return the mean time waited, up to a time: the area under the curve."""
        steps = np.concatenate([[0.0], np.minimum(self.times, until), [until]])
        return float(np.diff(steps) @ np.concatenate([[1.0], self.survival]))


def _first(times: Floats, shares: Floats) -> float | None:
    reached = np.flatnonzero(shares <= _HALF)
    return float(times[reached[0]]) if len(reached) else None


def survival_curve(time: ArrayLike, happened: ArrayLike, level: float = 0.95) -> SurvivalCurve:
    """Return the survival curve of cases that were followed for a time (Kaplan-Meier).

    Parameters
    ----------
    time
        How long each case was followed: until it happened, or until it was last seen.
    happened
        Whether it happened then. Where it happened at a time at which another was last seen, that one was still
        waiting.
    level
        Of the intervals.

    Returns
    -------
    SurvivalCurve
        Shares still waiting, with intervals.

    Raises
    ------
    MovementsError
        When a time is unknown or below zero.

    Examples
    --------
    >>> from workbench.growth import survival_curve
    >>> survival_curve([3, 5, 8], [False, False, False]).median is None
    True
    """
    times, did = np.asarray(time, dtype=float), np.asarray(happened, dtype=bool)
    if not (times >= 0).all():
        raise MovementsError(
            f"A time is {times[~(times >= 0)][0]}.", "Each case needs the time it was followed, 0 or more."
        )
    at, inverse = np.unique(times, return_inverse=True)
    gone = np.bincount(inverse, minlength=len(at))
    happened_at = np.bincount(inverse, did, minlength=len(at)).astype(np.int64)
    waiting = len(times) - np.concatenate([[0], np.cumsum(gone)[:-1]]) if len(at) else gone
    here = happened_at > 0
    at, waiting, happened_at = at[here], waiting[here].astype(np.int64), happened_at[here]
    share: Floats = np.cumprod(1 - happened_at / waiting, dtype=float)
    left = waiting - happened_at
    terms = np.divide(happened_at, waiting * left, out=np.full(len(at), np.inf), where=left > 0)
    greenwood = np.cumsum(terms)
    inside = (share > 0) & (share < 1)
    error = np.where(inside, share * np.sqrt(np.where(inside, greenwood, 0.0)), 0.0)
    log = np.log(np.where(inside, share, _HALF))
    reach = normal_reach(level) * np.sqrt(np.where(inside, greenwood, 0.0)) / log
    low, high = (np.where(inside, np.where(inside, share, _HALF) ** np.exp(side * reach), share) for side in (-1, 1))
    last = float(times.max()) if len(times) else 0.0
    return SurvivalCurve(at, waiting, happened_at, share, error, low, high, level, len(times), last)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether groups wait equally long: the statistic, its degrees of freedom, and how likely it is by chance."""

    statistic: float
    freedom: int
    p_value: float


def log_rank(time: ArrayLike, happened: ArrayLike, groups: ArrayLike) -> LogRank:
    """Test whether something happens equally fast in several groups (Mantel 1966, Peto and Peto 1972).

    Parameters
    ----------
    time, happened
        As in `survival_curve`.
    groups
        The group of each case.

    Returns
    -------
    LogRank
        The statistic and its p-value; with one group, or none to whom it happened, 0 and 1.

    Examples
    --------
    >>> from workbench.growth import log_rank
    >>> found = log_rank([1, 2, 3, 6, 7, 8], [True] * 6, ["a"] * 3 + ["b"] * 3)
    >>> round(found.statistic, 3), found.freedom, round(found.p_value, 3)
    (5.052, 1, 0.025)
    """
    from scipy.special import chdtrc  # noqa: PLC0415 - loads slowly

    times, did = np.asarray(time, dtype=float), np.asarray(happened, dtype=bool)
    names, codes = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    at = np.unique(times[did])
    if len(names) <= 1 or not len(at):
        return LogRank(0.0, max(0, len(names) - 1), 1.0)
    events, waiting = np.zeros((2, len(names), len(at)))
    for code in range(len(names)):
        own = np.sort(times[codes == code])
        waiting[code] = len(own) - np.searchsorted(own, at, side="left")
        events[code] = np.bincount(np.searchsorted(at, times[did & (codes == code)]), minlength=len(at))
    risk, happened_at = waiting.sum(axis=0), events.sum(axis=0)
    expected = waiting * happened_at / risk
    spread = happened_at * (risk - happened_at) / np.where(risk > 1, risk - 1, 1)
    part = waiting / risk
    covariance = np.diag((part * spread).sum(axis=1)) - (part * spread) @ part.T
    off = (events - expected).sum(axis=1)
    statistic = float(off @ np.linalg.pinv(covariance) @ off)
    return LogRank(statistic, len(names) - 1, float(chdtrc(len(names) - 1, statistic)))


# --- Time to first expansion


@dataclass(frozen=True, slots=True, eq=False)
class FirstExpansion:
    """How long accounts take to expand first, from the first month they paid.

    Attributes
    ----------
    accounts
        account_id, months (until the first expansion, or until last seen paying), expanded.
    curve
        Of all of them, in days.
    by_group
        A curve per group, where groups were given.
    difference
        Whether the groups differ.
    left_out
        Accounts that paid in the first month on record: when they began is unknown.
    mean_of_expanded
        The mean days of those who did expand. It is biased: who has not expanded yet is not in it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import first_expansion
    >>> paid = {"A": [0, 50, 60, 60], "B": [0, 40, 40, 40], "C": [0, 0, 30, 30], "D": [9, 9, 9, 9]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> found = first_expansion(mrr)
    >>> found.left_out, found.curve.cases, found.curve.median, round(found.mean_of_expanded)
    (1, 3, None, 30)
    """

    accounts: pd.DataFrame
    curve: SurvivalCurve
    by_group: Mapping[str, SurvivalCurve]
    difference: LogRank | None
    left_out: int
    mean_of_expanded: float | None

    @staticmethod
    def median_between(curve: SurvivalCurve) -> tuple[float | None, float | None]:
        """Return the range of the median of one of the curves, in days.

        A record by months says when an account began and expanded to the month: a time of three months on it is one of
        two and a half to three and a half, however many accounts there are.

        Parameters
        ----------
        curve
            That of all accounts or of a group.
        """
        low, high = curve.median_between
        half = DAYS_PER_MONTH / 2
        return None if low is None else max(low - half, 0.0), None if high is None else high + half


def first_expansion(
    mrr: pd.DataFrame | MrrLedger, groups: Mapping[str, str] | None = None, *, level: float = 0.95
) -> FirstExpansion:
    """Return how long accounts take to expand first; who has not expanded, or left before, counts while it was seen.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount) or the ledger made from it.
    groups
        The group of each account, by account_id; accounts without one are in no group's curve.
    level
        Of the intervals.

    Returns
    -------
    FirstExpansion
        Curves in days, and the biased mean beside them.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import first_expansion
    >>> paid = {"A": [0, 50, 60, 60], "B": [0, 40, 40, 40], "C": [0, 0, 30, 45]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> round(first_expansion(mrr).curve.median)
    30
    """
    ledger = ledger_of(mrr)
    paying = ledger.amounts > 0
    began = paying.argmax(axis=1)
    pays, seen = paying.any(axis=1), paying.any(axis=1) & (began > 0)
    rose = np.zeros(paying.shape, dtype=bool)
    rose[:, 1:] = paying[:, :-1] & (ledger.amounts[:, 1:] > ledger.amounts[:, :-1])
    happened = np.asarray(rose.any(axis=1))
    last = paying.shape[1] - 1 - paying[:, ::-1].argmax(axis=1)
    months = (np.where(happened, rose.argmax(axis=1), last) - began)[seen]
    expanded, days = happened[seen], months * DAYS_PER_MONTH
    table = pd.DataFrame({"account_id": ledger.account_ids[seen], "months": months, "expanded": expanded})
    curves, difference = {}, None
    if groups is not None:
        named = table["account_id"].map(groups)
        known = named.notna().to_numpy()
        for name in sorted(named[known].unique()):
            here = (named == name).to_numpy()
            curves[str(name)] = survival_curve(days[here], expanded[here], level)
        difference = log_rank(days[known], expanded[known], named[known].to_numpy(str))
    mean = float(days[expanded].mean()) if expanded.any() else None
    curve = survival_curve(days, expanded, level)
    return FirstExpansion(table, curve, curves, difference, int((pays & ~seen).sum()), mean)
