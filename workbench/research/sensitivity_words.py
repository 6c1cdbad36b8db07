"""Say what price points mean, how sure they are, and what to know before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, exact_percent, money, percent
from workbench.research.answers import PER_ACCOUNT
from workbench.research.sensitivity_result import POINT_WORDS
from workbench.results import Caution
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.research.sensitivity_result import PriceSensitivity
    from workbench.results import Interval

FEW_ANSWERS = 100
"""Below this many answers the curves are ragged; most guides ask for 100 to 150 per group reported."""
_MUCH_LEFT_OUT = 0.15
_LONG_STRETCH = 0.1

_ENDS = {
    "standard": "below, more find it too cheap than not cheap; above, more find it too expensive than not expensive",
    "narrower": "below, more find it too cheap than expensive; above, more find it too expensive than cheap",
}


def price_range(low: float, high: float, currency: str, write: Callable[[float, str], str] = money) -> str:
    """Write two prices as a range, or one where they are written alike; prices asked need another `write`."""
    first, last = write(low, currency), write(high, currency)
    return first if first == last else f"{first} to {last}"


def prices_per(per: str, noun: str = "prices") -> str:
    """Write "prices" with what one buys, where that was said: prices per seat."""
    if not per:
        return noun
    return f"{noun} per {per if per == PER_ACCOUNT else one_unit(per)}"


def reading(result: PriceSensitivity) -> str:
    """Say what the price points mean, in a few sentences."""
    sentences = [_who(result)]
    low, high = result.pmc, result.pme
    if low and high:
        sentences.append(
            f"They find a price between {_with_interval(low.middle, low.interval, result)} and "
            f"{_with_interval(high.middle, high.interval, result)} acceptable: {_ENDS[result.settings.range_]}."
        )
    elif high:
        sentences.append(f"They rule out prices above {_with_interval(high.middle, high.interval, result)}.")
    if result.opp:
        stretch = price_range(*result.opp, result.currency)
        sentences.append(f"Fewest rule the price out, as too cheap or too expensive, at {stretch}.")
    if result.revenue_price is not None:
        best = _with_interval(result.revenue_price, result.intervals["revenue_price"], result)
        sentences.append(f"By their stated intent, revenue is highest at {best}.")
    sentences.append(_in_earnest(result))
    return " ".join(sentences)


def _who(result: PriceSensitivity) -> str:
    who = f"{result.valid:,} of" if result.invalid else "All"
    return f"{who} {count('respondent', result.total)} gave {prices_per(result.per)} in a possible order."


def _with_interval(value: float, interval: Interval, result: PriceSensitivity) -> str:
    ends = price_range(interval.low, interval.high, result.currency)
    return f"{money(value, result.currency)} ({exact_percent(interval.level)} interval {ends})"


def _in_earnest(result: PriceSensitivity) -> str:
    """Say what the range comes to once overstatement is taken out."""
    name = next(name for name in ("opp", "idp", "pme") if name in result.in_earnest)
    real = result.in_earnest[name]
    ends = price_range(real.low, real.high, result.currency)
    return f"In earnest the {POINT_WORDS[name]} may stand for {ends}, since people say more than they pay."


def cautions(result: PriceSensitivity) -> tuple[Caution, ...]:
    """Return what to know before the points are used, the gravest first."""
    found = [*_about_answers(result), *_about_points(result)]
    found.append(Caution(result.overstatement.sentence, "note"))
    found.append(
        Caution(
            "The four questions ask for a feeling about one price, not for a choice between offers: use the points to "
            "bound a price, not to set it.",
            "note",
        )
    )
    return tuple(sorted(found, key=lambda caution: caution.severity == "note"))


def _about_answers(result: PriceSensitivity) -> list[Caution]:
    found = []
    if result.invalid:
        share = result.invalid / result.total
        reasons = result.invalid_rows["why"].value_counts()
        why = "; ".join(f"{number:,} where {reason}" for reason, number in reasons.items())
        text = f"{count('respondent', result.invalid)} of {result.total:,} ({percent(share)}) left out: {why}."
        if share > _MUCH_LEFT_OUT:
            text += " So many often mean that the questions were misread, or the columns are mixed up."
        found.append(Caution(text, "warning" if share > _MUCH_LEFT_OUT else "note"))
    if result.effective < FEW_ANSWERS:
        weighed = f", which weigh as much as {result.effective:,.0f}" if result.effective < result.valid - 1 else ""
        text = f"Only {count('answer', result.valid)}{weighed}: read the intervals, not the points."
        found.append(Caution(text, "warning"))
    if result.reach_curve is not None and result.asked_intent < result.valid:
        text = f"Reach and revenue stand on the {result.asked_intent:,} respondents who stated their intent to buy."
        found.append(Caution(text, "note"))
    return found


def _about_points(result: PriceSensitivity) -> list[Caution]:
    found = []
    if result.pmc is None or result.opp is None:
        text = (
            "Nobody was asked at which price the offer is too cheap: the point of marginal cheapness and the optimal "
            "price point are unknown."
        )
        if result.reach_price is not None:
            text += " The price most would buy at is only the lowest anybody named."
        found.append(Caution(text, "warning"))
    for name, point in result.points.items():
        if point.last - point.first > _LONG_STRETCH * point.middle:
            stretch = price_range(*point, result.currency)
            text = f"The curves of the {POINT_WORDS[name]} touch all the way from {stretch}: no price in it is better."
            found.append(Caution(text, "note"))
    if result.settings.convention != "linear":
        version = result.settings.convention.removeprefix("r-")
        text = f"The points follow version {version} of the R package pricesensitivitymeter, not the default here."
        found.append(Caution(text, "note"))
    return found


def points_table(result: PriceSensitivity) -> pd.DataFrame:
    """Return one row per point or best price, from low to high: stated, with interval, and in earnest."""
    rows = []
    for name, words in POINT_WORDS.items():
        if name not in result.intervals:
            continue
        stated, real = result.intervals[name], result.in_earnest[name]
        first, last = result.points.get(name, (stated.estimate, stated.estimate))
        stretch = (words, first, last, stated.low, stated.high)
        rows.append((*stretch, real.low, real.estimate, real.high))
    columns = ["point", "from", "to", "interval from", "interval to"]
    return pd.DataFrame(rows, columns=[*columns, "in earnest from", "in earnest", "in earnest to"])
