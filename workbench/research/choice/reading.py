"""Say what a model of choices found, in sentences for somebody who never saw a logit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, exact_percent, money
from workbench.research.choice.steps import steps, worth_of

if TYPE_CHECKING:
    from workbench.research.choice.fitted import FittedChoice
    from workbench.research.choice.willingness import WillingnessToPay

_SAID = 3


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
    found = worth_of(steps(model.data, model.price), worth)
    said = [(words, each) for words, each in found.items() if np.isfinite(each.low)][:_SAID]
    if not said:
        return f"{start} The choices do not settle what any attribute is worth in money. {more}".strip()
    parts = [
        f"{words} {money(each.estimate, model.currency)} "
        f"({money(each.low, model.currency)} to {money(each.high, model.currency)})"
        for words, each in said
    ]
    level = exact_percent(said[0][1].level)
    return (
        f"{start} Worth most, in the price's own period: {'; '.join(parts)}. Ranges hold {level} of the uncertainty of "
        f"asking a sample. {more}"
    ).strip()
