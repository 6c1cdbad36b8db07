"""What a set of prices brings, and how far it misses the share of the middle tier (T2) and the accounts to keep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.search.looks import Looks, Seen
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.outcome import Outcome
    from workbench.demand.search.rules import SearchRules
    from workbench.demand.task import ChoiceTask
    from workbench.rules.threshold import Threshold

    Floats = NDArray[np.float64]

Objective = Literal["revenue", "margin", "share"]
_MISSED = 10.0
"""What missing them weighs, in units of the largest value seen possible: prices that meet both rank before others."""


@dataclass
class Tally:
    """Count looks at the customers: `whole` at all of them, `part` at a sample, which cost as much less."""

    whole: int = 0
    part: int = 0

    def add(self, other: Tally) -> None:
        """Add the looks of another search."""
        self.whole += other.whole
        self.part += other.part


class Scorer:
    """Score prices on one choice task. Prices are those of `rules.space`, in its order."""

    def __init__(
        self, task: ChoiceTask, rules: SearchRules, objective: Objective, tally: Tally, *, is_part: bool
    ) -> None:
        self.task, self.rules, self.objective = task, rules, objective
        self.tally, self.is_part = tally, is_part
        self._known: dict[bytes, float] = {}

    def outcome(self, prices: Floats) -> Outcome:
        """Return what customers choose at these prices."""
        self.count()
        return self.task.outcome(*self.rules.split(prices), by_draw=False)

    def score(self, prices: Floats) -> float:
        """Return the objective at these prices, or far less when they miss T2 or lose too many accounts.

        Climbs that meet come by the same prices again, so each are looked at once.
        """
        return float(self.scores(np.asarray(prices, dtype=np.float64)[None, :])[0])

    def scores(self, prices: Floats) -> Floats:
        """Return the score of each row of prices, all looked at together."""
        asked = [each.tobytes() for each in prices]
        new = {key: place for place, key in enumerate(asked) if key not in self._known}
        if new:
            self.count(len(new))
            found = self._seen(prices[list(new.values())])
            missed = missed_by(found.middle, found.buyers, self.rules.band) + self.lost_beyond(found.kept)
            self._known.update(zip(new, np.asarray(self.ranked(found.value, missed)).tolist(), strict=True))
        return np.array([self._known[key] for key in asked])

    def _seen(self, prices: Floats) -> Seen:
        if self.task.rule == "surplus":
            return self.looks.at(prices)
        found = [self.task.outcome(*self.rules.split(each), by_draw=False) for each in prices]
        middle = self.rules.middle
        return Seen(
            np.array([value_of(each, self.objective) for each in found]),
            np.array([each.buyers.sum() for each in found]),
            np.array([each.buyers[middle].sum() for each in found]),
            np.array([each.draws.kept[0, 0] for each in found]),
        )

    @cached_property
    def looks(self) -> Looks:
        """Return the task as it is made ready for the surplus rule."""
        return Looks(self.task, self.rules, self.objective)

    def lost_beyond(self, kept: Floats | float) -> Floats:
        """Return by how much the share of paying accounts that are kept misses the least there must be."""
        share = np.asarray(kept, dtype=np.float64) / max(self.task.paying, 1e-300)
        least = self.rules.kept
        missed = np.zeros(share.shape) if least is None or not self.task.paying else np.maximum(least - share, 0.0)
        return np.where(missed > LAST_DIGITS, missed, 0.0)

    def ranked(self, value: Floats | float, missed: Floats | float) -> Floats | float:
        """Return values so that those that miss nothing come first, and then those that miss by least."""
        return value - np.where(np.asarray(missed) > LAST_DIGITS, _MISSED * self.most * (1 + np.asarray(missed)), 0.0)

    def met(self, score: float) -> bool:
        """Tell whether a score belongs to prices that miss nothing."""
        return score > -_MISSED / 2 * self.most

    def count(self, looks: int = 1) -> None:
        """Count looks at the customers."""
        if self.is_part:
            self.tally.part += looks
        else:
            self.tally.whole += looks

    @cached_property
    def most(self) -> float:
        """Return a value no prices can exceed by much: everybody pays all that the best plan is worth."""
        if self.objective == "share":
            return 1.0
        worth = np.where(np.isfinite(self.task.plan_worth), self.task.plan_worth, 0).max(axis=1, initial=0.0)
        worth = np.maximum(worth, 0) + np.maximum(self.task.add_on_worth, 0).sum(axis=1)
        paid = float(self.task.weight @ worth)
        return max(paid + self.task.accounts * (self.task.scale if self.task.rule == "logit" else 0.0), 1e-9)


def value_of(outcome: Outcome, objective: Objective) -> float:
    """Return revenue or margin per month, or the share of all accounts that buy a plan."""
    if objective == "share":
        return float(outcome.buyers.sum()) / outcome.accounts if outcome.accounts else 0.0
    return outcome.revenue if objective == "revenue" else outcome.margin


def missed_by(middle: Floats | float, buyers: Floats | float, band: Threshold | None) -> Floats:
    """Return by how much the share of buyers in the middle misses a band; 0 inside it and without one."""
    inside, everyone = np.asarray(middle, dtype=np.float64), np.asarray(buyers, dtype=np.float64)
    if band is None:
        return np.zeros(inside.shape)
    share = np.divide(inside, everyone, out=np.zeros_like(inside), where=everyone > 0)
    low = 0.0 if band.low is None else band.low
    high = 1.0 if band.high is None else band.high
    missed = np.maximum(np.maximum(low - share, share - high), 0.0)
    return np.where(missed > LAST_DIGITS, missed, 0.0)
