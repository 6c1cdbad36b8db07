"""Where an account can stand on its way to new prices: what it then pays, and whether it has moved and arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """One entry per account: the bill, and the shares of the account that have moved and that pay the new price."""

    bill: Floats
    moved: Floats
    arrived: Floats


class Standing(Protocol):
    """A place on the way. It can be compared and hashed, so that what it comes to is worked out once."""

    def paid(self, bills: AccountBills) -> Paid:
        """Return what every account pays that stands here."""


@dataclass(frozen=True, slots=True)
class OnOldPrices:
    """Nothing has changed yet."""

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102 - as in the protocol, here and below
        nobody = np.zeros(len(bills))
        return Paid(bills.old, nobody, nobody)


@dataclass(frozen=True, slots=True)
class OnNewPrices:
    """The new price in full."""

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        everybody = np.ones(len(bills))
        return Paid(bills.new, everybody, everybody)


@dataclass(frozen=True, slots=True)
class UnderCap:
    """After `steps` rises of at most `per_year` each; a fall is given in full."""

    per_year: float
    steps: int

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        reached = bills.old * (1 + self.per_year) ** self.steps
        return _arrived(bills, np.where(bills.new < bills.old, bills.new, np.minimum(reached, bills.new)))


@dataclass(frozen=True, slots=True)
class PartOfTheWay:
    """A share of the change, more than nothing, is in the bill; a fall is given in full unless `falls_too`."""

    share: float
    falls_too: bool

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        between = bills.old * (1 - self.share) + bills.new * self.share
        full = (bills.new < bills.old) & (not self.falls_too)
        return _arrived(bills, np.where(full, bills.new, between))


@dataclass(frozen=True, slots=True)
class Offered:
    """A share `moved` of those who save has taken an offer, and `arrived` no longer has the incentive.

    `new_paid` is the share of the new bill they pay on average. Those who would pay more stay where they are here:
    how many of them move is a guess.
    """

    new_paid: float
    moved: float
    arrived: float

    def paid(self, bills: AccountBills) -> Paid:  # noqa: D102
        saves = bills.new <= bills.old
        change = bills.new * self.new_paid - bills.old * self.moved
        moved, arrived = (np.where(saves, share, 0.0) for share in (self.moved, self.arrived))
        return Paid(bills.old + np.where(saves, change, 0.0), moved, arrived)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One entry per account: which `share` of it pays `bill`, of which the new bill times `of_new` is a part."""

    share: Floats
    bill: Floats
    of_new: Floats


def ways(standing: Standing, bills: AccountBills) -> tuple[Way, ...]:
    """Return the bills that are really paid where an account stands: of an offer it may take, several at once."""
    paid = standing.paid(bills)
    if not isinstance(standing, Offered):
        of_new = np.divide(paid.moved * paid.bill, bills.new, out=np.zeros(len(bills)), where=bills.new > 0)
        return (Way(np.ones(len(bills)), paid.bill, of_new),)
    every, start = np.ones(len(bills)), standing.moved - standing.arrived
    reduced = (standing.new_paid - standing.arrived) / start if start > 0 else 1.0
    return (
        Way(1 - paid.moved, bills.old, np.zeros(len(bills))),
        Way(paid.moved - paid.arrived, bills.new * reduced, every * reduced),
        Way(paid.arrived, bills.new, every),
    )


OLD, NEW = OnOldPrices(), OnNewPrices()
_CLOSE = 1e-12


def _arrived(bills: AccountBills, found: Floats) -> Paid:
    arrived = np.abs(found - bills.new) <= _CLOSE * np.abs(bills.new)
    return Paid(found, np.ones(len(bills)), arrived.astype(float))
