"""Rank candidates by weighted scores, and say how sure the order is when weights and evidence vary.

Every draw takes one bootstrap sample of the accounts and one set of weights within the doubt about them, the same for
every candidate. What nobody knows about a candidate can lie anywhere between worst and best, and is drawn so.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval
from workbench.stages.value_metric.bootstrap import DRAWS
from workbench.stages.value_metric.decision import CRITERIA, DEFAULT_WEIGHTS, TeamScores
from workbench.stages.value_metric.scales import MEASURED_CRITERIA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.evidence import Evidence

    Values = NDArray[np.float64]

TEAM_CRITERIA = tuple(key for key in CRITERIA if key not in MEASURED_CRITERIA)
MIDDLE = 0.5  # the mean of a score that can lie anywhere
_LEVEL = 0.9
_HIGHEST_MARK = 5
_ROUNDING = 1e-12  # scores this close are a tie


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one candidate stands.

    `score` is between 0 and 1 with its 90% interval; `known_weight` the share of the weights that rests on something
    known. `criteria` holds each criterion's score, None where unknown; `gaps` how many points of the weighted
    score each criterion puts the candidate above (or below) the mean candidate.
    """

    candidate: Candidate
    score: Interval
    probability_first: float
    expected_rank: float
    known_weight: float
    criteria: Mapping[str, float | None]
    gaps: Mapping[str, float]


def rank(
    evidence: Evidence,
    candidates: Sequence[Candidate],
    scores: Mapping[str, TeamScores],
    weights: Mapping[str, float],
    *,
    weight_doubt: float = 0.5,
    seed: int = 0,
) -> tuple[Ranked, ...]:
    """Return the candidates from first to last: by the probability of coming first, then by expected rank.

    `candidates` may name more than the evidence knows: those the team added. Ties share the first rank, so the
    probabilities of being first add up to 1.
    """
    if not candidates:
        return ()
    points = score_table(evidence, candidates, scores)
    drawn = _score_draws(evidence, candidates, points, seed)
    relative = _relative(weights)
    totals = _totals(drawn, relative[:, None] * (1 + weight_doubt * _weight_moves(drawn.shape[2], seed)))
    first, ranks = _places(totals)
    filled = np.where(np.isnan(points), MIDDLE, points)
    score = filled @ relative
    low, high = np.quantile(totals, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2], axis=1)
    gaps = (filled - filled.mean(axis=0)) * relative
    # Probabilities of exactly zero are many: among those, and among equals, the expected rank decides.
    order = np.lexsort((-score, ranks.mean(axis=1), -np.round(first.mean(axis=1), 9)))
    return tuple(
        Ranked(
            candidate=candidates[row],
            score=_interval(low[row], score[row], high[row]),
            probability_first=float(first[row].mean()),
            expected_rank=float(ranks[row].mean()),
            known_weight=float(relative[~np.isnan(points[row])].sum()),
            criteria={key: _known(value) for key, value in zip(CRITERIA, points[row], strict=True)},
            gaps=dict(zip(CRITERIA, gaps[row].tolist(), strict=True)),
        )
        for row in order
    )


def _interval(low: float, estimate: float, high: float) -> Interval:
    return Interval(min(float(low), float(estimate)), float(estimate), max(float(high), float(estimate)), _LEVEL)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def score_table(evidence: Evidence, candidates: Sequence[Candidate], scores: Mapping[str, TeamScores]) -> Values:
    """Return the score of every candidate on every criterion, candidates x criteria; NaN where unknown."""
    table = np.full((len(candidates), len(CRITERIA)), np.nan)
    rows = {each.name: row for row, each in enumerate(evidence.candidates)}
    for row, candidate in enumerate(candidates):
        if candidate.name in rows:
            table[row, : len(MEASURED_CRITERIA)] = evidence.scores[rows[candidate.name]]
        marks = scores.get(candidate.name, TeamScores())
        for column, key in enumerate(CRITERIA):
            mark = getattr(marks, key, None)
            if mark is not None:
                table[row, column] = (mark - 1) / (_HIGHEST_MARK - 1)
    return table


def _score_draws(evidence: Evidence, candidates: Sequence[Candidate], points: Values, seed: int) -> Values:
    """Return draws of every score, candidates x criteria x draws, without gaps: the unknown is drawn from 0 to 1."""
    draws = evidence.score_draws.shape[2] or DRAWS
    drawn = np.repeat(points[:, :, None], draws, axis=2)
    rows = {each.name: row for row, each in enumerate(evidence.candidates)}
    for row, candidate in enumerate(candidates):
        if candidate.name in rows and evidence.score_draws.shape[2]:
            drawn[row, : len(MEASURED_CRITERIA)] = evidence.score_draws[rows[candidate.name]]
        unknown = np.isnan(points[row])
        drawn[row, unknown] = _anywhere(candidate.name, draws, seed)[unknown]
    return drawn


@lru_cache(maxsize=64)
def _anywhere(name: str, draws: int, seed: int) -> Values:
    """Return what could be true of a candidate nobody measured: criteria x draws, by its name alone."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    values = rng.random((len(CRITERIA), draws))
    values.setflags(write=False)
    return values


@lru_cache(maxsize=8)
def _weight_moves(draws: int, seed: int) -> Values:
    """Return how far each weight moves in each draw, criteria x draws, evenly from -1 to 1."""
    moves = np.random.default_rng([seed, 1]).uniform(-1, 1, (len(CRITERIA), draws))
    moves.setflags(write=False)
    return moves


def _relative(weights: Mapping[str, float]) -> Values:
    """Return the weights in the order of the criteria, adding up to 1; all zero means all equal."""
    values = np.array([max(0.0, float(weights.get(key, DEFAULT_WEIGHTS[key]))) for key in CRITERIA])
    return values / values.sum() if values.sum() > 0 else np.full(len(values), 1 / len(values))


def _totals(drawn: Values, weights: Values) -> Values:
    """Return the weighted mean score, candidates x draws; `weights` is criteria x draws."""
    return np.einsum("ckd,kd->cd", drawn, weights) / np.maximum(weights.sum(axis=0), _ROUNDING)


def _places(totals: Values) -> tuple[Values, Values]:
    """Return each candidate's share of the first place and its rank, both candidates x draws; ties share."""
    best = totals >= totals.max(axis=0) - _ROUNDING
    first = best / best.sum(axis=0)
    above = (totals[None, :, :] > totals[:, None, :] + _ROUNDING).sum(axis=1)
    equal = (np.abs(totals[None, :, :] - totals[:, None, :]) <= _ROUNDING).sum(axis=1) - 1
    return first, 1 + above + equal / 2
