"""Mixed logit: tastes differ between respondents, and all choices of one respondent share one taste."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.research.choice.case_shares import case_shares
from workbench.research.choice.checks import data_cautions, require_separate_columns, separated_columns
from workbench.research.choice.data import CASE, CHOSEN, PRICE, RESPONDENT, case_numbers, read_choices
from workbench.research.choice.fitted import FittedChoice, covariance_of, sandwich
from workbench.research.choice.individual import IndividualUtilities, individual_utilities
from workbench.research.choice.mixed_words import mixed_cautions, mixed_reading
from workbench.research.choice.newton import newton
from workbench.research.choice.quasi_random import standard_normal_draws
from workbench.research.choice.simulated import SimulatedLikelihood
from workbench.research.choice.starts import Climb, best_of, climb_all
from workbench.research.choice.tastes import SPREAD_OF, Tastes, tastes_of
from workbench.research.choice.willingness import Method, WillingnessToPay, require_price, willingness
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.results import Caution

STARTS, DRAWS = 5, 500
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, eq=False, kw_only=True)
class MixedModel(FittedChoice):
    """A fitted mixed logit (Train 2009, chapter 6).

    Parameters are a place for every column and a spread for those that differ between respondents: mean and standard
    deviation of a normal coefficient, those of the logarithm of a lognormal one. `climbs` holds what every start
    reached, in order; the estimates are those of the best. `separated` names columns without a finite best value.
    """

    tastes: Tastes = field(repr=False)
    climbs: tuple[Climb, ...] = field(repr=False)
    separated: tuple[str, ...]
    draws: int
    sequence: str
    seed: int
    case: str | tuple[str, ...] = CASE

    @property
    def starts(self) -> pd.DataFrame:
        """Return what every start reached: start, log_likelihood, arrived, steps, best."""
        best = best_of(self.climbs)
        rows = [(c.number, c.log_likelihood, c.arrived, c.steps, c is best) for c in self.climbs]
        return pd.DataFrame(rows, columns=["start", "log_likelihood", "arrived", "steps", "best"])

    @property
    def table(self) -> pd.DataFrame:
        """Return attribute, distribution, coefficient, standard_error, spread, spread_error (NaN where all agree)."""
        errors = self.standard_errors
        names = self.coding.names
        spreads = [SPREAD_OF + name for name in names]
        coefficients = self.coefficients
        return pd.DataFrame(
            {
                "attribute": list(names),
                "distribution": [self.tastes.distribution(column) for column in range(len(names))],
                "coefficient": coefficients.reindex(list(names)).to_numpy(),
                "standard_error": errors.reindex(list(names)).to_numpy(),
                "spread": coefficients.reindex(spreads).to_numpy(),
                "spread_error": errors.reindex(spreads).to_numpy(),
            }
        )

    def predict(self, frame: pd.DataFrame, *, draws: int = 1024, seed: int = 1) -> pd.Series:
        """Return the chance of every row's alternative to be chosen in its case, averaged over all tastes.

        `frame` has the columns of the case and the attributes; it needs no choices.
        """
        utility = self.coding.matrix(frame) @ self._population(draws, seed).T
        shares = case_shares(utility, case_numbers(frame, self.case))
        return pd.Series(shares.mean(axis=1), index=frame.index, name="chance")

    def willingness_to_pay(
        self, *, level: float = 0.9, method: Method = "delta", draws: int = 10_000, seed: int = 1
    ) -> WillingnessToPay:
        """Return what one unit more of each attribute is worth to the middle respondent.

        That is -coefficient / price coefficient, each at the median of its distribution; how much respondents differ
        is in `spread_of_willingness` and `individual`. Parameters are those of `ChoiceModel.willingness_to_pay`.
        """
        require_price(self.price)
        return willingness(
            self.coding.names, self.estimates, self.covariance, self.tastes.middle,
            slope=self.tastes.slope(self.estimates), price=self.price_column,
            level=level, method=method, draws=draws, seed=seed,
        )  # fmt: skip

    def spread_of_willingness(self, *, draws: int = 16_384, seed: int = 1) -> pd.DataFrame:
        """Return how willingness to pay differs between people: attribute, p10, p25, p50, p75, p90, positive.

        From the estimated distributions, people who like to pay more left aside; `positive` is the share of people to
        whom more is worth something. Unit: the money and period of the price.
        """
        require_price(self.price)
        tastes = self._population(draws, seed)
        price = tastes[:, self.price_column]
        worth = tastes[price < 0] / -price[price < 0, None]
        rows = [
            (name, *np.quantile(worth[:, column], QUANTILES).tolist(), float((worth[:, column] > 0).mean()))
            for column, name in enumerate(self.coding.names)
            if column != self.price_column and len(worth)
        ]
        return pd.DataFrame(rows, columns=["attribute", *(f"p{share * 100:.0f}" for share in QUANTILES), "positive"])

    def individual(self, *, draws: int = 200, seed: int = 1) -> IndividualUtilities:
        """Return the coefficients of every respondent given what they chose: averages and equally likely draws.

        The uncertainty of the estimates themselves is not part of the draws; that of a respondent's taste is.
        """
        means, drawn, effective = individual_utilities(self.data, self.tastes, self.estimates, draws=draws, seed=seed)
        names = self.coding.names
        return IndividualUtilities(self.data.people, names, self.price, means, drawn, effective, self.currency)

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before the estimates are used."""
        middle = self.tastes.middle(self.estimates)
        errors = self.standard_errors.to_numpy()[: len(middle)] * np.abs(self.tastes.slope(self.estimates))
        return (*mixed_cautions(self), *data_cautions(self.data, middle, errors))

    @property
    def reading(self) -> str:
        """Return what the estimates say, in two or three sentences."""
        return mixed_reading(self)

    def _population(self, draws: int, seed: int) -> NDArray[np.float64]:
        """Return the coefficients (draws, K) of people drawn from the estimated distributions."""
        standard = standard_normal_draws(1, len(self.tastes.columns), draws, seed=seed)
        tastes = np.tile(self.tastes.middle(self.estimates), (draws, 1))
        tastes[:, self.tastes.columns] = self.tastes.own(self.estimates, standard)[0].T
        return tastes


def fit_mixed_logit(
    frame: pd.DataFrame,
    *,
    random: Mapping[str, str] | None = None,
    respondent: str | ArrayLike = RESPONDENT,
    chosen: str = CHOSEN,
    case: str | Sequence[str] = CASE,
    attributes: Sequence[str] | None = None,
    price: str | None = PRICE,
    weights: str | ArrayLike | None = None,
    bases: Mapping[str, str] | None = None,
    starts: int = STARTS,
    draws: int = DRAWS,
    sequence: str = "sobol",
    seed: int = 1,
    currency: str = NO_CURRENCY,
) -> MixedModel:
    """Fit a mixed logit to choices of which several are made by each respondent.

    Parameters
    ----------
    random
        The attributes whose coefficient differs between respondents, with its distribution: "normal", "lognormal"
        (everybody likes more; for the price: everybody likes less) or "negative lognormal". None takes every
        attribute but the price as normal. One level is named "attribute: level".
    respondent
        A column, or one name per row: whose choice it is.
    starts, seed
        From how many places to climb: the likelihood has several peaks, and only the best reached is the estimate.
    draws, sequence
        How many quasi-random draws per respondent stand for the distribution, from "sobol" or "halton".
    frame, chosen, case, attributes, price, weights, bases, currency
        As for `fit_mnl`; a respondent's choices all have the same weight.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When columns are missing, never differ inside a case, or are collinear; when a setting makes no sense.

    """
    if starts < 1:
        raise ResearchError(f"{starts} starts are too few.", "Ask for 1 or more; 5 is usual, 10 is safer.")
    keys = (case,) if isinstance(case, str) else tuple(case)
    data = read_choices(
        frame, chosen=chosen, case=case, attributes=attributes, price=price, weights=weights, person=respondent,
        bases=bases,
    )  # fmt: skip
    require_separate_columns(data)
    tastes = tastes_of(data.coding, random, price)
    standard = standard_normal_draws(len(data.people), len(tastes.columns), draws, sequence=sequence, seed=seed)
    likelihood = SimulatedLikelihood(data, tastes, standard)
    plain = newton(data)
    climbs = climb_all(likelihood, plain.coefficients, starts, seed)
    best = best_of(climbs)
    estimates, covariance = _estimates(likelihood, best.parameters)
    return MixedModel(
        names=tastes.names,
        estimates=estimates,
        covariance=covariance,
        log_likelihood=best.log_likelihood,
        price=price,
        currency=currency,
        data=data,
        tastes=tastes,
        climbs=climbs,
        separated=separated_columns(data, plain),
        draws=draws,
        sequence=sequence,
        seed=seed,
        case=keys[0] if len(keys) == 1 else keys,
    )


def _estimates(
    likelihood: SimulatedLikelihood, parameters: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return estimates and covariance in the units of the columns, spreads positive.

    A spread and its mirror image say the same; so the sign is turned, and that of its covariances with it.
    """
    covariance = covariance_of(likelihood.hessian(parameters))
    if (likelihood.weight != 1).any():
        scores = likelihood.per_person(parameters)[1] * likelihood.weight[:, None]
        covariance = sandwich(covariance, scores, None)
    columns = len(likelihood.scale)
    turned = np.ones(len(parameters))
    turned[columns:] = np.where(parameters[columns:] < 0, -1.0, 1.0)
    slope = likelihood.tastes.rescaling(likelihood.scale) * turned
    estimates = likelihood.tastes.rescaled(parameters * turned, 1 / likelihood.scale)
    return estimates, covariance * np.outer(slope, slope)
