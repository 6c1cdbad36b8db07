"""How many customers sets of features reach: the result of a search among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, percent
from workbench.research.resampling import effective_answers
from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from workbench.results import Caution, Interval


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
class Asked:
    """Who wants what: respondents x features, with the weight of each respondent."""

    names: tuple[str, ...]
    hits: NDArray[np.bool_]
    weight: NDArray[np.float64]
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
    """The best set of features for every size, and the one that adding the best next feature leads to."""

    features: tuple[str, ...]
    people: float
    respondents: int
    depth: int
    exact: bool
    best: tuple[FeatureSet, ...]
    greedy: tuple[FeatureSet, ...]
    cautions: tuple[Caution, ...]
    asked: Asked = field(repr=False)

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
                "share": [each.share.estimate for each in self.best],
                "share_low": [each.share.low for each in self.best],
                "share_high": [each.share.high for each in self.best],
                "frequency": [each.frequency for each in self.best],
                "step_by_step_reach": [each.reach for each in self.greedy],
                "at_most_more": [each.gap for each in self.best],
            }
        )

    @property
    def reading(self) -> str:
        """Say in two sentences what a few features reach, and what the next one adds."""
        at = min(3, len(self.best)) - 1
        chosen = self.best[at]
        people = f"{count('respondent', self.respondents)}"
        few = f"{chosen.features[0]}" if at == 0 else f"at least {self.depth} of {', '.join(chosen.features)}"
        said = (
            f"Of {people}, {percent(chosen.share.estimate)} ({percent(chosen.share.low)} to "
            f"{percent(chosen.share.high)}) value {few}: {self._compared(chosen)}."
        )
        if at + 1 < len(self.best):
            added = self.best[at + 1].share.estimate - chosen.share.estimate
            said += f" One more feature adds {percent(added, 1)} of respondents."
        return said

    def _compared(self, chosen: FeatureSet) -> str:
        size = len(chosen.features)
        if self.exact or not chosen.gap:
            return f"no other set of {size} reaches more"
        return f"another set of {size} could reach {percent(chosen.gap / self.people)} more at most"
