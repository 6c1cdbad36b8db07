"""How much of an account's worth hangs on features: read from how stated worth rises with what respondents use.

A linear model of relative worth: a part that stays without any feature, plus one for each feature used. Its prior says
what nobody measured (half of the worth without features, the rest spread evenly); answers move it as far as they can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_ANSWERS = 30
_CORE_BEFORE, _DOUBT = 0.5, 1.0  # of the mean worth; standard deviations as a multiple of what is thought beforehand
_LEAST = 1e-6
_ROUNDS = 3


def feature_parts(
    said: Floats, sizes: Floats, uses: NDArray[np.bool_], draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats] | None:
    """Return draws of the part without features (draws) and of what each feature adds (features x draws).

    `said` is what each respondent would pay, `sizes` (respondents x measures) the logarithms of what worth rises with
    besides features, taken out first. None with fewer than 30 respondents or without features that vary.
    """
    count, features = uses.shape
    if count < FEWEST_ANSWERS or not features or not (uses.any(axis=0) & ~uses.all(axis=0)).any():
        return None
    log = np.log(said)
    columns = np.column_stack([np.ones(count), sizes, uses.sum(axis=1)])
    slopes = np.linalg.lstsq(columns, log, rcond=None)[0]
    # Sizes are taken out at the same depth of use, so that deep use of large accounts is not taken out with them.
    relative = np.exp(log - columns[:, :-1] @ slopes[:-1])
    relative /= relative.mean()
    design = np.column_stack([np.ones(count), uses])
    typical = max(1.0, float(uses.sum(axis=1).mean()))
    before = np.r_[_CORE_BEFORE, np.full(features, (1 - _CORE_BEFORE) / typical)]
    precision = np.diag(1 / (_DOUBT * before) ** 2)
    found = before
    for _ in range(_ROUNDS):
        fitted = np.maximum(design @ found, _LEAST)
        noise = float(np.mean((relative / fitted - 1) ** 2))
        weighed = design / (fitted**2)[:, None] / noise
        covariance = np.linalg.inv(weighed.T @ design + precision)
        found = np.maximum(covariance @ (weighed.T @ relative + precision @ before), _LEAST)
    drawn = np.maximum(rng.multivariate_normal(found, covariance, size=draws, method="cholesky"), _LEAST).T
    return drawn[0], drawn[1:]
