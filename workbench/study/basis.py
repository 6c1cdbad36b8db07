"""The basis of a study's revenue figures: chosen once, printed with each of them."""

from __future__ import annotations

from typing import Literal, TypeAlias

RevenueBasis: TypeAlias = Literal["last complete month", "mean of the last twelve months"]
LAST_MONTH: RevenueBasis = "last complete month"
MEAN_OF_TWELVE: RevenueBasis = "mean of the last twelve months"
MONTHS_OF_BASIS: dict[RevenueBasis, int] = {LAST_MONTH: 1, MEAN_OF_TWELVE: 12}
