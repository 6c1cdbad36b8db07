"""Multinomial logit, the same for everybody; and what every model of choices has in common: fit, checks, words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.locales import NO_CURRENCY
from workbench.research.answers import ResearchError
from workbench.research.conjoint.data import CASE, CHOSEN, NONE, PRICE, RESPONDENT, case_numbers, read_choices
from workbench.research.conjoint.tastes import (
    Method,
    WillingnessToPay,
    parameter_draws,
    willingness,
    worth_of_steps,
    worth_steps,
)
from workbench.results import Caution
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from workbench.research.conjoint.data import ChoiceData, Coding
    from workbench.stats import Flags, Floats, Ints

say = texts(__name__)

# --- The logit rule: what share of a case each of its alternatives gets


def case_shares(utility: Floats, case: Ints) -> Floats:
    """Return each row's share of its case by the logit rule, for utility (rows,) or (rows, draws)."""
    order = np.argsort(case, kind="stable")
    starts = np.flatnonzero(np.diff(case[order], prepend=-1))
    place = np.cumsum(np.diff(case[order], prepend=-1) > 0) - 1
    raised = utility[order]
    raised = np.exp(raised - np.maximum.reduceat(raised, starts, axis=0)[place])
    shares = np.empty_like(raised)
    shares[order] = raised / np.add.reduceat(raised, starts, axis=0)[place]
    return shares


# --- Newton steps for the multinomial logit, with analytic gradient and Hessian

MOST_STEPS = 60
NEAR = 1e-8
"""A step that would raise the log-likelihood by less than this share of a choice is the last one."""
_HALVINGS = 30
_SAFE = 300.0


@dataclass(frozen=True, eq=False)
class LogitPoint:
    """The multinomial logit at one set of coefficients.

    `scores` (C, K) holds each case's part of the gradient, weights included; `information` (K, K) the negative Hessian.
    """

    log_likelihood: float
    scores: Floats
    information: Floats
    others: Floats


@dataclass(frozen=True, eq=False)
class NewtonResult:
    """Where the steps ended, and whether they arrived."""

    coefficients: Floats
    point: LogitPoint
    steps: int
    arrived: bool


def logit_point(data: ChoiceData, coefficients: Floats) -> LogitPoint:
    """Return log-likelihood, scores and information; `others` (C, J - 1) are the chances of what was not chosen."""
    gaps = data.gaps
    utility = gaps @ coefficients
    if data.offered is not None:
        utility[~data.offered] = -np.inf
    # A number holds exp of 700; only beyond that must each case be measured against its best alternative.
    far = utility.max() > _SAFE
    top = np.maximum(utility.max(axis=1), 0.0) if far else np.zeros(len(data))
    chance = np.exp(utility - top[:, None])
    total = np.exp(-top) + chance.sum(axis=1)
    chance /= total[:, None]
    log_likelihood = -float(data.weight @ (top + np.log(total)))
    mean = np.matmul(chance[:, None, :], gaps)[:, 0, :]
    flat = gaps.reshape(-1, gaps.shape[2])
    weighted = flat * (chance * data.weight[:, None]).reshape(-1, 1)
    information = weighted.T @ flat - (mean * data.weight[:, None]).T @ mean
    return LogitPoint(log_likelihood, mean * -data.weight[:, None], information, chance)


def newton(data: ChoiceData, most_steps: int = MOST_STEPS) -> NewtonResult:
    """Climb to the one peak of the log-likelihood (it is concave), halving steps that overshoot.

    Where the choices are separated there is no peak: the climb ends after `most_steps`, or when a step gains nothing.
    """
    scale = column_scale(data)
    coefficients = np.zeros(len(scale))
    point = logit_point(data, coefficients)
    for step in range(1, most_steps + 1):
        gradient = point.scores.sum(axis=0)
        move = _solve(point.information / np.outer(scale, scale), gradient / scale) / scale
        gain = float(gradient @ move)
        if gain <= NEAR * len(data):  # so near the peak a step doubles the right digits, past what can be measured
            last = coefficients + move
            return NewtonResult(last, logit_point(data, last), step, arrived=True)
        better = _shortened(data, coefficients, move, point.log_likelihood)
        if better is None:  # the floating point can tell no difference any more
            return NewtonResult(coefficients, point, step, arrived=False)
        coefficients, point = better
    return NewtonResult(coefficients, point, most_steps, arrived=False)


def column_scale(data: ChoiceData) -> Floats:
    """Return how much alternatives differ in each column, as a root mean square; 1 where they never do."""
    size = np.sqrt(np.einsum("cjk,cjk->k", data.gaps, data.gaps) / len(data))
    return np.where(size > 0, size, 1.0)


def _shortened(data: ChoiceData, start: Floats, move: Floats, level: float) -> tuple[Floats, LogitPoint] | None:
    for _ in range(_HALVINGS):
        tried = start + move
        point = logit_point(data, tried)
        if point.log_likelihood > level:
            return tried, point
        move = move / 2
    return None


def _solve(information: Floats, gradient: Floats) -> Floats:
    try:
        step = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:  # flat in some direction: separated choices far from the start
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
    return np.asarray(step, dtype=np.float64)


# --- What every fitted model of choices has in common: estimates, fit, and how they are written


@dataclass(frozen=True, eq=False, kw_only=True)
class OfChoices:
    """What is estimated from choices: the choices, and what their price is in."""

    data: ChoiceData = field(repr=False)
    currency: str = NO_CURRENCY

    @property
    def price(self) -> str | None:
        """Return the column of prices, None where there is none."""
        return self.data.price

    @property
    def case(self) -> tuple[str, ...]:
        """Return the columns that say which rows were shown together."""
        return self.data.case

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
    def price_column(self) -> int:
        """Return which column of the coding is the price, -1 when there is none."""
        return self.coding.names.index(self.price) if self.price is not None else -1

    @property
    def asked(self) -> str:
        """Write who was asked: 250 respondents, 2,000 choices."""
        choices = count("choice", self.cases)
        return choices if self.respondents is None else f"{count('respondent', self.respondents)}, {choices}"

    def chances(self, frame: pd.DataFrame, tastes: Floats) -> pd.Series:
        """Return the chance of every row's alternative to be chosen in its case, averaged over tastes (draws, K)."""
        shares = case_shares(self.coding.matrix(frame) @ tastes.T, case_numbers(frame, self.case))
        return pd.Series(shares.mean(axis=1), index=frame.index, name="chance")


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedChoice(OfChoices):
    """Estimates of a model of choices with their covariance.

    `names` are the names of the parameters in the order of `estimates` (P,) and `covariance` (P, P). A standard error
    is NaN where the choices do not settle it. Utility has no unit: only ratios of coefficients do.
    """

    names: tuple[str, ...]
    estimates: Floats
    covariance: Floats = field(repr=False)
    log_likelihood: float

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


def covariance_of(information: Floats) -> Floats:
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


def sandwich(inverse: Floats, scores: Floats, group: Ints | None) -> Floats:
    """Return the covariance that stays right when choices of one group hang together (Liang & Zeger 1986).

    `scores` has one row per choice; `group` numbers the groups from 0 in rows that stand together. None takes every
    choice for a group of its own.
    """
    if group is not None:
        scores = np.add.reduceat(scores, np.flatnonzero(np.diff(group, prepend=-1)), axis=0)
    groups = len(scores)
    return inverse @ (scores.T @ scores) @ inverse * (groups / max(groups - 1, 1))


# --- What makes estimates of choices impossible or doubtful

_FLAT = 1e-9
_NAMED = 0.05
FEWEST_CHOICES = 6
"""Choices per respondent below which tastes of single respondents rest mostly on everybody else's."""
MOST_DOMINATED = 0.1
_SETTLED = 2.0
_LARGE_ERROR = 2.0
_MANY_STEPS = 15
_PER_COLUMN = 10


def require_separate_columns(data: ChoiceData) -> None:
    """Raise when columns do not vary inside cases, or add up to one another, naming them."""
    names = data.coding.names
    flat = data.gaps.reshape(-1, len(names))
    size = np.abs(flat).max(axis=0)
    if constant := [name for name, each in zip(names, size, strict=True) if each == 0]:
        raise ResearchError(
            f"The alternatives of a case never differ in {', '.join(constant)}, so nothing can be learned about it.",
            "Leave it out, or show alternatives that differ in it.",
        )
    scaled = flat / column_scale(data)
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    tied = np.abs(vectors[:, values < _FLAT * values[-1]]).max(axis=1, initial=0.0) > _NAMED
    if tied.any():
        raise ResearchError(
            f"These columns are collinear, each is a sum of the others: {', '.join(np.array(names)[tied])}.",
            "Leave one of them out.",
        )


def separated_columns(data: ChoiceData, found: NewtonResult) -> tuple[str, ...]:
    """Return the columns along which every choice goes one way, so that no finite coefficient is best.

    Asked only where the multinomial logit ended oddly. A linear program looks for a direction in which no chosen
    alternative is ever worse than another one shown, and some are better (Albert & Anderson 1984, Biometrika 71, 1-10).
    """
    if not _ended_oddly(data, found):
        return ()
    from scipy.optimize import linprog  # noqa: PLC0415 - loads slowly; only doubtful fits come here

    flat = (data.gaps / column_scale(data)).reshape(-1, data.gaps.shape[2])
    used = flat[np.repeat(data.weight > 0, data.gaps.shape[1])]
    best = linprog(used.sum(axis=0), A_ub=used, b_ub=np.zeros(len(used)), bounds=(-1, 1), method="highs")
    if best.status != 0 or best.fun > -_FLAT * len(used):
        return ()
    return tuple(name for name, part in zip(data.coding.names, best.x, strict=True) if abs(part) > _NAMED)


def separated_caution(columns: tuple[str, ...]) -> Caution:
    """Return a warning about columns whose coefficient has no finite best value."""
    return Caution(say("every_choice_one_way", columns=columns))


def _ended_oddly(data: ChoiceData, found: NewtonResult) -> bool:
    """Tell whether the climb was long, did not arrive, or left errors beyond all sense."""
    variance = np.diag(covariance_of(found.point.information)) * column_scale(data) ** 2
    settled = found.arrived and found.steps < _MANY_STEPS and np.isfinite(variance).all()
    return not settled or bool((variance > _LARGE_ERROR**2).any())


def dominated(data: ChoiceData, coefficients: Floats, errors: Floats) -> tuple[int, int]:
    """Count the cases in which an alternative is dominated by another one shown, and those in which it was chosen.

    A dominated one is alike in all that is a matter of taste, otherwise never better and once worse. What is better
    follows from the signs of the coefficients. Levels of words, and columns whose sign the choices do not settle, are
    matters of taste.
    """
    words = np.array([column.level is not None or column.name == NONE for column in data.coding.columns])
    taste = words | ~(np.abs(coefficients) > _SETTLED * errors)
    gains = data.gaps * np.sign(coefficients)
    offered = np.ones(gains.shape[:2], dtype=bool) if data.offered is None else data.offered
    chosen = (_worse(-gains, taste) & offered).any(axis=1)
    cases = chosen | (_worse(gains, taste) & offered).any(axis=1)
    for one in range(gains.shape[1]):
        for other in range(one + 1, gains.shape[1]):
            gap = gains[:, one] - gains[:, other]
            cases |= (_worse(gap, taste) | _worse(-gap, taste)) & offered[:, one] & offered[:, other]
    return int(cases.sum()), int(chosen.sum())


def _worse(gap: Floats, taste: Flags) -> Flags:
    """Tell where the first of two alternatives is dominated; `gap` (..., K) is what it has more of what is good."""
    rest = gap[..., ~taste]
    return (gap[..., taste] == 0).all(axis=-1) & (rest <= 0).all(axis=-1) & (rest < 0).any(axis=-1)


def data_cautions(data: ChoiceData, coefficients: Floats, errors: Floats) -> list[Caution]:
    """Return what the choices themselves say about how far to trust what is estimated from them."""
    columns, (cases, chosen) = len(data.coding.columns), dominated(data, coefficients, errors)
    median = float("inf") if data.person is None else float(np.median(np.bincount(data.person)))
    cautions = []
    if median < FEWEST_CHOICES:
        cautions.append(Caution(say("few_choices_each", median=median, fewest=FEWEST_CHOICES)))
    if len(data) < _PER_COLUMN * columns:
        cautions.append(Caution(say("few_choices", choices=len(data), columns=columns)))
    if cases > MOST_DOMINATED * len(data):
        cautions.append(Caution(say("dominated", share=cases / len(data), chosen=chosen), "note"))
    return cautions


def price_cautions(price: str | None, coefficient: float) -> list[Caution]:
    """Return a warning when a higher price seems to be liked."""
    if price is None or coefficient < 0:
        return []
    return [Caution(say("dearer_is_liked", price=price))]


# --- Say what a model of choices found, in sentences for somebody who never saw a logit

_SAID = 3


def choice_reading(model: FittedChoice, worth: WillingnessToPay | None, more: str) -> str:
    """Return two or three sentences: who was asked, what is worth most in money, and how sure that is."""
    if worth is None:
        return say("no_price", asked=model.asked, more=more).strip()
    if not model.estimates[model.price_column] < 0 and not more:
        return say("no_worth", asked=model.asked)
    found = worth_of_steps(worth_steps(model.data), worth)
    said = [(words, each) for words, each in found.items() if np.isfinite(each.low)][:_SAID]
    if not said:
        return say("nothing_settled", asked=model.asked, more=more).strip()
    level = said[0][1].level
    return say("worth_most", asked=model.asked, said=said, currency=model.currency, level=level, more=more).strip()


# --- Multinomial logit: what each attribute adds to the chance of being chosen, the same for everybody


@dataclass(frozen=True, eq=False, kw_only=True)
class ChoiceModel(FittedChoice):
    """A fitted multinomial logit.

    Utility has no unit: only ratios of coefficients do.

    Attributes
    ----------
    names, estimates, covariance
        Parameters (P,), their values and covariance (P, P).
    log_likelihood
        Of the choices.
    price, currency
        The price column, and what it is in.
    data
        The choices.
    clustered
        Whether the standard errors allow for choices of one respondent hanging together.
    separated
        Columns whose coefficient has no finite best value (their standard errors are NaN).
    steps
        Of the climb.
    case
        The columns that say which rows were shown together.

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_mnl
    >>> frame = example_answers("choice")
    >>> model = fit_mnl(frame)
    >>> model.table[["attribute", "coefficient"]].round(1)
      attribute  coefficient
    0     price         -0.1
    1       sso          1.8
    >>> round(float(model.predict(frame)[frame["chosen"] == 1].mean()), 1)
    0.7
    """

    clustered: bool
    separated: tuple[str, ...]
    steps: int

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
        return self.chances(frame, self.estimates[None])

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
        drawn = partial(parameter_draws, self.estimates, self.covariance, draws, seed)
        return willingness(self.data, self.estimates, self.covariance, drawn, level=level, method=method)

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before the estimates are used."""
        found = []
        if self.separated:
            found.append(separated_caution(self.separated))
        found += price_cautions(self.price, self.estimates[self.price_column])
        found += data_cautions(self.data, self.estimates, self.standard_errors.to_numpy())
        if self.respondents is not None and not self.clustered and self.respondents < self.cases:
            found.append(Caution(say("counted_as_different_people"), "note"))
        return tuple(found)

    @property
    def reading(self) -> str:
        """Return what the estimates say, in two or three sentences."""
        worth = self.willingness_to_pay() if self.price is not None else None
        return choice_reading(self, worth, "")


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
        The choices, by default in the layout of the survey table of choices; it is not changed. Cases may differ in how
        many alternatives they have.
    chosen
        The column that is 1 for the alternative chosen, 0 for the others.
    case
        The column or columns that say which rows were shown together.
    attributes
        The columns that describe alternatives; None takes all that do not describe the respondent or the task. Text and
        categories become one column per level but the base level.
    price
        The column of prices, or None. It is an attribute whether or not `attributes` names it.
    weights
        A column, or one number per row: how much the case counts. Standard errors are then those of the sandwich, for
        weights of a survey are no counts. None takes the column `weight` of the survey layout.
    cluster
        A column, or one name per row: choices that hang together, usually the respondent's.
    bases
        The base level of attributes of words; otherwise the first level.
    currency
        What the price is in, for the sentences of the result.

    Returns
    -------
    ChoiceModel
        Estimates with standard errors, willingness to pay and predictions.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When columns are missing, never differ inside a case, or are collinear (naming them).

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_mnl
    >>> frame = example_answers("choice")
    >>> worth = fit_mnl(frame).willingness_to_pay().intervals["sso"]
    >>> round(worth.estimate), bool(worth.low < 20 < worth.high)
    (20, True)
    """
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
        currency=currency,
        data=data,
        clustered=cluster is not None,
        separated=separated,
        steps=found.steps,
    )


def _covariance(data: ChoiceData, found: NewtonResult, separated: tuple[str, ...], *, clustered: bool) -> Floats:
    kept = np.array([name not in separated for name in data.coding.names])
    covariance = np.full((len(kept), len(kept)), np.nan)
    inverse = covariance_of(found.point.information[np.ix_(kept, kept)])
    if clustered or (data.weight != 1).any():
        inverse = sandwich(inverse, found.point.scores[:, kept], data.person)
    covariance[np.ix_(kept, kept)] = inverse
    return covariance
