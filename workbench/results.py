"""Small frozen types that every result shares, and how near two figures have to be to count as the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

# --- Small frozen types that every result shares: intervals, cautions, key figures, what it stands on


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the range that holds it at `level` (0.9 means 90%)."""

    low: float
    estimate: float
    high: float
    level: float = 0.9

    def changed(self, change: Callable[[float], float]) -> Interval:
        """Return the interval of a number that rises with this one, such as its hundredfold."""
        return Interval(change(self.low), change(self.estimate), change(self.high), self.level)


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning a result carries about itself, such as too few answers or missing months."""

    text: str
    severity: Literal["note", "warning"] = "warning"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number for a reader, with its unit, period and population.

    `value` None means unknown and is shown so. `change` is the difference to the baseline in the same unit.
    `unit` is a currency code, "percent" (value 0.12 is 12%), "times", or a plain noun such as "accounts". `in_words` is
    shown instead of the number where the bare number would mislead. `held_against_today` marks a figure that today has
    too, so that a missing `change` means today's is unknown. `interval_is` says what the interval is where nobody
    measured it, such as "assumed range".
    """

    label: str
    value: float | None
    unit: str = ""
    period: str = ""
    population: str = ""
    change: float | None = None
    interval: Interval | None = None
    digits: int | None = None
    note: str = ""
    in_words: str = ""
    held_against_today: bool = False
    interval_is: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A table a stage lacks, and what it would add."""

    table: str
    would_add: str


@dataclass(frozen=True, slots=True)
class Basis:
    """The part of the customer base a result stands on. Months are written 2024-03."""

    accounts: int
    of_accounts: int
    first_month: str = ""
    last_month: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a stage for other tools, by a key of its own; `value` None is unknown, and `reason` says why."""

    key: str
    name: str
    value: float | None
    unit: str
    basis: str
    population: str
    period: str
    interval: Interval | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stake:
    """Money a month that could be lost, what it is, and what would show that it goes."""

    money: float
    text: str
    trigger: str


# --- How near two figures have to be to count as the same, said once for all that compare them

LAST_DIGITS = 1e-9  # relative, or of a share: what floating point leaves open in a bill, a sum, a limit
HALF_A_CENT = 0.005  # in the currency: bills that differ by less are the same on an invoice
_OF_A_WHOLE = 1e-6


def make_a_whole(shares: Iterable[float]) -> bool:
    """Tell whether shares that people typed sum to 1."""
    return abs(sum(shares) - 1) <= _OF_A_WHOLE
