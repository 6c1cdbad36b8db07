"""One figure of a study's results: a value with its range, unit, basis, population and period."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.results import Interval

SHARE, ACCOUNTS = "share", "accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """One figure: `value` None is unknown and `reason` says why; `low` and `high` are a 90% range, None without one."""

    id: str
    stage: str
    name: str
    value: float | None
    unit: str
    basis: str
    population: str
    period: str
    low: float | None = None
    high: float | None = None
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return the figure as JSON holds it."""
        row = asdict(self)
        return {name: plain(value) if name in {"value", "low", "high"} else value for name, value in row.items()}


def plain(value: float | None) -> float | None:
    """Return a number, None where it is unknown or no number."""
    return None if value is None or not math.isfinite(value) else float(value)


class Speaks:
    """Makes figures of one stage that share basis, population and period."""

    def __init__(self, stage: str, basis: str, population: str, period: str) -> None:
        self.stage, self.basis, self.population, self.period = stage, basis, population, period

    def __call__(
        self, key: str, name: str, value: float | None, unit: str, *, why: str = "", range_: Interval | None = None
    ) -> ResultFigure:
        """Return a figure; `why` is its reason where its value is unknown."""
        known = plain(value)
        return ResultFigure(
            id=key,
            stage=self.stage,
            name=name,
            value=known,
            unit=unit,
            basis=self.basis,
            population=self.population,
            period=self.period,
            low=None if range_ is None or known is None else plain(range_.low),
            high=None if range_ is None or known is None else plain(range_.high),
            reason="" if known is not None else why or "The data does not say.",
        )


def span(months: Sequence[str]) -> str:
    """Write the months of a basis: 2024-12, or 2024-01 to 2024-12."""
    if not months:
        return ""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
