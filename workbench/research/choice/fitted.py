"""What every fitted model of choices has in common: estimates, fit, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.choice.coding import Coding
    from workbench.research.choice.data import ChoiceData


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedChoice:
    """Estimates of a model of choices with their covariance.

    `names` are the names of the parameters in the order of `estimates` (P,) and `covariance` (P, P). A standard error
    is NaN where the choices do not settle it. Utility has no unit: only ratios of coefficients do.
    """

    names: tuple[str, ...]
    estimates: NDArray[np.float64]
    covariance: NDArray[np.float64] = field(repr=False)
    log_likelihood: float
    price: str | None
    currency: str = NO_CURRENCY
    data: ChoiceData = field(repr=False)

    @property
    def coding(self) -> Coding:
        """Return how attributes became columns, with the base level of every attribute of words."""
        return self.data.coding

    @property
    def cases(self) -> int:
        """Count the choices the estimates stand on."""
        return len(self.data)

    @property
    def respondents(self) -> int | None:
        """Count the respondents; None when nobody was named."""
        return len(self.data.people) if self.data.person is not None else None

    @property
    def coefficients(self) -> pd.Series:
        """Return the estimates by name."""
        return pd.Series(self.estimates, index=list(self.names), name="coefficient")

    @property
    def standard_errors(self) -> pd.Series:
        """Return the standard errors by name."""
        variance = np.diag(self.covariance)
        root = np.sqrt(np.where(variance >= 0, variance, np.nan))
        return pd.Series(root, index=list(self.names), name="standard_error")

    @property
    def null_log_likelihood(self) -> float:
        """Return the log-likelihood when every alternative is as likely as the next."""
        return self.data.null_log_likelihood

    @property
    def mcfadden_r2(self) -> float:
        """Return 1 - log-likelihood / null log-likelihood (McFadden 1974)."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    @property
    def aic(self) -> float:
        """Return Akaike's criterion; smaller is better."""
        return 2 * (len(self.names) - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Return Schwarz's criterion, counting cases; smaller is better."""
        return float(np.log(self.cases)) * len(self.names) - 2 * self.log_likelihood

    @property
    def price_column(self) -> int:
        """Return which column of the coding is the price, -1 when there is none."""
        return self.coding.names.index(self.price) if self.price is not None else -1


def covariance_of(information: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert an information matrix; NaN when it has no inverse with positive variances."""
    scale = np.sqrt(np.abs(np.diag(information)))
    scale = np.where(scale > 0, scale, 1.0)
    try:
        inverse = np.linalg.inv(information / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    if not (np.diag(inverse) > 0).all():
        return np.full_like(information, np.nan)
    return inverse / np.outer(scale, scale)


def sandwich(
    inverse: NDArray[np.float64], scores: NDArray[np.float64], group: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Return the covariance that stays right when choices of one group hang together (Liang & Zeger 1986).

    `scores` has one row per choice; `group` numbers the groups from 0 in rows that stand together. None takes every
    choice for a group of its own.
    """
    if group is not None:
        scores = np.add.reduceat(scores, np.flatnonzero(np.diff(group, prepend=-1)), axis=0)
    groups = len(scores)
    return inverse @ (scores.T @ scores) @ inverse * (groups / max(groups - 1, 1))
