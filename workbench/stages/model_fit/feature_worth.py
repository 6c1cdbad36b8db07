"""How much of an account's worth hangs on features: read from how stated worth rises with what respondents use.

Worth is a part that stays without any feature plus one for each feature used, times what size explains and a factor of
the account's own. Only those are asked who still buy: a customer with few features in use is one to whom the product is
worth much else, or it would have left. So each answer counts given that worth is above the bill (a truncated
regression, Hausman & Wise 1977); else the part without features comes out too large. The prior says what nobody
measured: half of the worth without features, the rest spread evenly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_ANSWERS = 30
_CORE_BEFORE, _DOUBT = 0.5, 1.0  # share of worth; standard deviation of its logarithm, and of what each feature adds
_SLOPE_DOUBT = 2.0
_FARTHEST = 4.0  # from what was thought beforehand, in logarithms
_LOG_SPREAD = (-3.0, 2.0)  # of the logarithm of the spread of worth between accounts that use the same


def feature_parts(
    said: Floats, paid: Floats, sizes: Floats, uses: NDArray[np.bool_], *, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats] | None:
    """Return draws of the part without features (draws) and of what each feature adds (features x draws).

    `said` is what each respondent would pay, `paid` what it pays in the same terms (0 for nothing), `sizes`
    (respondents x measures) the logarithms of what worth rises with besides features. Only proportions are meant. None
    with fewer than 30 respondents or without features that vary.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - loads when used

    count, features = uses.shape
    if count < FEWEST_ANSWERS or not features or not (uses.any(axis=0) & ~uses.all(axis=0)).any():
        return None
    log = np.log(said)
    with np.errstate(divide="ignore"):
        floor = np.log(paid)
    centred = sizes - sizes.mean(axis=0)
    typical = max(1.0, float(uses.sum(axis=1).mean()))
    before = np.log(np.r_[_CORE_BEFORE, np.full(features, (1 - _CORE_BEFORE) / typical)])
    start = np.r_[before, float(log.mean()), np.zeros(centred.shape[1]), np.log(max(float(log.std()), 0.1))]
    lowest, highest = before - _FARTHEST, before + _FARTHEST
    slopes = slice(features + 2, features + 2 + centred.shape[1])

    def misfit(at: Floats) -> float:
        # A search may try anything: beyond these ends only the prior pulls it back.
        parts = np.exp(np.clip(at[: features + 1], lowest, highest))
        middle = np.log(parts[0] + uses @ parts[1:]) + at[features + 1] + centred @ at[slopes]
        log_spread = float(np.clip(at[-1], *_LOG_SPREAD))
        spread = float(np.exp(log_spread))
        of_answers = -0.5 * ((log - middle) / spread) ** 2 - log_spread - _log_share_above(floor, middle, spread)
        of_prior = 0.5 * (((at[: features + 1] - before) / _DOUBT) ** 2).sum()
        of_spread = (at[-1] - log_spread) ** 2
        return float(-of_answers.sum() + of_prior + 0.5 * ((at[slopes] / _SLOPE_DOUBT) ** 2).sum() + of_spread)

    found = minimize(misfit, start, method="BFGS", options={"maxiter": 200})
    covariance = found.hess_inv[: features + 1, : features + 1]
    drawn = rng.multivariate_normal(found.x[: features + 1], covariance, size=draws, method="eigh")
    drawn = np.clip(drawn, lowest, highest).T
    return np.exp(drawn[0]), np.exp(drawn[1:])


def _log_share_above(floor: Floats, middle: Floats, spread: float) -> Floats:
    """Return the logarithm of the chance that worth lies above the bill."""
    from scipy.special import log_ndtr  # noqa: PLC0415 - loads when used

    found: Floats = log_ndtr((middle - floor) / spread)
    return found
