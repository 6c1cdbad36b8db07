"""Van Westendorp's price sensitivity: which prices people find too cheap, cheap, expensive and too expensive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.research.price_curves import Convention, Curves
from workbench.research.purchase_intent import INTENT_SCALE
from workbench.research.resampling import LEVEL, SAMPLES, effective_answers, interval
from workbench.research.sensitivity_answers import read_prices
from workbench.research.sensitivity_points import RangeKind, Settings, Touching, find_points
from workbench.research.sensitivity_result import PricePoint, PriceSensitivity
from workbench.research.stated_prices import STATED_PRICES, Overstatement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from workbench.research.sensitivity_answers import Intent, PriceAnswers
    from workbench.research.sensitivity_points import Points
    from workbench.results import Interval


def van_westendorp(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    intent: Intent = None,
    convention: Convention = "linear",
    range_: RangeKind = "standard",
    *,
    touching: Touching | None = None,
    grid_step: float | None = None,
    keep_invalid: bool = False,
    intent_scale: Mapping[int, float] = INTENT_SCALE,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
    overstatement: Overstatement = STATED_PRICES,
    currency: str = NO_CURRENCY,
) -> PriceSensitivity:
    """Return the price points of the four price questions, each as (first, last) with a bootstrap interval.

    The point of marginal cheapness (pmc) is where as many find a price too cheap as not cheap, of marginal
    expensiveness (pme) too expensive as not expensive, the indifference price (idp) expensive as cheap, the optimal
    price point (opp) too expensive as too cheap. Respondents count whose prices rise strictly; where nobody was asked
    for too cheap, the points that need it are None.

    Parameters
    ----------
    frame
        One row per respondent, in the layout of survey_price_sensitivity: too_cheap, cheap, expensive, too_expensive.
        Respondents may be nameless.
    weights
        A column's name or one number per row; the column `weight` where there is one.
    intent
        The intent to buy at the cheap and at the expensive price, 5 to 1: two columns' names or two arrays. None
        takes intent_cheap and intent_expensive where they are there, True insists on them, False leaves them out.
        They give reach_price, revenue_price and reach_curve (Newton, Miller and Smith 1993).
    convention
        "linear": right-continuous weighted shares at the prices named, straight between. "r-1.3.0" and "r-1.3.3": as
        those versions of the R package pricesensitivitymeter.
    range_
        "standard", or "narrower": pmc where expensive meets too cheap, pme where too expensive meets cheap.
    touching
        What to give where two curves touch along a stretch: its ends ("range"; the default of "linear"), or one price
        ("min", the default of the R conventions, "max", "mean" or "median").
    grid_step
        Even steps between prices, for the R conventions only; the intervals do not use them.
    keep_invalid
        Keep respondents whose prices are not in order, as some older studies did.
    intent_scale
        The chance of buying that stands for each answer.
    samples, seed, level
        Of the bootstrap: respondents are drawn again with their weights.
    overstatement
        How much stated prices overstate; used for `in_earnest` alone.
    currency
        Three letters for what is written; amounts are bare without.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When nobody's prices are in order, or a setting makes no sense.

    """
    settings = Settings(
        convention=convention, range_=range_, touching=touching, grid_step=grid_step,
        intent_scale=dict(intent_scale), samples=samples, seed=seed, level=level,
    )  # fmt: skip
    answers = read_prices(frame, weights, intent, keep_invalid=keep_invalid)
    return analyse(answers, settings, overstatement, currency)


def analyse(
    answers: PriceAnswers, settings: Settings, overstatement: Overstatement = STATED_PRICES, currency: str = NO_CURRENCY
) -> PriceSensitivity:
    """Return the price points of answers already read."""
    found = find_points(answers, settings)
    points = {
        name: PricePoint(first, last, _interval((first + last) / 2, found.draws[name], settings))
        for name, (first, last) in found.ends.items()
    }
    best = _best_prices(found, settings)
    intervals = {name: point.interval for name, point in points.items()} | best
    return PriceSensitivity(
        **{name: points.get(name) for name in ("pmc", "pme", "idp", "opp")},
        reach_price=best["reach_price"].estimate if best else None,
        revenue_price=best["revenue_price"].estimate if best else None,
        intervals=intervals,
        curves=_curves(answers),
        reach_curve=_reach_curve(found),
        total=answers.total,
        valid=len(answers),
        invalid_rows=answers.left_out,
        asked_intent=_asked_intent(answers),
        effective=effective_answers(answers.weights),
        settings=settings,
        overstatement=overstatement,
        currency=currency,
        per=answers.per,
        draws={name: draws for name, draws in found.draws.items() if name in points},
        reach_draws=found.reach_draws,
    )


def _interval(estimate: float, draws: np.ndarray, settings: Settings) -> Interval:
    return interval(estimate, draws[:, 0], draws[:, 1], settings.level)


def _best_prices(found: Points, settings: Settings) -> dict[str, Interval]:
    """Return the prices best for reach and for revenue; none where intent was not asked."""
    if found.reach is None or found.reach_draws is None:
        return {}
    return {
        "reach_price": interval(
            float(found.reach.best_for_reach[0]), found.reach_draws.best_for_reach, level=settings.level
        ),
        "revenue_price": interval(
            float(found.reach.best_for_revenue[0]), found.reach_draws.best_for_revenue, level=settings.level
        ),
    }


def _curves(answers: PriceAnswers) -> pd.DataFrame:
    """Return the six curves at every price named."""
    curves = Curves(answers.stated, answers.weights[None, :])
    table = pd.DataFrame({"price": curves.prices})
    places = np.arange(len(curves.prices))
    for name in answers.stated:
        reached = curves.shares(name, places)
        if name in ("too_cheap", "cheap"):
            table[name] = 1 - reached
        else:
            table[name] = reached
        if name in ("cheap", "expensive"):
            table[f"not_{name}"] = 1 - table[name]
    return table


def _reach_curve(found: Points) -> pd.DataFrame | None:
    if found.reach is None:
        return None
    share = found.reach.share[:, 0]
    return pd.DataFrame({"price": found.reach.prices, "reach": share, "revenue": found.reach.prices * share})


def _asked_intent(answers: PriceAnswers) -> int:
    if answers.intent is None:
        return 0
    return int((~np.isnan(answers.intent).any(axis=1) & answers.in_order).sum())
