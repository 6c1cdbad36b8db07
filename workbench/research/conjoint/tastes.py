"""How tastes differ between respondents, what single respondents like, and what that is worth in money."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from operator import mul
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from workbench.errors import DataErrors
from workbench.formatting import attribute_words, exact
from workbench.locales import NO_CURRENCY
from workbench.research.answers import ResearchError
from workbench.research.conjoint.data import NONE, row_problem
from workbench.results import Interval
from workbench.stats import even_points, normal_reach, normal_scores, short_stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from workbench.research.conjoint.data import ChoiceData, Coding
    from workbench.stats import Flags, Floats, Ints

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
    >>> from workbench.research import example_answers, fit_mnl
    >>> frame = example_answers("choice")
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


def delta_willingness(data: ChoiceData, middle: Floats, covariance: Floats, level: float) -> WillingnessToPay:
    """Return willingness with delta-method intervals from coefficients (K,) and their covariance (K, K)."""
    names, price, reach = data.coding.names, _price_of(data), normal_reach(level)
    intervals, errors = {}, {}
    for column in _others(data):
        value = -middle[column] / middle[price]
        gradient = np.zeros(len(middle))
        gradient[column] = -1 / middle[price]
        gradient[price] = -value / middle[price]
        variance = _quadratic(gradient, covariance)
        error = float(np.sqrt(variance)) if variance >= 0 else float("nan")
        intervals[names[column]] = _interval(value, value - reach * error, value + reach * error, level)
        errors[names[column]] = error
    return WillingnessToPay(intervals, errors, "delta")


def simulated_willingness(data: ChoiceData, middle: Floats, drawn: Floats, level: float) -> WillingnessToPay:
    """Return willingness with intervals from coefficients drawn (draws, K), as Krinsky & Robb (1986) do.

    The standard error is that of the draws; it has no limit in theory, and jumps when the price may be zero.
    """
    names, price, ends = data.coding.names, _price_of(data), (0.5 - level / 2, 0.5 + level / 2)
    intervals, errors = {}, {}
    for column in _others(data):
        ratio = -drawn[:, column] / drawn[:, price]
        low, high = np.quantile(ratio, ends) if np.isfinite(ratio).all() else (np.nan, np.nan)
        intervals[names[column]] = _interval(-middle[column] / middle[price], float(low), float(high), level)
        errors[names[column]] = float(np.std(ratio, ddof=1))
    return WillingnessToPay(intervals, errors, "simulated")


def _price_of(data: ChoiceData) -> int:
    """Return which column is the price; ResearchError when none is, for there is nothing to compare with."""
    require_price(data.price)
    return data.coding.names.index(str(data.price))


def _others(data: ChoiceData) -> list[int]:
    return [column for column, name in enumerate(data.coding.names) if name != data.price]


def parameter_draws(estimates: Floats, covariance: Floats, draws: int, seed: int) -> Floats:
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
    data: ChoiceData, middle: Floats, covariance: Floats, drawn: Callable[[], Floats], *, level: float, method: Method
) -> WillingnessToPay:
    """Return willingness by either method: from the middle respondent's coefficients (K,), and draws of them."""
    if method not in METHODS:
        raise ResearchError(f"There is no method {method!r}.", f"Choose one of: {', '.join(METHODS)}.")
    if method == "delta":
        return delta_willingness(data, middle, covariance, level)
    return simulated_willingness(data, middle, drawn(), level)


def _quadratic(gradient: Floats, covariance: Floats) -> float:
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


def worth_steps(data: ChoiceData) -> tuple[WorthStep, ...]:
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
        if column.name in {data.price, NONE}:
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
    found = {step.words: worth[step.name].changed(partial(mul, step.units)) for step in all_steps}
    return dict(sorted(found.items(), key=lambda each: (not np.isfinite(each[1].low), -abs(each[1].estimate))))


# --- How tastes differ between respondents: which coefficients are spread, and how

Distribution = Literal["normal", "lognormal", "negative lognormal"]
DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
SPREAD_OF = "spread of "


@dataclass(frozen=True, eq=False)
class Tastes:
    """Which columns have a coefficient of its own for every respondent, and of which distribution.

    `columns` (Q,) are positions among K columns. `sign` (Q,) is 0 for a normal coefficient; 1 for a lognormal one,
    which is never negative, -1 for its mirror image. Parameters are K places and Q spreads: a normal coefficient is
    place + spread z, a lognormal one sign exp(place + spread z), with z standard normal.
    """

    coding: Coding
    columns: Ints
    sign: Ints

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters: the columns, then their spreads."""
        return (*self.coding.names, *(SPREAD_OF + self.coding.names[column] for column in self.columns))

    @property
    def signs(self) -> Ints:
        """Return the sign (K,) of every column's distribution, 0 where it is normal or the same for everybody."""
        signs = np.zeros(len(self.coding.columns), dtype=np.int64)
        signs[self.columns] = self.sign
        return signs

    def distribution(self, column: int) -> str:
        """Return a column's distribution in words."""
        if column not in self.columns:
            return "same for everybody"
        return {0: "normal", 1: "lognormal", -1: "negative lognormal"}[int(self.signs[column])]

    def middle(self, parameters: Floats) -> Floats:
        """Return the coefficients (..., K) of the middle respondent, the median of each distribution."""
        places = parameters[..., : len(self.coding.columns)]
        signs = self.signs
        return np.where(signs == 0, places, signs * np.exp(np.where(signs == 0, 0.0, places)))

    def slope(self, parameters: Floats) -> Floats:
        """Return the derivative (K,) of the middle respondent's coefficients to their places."""
        return np.where(self.signs == 0, 1.0, self.middle(parameters))

    def own(self, parameters: Floats, standard: Floats) -> Floats:
        """Return the spread coefficients (n, Q, R) of respondents from standard normal draws (n, Q, R)."""
        places = parameters[self.columns]
        spreads = parameters[len(self.coding.columns) :]
        taste = standard * spreads[:, None]
        taste += places[:, None]
        for at in np.flatnonzero(self.sign):
            taste[:, at] = self.sign[at] * np.exp(taste[:, at])
        return taste

    def rescaled(self, parameters: Floats, scale: Floats) -> Floats:
        """Return the parameters for columns divided by `scale` (K,)."""
        result = parameters.copy()
        columns = len(scale)
        logs = self.signs != 0
        result[:columns] = np.where(logs, parameters[:columns] + np.log(scale), parameters[:columns] * scale)
        result[columns:] *= np.where(self.sign != 0, 1.0, scale[self.columns])
        return result

    def rescaling(self, scale: Floats) -> Floats:
        """Return the derivative (P,) of the parameters as given to those of columns divided by `scale`."""
        own = 1 / scale
        places = np.where(self.signs != 0, 1.0, own)
        return np.concatenate([places, np.where(self.sign != 0, 1.0, own[self.columns])])


def tastes_of(coding: Coding, random: Mapping[str, str] | None, price: str | None) -> Tastes:
    """Return the tastes asked for; None spreads everything but the price, as normal coefficients.

    An attribute of words spreads all its levels; one level is named "attribute: level". "lognormal" for the price
    means its mirror image: everybody likes to pay less.
    """
    asked = random if random is not None else dict.fromkeys((a for a in coding.attributes if a != price), "normal")
    spread: dict[int, int] = {}
    for name, distribution in asked.items():
        if distribution not in DISTRIBUTIONS:
            raise ResearchError(
                f"{name} cannot have the distribution {distribution!r}.", f"Choose one of: {', '.join(DISTRIBUTIONS)}."
            )
        places = coding.columns_of(name)
        if not places:
            raise ResearchError(
                f"{name} is to differ between respondents, but is no attribute.",
                f"The attributes are {', '.join(coding.attributes)}.",
            )
        mirrored = distribution == "negative lognormal" or (distribution == "lognormal" and name == price)
        sign = 0 if distribution == "normal" else (-1 if mirrored else 1)
        spread |= dict.fromkeys(places, sign)
    if not spread:
        raise ResearchError("No coefficient is to differ between respondents.", "Name some, or use fit_mnl.")
    columns = np.array(sorted(spread), dtype=np.int64)
    return Tastes(coding, columns, np.array([spread[int(column)] for column in columns], dtype=np.int64))


# --- Matrix products of many respondents at once, in stretches that need no threads


def product_over_columns(left: Floats, right: Floats) -> Floats:
    """Return left (n, a, b) times right (n, b, c), made in stretches of c."""
    people, rows, inner = left.shape
    made = np.empty((people, rows, right.shape[2]))
    for part in short_stretches(right.shape[2], rows * inner):
        np.matmul(left, right[:, :, part], out=made[:, :, part])
    return made


def product_over_inner(left: Floats, right: Floats) -> Floats:
    """Return left (n, a, b) times the transpose of right (n, c, b), added up over stretches of b."""
    made = np.zeros((left.shape[0], left.shape[1], right.shape[1]))
    for part in short_stretches(left.shape[2], left.shape[1] * right.shape[1]):
        made += np.matmul(left[:, :, part], right[:, :, part].transpose(0, 2, 1))
    return made


# --- The simulated likelihood of all choices of each respondent, with its gradient

IN_CACHE = 1 << 17
"""How many numbers a block holds at most: about a megabyte, the size of a core's own cache."""
_AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class RespondentBlock:
    """Respondents (n) with equally many choices T, their rows being the J - 1 alternatives not chosen, times T.

    `gaps` (n, (J - 1) T, K), alternatives outermost; `absent` (n, (J - 1) T) marks alternatives a case did not have.
    """

    person: Ints
    gaps: Floats
    absent: Flags | None
    others: int


@dataclass(frozen=True, eq=False)
class BlockPoint:
    """A block at one set of parameters: log-likelihood (n,), and each draw's share (n, R) of the likelihood.

    `scores` (n, P) is each respondent's gradient, None when it was not asked for.
    """

    log_likelihood: Floats
    share: Floats
    scores: Floats | None


def blocks(data: ChoiceData, draws: int, scale: Floats, people: Ints | None = None) -> Iterator[RespondentBlock]:
    """Yield the respondents, or those numbered in `people`, in blocks; their columns are divided by `scale` (K,)."""
    assert data.person is not None  # noqa: S101 - a panel is read with its respondents
    size = np.bincount(data.person)
    start = np.cumsum(size) - size
    others = data.gaps.shape[1]
    scaled = data.gaps / scale
    asked = np.arange(len(size)) if people is None else people
    for choices in np.unique(size[asked]):
        alike = asked[size[asked] == choices]
        most = max(1, IN_CACHE // (int(choices) * others * draws))
        for first in range(0, len(alike), most):
            person = alike[first : first + most]
            case = start[person][:, None] + np.arange(choices)
            gaps = scaled[case].transpose(0, 2, 1, 3).reshape(len(person), -1, scaled.shape[2])
            absent = None
            if data.offered is not None and not data.offered[case].all():
                absent = ~data.offered[case].transpose(0, 2, 1).reshape(len(person), -1)
            yield RespondentBlock(person, np.ascontiguousarray(gaps), absent, others)


def person_weights(data: ChoiceData) -> Floats:
    """Return one weight per respondent; DataErrors when it changes between choices of one respondent."""
    assert data.person is not None  # noqa: S101 - a panel is read with its respondents
    first = np.flatnonzero(np.diff(data.person, prepend=-1))
    weight = data.weight[first]
    wrong = np.flatnonzero(data.weight != weight[data.person])
    if len(wrong):
        remedy = "Write the same weight in every row of the respondent."
        names = [data.people[data.person[at]] for at in wrong.tolist()]
        found = zip(wrong.tolist(), names, strict=True)
        raise DataErrors(row_problem("weights", at, name, "one weight per respondent", remedy) for at, name in found)
    return weight


def block_point(
    block: RespondentBlock, tastes: Tastes, parameters: Floats, standard: Floats, *, slopes: bool = True
) -> BlockPoint:
    """Return a block's likelihood, averaged over standard normal draws (n, Q, R), and its gradient.

    Chances are worked out against the chosen alternative, so that a choice is 1 / (1 + sum of exp of gaps). Sums over
    rows and over draws are matrix products.
    """
    own = tastes.own(parameters, standard)
    people, columns = len(own), block.gaps.shape[2]
    odds, total = _odds(block, tastes, parameters, own)
    log_likelihood, share = _averaged(total)
    if not slopes:
        return BlockPoint(log_likelihood, share, None)
    logs = np.flatnonzero(tastes.sign)
    spread = share[:, None, :] * standard
    slope = [share[:, None, :], spread]
    if len(logs):
        spread[:, logs] *= own[:, logs]
        slope.append(share[:, None, :] * own[:, logs])
    summed = product_over_inner(odds, np.concatenate(slope, axis=1))
    scores = np.empty((people, columns + len(tastes.columns)))
    scores[:, :columns] = -np.matmul(summed[:, None, :, 0], block.gaps)[:, 0]
    spread_gaps = block.gaps[:, :, tastes.columns]
    scores[:, columns:] = -np.einsum("nrq,nrq->nq", spread_gaps, summed[:, :, 1 : 1 + len(tastes.columns)])
    if len(logs):
        places = tastes.columns[logs]
        scores[:, places] = -np.einsum("nrq,nrq->nq", block.gaps[:, :, places], summed[:, :, -len(logs) :])
    return BlockPoint(log_likelihood, share, scores)


def _odds(block: RespondentBlock, tastes: Tastes, parameters: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Return the chance (n, rows, R) of each alternative not chosen, and the log of 1 / likelihood (n, R)."""
    people, _, draws = own.shape
    columns = block.gaps.shape[2]
    same = np.ones(columns, dtype=bool)
    same[tastes.columns] = False
    fixed = block.gaps[:, :, same] @ parameters[:columns][same]
    rows = np.concatenate([block.gaps[:, :, tastes.columns], fixed[:, :, None]], axis=2)
    taste = np.concatenate([own, np.ones((people, 1, draws))], axis=1)
    chance, total = _chances(product_over_columns(rows, taste), block, draws)
    surprise = _summed_logs(total)
    if not np.isfinite(surprise).all():  # far out, odds pass what a number can hold: the same again, with care
        chance, surprise = _careful_chances(product_over_columns(rows, taste), block, draws)
    return chance, surprise


def _chances(utility: Floats, block: RespondentBlock, draws: int) -> tuple[Floats, Floats]:
    """Turn gaps in utility into chances in place; also return 1 / chance of what was chosen (n, T, R)."""
    with np.errstate(over="ignore", invalid="ignore"):
        np.exp(utility, out=utility)
        if block.absent is not None:
            utility[block.absent] = 0.0
        planes = utility.reshape(len(utility), block.others, -1, draws)
        total = np.add.reduce(planes, axis=1)
        total += 1.0
        planes *= np.reciprocal(total)[:, None]
    return utility, total


def _summed_logs(total: Floats) -> Floats:
    """Return the sum over T of the logs of (n, T, R), infinite where a product overflows; products save logs."""
    summed = np.zeros((total.shape[0], total.shape[2]))
    with np.errstate(over="ignore"):
        for first in range(0, total.shape[1], _AT_ONCE):
            summed += np.log(np.multiply.reduce(total[:, first : first + _AT_ONCE], axis=1))
    return summed


def _careful_chances(utility: Floats, block: RespondentBlock, draws: int) -> tuple[Floats, Floats]:
    if block.absent is not None:
        utility[block.absent] = -np.inf
    planes = utility.reshape(len(utility), block.others, -1, draws)
    top = np.maximum(planes.max(axis=1), 0.0)
    planes -= top[:, None]
    np.exp(planes, out=planes)
    total = planes.sum(axis=1) + np.exp(-top)
    planes /= total[:, None]
    return utility, (np.log(total) + top).sum(axis=1)


def _averaged(surprise: Floats) -> tuple[Floats, Floats]:
    """Return the log of the average likelihood over draws (n,), and each draw's share (n, R) of it."""
    least = surprise.min(axis=1)
    share = np.exp(least[:, None] - surprise)
    total = share.sum(axis=1)
    share /= total[:, None]
    return np.log(total / surprise.shape[1]) - least, share


# --- What single respondents like: the taste of everybody, narrowed by what this one chose

CANDIDATES = 2048
MANY_CANDIDATES = 8 * CANDIDATES
FEW = 64
"""Respondents whose estimate rests on fewer candidates than this are weighed again, with many more."""


@dataclass(frozen=True, eq=False)
class IndividualUtilities:
    """Coefficients of every respondent.

    N respondents, D draws, K columns.

    Attributes
    ----------
    respondents
        Their names.
    columns, price
        The K columns, and which is the price.
    means
        (N, K) averages given the respondent's own choices.
    draws
        (N, D, K) how sure that is: each is as likely as the next.
    effective
        (N,) how many different candidates carry the estimate of a respondent; below some dozens its draws repeat one
        another.
    currency
        What the price is in.

    References
    ----------
    Train (2009), Discrete Choice Methods with Simulation, chapter 11.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.research import IndividualUtilities
    >>> draws = np.array([[[-0.1, 2.0]], [[-0.2, 1.0]]])
    >>> own = IndividualUtilities(("R1", "R2"), ("price", "sso"), "price", draws.mean(axis=1), draws, np.ones(2))
    >>> own.willingness()[:, 0, 1].tolist()
    [20.0, 5.0]
    """

    respondents: tuple[str, ...]
    columns: tuple[str, ...]
    price: str | None
    means: Floats
    draws: Floats
    effective: Floats = field(repr=False)
    currency: str = NO_CURRENCY

    @property
    def table(self) -> pd.DataFrame:
        """Return respondent and the average of each coefficient."""
        return pd.DataFrame(self.means, columns=list(self.columns)).assign(respondent=self.respondents)[
            ["respondent", *self.columns]
        ]

    def willingness(self) -> Floats:
        """Return what one unit more is worth (N, D, K): -coefficient / price coefficient; the price's own is -1.

        NaN in draws where a higher price is liked: money then measures nothing.
        """
        require_price(self.price)
        price = self.draws[:, :, self.columns.index(str(self.price))]
        return self.draws / np.where(price < 0, -price, np.nan)[:, :, None]


@dataclass(frozen=True, eq=False)
class _Weighed:
    """Candidates (n, Q, R) of a block of respondents with the share (n, R) each has of the likelihood."""

    person: Ints
    own: Floats
    share: Floats

    @property
    def effective(self) -> Floats:
        """Return how many equally good candidates the shares amount to (Kish)."""
        return 1 / (self.share**2).sum(axis=1)


def individual_utilities(
    data: ChoiceData, tastes: Tastes, parameters: Floats, *, draws: int, seed: int
) -> tuple[Floats, Floats, Floats]:
    """Return means (N, K), draws (N, draws, K) and effective numbers (N,) by weighing candidates from everybody.

    Candidates are drawn from the tastes of everybody and weighed by how likely they make what the respondent chose
    (Train 2009, chapter 11); draws are then taken from them in proportion.
    """
    people = len(data.people)
    middle = tastes.middle(parameters)
    means = np.tile(middle, (people, 1))
    drawn = np.tile(middle, (people, draws, 1))
    effective = np.zeros(people)
    random = np.random.default_rng(seed)
    start = random.random(people)
    for candidates in (CANDIDATES, MANY_CANDIDATES):
        few = np.flatnonzero(effective < FEW)
        for weighed in _weighed(data, tastes, parameters, few, candidates=candidates, seed=seed):
            effective[weighed.person] = weighed.effective
            means[np.ix_(weighed.person, tastes.columns)] = np.einsum("nr,nqr->nq", weighed.share, weighed.own)
            for at, person in enumerate(weighed.person):
                # Evenly spaced points along the shares pick each candidate as often as its share says, then shuffled.
                even = (np.arange(draws) + start[person]) / draws
                picked = np.minimum(np.searchsorted(np.cumsum(weighed.share[at]), even), candidates - 1)
                drawn[person][:, tastes.columns] = weighed.own[at][:, random.permutation(picked)].T
    return means, drawn, effective


def _weighed(
    data: ChoiceData, tastes: Tastes, parameters: Floats, people: Ints, *, candidates: int, seed: int
) -> Iterator[_Weighed]:
    """Yield candidates for some of the respondents; each has the same even points, moved by a step of its own."""
    even = even_points(len(tastes.columns), candidates, np.random.default_rng(seed)).T
    shift = np.random.default_rng(seed).random((len(data.people), len(tastes.columns)))
    for block in blocks(data, candidates, np.ones(len(data.coding.columns)), people):
        standard = normal_scores((even + shift[block.person][:, :, None]) % 1.0)
        share = block_point(block, tastes, parameters, standard, slopes=False).share
        yield _Weighed(block.person, tastes.own(parameters, standard), share)
