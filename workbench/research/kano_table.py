"""The published evaluation of a pair of Kano answers, and the statistics built on its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CATEGORIES = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable")
"""In the order in which ties are decided: what is missed most when it is left out comes first."""
WORDS = {
    "must_be": "must-be",
    "one_dimensional": "one-dimensional",
    "attractive": "attractive",
    "indifferent": "indifferent",
    "reverse": "reverse",
    "questionable": "questionable",
}
MEANING = {
    "must_be": "missing it annoys, having it goes unnoticed",
    "one_dimensional": "the more of it, the better",
    "attractive": "having it delights, missing it goes unnoticed",
    "indifferent": "neither having nor missing it matters",
    "reverse": "customers would rather not have it",
    "questionable": "the two answers contradict each other",
}
_M, _O, _A, _I, _R, _Q = range(6)
# Rows: the feeling when the feature is there; columns: when it is missing. Both from like (1) to dislike (5).
EVALUATION = np.array(
    [
        [_Q, _A, _A, _A, _O],
        [_R, _I, _I, _I, _M],
        [_R, _I, _I, _I, _M],
        [_R, _I, _I, _I, _M],
        [_R, _R, _R, _R, _Q],
    ]
)
_FONG = 1.65


def categories_of(functional: ArrayLike, dysfunctional: ArrayLike) -> NDArray[np.intp]:
    """Return the place in `CATEGORIES` of each pair of answers from 1 (like) to 5 (dislike).

    Source: the evaluation table of Berger et al. (1993), Kano's methods for understanding customer-defined quality,
    Center for Quality of Management Journal 2(4).
    """
    return EVALUATION[np.asarray(functional, dtype=int) - 1, np.asarray(dysfunctional, dtype=int) - 1]


def satisfaction(counts: ArrayLike) -> NDArray[np.float64]:
    """Return (attractive + one-dimensional) / (the four clear kinds): how far having it raises satisfaction, 0 to 1."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., _A] + each[..., _O], each[..., :4].sum(axis=-1))


def dissatisfaction(counts: ArrayLike) -> NDArray[np.float64]:
    """Return -(one-dimensional + must-be) / (the four clear kinds): how far missing it lowers satisfaction, -1 to 0."""
    each = np.asarray(counts, dtype=float)
    return -_divided(each[..., _O] + each[..., _M], each[..., :4].sum(axis=-1))


def most_frequent(counts: ArrayLike) -> NDArray[np.intp]:
    """Return the place of the most frequent category; ties go to the first in `CATEGORIES`."""
    return np.argmax(np.asarray(counts, dtype=float), axis=-1)


def total_strength(counts: ArrayLike) -> NDArray[np.float64]:
    """Return the share of answers that are must-be, one-dimensional or attractive."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., :3].sum(axis=-1), each.sum(axis=-1))


def category_strength(counts: ArrayLike) -> NDArray[np.float64]:
    """Return how far the share of the most frequent category lies above the second."""
    each = np.asarray(counts, dtype=float)
    ranked = np.sort(each, axis=-1)
    return _divided(ranked[..., -1] - ranked[..., -2], each.sum(axis=-1))


def is_ambiguous(counts: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether the two most frequent categories are too close to be told apart, at the 90% level.

    Source: the test of Fong (1996), Using the self-stated importance questionnaire to interpret Kano questionnaire
    results, Center for Quality of Management Journal 5(3).
    """
    each = np.asarray(counts, dtype=float)
    ranked = np.sort(each, axis=-1)
    first, second, total = ranked[..., -1], ranked[..., -2], each.sum(axis=-1)
    both = first + second
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(both * (2 * total - both) / (2 * total))
    return (first - second < _FONG * error) | (total == 0)


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)
