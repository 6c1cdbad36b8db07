"""What one more unit of an attribute, or another level, is worth in money, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import attribute_words, exact
from workbench.research.choice.data import NONE
from workbench.research.errors import ResearchError
from workbench.results import Interval
from workbench.stats import normal_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData

# --- What one more unit of an attribute is worth in money

Method = Literal["delta", "simulated"]
METHODS = ("delta", "simulated")


@dataclass(frozen=True)
class WillingnessToPay:
    """Willingness to pay, as choices show it.

    Per unit of every column but the price, in the money and period of the price column. An interval is open to both
    sides (infinite) where the choices do not settle it.

    Attributes
    ----------
    intervals
        Column to estimate with its interval.
    standard_errors
        In the same unit.
    method
        How the intervals were made.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> random = np.random.default_rng(1)
    >>> who, task, place = (axis.ravel() for axis in np.indices((100, 6, 2)))
    >>> frame = pd.DataFrame({"respondent": who.astype(str), "task": task, "alternative": place})
    >>> frame["price"], frame["sso"] = random.choice([10, 20, 30], who.size), random.integers(0, 2, who.size)
    >>> felt = (2 * frame["sso"] - 0.1 * frame["price"] + random.gumbel(size=who.size)).to_numpy().reshape(-1, 2)
    >>> frame["chosen"] = (felt == felt.max(axis=1, keepdims=True)).astype(int).ravel()
    >>> from workbench.research import fit_mnl
    >>> fit_mnl(frame).willingness_to_pay().table[["attribute", "low", "estimate", "high"]].round(0)
      attribute   low  estimate  high
    0       sso  16.0      20.0  24.0
    """

    intervals: Mapping[str, Interval]
    standard_errors: Mapping[str, float]
    method: Method

    def __getitem__(self, name: str) -> Interval:
        """Return the interval of one column."""
        return self.intervals[name]

    @property
    def table(self) -> pd.DataFrame:
        """Return attribute, low, estimate, high, standard_error."""
        rows = [
            (name, each.low, each.estimate, each.high, self.standard_errors[name])
            for name, each in self.intervals.items()
        ]
        return pd.DataFrame(rows, columns=["attribute", "low", "estimate", "high", "standard_error"])


def require_price(price: str | None) -> None:
    """Raise when a model has no price to compare with."""
    if price is None:
        raise ResearchError("The model has no price.", "Fit it again and name the price column.")


def delta_willingness(
    names: tuple[str, ...],
    middle: NDArray[np.float64],
    covariance: NDArray[np.float64],
    price: int,
    level: float,
) -> WillingnessToPay:
    """Return willingness with delta-method intervals from coefficients (K,) and their covariance (K, K)."""
    reach = normal_reach(level)
    intervals, errors = {}, {}
    for column, name in enumerate(names):
        if column == price:
            continue
        value = -middle[column] / middle[price]
        gradient = np.zeros(len(middle))
        gradient[column] = -1 / middle[price]
        gradient[price] = -value / middle[price]
        variance = _quadratic(gradient, covariance)
        error = float(np.sqrt(variance)) if variance >= 0 else float("nan")
        intervals[name] = _interval(value, value - reach * error, value + reach * error, level)
        errors[name] = error
    return WillingnessToPay(intervals, errors, "delta")


def simulated_willingness(
    names: tuple[str, ...],
    middle: NDArray[np.float64],
    drawn: NDArray[np.float64],
    price: int,
    level: float,
) -> WillingnessToPay:
    """Return willingness with intervals from coefficients drawn (draws, K), as Krinsky & Robb (1986) do.

    The standard error is that of the draws; it has no limit in theory, and jumps when the price may be zero.
    """
    ends = (0.5 - level / 2, 0.5 + level / 2)
    intervals, errors = {}, {}
    for column, name in enumerate(names):
        if column == price:
            continue
        ratio = -drawn[:, column] / drawn[:, price]
        low, high = np.quantile(ratio, ends) if np.isfinite(ratio).all() else (np.nan, np.nan)
        intervals[name] = _interval(-middle[column] / middle[price], float(low), float(high), level)
        errors[name] = float(np.std(ratio, ddof=1))
    return WillingnessToPay(intervals, errors, "simulated")


def parameter_draws(
    estimates: NDArray[np.float64], covariance: NDArray[np.float64], draws: int, seed: int
) -> NDArray[np.float64]:
    """Return draws x parameters from the normal distribution the estimates have in large samples.

    Parameters whose variance is unknown come back as NaN, and so does all that is made from them.
    """
    known = np.isfinite(np.diag(covariance))
    drawn = np.full((draws, len(estimates)), np.nan)
    random = np.random.default_rng(seed)
    spread = covariance[np.ix_(known, known)]
    drawn[:, known] = random.multivariate_normal(estimates[known], spread, size=draws, method="eigh")
    return drawn


def willingness(
    names: tuple[str, ...],
    estimates: NDArray[np.float64],
    covariance: NDArray[np.float64],
    middle: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    slope: NDArray[np.float64],
    price: int,
    level: float,
    method: Method,
    draws: int,
    seed: int,
) -> WillingnessToPay:
    """Return willingness by either method.

    `middle` turns parameters (..., P) into the middle respondent's coefficients (..., K), of which the first K
    parameters are the places; `slope` (K,) is its derivative there.
    """
    if method not in METHODS:
        raise ResearchError(f"There is no method {method!r}.", f"Choose one of: {', '.join(METHODS)}.")
    columns = len(names)
    if method == "delta":
        spread = covariance[:columns, :columns] * np.outer(slope, slope)
        return delta_willingness(names, middle(estimates), spread, price, level)
    drawn = middle(parameter_draws(estimates, covariance, draws, seed))
    return simulated_willingness(names, middle(estimates), drawn, price, level)


def _quadratic(gradient: NDArray[np.float64], covariance: NDArray[np.float64]) -> float:
    used = gradient != 0
    return float(gradient[used] @ covariance[np.ix_(used, used)] @ gradient[used])


def _interval(value: float, low: float, high: float, level: float) -> Interval:
    if not np.isfinite([low, high]).all():
        low, high = -np.inf, np.inf
    return Interval(float(low), float(value), float(high), level)


# --- What is compared when the worth of an attribute is said


@dataclass(frozen=True)
class WorthStep:
    """A change of one column that means something: in words, and in how many of its units."""

    name: str
    words: str
    units: float


def worth_steps(data: ChoiceData, price: str | None) -> tuple[WorthStep, ...]:
    """Return the step of every column but the price and the choice of none.

    Quantities step from the least to the most that was shown, so that one unit of a large number and having a feature
    can stand side by side.
    """
    names = data.coding.names
    values = data.chosen[:, None, :] + data.gaps
    if data.offered is not None:
        values = np.where(data.offered[:, :, None], values, np.nan)
    shown = np.concatenate([data.chosen[:, None, :], values], axis=1).reshape(-1, len(names))
    if NONE in names:
        shown = shown[shown[:, names.index(NONE)] != 1]
    found = []
    for at, column in enumerate(data.coding.columns):
        if column.name in {price, NONE}:
            continue
        words = attribute_words(column.attribute)
        low, high = float(np.nanmin(shown[:, at])), float(np.nanmax(shown[:, at]))
        if column.level is not None:
            words, units = f"{words}: {column.level} instead of {data.coding.bases[column.attribute]}", 1.0
        elif (low, high) == (0.0, 1.0):
            units = 1.0
        else:
            words, units = f"{words} from {exact(low)} to {exact(high)}", high - low
        found.append(WorthStep(column.name, words, units))
    return tuple(found)


def worth_of_steps(all_steps: tuple[WorthStep, ...], worth: WillingnessToPay) -> Mapping[str, Interval]:
    """Return what each step is worth, by its words; the largest first, those the choices do not settle last."""
    found = {step.words: _times(worth[step.name], step.units) for step in all_steps}
    return dict(sorted(found.items(), key=lambda each: (not np.isfinite(each[1].low), -abs(each[1].estimate))))


def _times(interval: Interval, units: float) -> Interval:
    return Interval(interval.low * units, interval.estimate * units, interval.high * units, interval.level)
