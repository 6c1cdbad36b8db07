"""Figures made of sums over accounts, each with its interval over accounts, for all of them and for groups.

A figure is a ratio, or the like, of sums to which every account adds its part. Its interval says how far it would be
off had other accounts like these been customers: every account counts a random number of times, once on average
(Poisson weights, Chamandy et al. 2012), and the middle of what comes out is widened as far as few accounts decide
(Hesterberg 2015, doi:10.1080/00031305.2015.1089789).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.results import LAST_DIGITS, Interval
from workbench.stats import stream, wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.results import Floats

DRAWS, FEWEST_DECIDING, FEWEST_ACCOUNTS = 1_000, 2.0, 8
_ENTRIES = 4_000_000  # weights drawn at a time
ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class AccountSums:
    """What every account adds to each sum, by name: accounts x sums.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.account_figures import AccountSums
    >>> sums = AccountSums.of({"before": np.array([10.0, 30.0]), "after": np.array([15.0, 30.0])})
    >>> sums.of_all["after"] / sums.of_all["before"]
    np.float64(1.125)
    """

    names: tuple[str, ...]
    parts: Floats

    @classmethod
    def of(cls, parts: Mapping[str, NDArray]) -> AccountSums:
        """Return the sums of parts by name."""
        return cls(tuple(parts), np.array([*parts.values()], dtype=float).T)

    def __getitem__(self, name: str) -> Floats:
        """Return what the accounts add to one sum."""
        return self.parts[:, self.names.index(name)]

    @property
    def of_all(self) -> dict[str, Floats]:
        """Return the sums of all accounts."""
        return self.named(self.parts.sum(axis=0))

    def named(self, sums: Floats) -> dict[str, Floats]:
        """Return sums, whose last axis has the order of the names, by name."""
        return {name: sums[..., place] for place, name in enumerate(self.names)}


@dataclass(frozen=True, slots=True)
class AccountFigure:
    """A figure of sums over accounts: its key, name, unit, formula in words, and how it is made of the sums.

    `of` takes the sums by name, arrays of any shape, and returns NaN where the figure cannot be said; `why_not` then
    says why, of the sums. `share_of` names the two sums of a share of accounts, counted of counted, whose interval is
    that of a share (Wilson). `top` marks a figure of the largest ten, by the sum of that name.
    """

    key: str
    name: str
    unit: str
    formula: str
    of: Callable[[Mapping[str, Floats]], Floats]
    why_not: Callable[[Mapping[str, Floats]], str] = lambda _: "nobody paid"
    share_of: tuple[str, str] | None = None
    top: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of a group: its value (None: cannot be said), interval (None: unknown), and why where it is not there.

    `deciding` is how many accounts of equal weight would decide as much as these do.
    """

    figure: AccountFigure
    dimension: str
    group: str
    accounts: int
    value: float | None
    interval: Interval | None
    reason: str
    deciding: float


def ratio_of(above: NDArray, below: NDArray) -> Floats:
    """Return one sum over another, NaN where that is nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(np.asarray(below) > 0, np.divide(above, below), np.nan)
    return found


def left_out_one_by_one(sums: AccountSums, figure: AccountFigure) -> Floats:
    """Return by how much each account moves a figure: what it is, less what it would be without the account.

    Parameters
    ----------
    sums
        What accounts add.
    figure
        The figure.

    Returns
    -------
    Floats
        One change per account, in the order of the accounts.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.account_figures import AccountFigure, AccountSums, left_out_one_by_one, ratio_of
    >>> sums = AccountSums.of({"before": np.array([10.0, 30.0]), "after": np.array([20.0, 30.0])})
    >>> net = AccountFigure("net", "Net", "percent", "after / before", lambda s: ratio_of(s["after"], s["before"]))
    >>> left_out_one_by_one(sums, net).tolist()
    [0.25, -0.75]
    """
    if figure.top:
        return _moving_top_share(sums[figure.top])
    total = sums.parts.sum(axis=0)
    rest = total - sums.parts
    rest[np.abs(rest) < LAST_DIGITS * np.abs(total)] = 0.0
    found: Floats = figure.of(sums.named(total)) - figure.of(sums.named(rest))
    return found


def estimates(
    sums: AccountSums,
    figures: Sequence[AccountFigure],
    groups: Mapping[str, NDArray] | None = None,
    *,
    draws: int = DRAWS,
    level: float = 0.9,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """Return figures of all accounts and of groups, each with its interval over accounts.

    Parameters
    ----------
    sums
        What accounts add to the sums.
    figures
        What is made of them.
    groups
        For each dimension the group of every account, in the order of the sums; blank (None) is in no group.
    draws
        How many weights each account is given; 0 for no intervals.
    level, seed
        Of the intervals.

    Returns
    -------
    tuple[Estimate, ...]
        For all accounts first, then group by group.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.account_figures import AccountFigure, AccountSums, estimates, ratio_of
    >>> chance = np.random.default_rng(1)
    >>> before = chance.lognormal(3, 0.5, 400)
    >>> sums = AccountSums.of({"before": before, "after": before * chance.uniform(0.8, 1.4, 400)})
    >>> net = AccountFigure("net", "Net", "percent", "after / before", lambda s: ratio_of(s["after"], s["before"]))
    >>> found = estimates(sums, [net], {"side": np.where(np.arange(400) % 2, "odd", "even")})
    >>> [(each.group, round(each.value, 2), each.interval.low < 1.1 < each.interval.high) for each in found]
    [('all', 1.11, True), ('even', 1.11, True), ('odd', 1.11, True)]
    """
    cells, members, labels = _cells(len(sums.parts), groups or {})
    order = np.argsort(cells, kind="stable")
    bounds = np.searchsorted(cells[order], np.arange(members.shape[1] + 1))
    tops = [figure for figure in figures if figure.top]
    drawn = _drawn(sums, tops, (order, bounds, members), draws=draws, seed=seed) if draws else None
    found: list[Estimate] = []
    for at, names in enumerate(labels):
        own = sums if at == 0 else AccountSums(sums.names, sums.parts[members[at][cells] > 0])
        of_group = None if drawn is None else drawn.of_group(at)
        total = own.of_all
        found += [_estimate(own, total, figure, names, of_group, level=level) for figure in figures]
    return tuple(found)


def _cells(accounts: int, groups: Mapping[str, NDArray]) -> tuple[NDArray[np.intp], Floats, list[tuple[str, str]]]:
    """Return the cell of each account (those alike in every dimension), which cells a group holds, and its names."""
    cells, codes_of = np.zeros(accounts, dtype=np.intp), {}
    for dimension, names in groups.items():
        codes, labels = pd.factorize(pd.Series(names, dtype=object).replace("", None), sort=True)
        codes_of[dimension] = codes, labels
        cells = pd.factorize(cells * (len(labels) + 1) + codes + 1)[0]
    first = np.unique(cells, return_index=True)[1]
    members, names_of = [np.ones(len(first))], [(ALL, ALL)]
    for dimension, (codes, labels) in codes_of.items():
        for code, label in enumerate(labels):
            inside = codes[first] == code
            if inside.any():
                members.append(inside.astype(float))
                names_of.append((dimension, str(label)))
    return cells, np.array(members), names_of


_WEIGHTS = np.searchsorted(
    np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)]), (np.arange(65536) + 0.5) / 65536
).astype(np.float32)
"""Poisson weights of mean one, by 16 random bits: drawn twenty times faster than one by one."""


def _weights(accounts: int, draws: int, seed: int) -> Iterator[NDArray[np.float32]]:
    random, step = stream(seed, "accounts"), max(1, _ENTRIES // max(accounts, 1))
    for start in range(0, draws, step):
        bits = random.integers(0, 65536, (min(step, draws - start), accounts), dtype=np.uint16)
        yield _WEIGHTS[bits]


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Sums by group, draw and name, and by figure the share of the largest ten, by group and draw."""

    sums: Floats
    tops: Mapping[str, Floats]

    def of_group(self, at: int) -> _Drawn:
        """Return the draws of one group."""
        return _Drawn(self.sums[at], {key: each[at] for key, each in self.tops.items()})


def _drawn(
    sums: AccountSums,
    tops: Sequence[AccountFigure],
    cells: tuple[NDArray[np.intp], NDArray[np.intp], Floats],
    *,
    draws: int,
    seed: int,
) -> _Drawn:
    """Draw the sums of groups, of accounts in the order of their cells, where the cells begin, and who is in which."""
    order, bounds, members = cells
    values = sums.parts[order].astype(np.float32)
    cell = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    largest = {
        figure.key: [_largest(np.where(row[cell] > 0, sums[figure.top][order], 0.0), 8 * _TOP) for row in members]
        for figure in tops
    }
    parts: list[Floats] = []
    found: dict[str, list[list[Floats]]] = {figure.key: [[] for _ in members] for figure in tops}
    for weights in _weights(len(order), draws, seed):
        by_cell = np.stack([weights[:, a:b] @ values[a:b] for a, b in pairwise(bounds)])
        parts.append(np.tensordot(members, by_cell.astype(float), axes=(1, 0)))
        for figure in tops:
            column = sums.names.index(figure.top)
            for at, places in enumerate(largest[figure.key]):
                held = _top_share(values[places, column].astype(float), weights[:, places], parts[-1][at, :, column])
                found[figure.key][at].append(held)
    return _Drawn(
        np.concatenate(parts, axis=1),
        {key: np.array([np.concatenate(each) for each in rows]) for key, rows in found.items()},
    )


_TOP = 10


def _largest(amounts: Floats, most: int) -> NDArray[np.intp]:
    """Return the places of the largest positive amounts, in falling order."""
    places = np.argpartition(-amounts, most)[:most] if len(amounts) > most else np.arange(len(amounts))
    places = places[np.argsort(-amounts[places], kind="stable")]
    return places[amounts[places] > 0]


def _top_share(amounts: Floats, weights: NDArray, total: Floats) -> Floats:
    """Return the share of a total that the largest ten hold, when each amount counts as often as its weight says."""
    before = np.cumsum(weights, axis=1) - weights
    taken = np.clip(_TOP - before, 0, weights)
    return ratio_of(taken @ amounts, total)


def top_share(amounts: Floats) -> float:
    """Return the share of a total that its largest ten hold; NaN of nothing."""
    largest = amounts[_largest(amounts, _TOP)]
    return float(largest.sum() / amounts.sum()) if len(largest) else math.nan


def _moving_top_share(amounts: Floats) -> Floats:
    """Return what the share of the largest ten is, less what it would be without each: the next one takes its place."""
    largest = _largest(amounts, _TOP + 1)
    held, following = largest[:_TOP], amounts[largest[_TOP:]].sum()
    without = np.full(len(amounts), amounts[held].sum())
    without[held] += following - amounts[held]
    return top_share(amounts) - ratio_of(without, amounts.sum() - amounts)


def _estimate(
    sums: AccountSums,
    own: Mapping[str, Floats],
    figure: AccountFigure,
    names: tuple[str, str],
    drawn: _Drawn | None,
    *,
    level: float,
) -> Estimate:
    accounts = len(sums.parts)
    value = top_share(sums[figure.top]) if figure.top else float(figure.of(own))
    if math.isnan(value):
        return Estimate(figure, *names, accounts, None, None, figure.why_not(own), 0.0)
    if figure.share_of is not None:
        counted, of = (float(own[name]) for name in figure.share_of)
        return Estimate(figure, *names, accounts, value, wilson(counted, of, level), "", of)
    if drawn is None:
        return Estimate(figure, *names, accounts, value, None, "", 0.0)
    draws = drawn.tops[figure.key] if figure.top else figure.of(sums.named(drawn.sums))
    parts = sums[figure.top] if figure.top else left_out_one_by_one(sums, figure)
    deciding = _deciding(parts)
    known = draws[np.isfinite(draws)]
    reason = _why_no_interval(accounts, deciding, known, len(draws), figure)
    interval = None if reason else _widened(known, value, level, deciding, accounts)
    return Estimate(figure, *names, accounts, value, interval, reason, deciding)


def _deciding(parts: Floats) -> float:
    """Return how many accounts decide a figure, by what each moves it: as many as there are when all move it alike."""
    known = parts[np.isfinite(parts)]
    off = known - known.mean() if len(known) else known
    squares = off**2
    return float(squares.sum() ** 2 / (squares**2).sum()) if squares.any() else 0.0


def _why_no_interval(accounts: int, deciding: float, known: Floats, draws: int, figure: AccountFigure) -> str:
    if accounts < FEWEST_ACCOUNTS:
        return f"{accounts} accounts are too few for a range"
    if deciding <= 0 or not len(known) or float(np.ptp(known)) == 0:
        return "it is the same for all accounts, so nothing says how far others would differ"
    if deciding < FEWEST_DECIDING and not figure.top:
        return "one or two accounts decide it, so no range of it holds"
    if len(known) < 0.95 * draws:
        return "with other accounts like these it often could not be said"
    return ""


def _widened(draws: Floats, value: float, level: float, deciding: float, accounts: int) -> Interval:
    """Return the quantiles of draws at which a normal distribution reaches as far as one with few degrees of freedom.

    The draws vary by the accounts there are, not by one less, which the factor makes up for.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - loads slowly

    reach = float(stdtrit(max(deciding - 1, 1.0), 0.5 + level / 2)) * math.sqrt(accounts / max(accounts - 1, 1))
    tail = NormalDist().cdf(-reach)
    low, high = np.quantile(draws, (tail, 1 - tail))
    return Interval(float(low), value, float(high), level)
