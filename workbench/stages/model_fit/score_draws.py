"""What each criterion measures when the accounts are resampled: the sampling error behind the ranking."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.swings import FEWEST_MONTHS, rises
from workbench.stages.model_fit.association import ranks
from workbench.stages.model_fit.path import FEWEST_FOR_GROWTH, JUMP
from workbench.stages.model_fit.resampling import DRAWS
from workbench.stages.model_fit.scoring import SCALES, needs_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from workbench.results import Interval
    from workbench.stages.model_fit.comparison import Comparison, ModelPath
    from workbench.stages.model_fit.contribution import Contributions
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.path import Path
    from workbench.stages.model_fit.resampling import Resamples

    Floats = NDArray[np.float64]

_YEAR = 12
_LEAST = 1e-12


def measure_draws(
    comparison: Comparison, brought: Contributions | None, resamples: Resamples
) -> dict[tuple[str, str], Floats]:
    """Return draws of what is measured, by model and criterion; what cannot be resampled is left out."""
    found: dict[tuple[str, str], Floats] = {}
    places = np.flatnonzero(comparison.population)
    recorded = None if comparison.recorded is None else _revenue(comparison.recorded, places, resamples)
    for model in comparison.models:
        for criterion, drawn in _of_model(model, places, recorded, resamples).items():
            found[model.key, criterion] = drawn
    if brought is not None:
        drawn_of = brought.drawn(resamples)
        best = np.maximum(np.max(list(drawn_of.values()), axis=0), _LEAST)
        for key, drawn in drawn_of.items():
            found[key, "contribution"] = drawn / best
    return found


def drawn_scores(
    measured: Mapping[tuple[str, str], Floats], h: Interval | None, models: Iterable[ModelName], *, seed: int = 0
) -> dict[tuple[str, str], Floats]:
    """Return draws of scores from draws of what was measured, and of H for needs; the same draws for every model."""
    found = {(model, criterion): SCALES[criterion].scores(values) for (model, criterion), values in measured.items()}
    if h is not None and np.isfinite(h.estimate):
        order = order_draws(h, DRAWS, seed)
        for model in models:
            found[model, "needs"] = np.array([needs_score(model, float(each)) for each in order])
    return found


def order_draws(h: Interval, draws: int, seed: int) -> Floats:
    """Return draws of H, symmetric in log(1 - H) as its interval is."""
    gap = 1 - h.estimate
    if not (gap > 0 and h.low < h.high):
        return np.full(draws, h.estimate)
    error = (np.log(1 - h.low) - np.log(1 - h.high)) / (2 * NormalDist().inv_cdf(0.5 + h.level / 2))
    moved: Floats = np.random.default_rng([seed, 3]).standard_normal(draws)
    return 1 - gap * np.exp(error * moved)


def _of_model(
    model: ModelPath, places: NDArray[np.intp], recorded: Floats | None, resamples: Resamples
) -> Mapping[str, Floats]:
    path = model.path
    revenue = _revenue(path, places, resamples)
    found = {"stability": _swing(revenue), "retention": _retention(path, places, resamples)}
    if recorded is not None:
        found["revenue"] = _growth(revenue) - _growth(recorded)
    change = rises(path.bills)
    known = np.isfinite(change)
    found["bills"] = _ratio((change > JUMP).sum(axis=1), known.sum(axis=1), places, resamples)
    switched = model.change[places]
    seen = np.isfinite(switched)
    found["losers"] = _ratio(model.rises_notably[places] & seen, seen, places, resamples)
    found["value"] = _correlation(path.typical, path.received, places, resamples)
    return found


def _revenue(path: Path, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    return resamples.sums(places, path.bills)


def _growth(revenue: Floats) -> Floats:
    months = revenue.shape[1]
    if months < FEWEST_FOR_GROWTH:
        return np.full(len(revenue), np.nan)
    x = np.arange(months) - (months - 1) / 2
    log = np.log(np.maximum(revenue, _LEAST))
    found: Floats = np.expm1(12 * (log @ x) / (x @ x))
    return found


def _swing(revenue: Floats) -> Floats:
    months = revenue.shape[1]
    if months < FEWEST_MONTHS:
        return np.full(len(revenue), np.nan)
    basis = np.linalg.qr(np.vander(np.arange(months) - (months - 1) / 2, 3))[0]
    log = np.log(np.maximum(revenue, _LEAST))
    left = log - log @ basis @ basis.T
    found: Floats = np.sqrt((left**2).sum(axis=1) / (months - 3))
    return found


def _retention(path: Path, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    if path.retention is None:
        return np.full(len(resamples.times), np.nan)
    before, after = path.bills[:, -1 - _YEAR], path.bills[:, -1]
    return _ratio(np.where(before > 0, after, 0.0), before, places, resamples)


def _ratio(hits: NDArray, of: NDArray, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    sums = resamples.sums(places, np.column_stack([hits, of]).astype(np.float64))
    return np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)


def _correlation(first: Floats, second: Floats, places: NDArray[np.intp], resamples: Resamples) -> Floats:
    """Return the correlation of ranks over resampled accounts; the ranks stay those of all accounts."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() <= 1:
        return np.full(len(resamples.times), np.nan)
    x, y = ranks(first[known]), ranks(second[known])
    columns = np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y])
    n, sx, sy, sxx, syy, sxy = resamples.sums(places[known], columns).T
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.maximum(sxx - sx * sx / n, 0) * np.maximum(syy - sy * sy / n, 0))
        return np.where(spread > 0, (sxy - sx * sy / n) / spread, np.nan)
