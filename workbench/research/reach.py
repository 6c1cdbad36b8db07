"""Which features reach most customers together (total unduplicated reach and frequency, TURF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.research import reach_search as search
from workbench.research.errors import ResearchError
from workbench.research.reach_result import Asked, Turf
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

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

    Among sets of equal reach the one wanted more often comes first, then the one first in the order given. Beyond 20
    features the set is built step by step and improved by exchanges; `gap` then bounds what it can fall short by
    (Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971).
    Raises ResearchError for names or weights that do not match, and when nobody wants anything.
    """
    names, hits = _read(wanted, features)
    weight = _weights(weights, len(hits))
    size = len(names) if most is None else min(int(most), len(names))
    if depth < 1 or size < 1:
        raise ResearchError("Depth and the largest set must be at least 1.", "Give whole numbers from 1 up.")
    exact = len(names) <= EXACT_UP_TO
    steps = search.greedy(hits, weight, depth, size)
    found = search.exhaustive(hits, weight, depth, size) if exact else search.exchanged(hits, weight, depth, steps)
    gaps = [0.0] * size if exact else search.gaps(hits, weight, depth, found)
    asked = Asked(names, hits, weight, depth, level)
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


def _weights(weights: ArrayLike | None, respondents: int) -> NDArray[np.float64]:
    weight = np.ones(respondents) if weights is None else np.asarray(weights, dtype=float)
    if weight.shape != (respondents,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ResearchError("The weights do not fit.", "Give one weight of 0 or more per respondent.")
    return weight


def _cautions(hits: NDArray[np.bool_], *, exact: bool) -> tuple[Caution, ...]:
    found = []
    if len(hits) < _FEW:
        found.append(Caution(f"Only {count('respondent', len(hits))} answered: reach can lie far from what is shown."))
    if not exact:
        text = f"With more than {EXACT_UP_TO} features sets are built step by step; the gap to the best is bounded."
        found.append(Caution(text, "note"))
    return tuple(found)
