"""Month-to-month swings: of usage and bills per account, and of revenue around its trend."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_CHANGES = 5
FEWEST_MONTHS = 8
_TREND_DEGREE = 2  # growth that itself speeds up or slows down is trend, not volatility


@dataclass(frozen=True, slots=True)
class BillShock:
    """How bills jump from one month to the next.

    `over_25` and `over_50` are the shares of the `accounts` counted with at least one month that is more than 25% or
    50% above the month before; `jumps` is the share of all monthly changes above 25%, its 90% interval taken over
    accounts, whose months go together. `largest_p95` is the rise that 95% of the accounts never exceed (0.8 means
    +80%). All are NaN when no account has two bills in a row.
    """

    accounts: int
    changes: int
    over_25: float
    over_50: float
    jumps: Interval
    largest_p95: float


def rises(amounts: Floats, *, throughout: bool = False) -> Floats:
    """Return the relative change against the month before: accounts x (months - 1), NaN where there is none.

    A change needs a positive amount in both months. An account's first known month is often a part of a month, so
    the rise out of it is left out; not so where all were customers `throughout`, whose zeros are months that cost
    nothing.
    """
    positive = np.where(amounts > 0, amounts, np.nan)
    with np.errstate(invalid="ignore"):
        change = positive[:, 1:] / positive[:, :-1] - 1
    if throughout:
        return change
    seen = ~np.isnan(positive)
    first = np.where(seen.any(axis=1), seen.argmax(axis=1), amounts.shape[1])
    # An account present in the first visible month joined earlier: its first visible bill is a whole month.
    joined_inside = (first > 0) & (first < change.shape[1])
    change[joined_inside, first[joined_inside]] = np.nan
    return change


def bill_shock(bills: Floats, *, throughout: bool = False) -> BillShock:
    """Return how often and how far the bills (accounts x months, 0 or NaN when not billed) jump.

    Accounts without two bills in a row are not counted; where all were customers `throughout`, they are, as accounts
    whose bill never jumps, so that ways of billing are compared over the same accounts.
    """
    change = rises(bills, throughout=throughout)
    known = ~np.isnan(change)
    has_any = known.any(axis=1) | throughout
    if not known.any():
        return BillShock(0, 0, np.nan, np.nan, Interval(np.nan, np.nan, np.nan), np.nan)
    largest = np.max(np.where(known, change, -np.inf)[has_any], axis=1)
    return BillShock(
        accounts=int(has_any.sum()),
        changes=int(known.sum()),
        over_25=float((largest > 0.25).mean()),  # noqa: PLR2004 - the mark named in the result
        over_50=float((largest > 0.5).mean()),  # noqa: PLR2004 - the same
        jumps=_share_of_changes(change > 0.25, known),  # noqa: PLR2004 - the same
        largest_p95=float(np.quantile(np.maximum(largest, 0.0), 0.95)),
    )


def _share_of_changes(which: NDArray[np.bool_], known: NDArray[np.bool_], level: float = 0.9) -> Interval:
    """Return a share of all changes as a ratio over accounts, so that an account's months count as one draw."""
    hits, changes = (which & known).sum(axis=1), known.sum(axis=1)
    share = float(hits.sum() / changes.sum())
    error = float(np.sqrt(((hits - share * changes) ** 2).sum()) / changes.sum())
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return Interval(max(0.0, share - reach), share, min(1.0, share + reach), level)


def volatility(quantities: Floats) -> Floats:
    """Return each account's month-to-month variation: the standard deviation of the changes of log usage.

    0.2 means that a month is typically about 20% above or below what the account's growth would lead to.
    NaN for accounts with fewer than five changes.
    """
    change = np.log1p(rises(quantities))
    enough = (~np.isnan(change)).sum(axis=1) >= FEWEST_CHANGES
    found = np.full(len(quantities), np.nan)
    if enough.any():
        found[enough] = np.nanstd(change[enough], axis=1, ddof=1)
    return found


def around_trend(revenue: Floats) -> float:
    """Return the standard deviation of monthly revenue around its trend, as a share of the trend.

    The trend is a parabola through log revenue, so steady growth at any rate counts as no swing, and so does growth
    that steadily speeds up or slows down. Seasons count as swings. Zero and unknown months are left out; NaN with
    fewer than eight months.
    """
    residuals = trend_residuals(revenue)
    freedom = int(np.isfinite(residuals).sum()) - _TREND_DEGREE - 1
    return float(np.sqrt(np.nansum(residuals**2) / freedom)) if freedom > 0 else float("nan")


def trend_residuals(revenue: Floats) -> Floats:
    """Return how far each month's log revenue lies from the trend that `around_trend` takes out; NaN where unknown.

    Close to the relative difference: 0.05 is about 5% above the trend. All NaN with fewer than eight months.
    """
    found = np.full(len(revenue), np.nan)
    known = np.flatnonzero(np.isfinite(revenue) & (revenue > 0))
    if len(known) < FEWEST_MONTHS:
        return found
    log = np.log(revenue[known])
    x = known - known.mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.RankWarning)
        found[known] = log - np.polyval(np.polyfit(x, log, _TREND_DEGREE), x)
    return found
