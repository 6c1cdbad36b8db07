"""Inputs that are guesses: kept as ranges, each with its unit and where it comes from."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from workbench.formatting import exact
from workbench.study.model import FrozenModel, Identifier, Note, Title


class Assumption(FrozenModel):
    """A guessed input as a range: the team holds it 90% likely that the truth lies from `low` to `high`."""

    id: Identifier
    label: Title
    low: float
    high: float
    unit: Note = ""
    note: Note = ""
    source: Note = ""

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.low > self.high:
            raise ValueError(
                f"the low end ({exact(self.low)}) of {self.label!r} lies above its high end "
                f"({exact(self.high)}); swap them"
            )
        return self

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.low + self.high) / 2
