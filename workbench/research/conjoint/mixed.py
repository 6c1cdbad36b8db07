"""Mixed logit: tastes differ between respondents, and all choices of one respondent share one taste."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.locales import NO_CURRENCY
from workbench.research.answers import ResearchError
from workbench.research.conjoint.data import CASE, CHOSEN, PRICE, RESPONDENT, read_choices
from workbench.research.conjoint.multinomial import (
    FittedChoice,
    choice_reading,
    column_scale,
    covariance_of,
    data_cautions,
    newton,
    price_cautions,
    require_separate_columns,
    sandwich,
    separated_caution,
    separated_columns,
)
from workbench.research.conjoint.tastes import (
    SPREAD_OF,
    IndividualUtilities,
    Method,
    RespondentBlock,
    Tastes,
    WillingnessToPay,
    block_point,
    blocks,
    individual_utilities,
    parameter_draws,
    person_weights,
    require_price,
    tastes_of,
    willingness,
    worth_steps,
)
from workbench.results import Caution
from workbench.stats import even_points, normal_scores
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike

    from workbench.research.conjoint.data import ChoiceData
    from workbench.stats import Floats

say = texts(__name__)

# --- Quasi-random draws: standard normal numbers that fill their space more evenly than chance does

SEQUENCES = ("sobol", "halton")


def standard_normal_draws(
    people: int, dimensions: int, draws: int, *, sequence: str = "sobol", seed: int = 1
) -> Floats:
    """Return people x dimensions x draws standard normal numbers from one scrambled sequence.

    Every respondent gets the next stretch of the sequence (Train 2009, Discrete Choice Methods with Simulation,
    chapter 9). Scrambling is that of Owen; the same seed gives the same numbers.
    """
    if sequence not in SEQUENCES:
        raise ResearchError(f"There is no sequence {sequence!r}.", f"Choose one of: {', '.join(SEQUENCES)}.")
    if draws < 1:
        raise ResearchError(f"{draws} draws per respondent are too few.", "Ask for 1 or more; 500 is usual.")
    random = np.random.default_rng(seed)
    if sequence == "sobol":
        even = even_points(dimensions, people * draws, random)
    else:
        from scipy.stats import qmc  # noqa: PLC0415 - loads slowly

        even = qmc.Halton(dimensions, scramble=True, rng=random).random(people * draws)
    scores = normal_scores(even.reshape(people, draws, dimensions))
    return np.ascontiguousarray(scores.transpose(0, 2, 1))


# --- The simulated log-likelihood of a mixed logit as a function of its parameters


@dataclass(eq=False)
class SimulatedLikelihood:
    """Minus the simulated log-likelihood per respondent and its gradient, for columns of similar size.

    Parameters (P,) are those of `tastes` for columns divided by `scale`. `draws` (N, Q, R) are standard normal.
    """

    data: ChoiceData
    tastes: Tastes
    draws: Floats
    evaluations: int = 0
    scale: Floats = field(init=False)
    weight: Floats = field(init=False)
    _blocks: list[tuple[RespondentBlock, Floats]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.scale = column_scale(self.data)
        self.weight = person_weights(self.data)
        found = blocks(self.data, self.draws.shape[2], self.scale)
        self._blocks = [(block, self.draws[block.person]) for block in found]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Return minus the weighted log-likelihood and its gradient, both per respondent."""
        levels, scores = self.per_person(parameters)
        people = len(self.weight)
        return -float(self.weight @ levels) / people, -(self.weight @ scores) / people

    def per_person(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return each respondent's log-likelihood (N,) and gradient (N, P), without weights."""
        self.evaluations += 1
        levels = np.empty(len(self.weight))
        scores = np.empty((len(self.weight), len(parameters)))
        for block, draws in self._blocks:
            point = block_point(block, self.tastes, parameters, draws)
            levels[block.person] = point.log_likelihood
            scores[block.person] = point.scores
        return levels, scores

    def hessian(self, parameters: Floats, step: float = 1e-4) -> Floats:
        """Return the second derivatives of minus the total log-likelihood, from central differences of the gradient."""
        size = len(parameters)
        found = np.empty((size, size))
        for at in range(size):
            move = np.zeros(size)
            move[at] = step
            found[at] = (self(parameters + move)[1] - self(parameters - move)[1]) / (2 * step)
        return (found + found.T) / 2 * len(self.weight)


# --- Climb a likelihood with several peaks from several places, and keep what every climb reached

MOST_STEPS = 400
FLAT = 1e-5
"""Largest slope, per respondent and for columns of similar size, that counts as the top of a peak."""
_FAR = 4.0
_FIRST_SPREAD = 0.5
_SPREADS = (0.2, 2.5)
_LEAST = 0.05
_SAME = 1e-4


@dataclass(frozen=True, eq=False)
class Climb:
    """Where one start ended: parameters for columns of similar size, and whether the slope was flat there."""

    number: int
    log_likelihood: float
    parameters: Floats
    arrived: bool
    steps: int
    evaluations: int


def climb_all(likelihood: SimulatedLikelihood, coefficients: Floats, starts: int, seed: int) -> tuple[Climb, ...]:
    """Climb from several places around the coefficients (K,) of the multinomial logit; one result per start."""
    places = start_places(likelihood.tastes, coefficients * likelihood.scale, starts, seed)
    return tuple(_climb(likelihood, place, number) for number, place in enumerate(places, start=1))


def best_of(climbs: tuple[Climb, ...]) -> Climb:
    """Return the highest climb, the first of those that reached the same peak."""
    highest = max(climb.log_likelihood for climb in climbs)
    return next(climb for climb in climbs if climb.log_likelihood > highest - _SAME)


def start_places(tastes: Tastes, coefficients: Floats, starts: int, seed: int) -> Iterator[Floats]:
    """Yield places (P,) to start from: the multinomial logit with modest spreads first, then around it by chance."""
    random = np.random.default_rng(seed)
    middle = np.clip(coefficients, -_FAR, _FAR)
    signs = tastes.signs
    for start in range(starts):
        place = middle.copy()
        spread = np.full(len(tastes.columns), _FIRST_SPREAD)
        if start:
            place[tastes.columns] += random.normal(0, 1, len(tastes.columns))
            spread = random.uniform(*_SPREADS, len(tastes.columns))
        logs = np.flatnonzero(signs)
        place[logs] = np.log(np.maximum(signs[logs] * place[logs], _LEAST))
        spread[tastes.sign != 0] = np.minimum(spread[tastes.sign != 0], 1.0)
        yield np.concatenate([place, spread])


def _climb(likelihood: SimulatedLikelihood, place: Floats, number: int) -> Climb:
    from scipy.optimize import minimize  # noqa: PLC0415 - loads slowly

    before = likelihood.evaluations
    found = minimize(likelihood, place, jac=True, method="BFGS", options={"gtol": FLAT, "maxiter": MOST_STEPS})
    # A line search that can gain no more than rounding stops with a complaint; a flat slope settles it.
    arrived = bool(np.abs(found.jac).max() < 10 * FLAT)
    level = -float(found.fun) * len(likelihood.weight)
    return Climb(number, level, np.asarray(found.x), arrived, int(found.nit), likelihood.evaluations - before)


# --- What to know about a mixed logit before its estimates are used, and what they say

SAME_PEAK = 0.5
"""Log-likelihoods closer than this are read as the same peak."""
_MOST_LIKING_PRICE = 0.02
_MANY = 2


def mixed_cautions(model: MixedModel) -> Iterator[Caution]:
    """Yield what the climbs and the price say."""
    if model.separated:
        yield separated_caution(model.separated)
    levels = np.array([climb.log_likelihood for climb in model.climbs])
    reached = int((levels > levels.max() - SAME_PEAK).sum())
    said = {"starts": len(levels), "reached": reached, "best": levels.max(), "worst": levels.min()}
    if len(levels) == 1:
        yield Caution(say("one_start"))
    elif reached < _MANY:
        yield Caution(say("one_reached_the_best", next_best=np.sort(levels)[-2], **said))
    elif reached < len(levels):
        yield Caution(say("some_reached_the_best", **said), "note")
    if not best_of(model.climbs).arrived:
        yield Caution(say("not_at_rest"))
    if np.isnan(model.standard_errors.to_numpy()).any():
        yield Caution(say("not_settled"))
    yield from _price_cautions(model)


def mixed_reading(model: MixedModel) -> str:
    """Return two or three sentences: what is worth most to the middle respondent, and where respondents differ most."""
    if model.price is None:
        return choice_reading(model, None, "")
    spread = model.spread_of_willingness().set_index("attribute")
    widest, positive = None, 0.0
    known = [step for step in worth_steps(model.data) if step.name in spread.index]
    if known:
        width = spread["p90"] - spread["p10"]
        widest = max(known, key=lambda step: float(width[step.name]) * step.units)
        positive = float(spread["positive"][widest.name])
    more = say("of_the_middle_respondent", widest=widest and widest.words, positive=positive)
    return choice_reading(model, model.willingness_to_pay(), more)


def _price_cautions(model: MixedModel) -> Iterator[Caution]:
    if model.price is None:
        return
    column = model.price_column
    wrong = price_cautions(model.price, model.tastes.middle(model.estimates)[column])
    yield from wrong
    if not wrong and column in model.tastes.columns and model.tastes.signs[column] == 0:
        liking = _share_liking(model, column)
        if liking > _MOST_LIKING_PRICE:
            yield Caution(say("some_like_to_pay_more", liking=liking))


def _share_liking(model: MixedModel, column: int) -> float:
    from scipy.special import ndtr  # noqa: PLC0415 - loads slowly

    place = model.estimates[column]
    spread = model.coefficients[f"spread of {model.coding.names[column]}"]
    return float(ndtr(place / spread)) if spread > 0 else float(place > 0)


# --- Mixed logit: tastes differ between respondents, and all choices of one respondent share one taste

STARTS, DRAWS = 5, 500
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, eq=False, kw_only=True)
class MixedModel(FittedChoice):
    """A fitted mixed logit.

    Parameters are a place for every column and a spread for those that differ between respondents: mean and standard
    deviation of a normal coefficient, those of the logarithm of a lognormal one.

    Attributes
    ----------
    names, estimates, covariance
        Parameters (P,), their values and covariance (P, P).
    log_likelihood
        Of the choices.
    price, currency
        The price column, and what it is in.
    data, tastes
        The choices, and which coefficients differ between respondents.
    climbs
        What every start reached, in order; the estimates are those of the best.
    separated
        Columns without a finite best value.
    draws, sequence, seed
        Of the simulation.
    case
        The columns that say which rows were shown together.

    References
    ----------
    Train (2009), Discrete Choice Methods with Simulation, chapter 6.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_mixed_logit
    >>> frame = example_answers("choice")
    >>> model = fit_mixed_logit(frame, starts=1, draws=50)
    >>> model.table["attribute"].tolist(), round(model.willingness_to_pay().intervals["sso"].estimate)
    (['price', 'sso'], 21)
    """

    tastes: Tastes = field(repr=False)
    climbs: tuple[Climb, ...] = field(repr=False)
    separated: tuple[str, ...]
    draws: int
    sequence: str
    seed: int

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
        return self.chances(frame, self._population(draws, seed))

    def willingness_to_pay(
        self, *, level: float = 0.9, method: Method = "delta", draws: int = 10_000, seed: int = 1
    ) -> WillingnessToPay:
        """Return what one unit more of each attribute is worth to the middle respondent.

        That is -coefficient / price coefficient, each at the median of its distribution; how much respondents differ
        is in `spread_of_willingness` and `individual`. Parameters are those of `ChoiceModel.willingness_to_pay`.
        """
        columns, slope = len(self.coding.names), self.tastes.slope(self.estimates)
        spread = self.covariance[:columns, :columns] * np.outer(slope, slope)

        def drawn() -> Floats:
            return self.tastes.middle(parameter_draws(self.estimates, self.covariance, draws, seed))

        middle = self.tastes.middle(self.estimates)
        return willingness(self.data, middle, spread, drawn, level=level, method=method)

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

    def _population(self, draws: int, seed: int) -> Floats:
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
    frame, chosen, case, attributes, price, weights, bases, currency
        As for `fit_mnl`; a respondent's choices all have the same weight.
    random
        The attributes whose coefficient differs between respondents, with its distribution: "normal", "lognormal"
        (everybody likes more; for the price: everybody likes less) or "negative lognormal". None takes every attribute
        but the price as normal. One level is named "attribute: level".
    respondent
        A column, or one name per row: whose choice it is.
    starts, seed
        From how many places to climb: the likelihood has several peaks, and only the best reached is the estimate.
    draws, sequence
        How many quasi-random draws per respondent stand for the distribution, from "sobol" or "halton".

    Returns
    -------
    MixedModel
        The estimates, what each start reached, and each respondent's own tastes when asked.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When columns are missing, never differ inside a case, or are collinear; when a setting makes no sense.

    References
    ----------
    Train (2009), Discrete Choice Methods with Simulation, chapters 6 and 9.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_mixed_logit
    >>> frame = example_answers("choice")
    >>> model = fit_mixed_logit(frame, random={"sso": "normal"}, starts=1, draws=50)
    >>> bool(model.willingness_to_pay().intervals["sso"].low < 20 < model.willingness_to_pay().intervals["sso"].high)
    True
    """
    if starts < 1:
        raise ResearchError(f"{starts} starts are too few.", "Ask for 1 or more; 5 is usual, 10 is safer.")
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
        currency=currency,
        data=data,
        tastes=tastes,
        climbs=climbs,
        separated=separated_columns(data, plain),
        draws=draws,
        sequence=sequence,
        seed=seed,
    )


def _estimates(likelihood: SimulatedLikelihood, parameters: Floats) -> tuple[Floats, Floats]:
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
