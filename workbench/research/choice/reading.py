"""Say what a model of choices found, in sentences for somebody who never saw a logit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, money, percent
from workbench.research.choice.coding import NONE
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.research.choice.coding import Coding
    from workbench.research.choice.fitted import FittedChoice
    from workbench.research.choice.willingness import WillingnessToPay

_SAID = 3


def attribute_words(name: str, coding: Coding) -> str:
    """Write a column as words: what one unit more is, or which level is compared with which."""
    column = coding.columns[coding.names.index(name)]
    words = metric_words(column.attribute)
    return words if column.level is None else f"{words} {column.level} instead of {coding.bases[column.attribute]}"


def population_words(model: FittedChoice) -> str:
    """Write who was asked: 250 respondents, 2,000 choices."""
    choices = count("choice", model.cases)
    return choices if model.respondents is None else f"{count('respondent', model.respondents)}, {choices}"


def reading_of(model: FittedChoice, worth: WillingnessToPay | None, more: str) -> str:
    """Return two or three sentences: who was asked, what is worth most in money, and how sure that is."""
    start = f"From {population_words(model)}."
    if worth is None:
        return f"{start} There is no price among the attributes, so their worth in money is unknown. {more}".strip()
    if not model.estimates[model.price_column] < 0 and not more:
        return f"{start} Dearer alternatives were chosen more often, so no worth in money can be read from them."
    said = [name for name in worth.intervals if name != NONE and np.isfinite(worth[name].low)]
    said = sorted(said, key=lambda name: -abs(worth[name].estimate))[:_SAID]
    if not said:
        return f"{start} The choices do not settle what any attribute is worth in money. {more}".strip()
    level = percent(worth[said[0]].level)
    parts = [
        f"{attribute_words(name, model.coding)} {money(worth[name].estimate, model.currency)} "
        f"({money(worth[name].low, model.currency)} to {money(worth[name].high, model.currency)})"
        for name in said
    ]
    return (
        f"{start} One unit more, or having it at all, is worth most for {'; '.join(parts)}, in the price's own period; "
        f"ranges hold {level} of the uncertainty of asking a sample. {more}"
    ).strip()
