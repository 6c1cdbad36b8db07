"""Which features reach most customers together (total unduplicated reach and frequency, TURF)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.research.answers import ResearchError
from workbench.research.sampling import effective_answers, interval_columns
from workbench.results import Caution, Interval
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.stats import Flags, Floats

    Hits = Flags
    Weight = Floats

say = texts(__name__)

# --- How many customers sets of features reach: the result of a search among them


@dataclass(frozen=True)
class FeatureSet:
    """Features offered together: `reach` people are reached, the features are wanted `frequency` times in all.

    `share` is the reached share of everybody, with its interval. `gap` is how many more people another set of the same
    size might reach at most: zero where every set was looked at.
    """

    features: tuple[str, ...]
    reach: float
    frequency: float
    share: Interval
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class FeatureWishes:
    """Who wants what: respondents x features, with the weight of each respondent."""

    names: tuple[str, ...]
    hits: NDArray[np.bool_]
    weight: Floats
    depth: int
    level: float

    def offered(self, places: Sequence[int], gap: float = 0.0) -> FeatureSet:
        """Return reach and frequency of the features at these places."""
        held = self.hits[:, list(places)].sum(axis=1)
        reach, people = float(self.weight @ (held >= self.depth)), float(self.weight.sum())
        effective = effective_answers(self.weight)
        share = wilson(reach / people * effective, effective, self.level)
        assert share is not None  # noqa: S101 - somebody was asked
        return FeatureSet(tuple(self.names[place] for place in places), reach, float(self.weight @ held), share, gap)


@dataclass(frozen=True, eq=False)
class Turf:
    """The best set of features for every size, and the one that adding the best next feature leads to.

    Attributes
    ----------
    features
        What was asked about.
    people, respondents
        How many people the answers stand for, and how many answered.
    depth
        How many valued features it takes to reach a respondent.
    exact
        Whether every set was looked at.
    best, greedy
        Per size, the best set, and the one that adding the best next feature leads to.
    cautions
        What to know before using it.
    asked
        The answers.

    Examples
    --------
    >>> from workbench.research import turf
    >>> wanted = [[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]]
    >>> found = turf(wanted, ["alerts", "maps", "SSO"])
    >>> found.best[1].features, found.of(["alerts", "maps"]).reach
    (('alerts', 'SSO'), 3.0)
    """

    features: tuple[str, ...]
    people: float
    respondents: int
    depth: int
    exact: bool
    best: tuple[FeatureSet, ...]
    greedy: tuple[FeatureSet, ...]
    cautions: tuple[Caution, ...]
    asked: FeatureWishes = field(repr=False)

    def of(self, names: Sequence[str]) -> FeatureSet:
        """Return reach and frequency of any set of features; KeyError for a feature that was not asked about."""
        unknown = [name for name in names if name not in self.features]
        if unknown:
            raise KeyError(f"no answers about {', '.join(unknown)}; the features are {', '.join(self.features)}")
        return self.asked.offered([self.features.index(name) for name in names])

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per size: features, reach with its share, frequency, and what going step by step reaches."""
        return pd.DataFrame(
            {
                "size": [len(each.features) for each in self.best],
                "features": [", ".join(each.features) for each in self.best],
                "reach": [each.reach for each in self.best],
                **interval_columns("share", (each.share for each in self.best)),
                "frequency": [each.frequency for each in self.best],
                "step_by_step_reach": [each.reach for each in self.greedy],
                "at_most_more": [each.gap for each in self.best],
            }
        )

    @property
    def reading(self) -> str:
        """Say in two sentences what a few features reach, and what the next one adds."""
        at = min(3, len(self.best)) - 1
        chosen, more = self.best[at], self.best[at + 1 : at + 2]
        added = [each.share.estimate - chosen.share.estimate for each in more]
        return say("reading", turf=self, chosen=chosen, added=added)


# --- Search the sets of features that reach most people: every set, or one step after the other

_TIE = 1e-9


def exhaustive(hits: Hits, weight: Weight, depth: int, most: int) -> list[list[int]]:
    """Return the best set of every size up to `most`, by looking at every set of features.

    People with the same wishes are one row, numbered by their wishes as bits. One pass per feature then adds up, for
    all sets at once, how many people want exactly 0, 1, ... `depth` or more features of the set.
    """
    features = hits.shape[1]
    pattern = hits @ (1 << np.arange(features))
    held = np.zeros((depth + 1, 1 << features))
    held[0] = np.bincount(pattern, weights=weight, minlength=1 << features)
    for feature in range(features):
        split = held.reshape(depth + 1, -1, 2, 1 << feature)
        without, within = split[:, :, 0].copy(), split[:, :, 1].copy()
        split[:, :, 0] = without + within
        split[1:, :, 1] = without[1:] + within[:-1]
        split[0, :, 1] = without[0]
        split[depth, :, 1] += within[depth]
    reach = held[depth]
    frequency = _sums_over_sets(weight @ hits)
    sizes = _sums_over_sets(np.ones(features)).astype(int)
    return [_best_of(np.flatnonzero(sizes == size), reach, frequency, features) for size in range(1, most + 1)]


def greedy(hits: Hits, weight: Weight, depth: int, most: int) -> list[int]:
    """Return features in the order in which each adds most reach; among equals the more wanted, then the first.

    While nobody is reached yet (depth above 1), wishes that count towards being reached decide.
    """
    wanted = weight @ hits
    chosen: list[int] = []
    held = np.zeros(len(hits), dtype=int)
    for _ in range(most):
        open_places = [place for place in range(hits.shape[1]) if place not in chosen]
        after = np.minimum(held[:, None] + hits[:, open_places], depth)
        reach, progress = weight @ (after >= depth), weight @ after
        order = sorted(
            range(len(open_places)), key=lambda at: (-reach[at], -progress[at], -wanted[open_places[at]], at)
        )
        chosen.append(open_places[order[0]])
        held = held + hits[:, chosen[-1]]
    return chosen


def exchanged(hits: Hits, weight: Weight, depth: int, steps: list[int]) -> list[list[int]]:
    """Return a set of every size: the step by step choice, improved by exchanging one feature while that helps."""
    found = []
    for size in range(1, len(steps) + 1):
        chosen = list(steps[:size])
        while (better := _exchange(hits, weight, depth, chosen)) is not None:
            chosen = better
        found.append(sorted(chosen))
    return found


def optimality_gaps(hits: Hits, weight: Weight, depth: int, found: list[list[int]]) -> list[float]:
    """Return for each set how many more people any set of its size could reach at most."""
    everybody = float(weight @ (hits.sum(axis=1) >= depth))
    wanted = np.sort(weight @ hits)[::-1]
    bounds = []
    for chosen in found:
        size = len(chosen)
        reach = _reach(hits, weight, depth, chosen)
        most = min(everybody, float(wanted[:size].sum()) / depth)
        if depth == 1:  # reach has decreasing returns: no set beats a set by more than its best single additions
            for base in found[:size]:
                missed = ~hits[:, base].any(axis=1)
                gains = np.sort((weight * missed) @ hits)[::-1]
                most = min(most, _reach(hits, weight, depth, base) + float(gains[:size].sum()))
        bounds.append(max(0.0, most - reach))
    return bounds


def _reach(hits: Hits, weight: Weight, depth: int, chosen: list[int]) -> float:
    return float(weight @ (hits[:, chosen].sum(axis=1) >= depth))


def _exchange(hits: Hits, weight: Weight, depth: int, chosen: list[int]) -> list[int] | None:
    """Return the set after the single exchange that gains most reach, None when none does."""
    rest = [place for place in range(hits.shape[1]) if place not in chosen]
    best, gain = None, _reach(hits, weight, depth, chosen) + _TIE * weight.sum()
    if not rest:
        return None
    held = hits[:, chosen].sum(axis=1)
    for place in chosen:
        without = held - hits[:, place]
        reach = weight @ ((without[:, None] + hits[:, rest]) >= depth)
        at = int(np.argmax(reach))
        if reach[at] > gain:
            gain = float(reach[at])
            best = [each for each in chosen if each != place] + [rest[at]]
    return best


def _sums_over_sets(values: Floats) -> Floats:
    sums = np.zeros(1 << len(values))
    for place, value in enumerate(values):
        sums[1 << place : 2 << place] = sums[: 1 << place] + value
    return sums


def _best_of(sets: NDArray[np.intp], reach: Weight, frequency: Weight, features: int) -> list[int]:
    """Return the features of the set that reaches most; among equals the more wanted, then the first in order."""
    top = reach[sets].max()
    equal = sets[reach[sets] >= top - _TIE * max(1.0, top)]
    most_wanted = frequency[equal].max()
    equal = equal[frequency[equal] >= most_wanted - _TIE * max(1.0, most_wanted)]
    members = [[place for place in range(features) if chosen >> place & 1] for chosen in equal.tolist()]
    return min(members)


# --- Which features reach most customers together (total unduplicated reach and frequency, TURF)

EXACT_UP_TO = 20
"""Up to so many features every combination is looked at; it takes a second at most."""
_FEW = 50


def turf(
    wanted: ArrayLike | pd.DataFrame,
    features: Sequence[str] | None = None,
    weights: ArrayLike | None = None,
    *,
    depth: int = 1,
    most: int | None = None,
    level: float = 0.9,
) -> Turf:
    """Return the sets of features that reach most people: exact up to 20 features, step by step beyond.

    Among sets of equal reach the one wanted more often comes first, then the one first in the order given. Beyond 20
    features the set is built step by step and improved by exchanges; `gap` then bounds what it can fall short by.

    Parameters
    ----------
    wanted
        Respondents x features, True where the respondent values the feature enough to count as reached by it. A
        DataFrame names the features by its columns.
    features
        Names of the columns, when `wanted` is an array.
    weights
        How many people each respondent stands for; one each by default.
    depth
        How many valued features it takes to reach a respondent.
    most
        The largest set looked at (all features by default).
    level
        What the intervals hold, between 0 and 1.

    Returns
    -------
    Turf
        The best set of every size.

    Raises
    ------
    ResearchError
        For names or weights that do not match, and when nobody wants anything.

    References
    ----------
    Miaoulis, Free and Parsons (1990), TURF: a new planning approach for product line extensions, Marketing Research 2,
    28-40. Nemhauser, Wolsey and Fisher (1978), doi:10.1007/BF01588971, for the bound.

    Examples
    --------
    >>> from workbench.research import turf
    >>> wanted = [[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]]
    >>> [each.features for each in turf(wanted, ["alerts", "maps", "SSO"]).best]
    [('alerts',), ('alerts', 'SSO'), ('alerts', 'maps', 'SSO')]
    """
    names, hits = _read(wanted, features)
    weight = _weights(weights, len(hits))
    size = len(names) if most is None else min(int(most), len(names))
    if depth < 1 or size < 1:
        raise ResearchError("Depth and the largest set must be at least 1.", "Give whole numbers from 1 up.")
    exact = len(names) <= EXACT_UP_TO
    steps = greedy(hits, weight, depth, size)
    found = exhaustive(hits, weight, depth, size) if exact else exchanged(hits, weight, depth, steps)
    gaps = [0.0] * size if exact else optimality_gaps(hits, weight, depth, found)
    asked = FeatureWishes(names, hits, weight, depth, level)
    return Turf(
        features=names,
        people=float(weight.sum()),
        respondents=len(hits),
        depth=depth,
        exact=exact,
        best=tuple(asked.offered(each, gap) for each, gap in zip(found, gaps, strict=True)),
        greedy=tuple(asked.offered(steps[: k + 1]) for k in range(size)),
        cautions=_cautions(hits, exact=exact),
        asked=asked,
    )


def _read(
    wanted: ArrayLike | pd.DataFrame, features: Sequence[str] | None
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    if isinstance(wanted, pd.DataFrame):
        features = [str(name) for name in wanted.columns] if features is None else features
        wanted = wanted.to_numpy()
    hits = np.asarray(wanted)
    if hits.ndim != 2 or features is None or hits.shape[1] != len(features):  # noqa: PLR2004 - respondents x features
        raise ResearchError("Names and columns do not match.", "Give one name per column of respondents x features.")
    if len(set(features)) < len(features):
        raise ResearchError("A feature is named twice.", "Name every column differently.")
    if not hits.astype(bool).any():
        raise ResearchError("Nobody values any of the features.", "Lower the line from which a feature counts.")
    return tuple(features), hits.astype(bool)


def _weights(weights: ArrayLike | None, respondents: int) -> Floats:
    weight = np.ones(respondents) if weights is None else np.asarray(weights, dtype=float)
    if weight.shape != (respondents,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ResearchError("The weights do not fit.", "Give one weight of 0 or more per respondent.")
    return weight


def _cautions(hits: NDArray[np.bool_], *, exact: bool) -> tuple[Caution, ...]:
    found = []
    if len(hits) < _FEW:
        found.append(Caution(say("few_wishes", people=len(hits))))
    if not exact:
        found.append(Caution(say("step_by_step", most=EXACT_UP_TO), "note"))
    return tuple(found)
