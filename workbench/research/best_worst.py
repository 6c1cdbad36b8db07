"""Best-worst scaling (MaxDiff): which features matter most, by counts and by a logit with tastes that differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import BEST_WORST
from workbench.research.answers import ResearchError, read_answers, same_weight
from workbench.research.sampling import interval_columns, percentile_intervals, resampled_weights
from workbench.results import Caution, Interval
from workbench.stats import even_points, normal_reach, normal_scores
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem
    from workbench.research.answers import Answers
    from workbench.stats import Flags, Floats

say = texts(__name__)

# --- Read best-worst answers: every task names one best and one worst among the features it showed


def read_best_worst(frame: pd.DataFrame, weights: str | ArrayLike | None = None) -> Answers:
    """Return checked answers in the layout of survey_best_worst; DataErrors with every problem."""
    return read_answers(BEST_WORST, frame, (_one_of_each, same_weight), weights=weights)


def _one_of_each(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every task without exactly one best and one worst feature."""
    answers = read.frame
    task = answers.groupby(["respondent", "task"], sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(task, return_index=True)
    for word in ("best", "worst"):
        named = np.bincount(task, weights=(answers["choice"] == word).fillna(value=False).to_numpy(dtype=float))
        for place in first[named != 1].tolist():
            where = f"task {answers['task'].iloc[place]} of {answers['respondent'].iloc[place]}"
            times = int(named[task[place]])
            remedy = f"Name one {word} feature in each task, or delete the rows of the task."
            value = f"{word} named {times} times in {where}"
            yield read.problem(place, "choice", value, f"{word} once per task", remedy)


# --- Count best and worst: how often each respondent saw, preferred and rejected each feature

BEST, WORST = "best", "worst"


@dataclass(frozen=True, eq=False)
class BestWorstCounts:
    """How often each respondent was shown each feature, and named it best or worst: respondents x features each.

    `weight` says how many people each respondent stands for, `tasks` how many questions each answered.
    """

    respondents: NDArray[np.object_]
    features: tuple[str, ...]
    shown: Floats
    best: Floats
    worst: Floats
    tasks: Floats
    weight: Floats

    @property
    def individual(self) -> Floats:
        """Return each respondent's score per feature: (best - worst) / shown, from -1 to 1; NaN where never shown."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.shown > 0, (self.best - self.worst) / self.shown, np.nan)


def count_best_worst(frame: pd.DataFrame, weight: Floats) -> BestWorstCounts:
    """Count a checked best-worst table; `weight` has one entry per row, the same for all rows of a respondent."""
    people, respondents = pd.factorize(frame["respondent"].to_numpy(dtype=object), sort=False)
    items, features = pd.factorize(frame["feature"].to_numpy(dtype=object), sort=True)
    shape = (len(respondents), len(features))
    choice = frame["choice"].to_numpy(dtype=object)
    tasks = frame.groupby("respondent", sort=False)["task"].nunique().reindex(respondents)
    own_weight = np.ones(len(respondents))
    own_weight[people] = weight
    return BestWorstCounts(
        respondents=respondents,
        features=tuple(str(name) for name in features),
        shown=_tally(people, items, np.ones(len(frame)), shape),
        best=_tally(people, items, (choice == BEST).astype(float), shape),
        worst=_tally(people, items, (choice == WORST).astype(float), shape),
        tasks=np.asarray(tasks, dtype=np.float64),
        weight=own_weight,
    )


def _tally(rows: NDArray[np.intp], columns: NDArray[np.intp], values: Floats, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(np.ravel_multi_index((rows, columns), shape), values, shape[0] * shape[1])
    return np.asarray(flat, dtype=np.float64).reshape(shape)


# --- The published score of best-worst scaling from counts


@dataclass(frozen=True, eq=False)
class AggregateScores:
    """Scores of features from counts of the whole sample, in the order given; `choice_share` sums to one.

    Entries in the order given; bounds treat every choice as a draw of its own.

    Attributes
    ----------
    score
        Log odds of best against worst; zero for a feature named best as often as worst.
    standard_error, low, high
        Of the score.
    choice_share
        What part of all choices each would get; sums to one.

    Examples
    --------
    >>> from workbench.research import aggregate_scores
    >>> found = aggregate_scores([100, 100], best=[60, 20], worst=[20, 60])
    >>> found.score.round(3).tolist(), found.choice_share.round(3).tolist()
    ([0.847, -0.847], [0.845, 0.155])
    """

    score: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    choice_share: Floats


def aggregate_scores(shown: ArrayLike, best: ArrayLike, worst: ArrayLike, *, z: float = 1.96) -> AggregateScores:
    """Return the analytical best-worst scores: p = (n - worst + best) / 2n, score = log(p / (1 - p)).

    A feature that was always best (or always worst) has no finite score; half a choice is taken off so that it keeps
    its place at the end.

    Parameters
    ----------
    shown, best, worst
        Per feature: how often it was shown, named best, and named worst. The last axis is the features; earlier axes
        hold other samples.
    z
        Standard errors to either side of the bounds.

    Returns
    -------
    AggregateScores
        Score, standard error, bounds and share of choices per feature.

    Raises
    ------
    ResearchError
        When a feature was never shown or named more often than shown.

    References
    ----------
    Lipovetsky and Conklin (2014), Best-worst scaling in analytical closed-form solution, Journal of Choice Modelling
    10, 60-68; the same numbers as `ae_mnl` of the R package bwsTools.

    Examples
    --------
    >>> from workbench.research import aggregate_scores
    >>> aggregate_scores([100, 100, 100], best=[60, 30, 10], worst=[10, 30, 60]).score.round(3).tolist()
    [1.099, 0.0, -1.099]
    """
    n, wins, losses = (np.asarray(each, dtype=float) for each in (shown, best, worst))
    if (n <= 0).any():
        raise ResearchError("A feature was never shown.", "Leave it out, or show it in some task.")
    if (wins < 0).any() or (losses < 0).any() or (wins + losses > n * (1 + 1e-12)).any():
        raise ResearchError("A feature was named more often than it was shown.", "Check the counts.")
    edge = 1 / (4 * n)  # half a choice, on the scale of p
    p = np.clip((n - losses + wins) / (2 * n), edge, 1 - edge)
    score = np.log(p / (1 - p))
    error = 1 / np.sqrt(2 * n * p * (1 - p))
    odds = np.exp(score)
    return AggregateScores(score, error, score - z * error, score + z * error, odds / odds.sum(axis=-1, keepdims=True))


def pulled_scores(difference: ArrayLike, everybody: ArrayLike, *, pull: float = 1.0, edge: float = 0.1) -> Floats:
    """Return each respondent's score per feature on the scale of the published score, pulled towards everybody's.

    Parameters
    ----------
    difference
        Respondents x features: (best - worst) / shown, from -1 to 1; NaN where a feature was not shown.
    everybody
        The published score of each feature (`AggregateScores.score`).
    pull
        How much everybody counts beside one respondent's own handful of answers: 1 is as much, 0 not at all.
    edge
        The chance taken for a respondent who always (or never) named a feature, which no handful of answers shows.

    A feature a respondent was not shown has everybody's score. Source: Lipovetsky and Conklin (2015), MaxDiff priority
    estimations with and without HB-MNL, Advances in Adaptive Data Analysis 7, equations 8 and 10; the same numbers as
    `e_bayescoring` of the R package bwsTools with E = 0.1 and alpha = 1.
    """
    if not (pull >= 0 and 0 < edge < 1 / 2):
        raise ResearchError(
            f"Scores cannot be pulled by {pull:g} with an edge of {edge:g}.",
            "Give a pull of 0 or more and an edge between 0 and 0.5.",
        )
    chance = 1 / (1 + np.exp(-np.asarray(everybody, dtype=float)))
    own = (1 + np.asarray(difference, dtype=float)) / 2
    own = np.where(own == 0, edge, np.where(own == 1, 1 - edge, own))
    mixed = np.where(np.isnan(own), chance, (own + pull * chance) / (1 + pull))
    found: Floats = np.log(mixed / (1 - mixed))
    return found


# --- The simulated likelihood of best and worst choices, when every respondent has a taste of their own

_SMALLEST_SPREAD = 1e-3
_STEP = 1e-4


@dataclass(frozen=True, eq=False)
class PaddedChoices:
    """Choices padded to one shape: items and allowed are choices x alternatives; the chosen one is the first."""

    items: NDArray[np.intp]
    allowed: Flags
    sign: Floats
    person: NDArray[np.intp]


class BestWorstModel:
    """The simulated likelihood of best-worst choices; parameters are contrasts of the means, then log spread."""

    def __init__(self, choices: PaddedChoices, draws: Floats, weight: Floats, features: int) -> None:
        self.choices = choices
        self.draws = draws - draws.mean(axis=2, keepdims=True)  # only differences between features matter
        self.weight = weight
        self.basis = _contrasts(features)
        self.starts = np.flatnonzero(np.r_[True, np.diff(choices.person) > 0])
        self.drawn = np.take_along_axis(self.draws[choices.person], choices.items[:, None, :], axis=2)

    def start(self) -> Floats:
        """Return parameters to begin with: no preference, a middling spread."""
        return np.r_[np.zeros(self.basis.shape[1]), np.log(0.5)]

    def split(self, parameters: Floats) -> tuple[Floats, float]:
        """Return the mean utilities, whose mean is zero, and the spread of taste."""
        return self.basis @ parameters[:-1], float(np.exp(parameters[-1])) + _SMALLEST_SPREAD

    def _simulate(self, parameters: Floats) -> tuple[Floats, ...]:
        """Return per choice and draw the probabilities of the alternatives, and per respondent and draw the log."""
        mean, spread = self.split(parameters)
        utility = (mean[self.choices.items][:, None, :] + spread * self.drawn) * self.choices.sign[:, None, None]
        utility = np.where(self.choices.allowed[:, None, :], utility, -np.inf)
        odds = np.exp(utility - utility.max(axis=2, keepdims=True))
        share = odds / odds.sum(axis=2, keepdims=True)
        logs = np.add.reduceat(np.log(np.maximum(share[:, :, 0], 1e-300)), self.starts, axis=0)
        return share, logs

    def _scores(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the log likelihood and its slope for every respondent (respondents x parameters)."""
        share, logs = self._simulate(parameters)
        posterior, value = self._posterior(logs)
        slope = -share * self.choices.sign[:, None, None]
        slope[:, :, 0] += self.choices.sign[:, None]
        slope *= posterior[self._place_of_choice()][:, :, None]
        spread_slope = np.add.reduceat((slope * self.drawn).sum(axis=(1, 2)), self.starts)
        per_item = slope.sum(axis=1)
        mean_slope = np.zeros((len(self.starts), len(self.basis)))
        np.add.at(mean_slope, (self._place_of_choice()[:, None], self.choices.items), per_item)
        return value, np.column_stack([mean_slope @ self.basis, spread_slope * np.exp(parameters[-1])])

    @staticmethod
    def _posterior(logs: Floats) -> tuple[Floats, Floats]:
        """Return how likely each draw is given the answers, and the log likelihood of each respondent."""
        peak = logs.max(axis=1, keepdims=True)
        odds = np.exp(logs - peak)
        return odds / odds.sum(axis=1, keepdims=True), np.log(odds.mean(axis=1)) + peak[:, 0]

    def _place_of_choice(self) -> NDArray[np.intp]:
        return np.repeat(np.arange(len(self.starts)), np.diff(np.r_[self.starts, len(self.choices.person)]))

    def value_and_slope(self, parameters: Floats) -> tuple[float, Floats]:
        """Return the negative log likelihood and its slope."""
        value, slope = self._scores(parameters)
        return -float(self.weight @ value), -(self.weight @ slope)

    def errors(self, parameters: Floats) -> Floats:
        """Return the standard error of every feature's utility by the sandwich formula."""
        steps = np.eye(len(parameters)) * _STEP
        curve = np.array(
            [self.value_and_slope(parameters + step)[1] - self.value_and_slope(parameters - step)[1] for step in steps]
        ) / (2 * _STEP)
        scores = self._scores(parameters)[1] * self.weight[:, None]
        bread = np.linalg.pinv((curve + curve.T) / 2)
        covariance = bread @ (scores.T @ scores) @ bread
        inner = covariance[:-1, :-1]
        return np.sqrt(np.einsum("ki,ij,kj->k", self.basis, inner, self.basis))

    def individual(self, parameters: Floats) -> Floats:
        """Return the mean of each respondent's taste given their answers: respondents x features."""
        mean, spread = self.split(parameters)
        posterior, _ = self._posterior(self._simulate(parameters)[1])
        return mean + spread * np.einsum("nr,nrk->nk", posterior, self.draws)


def _contrasts(features: int) -> Floats:
    """Return an orthonormal basis of the vectors whose mean is zero: features x (features - 1)."""
    left, _, _ = np.linalg.svd(np.eye(features) - 1 / features)
    return left[:, : features - 1]


# --- What features are worth to respondents, from best and worst choices: a logit with tastes that differ


@dataclass(frozen=True, eq=False)
class BestWorstUtilities:
    """What each feature is worth on the logit scale, where the features' mean is zero.

    Attributes
    ----------
    features, utilities
        What each feature is worth on the logit scale with its interval; their mean is zero.
    spread
        Standard deviation of taste between respondents, the same for every feature.
    log_likelihood
        Of the answers.
    respondents, individual
        Each respondent's own utilities (respondents x features): what their answers make most likely, on average.
    cautions
        What to know before using it.

    Examples
    --------
    >>> from workbench.research import best_worst_utilities, example_answers
    >>> frame = example_answers("best-worst")
    >>> found = best_worst_utilities(frame, draws=16)
    >>> [(name, round(each.estimate, 1)) for name, each in zip(found.features, found.utilities)]
    [('SSO', -1.3), ('alerts', 1.4), ('exports', -0.3), ('maps', 0.2)]
    """

    features: tuple[str, ...]
    utilities: tuple[Interval, ...]
    spread: float
    log_likelihood: float
    respondents: NDArray[np.object_]
    individual: Floats
    cautions: tuple[Caution, ...] = ()


def best_worst_utilities(
    frame: pd.DataFrame, weights: str | ArrayLike | None = None, *, draws: int = 64, level: float = 0.9, seed: int = 1
) -> BestWorstUtilities:
    """Estimate utilities from answers in the layout of survey_best_worst by simulated maximum likelihood.

    The best feature is a logit choice among those shown, the worst a logit choice (of the smallest utility) among the
    rest; each respondent's taste for each feature lies around the mean with one common spread. Intervals hold when the
    model is not quite right (sandwich errors by respondent).

    Parameters
    ----------
    frame
        One row per respondent, task and feature shown; `choice` says best, worst or none.
    weights
        As in `read_answers`.
    draws
        How many simulate the tastes of each respondent: few understate the spread a little and hardly move the
        utilities.
    level
        What the intervals hold, between 0 and 1.
    seed
        Where random numbers start.

    Returns
    -------
    BestWorstUtilities
        Utilities of the features, and of each respondent.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When fewer than three features were shown or no more people answered than there are features.

    References
    ----------
    Marley and Louviere (2005), doi:10.1016/j.jmp.2005.05.003, for the best-worst model; Train (2009), Discrete Choice
    Methods with Simulation, chapters 6 and 11, for the mixed logit and individual tastes.

    Examples
    --------
    >>> from workbench.research import best_worst_utilities, example_answers
    >>> frame = example_answers("best-worst")
    >>> found = best_worst_utilities(frame, draws=16)
    >>> found.individual.shape, round(sum(each.estimate for each in found.utilities), 6) == 0
    ((60, 4), True)
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - loaded when a model is fitted

    answers = read_best_worst(frame, weights)
    person, respondents = pd.factorize(answers.texts("respondent"), sort=False)
    item, names = pd.factorize(answers.texts("feature"), sort=True)
    if len(names) < 3:  # noqa: PLR2004 - two features leave nothing between best and worst
        raise ResearchError(f"Only {len(names)} features were shown.", "Utilities need three or more.")
    if len(respondents) <= len(names):
        raise ResearchError(
            f"{len(respondents)} respondents are too few for the utilities of {len(names)} features.",
            "Ask more people than there are features, or use the scores of maxdiff.",
        )
    own = np.ones(len(respondents))
    own[person] = answers.weights
    choices = _choices(answers.frame, person, item)
    even = even_points(len(names), len(respondents) * draws, np.random.default_rng(seed))
    standard = normal_scores(even).reshape(len(respondents), draws, len(names))
    model = BestWorstModel(choices, standard, own / own.mean(), len(names))
    fitted = minimize(model.value_and_slope, model.start(), jac=True, method="BFGS", options={"gtol": 1e-4 * len(own)})
    errors = model.errors(fitted.x)
    mean, spread = model.split(fitted.x)
    z = normal_reach(level)
    return BestWorstUtilities(
        features=tuple(str(name) for name in names),
        utilities=tuple(
            Interval(value - z * error, value, value + z * error, level)
            for value, error in zip(mean.tolist(), errors.tolist(), strict=True)
        ),
        spread=spread,
        log_likelihood=-float(fitted.fun),
        respondents=respondents,
        individual=model.individual(fitted.x),
        cautions=_utility_cautions(names[item], answers.texts("choice")),
    )


def _utility_cautions(feature: NDArray[np.object_], choice: NDArray[np.object_]) -> tuple[Caution, ...]:
    """Return a caution for features all answers about which point one way: their utility has no end there."""
    named = {word: set(feature[choice == word]) for word in (BEST, WORST)}
    found = []
    for word, other in ((BEST, WORST), (WORST, BEST)):
        if only := sorted(named[word] - named[other]):
            found.append(Caution(say("one_sided", names=only, other=other, above=word == BEST)))
    return tuple(found)


def _choices(frame: pd.DataFrame, person: NDArray[np.intp], item: NDArray[np.intp]) -> PaddedChoices:
    """Turn every task into a choice of the best among all and of the worst among the rest; respondents in order."""
    task = frame.groupby(["respondent", "task"], sort=False).ngroup().to_numpy()
    word = frame["choice"].to_numpy(dtype=object)
    # Within a task: the best first, then the worst, then the others.
    rank = np.where(word == BEST, 0, np.where(word == WORST, 1, 2))
    order = np.lexsort((rank, task))
    task, item, person = task[order], item[order], person[order]
    first = np.flatnonzero(np.r_[True, np.diff(task) > 0])
    size = np.diff(np.r_[first, len(task)])
    place = np.arange(len(task)) - np.repeat(first, size)
    items = np.zeros((len(first), size.max()), dtype=np.intp)
    allowed = np.zeros(items.shape, dtype=bool)
    items[task_rows := np.repeat(np.arange(len(first)), size), place] = item
    allowed[task_rows, place] = True
    keep = size > 2  # noqa: PLR2004 - of two features the worst is no further choice
    worst_items, worst_allowed = np.zeros_like(items), np.zeros_like(allowed)
    worst_items[:, :-1], worst_allowed[:, :-1] = items[:, 1:], allowed[:, 1:]
    who = np.r_[person[first], person[first][keep]]
    together = np.argsort(who, kind="stable")
    return PaddedChoices(
        items=np.vstack([items, worst_items[keep]])[together],
        allowed=np.vstack([allowed, worst_allowed[keep]])[together],
        sign=np.r_[np.ones(len(first)), -np.ones(int(keep.sum()))][together],
        person=who[together],
    )


# --- Best-worst scaling (MaxDiff): which features matter most, when respondents must choose

UNEVEN = 1.25
SEEN_ENOUGH = 3
FEW = 50


@dataclass(frozen=True, eq=False)
class MaxDiff:
    """How features rank, from the answers of `respondents` people; entries in the order of `features`.

    Entries are in the order of `features`. Sums over respondents are weighted.

    Attributes
    ----------
    features
        What was compared.
    score
        Log odds of being named best rather than worst: zero is average, with a bootstrap interval over respondents.
    share
        What part of all choices the feature would get if all were shown at once, between 0 and 1.
    published
        The textbook standard errors and bounds, which take every choice for a new person.
    respondents, tasks
        How many.
    counts
        How often each was shown, best and worst.
    cautions
        What to know before using it.

    Examples
    --------
    >>> from workbench.research import example_answers, maxdiff
    >>> frame = example_answers("best-worst")
    >>> maxdiff(frame, samples=200).table[["feature", "shown", "best", "worst"]]
       feature  shown   best  worst
    0   alerts  180.0  132.0    8.0
    1     maps  180.0   55.0   33.0
    2  exports  180.0   41.0   67.0
    3      SSO  180.0   12.0  132.0
    """

    features: tuple[str, ...]
    score: tuple[Interval, ...]
    share: tuple[Interval, ...]
    published: AggregateScores
    respondents: int
    tasks: int
    counts: BestWorstCounts = field(repr=False)
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per feature, most preferred first: counts, score and share with their intervals."""
        weight = self.counts.weight
        table = pd.DataFrame(
            {
                "feature": self.features,
                "shown": weight @ self.counts.shown,
                "best": weight @ self.counts.best,
                "worst": weight @ self.counts.worst,
                **interval_columns("score", self.score),
                **interval_columns("share", self.share),
                "standard_error": self.published.standard_error,
            }
        )
        return table.sort_values(["score", "feature"], ascending=[False, True], ignore_index=True)

    @property
    def individual(self) -> pd.DataFrame:
        """Return each respondent's own score per feature, (best - worst) / shown from -1 to 1; NaN where not shown."""
        return pd.DataFrame(
            self.counts.individual,
            index=pd.Index(self.counts.respondents, name="respondent"),
            columns=list(self.features),
        )

    def pulled(self, *, pull: float = 1.0, edge: float = 0.1) -> pd.DataFrame:
        """Return each respondent's score per feature, pulled towards everybody's: see `pulled_scores`."""
        scores = pulled_scores(self.individual.to_numpy(), self.published.score, pull=pull, edge=edge)
        return pd.DataFrame(scores, index=self.individual.index, columns=list(self.features))

    def wanted(self, above: float = 0.0) -> pd.DataFrame:
        """Return respondents x features, True where the respondent's own score is higher than `above`."""
        return self.individual > above

    @property
    def reading(self) -> str:
        """Say which features lead and trail, and how sure that is."""
        ranked = self.table.to_dict("records")
        return say("reading", respondents=self.respondents, ranked=ranked)


def maxdiff(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    *,
    level: float = 0.9,
    samples: int = 1000,
    seed: int = 1,
) -> MaxDiff:
    """Return how features rank, from answers in the layout of survey_best_worst.

    Parameters
    ----------
    frame
        One row per respondent, task and feature shown; `choice` says best, worst or none.
    weights
        The name of a column, or one number per row; by default the column `weight` where there is one.
    level, samples, seed
        Of the bootstrap over respondents.

    Returns
    -------
    MaxDiff
        Score and share of every feature with intervals, and the counts behind them.

    Raises
    ------
    DataErrors
        With every problem in the answers.
    ResearchError
        When fewer than two features were shown.

    References
    ----------
    Finn and Louviere (1992), Determining the appropriate response to evidence of public concern, Journal of Public
    Policy and Marketing 11, 12-25.

    Examples
    --------
    >>> from workbench.research import example_answers, maxdiff
    >>> frame = example_answers("best-worst")
    >>> found = maxdiff(frame, samples=200)
    >>> found.features, [round(each.estimate, 1) for each in found.score]
    (('SSO', 'alerts', 'exports', 'maps'), [-1.6, 1.7, -0.3, 0.2])
    """
    answers = read_best_worst(frame, weights)
    counts = count_best_worst(answers.frame, answers.weights)
    if len(counts.features) < 2:  # noqa: PLR2004 - one feature cannot be compared
        raise ResearchError("Only one feature was shown.", "Compare two or more.")
    published = _scores(counts, counts.weight)
    drawn = _scores(counts, resampled_weights(counts.weight, samples, seed))
    return MaxDiff(
        features=counts.features,
        score=percentile_intervals(published.score, drawn.score, level),
        share=percentile_intervals(published.choice_share, drawn.choice_share, level),
        published=published,
        respondents=len(counts.respondents),
        tasks=int(counts.tasks.sum()),
        counts=counts,
        cautions=_cautions(counts),
    )


def _scores(counts: BestWorstCounts, weight: Floats) -> AggregateScores:
    shown, best, worst = (weight @ each for each in (counts.shown, counts.best, counts.worst))
    # A feature few saw can be missing from a resample; there it says nothing rather than zero.
    absent = shown <= 0
    scores = aggregate_scores(np.where(absent, 1.0, shown), best, worst)
    if not absent.any():
        return scores
    return AggregateScores(*(np.where(absent, np.nan, part) for part in vars(scores).values()))


def _cautions(counts: BestWorstCounts) -> tuple[Caution, ...]:
    shown = counts.weight @ counts.shown
    people = len(counts.respondents)
    seen = float(counts.shown.sum() / counts.shown.size)
    found = []
    if shown.max() > UNEVEN * shown.min():
        least, most = counts.features[int(shown.argmin())], counts.features[int(shown.argmax())]
        found.append(Caution(say("uneven", most=most, times=shown.max(), least=least, fewest=shown.min())))
    if people < FEW:
        found.append(Caution(say("few_answered", people=people)))
    if seen < SEEN_ENOUGH:
        found.append(Caution(say("seldom_seen", seen=seen, enough=SEEN_ENOUGH), "note"))
    named = (counts.best + counts.worst).sum(axis=0) > 0
    if unnamed := [name for name, known in zip(counts.features, named, strict=True) if not known]:
        found.append(Caution(say("never_named", names=unnamed), "note"))
    return tuple(found)
