"""What ranges say, in words and tables people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import exact, exact_percent, is_computed, percent
from workbench.wording import SHARE_OF, quantity

if TYPE_CHECKING:
    from workbench.stages.impact_view.future import Ranges

WORTH_SAYING = 1.0  # of the currency: less than that is rounding


def in_unit(value: float, unit: str) -> str:
    """Write a guess in its unit as it was given, one learned from data rounded; shares as percentages."""
    if is_computed(value):
        return f"{quantity(value * 100)}%" if unit.startswith(SHARE_OF) else quantity(value)
    return exact_percent(value) if unit.startswith(SHARE_OF) else exact(value)


def unit_words(unit: str) -> str:
    """Write the unit of a guess beside its value: a share of customers is a percentage, so "of customers"."""
    return unit.removeprefix("share ") if unit.startswith(SHARE_OF) else unit


def knowing_sentence(ranges: Ranges) -> str:
    """Say what to find out first, where an answer could change the choice."""
    if ranges.knowing.perfect < WORTH_SAYING:
        best = ranges.knowing.best
        return f"On average {best} bring the most revenue; no answer to any of these guesses would change that."
    return ranges.knowing.sentence()


def chances_table(ranges: Ranges) -> pd.DataFrame:
    """Return the chance of crossing each limit on revenue."""
    found = ranges.chances
    names = [
        f"{title}: {subject}" if subject else title
        for title, subject in zip(found["guardrail"], found["subject"], strict=True)
    ]
    return pd.DataFrame(
        {
            "Guardrail": names,
            "Limit": [exact_percent(each, signed=True) for each in found["limit"]],
            "Chance of crossing it": [percent(each) for each in found["chance"]],
        },
        dtype=object,
    )


def guesses_table(ranges: Ranges) -> pd.DataFrame:
    """Return the ranges drawn from, with the ids by which a study replaces them."""
    segments = ranges.simulation.statistics[ranges.name].segments
    rows = [
        (
            each.label,
            in_unit(each.low, each.unit),
            in_unit(each.high, each.unit),
            unit_words(each.unit),
            each.source or "a wide guess",
            each.id,
        )
        for each in ranges.simulation.behaviour.in_use(segments)
    ]
    return pd.DataFrame(
        rows, columns=["Guess", "Low", "High", "Unit", "Source", "Name under Assumptions"], dtype=object
    )
