"""Set the prices of an offer so that it brings most from accounts whose worth is known in draws.

One optimiser for every model: the same starting level, the same steps, the same number of rounds, the same accounts
and draws. Every account takes what leaves it most, and nothing where that is below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = tuple(2.0 ** (step / 2) for step in range(-8, 7))
STEPS = (0.55, 0.8, 0.94, 1.06, 1.25, 1.8)
ROUNDS = 4
_IMPOSSIBLE = 1e12  # below anything an offer can bring, and finite
_RAISED = (1.0, 1.1, 1.3, 2.0, 4.0)  # by how much the core may rise when a feature goes into it
_WORTH_A_ROUND = 1e-4
_RESTART = 0.1  # of the first price: where a price that fell to zero is tried again


class Menu(Protocol):
    """What can be bought, at prices still open."""

    @property
    def proportions(self) -> Floats:
        """Return prices in proportion to each other, from which the search starts; several starts in rows."""

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Tell which prices may fall to zero."""

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""

    def only(self, draws: slice) -> Menu:
        """Return the menu for some of the draws."""


@dataclass(frozen=True, slots=True, eq=False)
class OneOffer:
    """Everything for one bill: the sum of its parts, each a price times an amount per account.

    `least_share` of revenue is what each of several parts has to bring, so that a hybrid is one.
    """

    worth: Floats
    cost: Floats
    parts: Floats
    proportions: Floats
    least_share: float = 0.0

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that no part may be free."""
        return np.zeros(len(self.parts), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        bill = prices @ self.parts
        buys = self.worth >= bill[:, None]
        if self.least_share:
            by_part = self.billed(prices)
            if by_part.min() < self.least_share * by_part.sum():
                return np.full_like(self.worth, -_IMPOSSIBLE)
        found: Floats = np.where(buys, (bill - self.cost)[:, None], 0.0)
        return found

    def billed(self, prices: Floats) -> Floats:
        """Return what each part brings from those who buy."""
        buys = self.worth >= (prices @ self.parts)[:, None]
        found: Floats = (self.parts * prices[:, None] * buys.mean(axis=1)).sum(axis=1)
        return found

    def only(self, draws: slice) -> OneOffer:
        """Return the offer for some of the draws."""
        return OneOffer(self.worth[:, draws], self.cost, self.parts, self.proportions, self.least_share)


@dataclass(frozen=True, slots=True, eq=False)
class Tiers:
    """Tiers of which an account takes one: `worth` is tiers x accounts x draws, minus infinity beyond a limit."""

    worth: Floats
    cost: Floats
    units: Floats
    proportions: Floats

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that no tier may be free."""
        return np.zeros(len(self.worth), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        bills = bills_at(prices[:, None], self.units)
        best = np.zeros(self.worth.shape[1:])
        paid = np.zeros_like(best)
        for worth, bill in zip(self.worth, bills, strict=True):
            left = worth - bill[:, None]
            better = left >= best
            best = np.where(better, left, best)
            paid = np.where(better, (bill - self.cost)[:, None], paid)
        return paid

    def only(self, draws: slice) -> Tiers:
        """Return the tiers for some of the draws."""
        return Tiers(self.worth[:, :, draws], self.cost, self.units, self.proportions)


@dataclass(frozen=True, slots=True, eq=False)
class CoreAndAddOns:
    """A core, and add-ons on top of it: `extra` (add-ons x accounts x draws) is what each adds to an account's worth.

    `noticed` says where an account would ever buy an add-on apart. Add-ons may cost nothing, which puts their features
    into the core; so may the core, and they are then sold alone.
    """

    worth: Floats
    extra: Floats
    noticed: NDArray[np.bool_]
    cost: Floats
    units: Floats
    proportions: Floats

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that any price may be zero."""
        return np.ones(1 + len(self.extra), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        core = bills_at(prices[0], self.units[:, None])
        left, paid = self.worth - core, np.broadcast_to(core, self.worth.shape).copy()
        for price, extra, noticed in zip(prices[1:], self.extra, self.noticed, strict=True):
            bill = bills_at(price, self.units[:, None])
            takes = (extra >= bill) & (noticed | (price == 0))
            left = left + np.where(takes, extra - bill, 0.0)
            paid += np.where(takes, bill, 0.0)
        found: Floats = np.where(left >= 0, paid - self.cost[:, None], 0.0)
        return found

    def only(self, draws: slice) -> CoreAndAddOns:
        """Return the core and its add-ons for some of the draws."""
        some = (slice(None), slice(None), draws)
        return CoreAndAddOns(
            self.worth[:, draws], self.extra[some], self.noticed[some], self.cost, self.units, self.proportions
        )


def tuned(menu: Menu, stands_for: Floats) -> tuple[Floats, float]:
    """Return the prices that bring most in the mean over accounts and draws, and what they bring.

    From the best level of each start, prices move one by one, and together with those after them, while that helps.
    """
    weight = stands_for[:, None]

    def brings(prices: Floats) -> float:
        found = menu.takings(prices)
        return float((found * weight).sum() / found.shape[1])

    found = [_climbed(menu, start, brings) for start in np.atleast_2d(menu.proportions)]
    return max(found, key=lambda each: each[1])


def _climbed(menu: Menu, start: Floats, brings: Callable[[Floats], float]) -> tuple[Floats, float]:
    prices = max((start * level for level in LEVELS), key=brings)
    scale, best = np.where(prices > 0, prices, prices.max()), brings(prices)
    for _ in range(ROUNDS):
        before = best
        for place in range(len(prices)):
            for moved in _moves(prices, place, scale[place] * _RESTART, may_be_free=bool(menu.may_be_free[place])):
                found = brings(moved)
                if found > best:
                    prices, best = moved, found
        if best <= before * (1 + _WORTH_A_ROUND):
            break
    return prices, best


def _moves(prices: Floats, place: int, restart: float, *, may_be_free: bool) -> Iterator[Floats]:
    """Return prices with one of them moved, it and those after it moved, or it set to nothing and the first raised."""
    steps = np.array(STEPS) if prices[place] else np.array([1.0, 3.0, 10.0])
    base = prices[place] or restart
    for step in steps:
        moved = prices.copy()
        moved[place] = base * step
        yield moved
        if prices[place] and place < len(prices) - 1:
            together = prices.copy()
            together[place:] *= step
            yield together
    if may_be_free and prices[place]:
        for raised in _RAISED if place else (1.0,):
            moved = prices.copy()
            moved[0] *= raised
            moved[place] = 0.0
            yield moved
