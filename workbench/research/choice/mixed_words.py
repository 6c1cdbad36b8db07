"""What to know about a mixed logit before its estimates are used, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, number, percent
from workbench.research.choice.checks import price_caution, separated_caution
from workbench.research.choice.reading import reading_of
from workbench.research.choice.starts import best_of
from workbench.research.choice.steps import steps
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.research.choice.mixed import MixedModel

SAME_PEAK = 0.5
"""Log-likelihoods closer than this are read as the same peak."""
_MOST_LIKING_PRICE = 0.02
_MANY = 2


def mixed_cautions(model: MixedModel) -> Iterator[Caution]:
    """Yield what the climbs and the price say."""
    if model.separated:
        yield separated_caution(model.separated)
    levels = np.array([climb.log_likelihood for climb in model.climbs])
    reached = int((levels > levels.max() - SAME_PEAK).sum())
    if len(levels) == 1:
        yield Caution("There was one start only; the likelihood has several peaks, and this may not be the highest.")
    elif reached < _MANY:
        yield Caution(
            f"Only one of {count('start', len(levels))} reached the best log-likelihood, {number(levels.max(), 1)}; "
            f"the others ended between {number(levels.min(), 1)} and {number(np.sort(levels)[-2], 1)}. More starts may "
            "find a better one."
        )
    elif reached < len(levels):
        yield Caution(
            f"{reached} of {count('start', len(levels))} reached the best log-likelihood, {number(levels.max(), 1)}; "
            f"the others ended as low as {number(levels.min(), 1)}.",
            "note",
        )
    if not best_of(model.climbs).arrived:
        yield Caution("The best climb did not come to rest on a peak; the estimates may lie far from it.")
    if np.isnan(model.standard_errors.to_numpy()).any():
        yield Caution(
            "The choices do not settle all parameters, so intervals are unknown; let fewer attributes differ."
        )
    yield from _price_cautions(model)


def mixed_reading(model: MixedModel) -> str:
    """Return two or three sentences: what is worth most to the middle respondent, and where respondents differ most."""
    if model.price is None:
        return reading_of(model, None, "")
    spread = model.spread_of_willingness().set_index("attribute")
    more = "These are the figures of the middle respondent."
    known = [step for step in steps(model.data, model.price) if step.name in spread.index]
    if known:
        width = spread["p90"] - spread["p10"]
        widest = max(known, key=lambda step: float(width[step.name]) * step.units)
        more += (
            f" Respondents differ most about {widest.words}: it is worth something to "
            f"{percent(float(spread['positive'][widest.name]))} of them."
        )
    return reading_of(model, model.willingness_to_pay(), more)


def _price_cautions(model: MixedModel) -> Iterator[Caution]:
    if model.price is None:
        return
    column = model.price_column
    if wrong := price_caution(model.price, float(model.tastes.middle(model.estimates)[column])):
        yield wrong
    elif column in model.tastes.columns and model.tastes.signs[column] == 0:
        liking = _share_liking(model, column)
        if liking > _MOST_LIKING_PRICE:
            yield Caution(
                f"By these estimates {percent(liking)} of respondents like to pay more, which a normal coefficient "
                'cannot help. Make the price "lognormal", or the same for everybody.'
            )


def _share_liking(model: MixedModel, column: int) -> float:
    from scipy.special import ndtr  # noqa: PLC0415 - loads slowly

    place = model.estimates[column]
    spread = model.coefficients[f"spread of {model.coding.names[column]}"]
    return float(ndtr(place / spread)) if spread > 0 else float(place > 0)
