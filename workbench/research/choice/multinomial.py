"""Multinomial logit: what each attribute adds to the chance of being chosen, the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.research.choice.case_shares import case_shares
from workbench.research.choice.checks import (
    data_cautions,
    price_caution,
    require_separate_columns,
    separated_caution,
    separated_columns,
)
from workbench.research.choice.data import CASE, CHOSEN, PRICE, RESPONDENT, case_numbers, read_choices
from workbench.research.choice.fitted import FittedChoice, covariance_of, sandwich
from workbench.research.choice.newton import NewtonResult, newton
from workbench.research.choice.reading import reading_of
from workbench.research.choice.willingness import Method, WillingnessToPay, require_price, willingness
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.research.choice.data import ChoiceData


@dataclass(frozen=True, eq=False, kw_only=True)
class ChoiceModel(FittedChoice):
    """A fitted multinomial logit (McFadden 1974).

    `clustered` tells whether the standard errors allow for choices of one respondent hanging together; `separated`
    names columns whose coefficient has no finite best value (their standard errors are NaN).
    """

    clustered: bool
    separated: tuple[str, ...]
    steps: int
    case: str | tuple[str, ...] = CASE

    @property
    def table(self) -> pd.DataFrame:
        """Return attribute, coefficient, standard_error, ratio (of the two)."""
        errors = self.standard_errors.to_numpy()
        columns = {"attribute": list(self.names), "coefficient": self.estimates, "standard_error": errors}
        return pd.DataFrame({**columns, "ratio": self.estimates / errors})

    def predict(self, frame: pd.DataFrame) -> pd.Series:
        """Return the chance of every row's alternative to be chosen in its case.

        `frame` has the columns of the case and the attributes; it needs no choices.
        """
        utility = self.coding.matrix(frame) @ self.estimates
        return pd.Series(case_shares(utility, case_numbers(frame, self.case)), index=frame.index, name="chance")

    def willingness_to_pay(
        self, *, level: float = 0.9, method: Method = "delta", draws: int = 10_000, seed: int = 1
    ) -> WillingnessToPay:
        """Return what one unit more of each attribute is worth: -coefficient / price coefficient.

        Parameters
        ----------
        level
            How much of the uncertainty the intervals hold.
        method
            "delta" (symmetric, exact in large samples) or "simulated" (from draws of the coefficients, of which
            there are `draws` with this `seed`).

        """
        require_price(self.price)
        return willingness(
            self.names, self.estimates, self.covariance, _same, slope=np.ones(len(self.names)), price=self.price_column,
            level=level, method=method, draws=draws, seed=seed,
        )  # fmt: skip

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before the estimates are used."""
        found = []
        if self.separated:
            found.append(separated_caution(self.separated))
        if self.price is not None and (wrong := price_caution(self.price, float(self.estimates[self.price_column]))):
            found.append(wrong)
        found += data_cautions(self.data, self.estimates, self.standard_errors.to_numpy())
        if self.respondents is not None and not self.clustered and self.respondents < self.cases:
            found.append(
                Caution(
                    "Several choices of one respondent are counted as if different people had made them, so the "
                    "intervals are too narrow where tastes differ; name the respondent as the cluster.",
                    "note",
                )
            )
        return tuple(found)

    @property
    def reading(self) -> str:
        """Return what the estimates say, in two or three sentences."""
        worth = self.willingness_to_pay() if self.price is not None else None
        return reading_of(self, worth, "")


def fit_mnl(
    frame: pd.DataFrame,
    *,
    chosen: str = CHOSEN,
    case: str | Sequence[str] = CASE,
    attributes: Sequence[str] | None = None,
    price: str | None = PRICE,
    weights: str | ArrayLike | None = None,
    cluster: str | ArrayLike | None = None,
    bases: Mapping[str, str] | None = None,
    currency: str = NO_CURRENCY,
) -> ChoiceModel:
    """Fit a multinomial logit to choices, one row per alternative shown.

    Parameters
    ----------
    frame
        The choices, by default in the layout of the survey table of choices; it is not changed. Cases may differ in
        how many alternatives they have.
    chosen
        The column that is 1 for the alternative chosen, 0 for the others.
    case
        The column or columns that say which rows were shown together.
    attributes
        The columns that describe alternatives; None takes all that do not describe the respondent or the task. Text
        and categories become one column per level but the base level.
    price
        The column of prices, or None. It is an attribute whether or not `attributes` names it.
    weights
        A column, or one number per row: how much the case counts. Standard errors are then those of the sandwich,
        for weights of a survey are no counts. None takes the column `weight` of the survey layout.
    cluster
        A column, or one name per row: choices that hang together, usually the respondent's.
    bases
        The base level of attributes of words; otherwise the first level.
    currency
        What the price is in, for the sentences of the result.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When columns are missing, never differ inside a case, or are collinear (naming them).

    """
    keys = (case,) if isinstance(case, str) else tuple(case)
    named = RESPONDENT if cluster is None and RESPONDENT in frame else cluster
    data = read_choices(
        frame, chosen=chosen, case=case, attributes=attributes, price=price, weights=weights, person=named, bases=bases
    )
    require_separate_columns(data)
    found = newton(data)
    separated = separated_columns(data, found)
    return ChoiceModel(
        names=data.coding.names,
        estimates=found.coefficients,
        covariance=_covariance(data, found, separated, clustered=cluster is not None),
        log_likelihood=found.point.log_likelihood,
        price=price,
        currency=currency,
        data=data,
        clustered=cluster is not None,
        separated=separated,
        steps=found.steps,
        case=keys[0] if len(keys) == 1 else keys,
    )


def _covariance(
    data: ChoiceData, found: NewtonResult, separated: tuple[str, ...], *, clustered: bool
) -> NDArray[np.float64]:
    kept = np.array([name not in separated for name in data.coding.names])
    covariance = np.full((len(kept), len(kept)), np.nan)
    inverse = covariance_of(found.point.information[np.ix_(kept, kept)])
    if clustered or (data.weight != 1).any():
        inverse = sandwich(inverse, found.point.scores[:, kept], data.person)
    covariance[np.ix_(kept, kept)] = inverse
    return covariance


def _same(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    return parameters
