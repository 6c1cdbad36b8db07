"""What the charts of stated prices share: axes, words, and fewer corners than there are prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from workbench.formatting import exact_percent, money
from workbench.research.sensitivity_words import price_range, prices_per
from workbench.stages.chart_style import money_expression

if TYPE_CHECKING:
    import pandas as pd

    from workbench.research import PriceSensitivity
    from workbench.results import Interval

MOST_CORNERS = 250


def price_axis(currency: str, field: str = "price", *, title: str = "Price") -> alt.X:
    """Return the axis of prices, from the lowest shown to the highest."""
    return alt.X(
        f"{field}:Q",
        title=title,
        axis=alt.Axis(labelExpr=money_expression(currency), tickCount=6),
        scale=alt.Scale(zero=False, nice=False, padding=12),
    )


def share_axis() -> alt.Axis:
    """Return an axis of shares."""
    return alt.Axis(format=".0%", tickCount=5)


def thinned(rows: pd.DataFrame, most: int = MOST_CORNERS) -> pd.DataFrame:
    """Return at most so many rows, evenly chosen, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return rows.iloc[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(int))].reset_index(drop=True)


def interval_text(interval: Interval, currency: str) -> str:
    """Write an estimate with its interval."""
    ends = price_range(interval.low, interval.high, currency)
    return f"{money(interval.estimate, currency)} ({ends})"


def notes(result: PriceSensitivity) -> tuple[str, ...]:
    """Return the footnotes of a chart of stated prices: who answered, and what is assumed."""
    stated = prices_per(result.per)
    return (f"{result.valid:,} of {result.total:,} respondents; {stated} as stated.", result.overstatement.sentence)


def price_title(per: str) -> str:
    """Name the axis of prices with what one buys."""
    return prices_per(per, "Price")


def points_caption(result: PriceSensitivity) -> str:
    """Name the table of price points."""
    level = exact_percent(result.settings.level)
    return f"Price points ({result.currency}) with {level} intervals, as stated and in earnest"
