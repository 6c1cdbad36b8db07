"""Design a best-worst study: sets that show each feature, and each pair of features, equally often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Sequence

VIEWS = 3
"""How often each respondent should see each feature, for scores of single respondents to mean something."""
_TRIES = 60
_STARTS = 4


@dataclass(frozen=True, eq=False)
class BestWorstDesign:
    """Sets of features to choose the best and worst from; `tasks` holds versions x tasks x names."""

    features: tuple[str, ...]
    tasks: tuple[tuple[tuple[str, ...], ...], ...]

    @property
    def versions(self) -> int:
        """Count the versions; each respondent answers one."""
        return len(self.tasks)

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row per version, task and feature shown, in the order shown."""
        rows = [
            {"version": version, "task": task, "feature": name}
            for version, tasks in enumerate(self.tasks, start=1)
            for task, names in enumerate(tasks, start=1)
            for name in names
        ]
        return pd.DataFrame(rows)

    @property
    def feature_balance(self) -> pd.Series:
        """Return how often each feature is shown over all versions."""
        return self.frame["feature"].value_counts().reindex(list(self.features), fill_value=0)

    @property
    def pair_balance(self) -> pd.DataFrame:
        """Return how often each two features are shown together: features x features, the diagonal how often shown."""
        place = {name: at for at, name in enumerate(self.features)}
        pairs = np.zeros((len(place), len(place)), dtype=int)
        for tasks in self.tasks:
            for names in tasks:
                at = [place[name] for name in names]
                pairs[np.ix_(at, at)] += 1
        return pd.DataFrame(pairs, index=list(self.features), columns=list(self.features))

    @property
    def reading(self) -> str:
        """Say what the design asks of a respondent and how even it is."""
        shown, pairs = self.feature_balance, self.pair_balance.to_numpy()
        together = pairs[~np.eye(len(pairs), dtype=bool)]
        versions = f", in one of {self.versions} versions" if self.versions > 1 else ""
        asked = f"{count('task', len(self.tasks[0]))} of {len(self.tasks[0][0])} features{versions}"
        return (
            f"Each respondent answers {asked}. Over all versions each feature is shown "
            f"{_times(shown.min(), shown.max())} and beside each other one {_times(together.min(), together.max())}."
        )


def design_best_worst(
    features: Sequence[str], *, shown: int = 4, tasks: int | None = None, versions: int = 4, seed: int = 1
) -> BestWorstDesign:
    """Return sets of features for best-worst questions, even in features and in pairs.

    Parameters
    ----------
    features
        What is compared; names must differ.
    shown
        Features in one task; four or five can be compared at a glance.
    tasks
        Tasks a respondent answers; by default as many as show each feature three times.
    versions, seed
        Different sets for different respondents; the same seed gives the same design.

    Within a version every feature is shown equally often (or once more or less), and swaps between tasks then make
    pairs even, first over the whole design and then within each version. Raises ResearchError for settings no design
    can meet.
    """
    names = tuple(str(name) for name in features)
    if len(set(names)) < len(names) or len(names) < 3:  # noqa: PLR2004 - best, worst and something between
        raise ResearchError("Best-worst questions need three features or more, each named once.", "Check the list.")
    if not 2 <= shown <= len(names):  # noqa: PLR2004 - a best and a worst
        raise ResearchError(f"{shown} features cannot be shown of {len(names)}.", "Show from 3 to 6 at a time.")
    each = -(-VIEWS * len(names) // shown) if tasks is None else tasks
    if each < 1 or versions < 1:
        raise ResearchError("A design has one task and one version at least.", "Write 1 or more.")
    random = np.random.default_rng(seed)
    counts = np.zeros(len(names), dtype=int)
    dealt = []
    for _ in range(versions):
        version = _deal(random, counts, each, shown)
        counts += np.bincount(version.ravel(), minlength=len(names))
        dealt.append(version)
    start = np.stack(dealt)
    tried = [_even_pairs(random, start, len(names)) for _ in range(_STARTS)]
    even = min(tried, key=lambda tasks: _unevenness(tasks, len(names)))
    ordered = random.permuted(even, axis=2)
    return BestWorstDesign(
        names, tuple(tuple(tuple(names[at] for at in task) for task in version) for version in ordered)
    )


def _deal(random: np.random.Generator, counts: np.ndarray, tasks: int, shown: int) -> np.ndarray:
    """Deal a version: always the features seen least in it, then least in the others, then by chance."""
    here = np.zeros(len(counts), dtype=int)
    dealt = np.empty((tasks, shown), dtype=int)
    for task in range(tasks):
        chance = random.random(len(counts))
        dealt[task] = np.lexsort((chance, counts + here, here))[:shown]
        here[dealt[task]] += 1
    return dealt


def _unevenness(tasks: np.ndarray, features: int) -> int:
    """Return the sum of squared counts of pairs over the whole design: smallest where they are even."""
    shown = np.zeros((tasks.shape[0] * tasks.shape[1], features), dtype=int)
    np.put_along_axis(shown, tasks.reshape(len(shown), -1), 1, axis=1)
    return int(((shown.T @ shown) ** 2).sum())


def _even_pairs(random: np.random.Generator, tasks: np.ndarray, features: int) -> np.ndarray:
    """Swap features between tasks of a version while pairs become more even."""
    tasks = tasks.copy()
    versions, per_version, shown = tasks.shape
    everywhere = np.zeros((features, features), dtype=int)
    within = np.zeros((versions, features, features), dtype=int)
    for version, task in np.ndindex(versions, per_version):
        at = np.ix_(tasks[version, task], tasks[version, task])
        everywhere[at] += 1
        within[version][at] += 1
    quiet = 0
    while quiet < _TRIES * versions * per_version and per_version > 1:
        quiet += 1
        version = int(random.integers(versions))
        first, second = random.choice(per_version, 2, replace=False)
        here, there = random.integers(shown, size=2)
        a, b = int(tasks[version, first, here]), int(tasks[version, second, there])
        if a == b or b in tasks[version, first] or a in tasks[version, second]:
            continue
        beside_a = np.delete(tasks[version, first], here)
        beside_b = np.delete(tasks[version, second], there)
        change = _change(everywhere, a, b, beside_a, beside_b) + _change(within[version], a, b, beside_a, beside_b)
        if change < 0:
            for pairs in (everywhere, within[version]):
                _move(pairs, a, b, beside_a, beside_b)
            tasks[version, first, here], tasks[version, second, there] = b, a
            quiet = 0
    return tasks


def _change(pairs: np.ndarray, a: int, b: int, beside_a: np.ndarray, beside_b: np.ndarray) -> int:
    """Return how the sum of squared pair counts changes when a and b trade places."""
    moved = pairs.copy() if set(beside_a) & set(beside_b) else None
    if moved is not None:
        _move(moved, a, b, beside_a, beside_b)
        rows = [a, b]
        return int((moved[rows].astype(int) ** 2).sum() - (pairs[rows].astype(int) ** 2).sum())
    lost = 2 * pairs[a, beside_a].sum() + 2 * pairs[b, beside_b].sum()
    won = 2 * pairs[b, beside_a].sum() + 2 * pairs[a, beside_b].sum()
    return int(won - lost + 2 * (len(beside_a) + len(beside_b)))


def _move(pairs: np.ndarray, a: int, b: int, beside_a: np.ndarray, beside_b: np.ndarray) -> None:
    for old, new, others in ((a, b, beside_a), (b, a, beside_b)):
        for other in others:
            pairs[old, other] -= 1
            pairs[other, old] -= 1
            pairs[new, other] += 1
            pairs[other, new] += 1


def _times(low: int, high: int) -> str:
    return count("time", int(low)) if low == high else f"{low} to {high} times"
