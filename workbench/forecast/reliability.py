"""How far to trust a forecast: a back-test on known months, and how far ahead a history lets anybody look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.totals import DRAWS, depends_on, simulate_totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.totals import Bill, Parts
    from workbench.forecast.usage_growth import UsageHistory

# --- A standing test of the forecast on the months that are known

BACK_TEST_FROM = 24  # months of history
HELD_BACK = 12
_JUDGED = (3, 6, 12)
_WIDEST = 2.5


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the forecast from twelve months ago said, beside what came.

    Attributes
    ----------
    names
        The price lists.
    ranges
        Per list low, median and high (3 x 12 months).
    truth
        What came, per list and month.
    widening
        Factor by which ranges are stretched for it, in logarithms; 1 where the ranges held.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import back_test
    >>> found = back_test(history, lists, draws=100)
    >>> found.ranges.shape, found.widening >= 1
    ((1, 3, 12), True)
    """

    names: tuple[str, ...]
    ranges: NDArray[np.float64]
    truth: NDArray[np.float64]
    widening: float


def billed_totals(history: UsageHistory, lists: Mapping[str, Bill], months: int | None = None) -> NDArray[np.float64]:
    """Bill every month seen, or the last so many: lists x months.

    Parameters
    ----------
    history
        Usage so far, complete months.
    lists
        Price lists by name.
    months
        The last so many; all when None.

    Returns
    -------
    NDArray[np.float64]
        Money, lists x months.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import billed_totals
    >>> bool(np.isclose(billed_totals(history, lists, 1)[0, 0], 2 * use[:, -1].sum()))
    True
    """
    active = history.active
    first = 0 if months is None else history.months - months
    totals = np.zeros((len(lists), history.months - first))
    for month in range(first, history.months):
        places = np.flatnonzero(active[:, month])
        quantities = np.nan_to_num(history.quantity[:, places, month])
        totals[:, month - first] = [bill(quantities, places).sum() for bill in lists.values()]
    return totals


def back_test(
    history: UsageHistory,
    lists: Mapping[str, Bill],
    *,
    then: Mapping[str, Bill] | None = None,
    came: Mapping[str, NDArray[np.float64]] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> BackTest | None:
    """Forecast from twelve months before the last and hold it against what came; None under 24 months of history.

    Parameters
    ----------
    history
        Usage so far, complete months.
    lists
        Price lists as they bill now; each bills a month's quantities (metrics x accounts) of given accounts.
    then
        The same lists as they billed accounts then, where that differs (a plan, a discount).
    came
        What really came in these months under a list, where that is known better than by billing usage again.
    draws, seed
        How many draws, and where random numbers start.

    Returns
    -------
    BackTest | None
        Ranges and truth for the last twelve months; None under 24 months of history.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import back_test
    >>> found = back_test(history, lists, draws=100)
    >>> low, middle, high = found.ranges[0]
    >>> bool((abs(found.truth[0] / middle - 1) < 0.1).all()), back_test(history.until(20), lists) is None
    (True, True)
    """
    if history.months < BACK_TEST_FROM:
        return None
    origin = history.months - HELD_BACK
    known = history.known_by(origin)
    # A list bills an account by its place in the whole history, so places are carried through.
    before = {name: _At(bill, known) for name, bill in (then or lists).items()}
    totals = simulate_totals(history.until(origin), before, HELD_BACK, draws=draws, seed=seed)
    unknown = {name: bill for name, bill in lists.items() if name not in (came or {})}
    billed = dict(zip(unknown, billed_totals(history, unknown, HELD_BACK), strict=True))
    truth = np.array([(billed | dict(came or {}))[name] for name in lists])
    factors = []
    for index, name in enumerate(totals.names):
        logs = np.log(np.maximum(totals.of(name), 1e-12))
        months = [month - 1 for month in _JUDGED]
        came = np.log(np.maximum(truth[index, months], 1e-12))
        errors = (came - np.median(logs[:, months], axis=0)) / np.maximum(logs[:, months].std(axis=0), 1e-9)
        factors.append(np.sqrt((len(_JUDGED) + 2 * float(np.mean(errors**2))) / (len(_JUDGED) + 2)))
    widening = float(np.clip(max(factors), 1.0, _WIDEST))
    ranges = np.array([totals.ranges(name) for name in totals.names])
    return BackTest(totals.names, ranges, truth, widening)


class _At:
    """A bill of the places that a shorter history has."""

    def __init__(self, bill: Bill, known: NDArray[np.int64]) -> None:
        self._bill, self._known = bill, known

    def __call__(self, quantity: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._bill(quantity, self._known[places])

    def depends(self, metric: int, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        found = np.zeros(len(places), dtype=bool)
        found[depends_on(self._bill, metric, self._known[places])] = True
        return found


# --- How far ahead a history lets anybody look: as a range, as a sign, or not at all

LEAST_MONTHS, LEAST_ACCOUNTS = 6, 20
WIDEST = 3.0  # high end over low end: where revenue swings, a range beyond says nothing a team could act on
LARGE_SHOCK = 0.03  # of all usage, in one month: beyond it revenue swings
FEW, MUCH = 5, 0.5  # so few accounts with so much of the revenue make it swing, too
_JUMP, _USUAL = 0.4, 6.0  # a jump: half as much again for all accounts, and so many times what is usual
FAR_AHEAD = 24


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be said of the months ahead.

    `reason` says in words why not more; where `ranges` is 0, why nothing at all.

    Attributes
    ----------
    ranges
        For how many months a range may be given.
    sign
        For how many it may be said which of two price lists brings more.
    tested
        Whether a back-test is possible.
    reason
        Why not more.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory, reach_of
    >>> months = {count: np.ones((1, 20, count)) for count in (5, 12, 24)}
    >>> who = np.full(20, AGE_UNKNOWN), np.zeros(20, dtype=np.int64)
    >>> [(reach_of(UsageHistory(use, *who)).ranges, reach_of(UsageHistory(use, *who)).sign) for use in months.values()]
    [(0, 0), (12, 24), (24, 24)]
    """

    ranges: int
    sign: int
    tested: bool
    reason: str


# From so many months of history on: how far ranges go, how far signs do, whether a back-test exists, and why no more.
_MARKS = (
    (24, Reach(FAR_AHEAD, FAR_AHEAD, tested=True, reason="")),
    (12, Reach(12, FAR_AHEAD, tested=False, reason="a season cannot be told from chance before 24 months")),
    (LEAST_MONTHS, Reach(3, 0, tested=False, reason="a season would pass for growth before 12 months")),
)


def reach_of(history: UsageHistory) -> Reach:
    """Return how far ahead a history reaches, by its months and by how many accounts were seen for long enough.

    Parameters
    ----------
    history
        Usage so far, complete months.

    Returns
    -------
    Reach
        Months ahead, and why not more.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory, reach_of
    >>> history = UsageHistory(np.ones((1, 20, 5)), np.full(20, AGE_UNKNOWN), np.zeros(20, dtype=np.int64))
    >>> reach_of(history).reason.split(".")[0]
    '5 months of history; a forecast needs 6'
    """
    months = history.months
    long_enough = int((history.active.sum(axis=1) >= LEAST_MONTHS).sum())
    if months < LEAST_MONTHS:
        return Reach(0, 0, tested=False, reason=f"{_months(months)} of history; a forecast needs {LEAST_MONTHS}")
    if long_enough < LEAST_ACCOUNTS:
        text = f"{long_enough} accounts with {LEAST_MONTHS} months or more; a forecast needs {LEAST_ACCOUNTS}"
        return Reach(0, 0, tested=False, reason=text)
    reach = next(found for least, found in _MARKS if months >= least)
    if not reach.reason:
        return reach
    return Reach(reach.ranges, reach.sign, reach.tested, f"{_months(months)} of history: {reach.reason}")


def narrowed(reach: Reach, parts: Parts, bills: NDArray[np.float64]) -> Reach:
    """Return the reach where revenue swings: only as far as a range is of use; `bills` are those of the last month.

    Revenue swings where all usage does, or where five accounts are more than half of it.

    Parameters
    ----------
    reach
        What the history allows.
    parts
        The forecast.
    bills
        Those of the last month, one per account.

    Returns
    -------
    Reach
        The same reach, or a shorter one with the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import narrowed, reach_of, simulate_parts
    >>> parts = simulate_parts(history, lists, 24, draws=100)
    >>> narrowed(reach_of(history), parts, 2 * use[:, -1]).ranges
    24
    """
    few = np.sort(bills)[-FEW:].sum() > MUCH * bills.sum()
    if parts.shock <= LARGE_SHOCK and not few:
        return reach
    months = min(months_of_use(parts.totals.ranges(name)) for name in parts.names)
    if months >= reach.ranges:
        return reach
    why = f"{FEW} accounts are more than half of revenue" if few else "all usage swings by a few per cent a month"
    if not months:
        return Reach(0, 0, reach.tested, f"{why}, and even the range of next month is wider than a factor of three")
    return replace(
        reach, ranges=months, reason=f"{why}: beyond {_months(months)} the range is wider than a factor of three"
    )


def jump_of(quantity: NDArray[np.float64]) -> int | None:
    """Return the month (place) in which usage of half of all accounts (accounts x months) jumps at once, None without.

    What was counted changed then, not what was used: nobody can forecast from both sides of it.

    Parameters
    ----------
    quantity
        Accounts x months.

    Returns
    -------
    int | None
        The place of the month; None without a jump.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import jump_of
    >>> steady = np.random.default_rng(0).lognormal(3, 0.05, (50, 24))
    >>> jumped = np.where(np.arange(24) >= 15, steady * 60, steady)
    >>> jump_of(steady), jump_of(jumped)
    (None, 15)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = np.diff(np.log(np.where(quantity > 0, quantity, np.nan)), axis=1)
    counted = ~np.isnan(changes)
    enough = np.flatnonzero(counted.sum(axis=0) >= LEAST_ACCOUNTS)
    if len(enough) < LEAST_MONTHS - 1:
        return None
    common = np.nanmedian(changes[:, enough], axis=0)
    off = np.abs(common - np.median(common))
    largest = int(off.argmax())
    usual = 1.4826 * float(np.median(off))  # a standard deviation that one jump does not move
    return int(enough[largest]) + 1 if off[largest] > max(_JUMP, _USUAL * usual) else None


def months_of_use(ranges: NDArray[np.float64]) -> int:
    """Return for how many months from the first on a range (low, median, high x months) is narrow enough to be used.

    Parameters
    ----------
    ranges
        Low, median and high x months.

    Returns
    -------
    int
        Months, from the first on.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import months_of_use
    >>> months_of_use(np.array([[95, 90, 10], [100, 100, 100], [105, 110, 1000]]))
    2
    """
    low, _, high = ranges
    too_wide = np.flatnonzero(~(high <= WIDEST * low))
    return int(too_wide[0]) if len(too_wide) else ranges.shape[1]


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"
