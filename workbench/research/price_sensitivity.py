"""Van Westendorp's price sensitivity: price points with their intervals, in words and segment by segment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from workbench.formatting import exact_percent, money, one_unit
from workbench.locales import NO_CURRENCY
from workbench.research.answers import PER_ACCOUNT, ResearchError
from workbench.research.price_curves import (
    FALLING,
    INTENT_SCALE,
    Convention,
    Curves,
    RangeKind,
    Settings,
    Touching,
    find_points,
    read_prices,
)
from workbench.research.sampling import (
    LEVEL,
    SAMPLES,
    STATED_PRICES,
    Overstatement,
    effective_answers,
    resampled_interval,
)
from workbench.results import Caution, Interval
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import ArrayLike

    from workbench.research.price_curves import Intent, IntentReach, Points, PriceAnswers
    from workbench.stats import Floats

say = texts(__name__)

# --- What the four price questions say

POINT_WORDS = {
    "pmc": "point of marginal cheapness",
    "opp": "optimal price point",
    "idp": "indifference price",
    "pme": "point of marginal expensiveness",
    "reach_price": "price most would buy at",
    "revenue_price": "price with the highest revenue",
}
"""The names of the points in words, from low prices to high ones."""


class PricePoint(tuple[float, float]):  # noqa: SLOT001 - a tuple cannot have slots of its own
    """A price point as (first, last): the stretch where two curves meet.

    One price when the curves cross.

    Attributes
    ----------
    interval
        Both ends of it in resamples: its low end is that of `first`, its high end that of `last`, and its estimate the
        middle of the stretch.

    Examples
    --------
    >>> from workbench.research import example_answers, van_westendorp
    >>> frame = example_answers("price-sensitivity")
    >>> point = van_westendorp(frame, samples=100).opp
    >>> round(point.middle), bool(point.interval.low < point.first <= point.last < point.interval.high)
    (405, True)
    """

    interval: Interval

    def __new__(cls, first: float, last: float, interval: Interval) -> Self:
        """Make the point of its ends."""
        point = super().__new__(cls, (float(first), float(last)))
        point.interval = interval
        return point

    def __getnewargs__(self) -> tuple[float, float, Interval]:
        return (*self, self.interval)

    @property
    def first(self) -> float:
        """Return the lowest price at which the curves meet."""
        return self[0]

    @property
    def last(self) -> float:
        """Return the highest price at which the curves meet."""
        return self[1]

    @property
    def middle(self) -> float:
        """Return the middle of the stretch."""
        return (self[0] + self[1]) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceSensitivity:
    """The price points of van Westendorp, and the prices best for reach and for revenue.

    A point is None where the answers cannot give it. All prices are as stated; `in_earnest` divides them by the
    overstatement assumed.

    Attributes
    ----------
    pmc, pme, idp, opp
        Marginal cheapness, marginal expensiveness, indifference price, optimal price point.
    reach_price, revenue_price
        The prices best for reach and revenue; None where intent was not asked.
    intervals
        Of every point and best price, by its name.
    curves
        One row per price named: the share of people who find it too cheap, cheap, not cheap, expensive, not expensive,
        too expensive.
    reach_curve
        One row per price: the share who would buy (`reach`) and price times share (`revenue`, per person asked).
    total, valid
        Respondents, and those who count.
    invalid_rows
        Who is left out and why.
    asked_intent
        How many were asked for intent.
    effective
        How many equally weighted answers they amount to.
    settings
        How it was worked out.
    overstatement
        How much stated prices overstate.
    currency, per
        What prices are in, and what one buys (account, or a metric such as seats).
    draws, reach_draws
        Points and intent in resamples.

    Examples
    --------
    >>> from workbench.research import example_answers, van_westendorp
    >>> frame = example_answers("price-sensitivity")
    >>> found = van_westendorp(frame, samples=100)
    >>> {name: round(point.middle) for name, point in found.points.items()}
    {'pmc': 273, 'opp': 405, 'idp': 453, 'pme': 673}
    >>> found.valid, found.invalid, found.reach_price
    (200, 0, None)
    """

    pmc: PricePoint | None
    pme: PricePoint | None
    idp: PricePoint | None
    opp: PricePoint | None
    reach_price: float | None
    revenue_price: float | None
    intervals: Mapping[str, Interval]
    curves: pd.DataFrame
    reach_curve: pd.DataFrame | None
    total: int
    valid: int
    invalid_rows: pd.DataFrame
    asked_intent: int
    effective: float
    settings: Settings
    overstatement: Overstatement = STATED_PRICES
    currency: str = NO_CURRENCY
    per: str = ""
    draws: Mapping[str, Floats] = field(repr=False)
    reach_draws: IntentReach | None = field(default=None, repr=False)

    @property
    def invalid(self) -> int:
        """Count the respondents whose prices are incomplete or not in a possible order."""
        return len(self.invalid_rows)

    @property
    def points(self) -> dict[str, PricePoint]:
        """Return the points that could be had, from low prices to high ones."""
        found = {name: getattr(self, name) for name in ("pmc", "opp", "idp", "pme")}
        return {name: point for name, point in found.items() if point is not None}

    @cached_property
    def in_earnest(self) -> dict[str, Interval]:
        """Return every point and best price as people would pay it: stated intervals divided by the overstatement."""
        return {name: self.overstatement.in_earnest(each) for name, each in self.intervals.items()}

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per point: the stretch, its interval, and what it comes to in earnest."""
        return points_table(self)

    @property
    def reading(self) -> str:
        """Say in a few sentences what the points mean."""
        return price_point_reading(self)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before these numbers are used."""
        return price_point_cautions(self)

    def in_currency(self, currency: str) -> PriceSensitivity:
        """Return the result with its prices written in a currency (three letters)."""
        return replace(self, currency=currency)

    def with_overstatement(self, low: float, high: float, source: str = "your own assumption") -> PriceSensitivity:
        """Return the result with another range for how much stated prices overstate."""
        return replace(self, overstatement=Overstatement(low, high, source))

    def __repr__(self) -> str:
        ends = ", ".join(f"{name}={point[0]:g} to {point[1]:g}" for name, point in self.points.items())
        return f"PriceSensitivity({ends}; {self.valid:,} of {self.total:,} respondents)"


# --- Say what price points mean, how sure they are, and what to know before they are used

FEW_ANSWERS = 100
"""Below this many answers the curves are ragged; most guides ask for 100 to 150 per group reported."""
_MUCH_LEFT_OUT = 0.15
_LONG_STRETCH = 0.1


def price_range(low: float, high: float, currency: str, write: Callable[[float, str], str] = money) -> str:
    """Write two prices as a range, or one where they are written alike; prices asked need another `write`."""
    first, last = write(low, currency), write(high, currency)
    return first if first == last else f"{first} to {last}"


def prices_per(per: str, noun: str = "prices") -> str:
    """Write "prices" with what one buys, where that was said: prices per seat."""
    if not per:
        return noun
    return f"{noun} per {per if per == PER_ACCOUNT else one_unit(per)}"


def price_point_reading(result: PriceSensitivity) -> str:
    """Say what the price points mean, in a few sentences."""
    told = {name: _with_interval(each, result.currency) for name, each in result.intervals.items()}
    point = next(name for name in ("opp", "idp", "pme") if name in result.in_earnest)
    real = result.in_earnest[point]
    return say(
        "reading",
        result=result,
        told=told,
        prices=prices_per(result.per),
        stretch=price_range(*result.opp, result.currency) if result.opp else "",
        point=POINT_WORDS[point],
        real=price_range(real.low, real.high, result.currency),
    )


def _with_interval(value: Interval, currency: str) -> str:
    ends = price_range(value.low, value.high, currency)
    return f"{money(value.estimate, currency)} ({exact_percent(value.level)} interval {ends})"


def price_point_cautions(result: PriceSensitivity) -> tuple[Caution, ...]:
    """Return what to know before the points are used, the gravest first."""
    found = [*_about_answers(result), *_about_points(result)]
    found += [Caution(result.overstatement.sentence, "note"), Caution(say("a_feeling"), "note")]
    return tuple(sorted(found, key=lambda caution: caution.severity == "note"))


def _about_answers(result: PriceSensitivity) -> Iterator[Caution]:
    if result.invalid:
        many = result.invalid / result.total > _MUCH_LEFT_OUT
        reasons = result.invalid_rows["why"].value_counts().to_dict()
        yield Caution(say("left_out", result=result, reasons=reasons, many=many), "warning" if many else "note")
    if result.effective < FEW_ANSWERS:
        yield Caution(say("few_answers", result=result))
    if result.reach_curve is not None and result.asked_intent < result.valid:
        yield Caution(say("asked_intent", asked=result.asked_intent), "note")


def _about_points(result: PriceSensitivity) -> Iterator[Caution]:
    if result.pmc is None or result.opp is None:
        yield Caution(say("never_too_cheap", has_reach=result.reach_price is not None))
    for name, point in result.points.items():
        if point.last - point.first > _LONG_STRETCH * point.middle:
            stretch = price_range(*point, result.currency)
            yield Caution(say("long_stretch", point=POINT_WORDS[name], stretch=stretch), "note")
    if result.settings.convention != "linear":
        version = result.settings.convention.removeprefix("r-")
        yield Caution(say("convention", version=version), "note")


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


# --- Van Westendorp's price sensitivity


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
        The intent to buy at the cheap and at the expensive price, 5 to 1: two columns' names or two arrays. None takes
        intent_cheap and intent_expensive where they are there, True insists on them, False leaves them out. They give
        reach_price, revenue_price and reach_curve (Newton, Miller and Smith 1993).
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

    Returns
    -------
    PriceSensitivity
        The points with intervals, the curves, and who was left out.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When nobody's prices are in order, or a setting makes no sense.

    References
    ----------
    van Westendorp (1976), NSS price sensitivity meter, ESOMAR congress; Newton, Miller and Smith (1993), A market
    acceptance extension to traditional price sensitivity measurement, for intent.

    Examples
    --------
    >>> from workbench.research import example_answers, van_westendorp
    >>> frame = example_answers("price-sensitivity")
    >>> found = van_westendorp(frame, samples=100)
    >>> round(found.opp.middle), round(500 * (0.42 * 1.6) ** 0.5)
    (405, 410)
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
    return resampled_interval(estimate, draws[:, 0], draws[:, 1], settings.level)


def _best_prices(found: Points, settings: Settings) -> dict[str, Interval]:
    """Return the prices best for reach and for revenue; none where intent was not asked."""
    if found.reach is None or found.reach_draws is None:
        return {}
    best, drawn = found.reach, found.reach_draws
    of = {
        "reach_price": (best.best_for_reach, drawn.best_for_reach),
        "revenue_price": (best.best_for_revenue, drawn.best_for_revenue),
    }
    return {name: resampled_interval(float(one[0]), many, level=settings.level) for name, (one, many) in of.items()}


def _curves(answers: PriceAnswers) -> pd.DataFrame:
    """Return the six curves at every price named."""
    curves = Curves(answers.stated, answers.weights[None, :])
    table = pd.DataFrame({"price": curves.prices})
    places = np.arange(len(curves.prices))
    for name in answers.stated:
        reached = curves.shares(name, places)
        table[name] = 1 - reached if name in FALLING else reached
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


# --- Price points segment by segment, and how far apart they are


@dataclass(frozen=True, slots=True)
class PointDifference:
    """How far a point of one segment lies above that of another, in money, with its interval.

    Attributes
    ----------
    point
        Which price point.
    segment, other
        The two segments.
    difference
        Of the first less the second, in money.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import by_segment, example_answers
    >>> frame = example_answers("price-sensitivity")
    >>> frame = pd.concat([frame.assign(segment="big"), (frame * 0.5).assign(segment="small")])
    >>> found = {each.point: each for each in by_segment(frame, samples=100).differences}
    >>> found["opp"].is_clear, found["opp"].segment, found["opp"].other
    (True, 'big', 'small')
    """

    point: str
    segment: str
    other: str
    difference: Interval

    @property
    def is_clear(self) -> bool:
        """Tell whether the interval leaves out no difference at all."""
        return self.difference.low > 0 or self.difference.high < 0


@dataclass(frozen=True, eq=False)
class SegmentPrices:
    """The result of every segment, and the differences of every point between every two of them.

    Attributes
    ----------
    results
        Segment to its price points.
    differences
        Of every point between every two segments.
    cautions
        What to know before using it.
    currency
        What prices are in.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import by_segment, example_answers
    >>> frame = example_answers("price-sensitivity")
    >>> frame = pd.concat([frame.assign(segment="big"), (frame * 0.5).assign(segment="small")])
    >>> {name: round(each.opp.middle) for name, each in by_segment(frame, samples=100).results.items()}
    {'big': 405, 'small': 203}
    """

    results: Mapping[str, PriceSensitivity]
    differences: tuple[PointDifference, ...]
    cautions: tuple[Caution, ...]
    currency: str = NO_CURRENCY

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per segment and point, in the columns of `PriceSensitivity.table`."""
        tables = [result.table.assign(segment=name) for name, result in self.results.items()]
        table = pd.concat(tables, ignore_index=True)
        return table[["segment", *(name for name in table.columns if name != "segment")]]

    @property
    def difference_table(self) -> pd.DataFrame:
        """Return one row per point and pair of segments: the difference with its interval."""
        rows = [
            (POINT_WORDS[each.point], each.segment, each.other, each.difference.estimate, each.difference.low,
             each.difference.high, each.is_clear)
            for each in self.differences
        ]  # fmt: skip
        columns = ["point", "segment", "against", "difference", "interval from", "interval to", "clear"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def reading(self) -> str:
        """Say how far the segments lie apart in the point they can best be compared by."""
        for point in ("opp", "idp", "pme"):
            pairs = [each for each in self.differences if each.point == point]
            if pairs:
                break
        else:
            return say("one_segment")
        said = [say("difference", each=each, gap=each.difference, currency=self.currency) for each in pairs]
        level = pairs[0].difference.level
        return say("by_segment", point=POINT_WORDS[point], level=level, said=said)

    def in_currency(self, currency: str) -> SegmentPrices:
        """Return the results with their prices written in a currency (three letters)."""
        results = {name: result.in_currency(currency) for name, result in self.results.items()}
        return replace(self, results=results, currency=currency)


def by_segment(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    intent: Intent = None,
    *,
    overstatement: Overstatement = STATED_PRICES,
    currency: str = NO_CURRENCY,
    **settings: Any,  # noqa: ANN401 - the settings of van_westendorp, checked there
) -> SegmentPrices:
    """Return the price points of every segment, and the intervals of the differences between them.

    Respondents without a segment are left out. Each segment is resampled for itself, so differences carry the doubt of
    both.

    Parameters
    ----------
    frame, weights, intent, overstatement, currency
        As for `van_westendorp`; the column `segment` says who belongs where.
    settings
        Further settings of `van_westendorp`.

    Returns
    -------
    SegmentPrices
        Price points per segment, and how far they lie apart.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When no respondent who counts names a segment.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import by_segment, example_answers
    >>> frame = example_answers("price-sensitivity")
    >>> frame = pd.concat([frame.assign(segment="big"), (frame * 0.5).assign(segment="small")])
    >>> table = by_segment(frame, samples=100).difference_table
    >>> table.columns.tolist()
    ['point', 'segment', 'against', 'difference', 'interval from', 'interval to', 'clear']
    """
    keep_invalid = bool(settings.pop("keep_invalid", False))
    chosen = Settings(**settings)
    answers = read_prices(frame, weights, intent, keep_invalid=keep_invalid)
    names = [name for name in pd.unique(answers.segment) if name]
    if not names:
        raise ResearchError("No respondent names a segment.", "Fill in the column segment.")
    results = {
        name: analyse(answers.of(name), _own_seed(chosen, place), overstatement, currency)
        for place, name in enumerate(names)
    }
    return SegmentPrices(results, _differences(results, chosen.level), _cautions(answers, results), currency)


def _own_seed(settings: Settings, place: int) -> Settings:
    """Give each segment resamples of its own: with shared ones their errors would look alike."""
    seed = int(np.random.SeedSequence([settings.seed, place]).generate_state(1)[0])
    return replace(settings, seed=seed)


def _differences(results: Mapping[str, PriceSensitivity], level: float) -> tuple[PointDifference, ...]:
    """Return the difference of every point between every two segments."""
    found = []
    for name in POINT_WORDS:
        for one, other in combinations(results, 2):
            mine, theirs = _middles(results[one], name), _middles(results[other], name)
            if mine is None or theirs is None:
                continue
            number = min(len(mine), len(theirs))
            estimate = results[one].intervals[name].estimate - results[other].intervals[name].estimate
            gap = resampled_interval(estimate, mine[:number] - theirs[:number], level=level)
            found.append(PointDifference(name, one, other, gap))
    return tuple(found)


def _middles(result: PriceSensitivity, name: str) -> Floats | None:
    """Return the resamples of a point's middle, or of a best price."""
    if name in result.draws:
        return result.draws[name].mean(axis=1)
    if result.reach_draws is None or name not in result.intervals:
        return None
    return result.reach_draws.best_for_reach if name == "reach_price" else result.reach_draws.best_for_revenue


def _cautions(answers: PriceAnswers, results: Mapping[str, PriceSensitivity]) -> tuple[Caution, ...]:
    """Return what to know about each segment, and about those who named none."""
    found = [
        Caution(f"{name}: {caution.text}", caution.severity)
        for name, result in results.items()
        for caution in result.cautions
        if caution.severity == "warning"
    ]
    silent = sorted(set(answers.left_out["segment"]) - {"", *results})
    found += [Caution(say("silent_segment", name=name)) for name in silent]
    if nameless := int((answers.segment == "").sum()):
        found.append(Caution(say("no_segment", nameless=nameless), "note"))
    return tuple(found)
