"""Gather what the data tells about every candidate; the slow part, which depends on the data alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import NO_CURRENCY, count
from workbench.results import Basis, Interval, Missing
from workbench.stages.value_metric.bootstrap import draw
from workbench.stages.value_metric.candidates import Candidate, measured_candidates
from workbench.stages.value_metric.data_basis import basis_of, missing_from
from workbench.stages.value_metric.distributions import Quantities, growth_shares, summarise_quantities
from workbench.stages.value_metric.history import read_history
from workbench.stages.value_metric.measuring import (
    BY_CONSTRUCTION,
    FEWEST_ACCOUNTS,
    billed_quantity,
    growth_inside,
    statistics_of,
    why_unknown,
)
from workbench.stages.value_metric.scales import MEASURED_CRITERIA, MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.influence import Statistic
    from workbench.stages.value_metric.success import Split

    Draws = Mapping[tuple[str, str], NDArray[np.float64]]  # by candidate and measure

_LEVEL = 0.9
_TAILS = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measure of one candidate: the value with its 90% interval and accounts, or why it is unknown.

    `counted` is False for a value that is shown and explained but does not enter the score.
    """

    interval: Interval | None
    accounts: int
    note: str = ""
    counted: bool = True

    @property
    def estimate(self) -> float:
        """Return the value, NaN when unknown."""
        return np.nan if self.interval is None else self.interval.estimate


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the data tells about every candidate.

    `measurements` holds candidate name -> measure key -> measurement. `scores` are points on the 0 to 1 scale,
    candidates x measured criteria, and `score_draws` their bootstrap draws, candidates x criteria x draws; NaN where
    nothing is known. `success` is the mean of each candidate's counted correlations with later success. `quantities`
    describes the accounts along each candidate, `growth` how growth is spread. Quantities and `revenue` are of `month`.
    """

    candidates: tuple[Candidate, ...]
    measurements: Mapping[str, Mapping[str, Measurement]]
    scores: NDArray[np.float64]
    score_draws: NDArray[np.float64]
    success: Mapping[str, Measurement]
    quantities: Mapping[str, Quantities]
    growth: pd.DataFrame
    revenue: float | None
    active: int
    currency: str
    month: str
    split: Split | None
    basis: Basis
    missing: tuple[Missing, ...]

    def candidate(self, name: str) -> Candidate | None:
        """Return the candidate of that name, None when the data knows none."""
        return next((each for each in self.candidates if each.name == name), None)


def gather(base: CustomerBase, *, seed: int = 0) -> Evidence:
    """Measure every candidate in the data, with intervals from resampled accounts.

    All candidates see the same resampled accounts, so that their order is judged on common ground. `seed` makes
    the draws repeatable.
    """
    history = read_history(base)
    candidates = measured_candidates(base)
    statistics = {each.name: statistics_of(history, each) for each in candidates}
    draws = _draws(statistics, seed)
    measurements = {
        each.name: {
            measure.key: _measurement(each, measure.key, statistics[each.name], draws, history.billed)
            for measure in MEASURES
        }
        for each in candidates
    }
    scores, score_draws = _scores(candidates, measurements, draws)
    quantities = {each.name: summarise_quantities(billed_quantity(history, each), history.mrr) for each in candidates}
    paying = np.isfinite(history.mrr)
    return Evidence(
        candidates=candidates,
        measurements=measurements,
        scores=scores,
        score_draws=score_draws,
        success={each.name: _mean_success(each, measurements[each.name], draws) for each in candidates},
        quantities=quantities,
        growth=growth_shares({each: growth_inside(history, each) for each in candidates}),
        revenue=float(history.mrr[paying].sum()) if paying.any() else None,
        active=int(history.active.sum()),
        currency=base.currency or NO_CURRENCY,
        month=f"{history.months[history.billed_month]:%Y-%m}",
        split=history.split,
        basis=basis_of(base, history),
        missing=missing_from(base),
    )


def _draws(statistics: Mapping[str, Mapping[str, Statistic]], seed: int) -> Draws:
    """Return the draws of every statistic that enough accounts tell, by candidate and measure."""
    told = {
        (name, key): statistic
        for name, found in statistics.items()
        for key, statistic in found.items()
        if statistic.accounts >= FEWEST_ACCOUNTS and np.isfinite(statistic.estimate)
    }
    return dict(zip(told, draw(list(told.values()), seed), strict=True))


def _measurement(
    candidate: Candidate, key: str, found: Mapping[str, Statistic], draws: Draws, billed: frozenset[str]
) -> Measurement:
    statistic = found.get(key)
    drawn = draws.get((candidate.name, key))
    if statistic is None or drawn is None:
        told = 0 if statistic is None else statistic.accounts
        return Measurement(None, told, why_unknown(candidate, key, statistic))
    low, high = np.quantile(drawn, _TAILS)
    estimate = statistic.estimate
    interval = Interval(min(float(low), estimate), estimate, max(float(high), estimate), _LEVEL)
    by_construction = key.startswith("expansion") and candidate.name in billed
    return Measurement(interval, statistic.accounts, BY_CONSTRUCTION if by_construction else "", not by_construction)


def _scores(
    candidates: tuple[Candidate, ...], measurements: Mapping[str, Mapping[str, Measurement]],
    draws: Draws,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Score every criterion as the mean of its counted measures, at the estimates and draw by draw."""
    size = next((len(row) for row in draws.values()), 0)
    points = np.full((len(candidates), len(MEASURED_CRITERIA)), np.nan)
    drawn = np.full((*points.shape, size), np.nan)
    for row, candidate in enumerate(candidates):
        known = measurements[candidate.name]
        for column, criterion in enumerate(MEASURED_CRITERIA):
            counted = [
                measure
                for measure in MEASURES
                if measure.criterion == criterion and known[measure.key].interval and known[measure.key].counted
            ]
            if counted:
                points[row, column] = np.mean([each.score(known[each.key].estimate) for each in counted])
                drawn[row, column] = np.mean([each.score(draws[candidate.name, each.key]) for each in counted], axis=0)
    return points, drawn


def _mean_success(candidate: Candidate, known: Mapping[str, Measurement], draws: Draws) -> Measurement:
    """Return the mean of the counted rank correlations with later success, with its interval."""
    told = [
        measure.key
        for measure in MEASURES
        if measure.criterion == "success" and known[measure.key].interval and known[measure.key].counted
    ]
    if not told:
        return Measurement(None, 0, known["outcomes_level"].note)
    estimate = float(np.mean([known[key].estimate for key in told]))
    low, high = np.quantile(np.mean([draws[candidate.name, key] for key in told], axis=0), _TAILS)
    note = f"mean of {count('rank correlation', len(told))}"
    interval = Interval(min(float(low), estimate), estimate, max(float(high), estimate), _LEVEL)
    return Measurement(interval, max(known[key].accounts for key in told), note)
