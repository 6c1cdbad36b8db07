"""How much higher people say they would pay than they do pay: a range, applied in the open."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.formatting import exact
from workbench.research.errors import ResearchError
from workbench.results import Interval

SOURCE = (
    "Schmidt & Bijmolt 2020 (Journal of the Academy of Marketing Science 48): 115 comparisons, mostly consumer goods, "
    "in which stated prices were about 1.21 times what people paid"
)


@dataclass(frozen=True, slots=True)
class Overstatement:
    """How many times what people would pay they say they would: a range, since nobody knows it for this product.

    Raises ResearchError when the ends are not positive or in the wrong order.
    """

    low: float = 1.0
    high: float = 1.4
    source: str = SOURCE

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high < float("inf"):
            raise ResearchError(
                f"Stated prices cannot overstate by {exact(self.low)} to {exact(self.high)}.",
                "Give a low and a high factor above 0, such as 1.0 and 1.4; 1.0 and 1.0 takes people at their word.",
            )

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.low + self.high) / 2

    @property
    def factors(self) -> tuple[float, float, float]:
        """Return the factors that give the low, the middle and the high price in earnest."""
        return self.high, self.middle, self.low

    def in_earnest(self, stated: Interval) -> Interval:
        """Return what a stated price comes to in earnest: the interval divided by the range, ends by far ends."""
        high, middle, low = self.factors
        return Interval(stated.low / high, stated.estimate / middle, stated.high / low, stated.level)

    @property
    def sentence(self) -> str:
        """Say what is assumed, and where the range comes from."""
        if self.low == self.high == 1:
            return "Stated prices are taken at their word; people usually say more than they pay."
        return (
            f"Prices in earnest are stated prices divided by {exact(self.low)} to {exact(self.high)}: "
            f"an assumption, not a measurement (source: {self.source})."
        )


STATED_PRICES = Overstatement()
"""The range used where nothing else is said."""
