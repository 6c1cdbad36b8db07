"""Price points segment by segment, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY, exact_percent, money
from workbench.research.errors import ResearchError
from workbench.research.price_sensitivity import analyse
from workbench.research.resampling import interval
from workbench.research.sensitivity_answers import read_prices
from workbench.research.sensitivity_points import Settings
from workbench.research.sensitivity_result import POINT_WORDS
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from workbench.research.sensitivity_answers import Intent, PriceAnswers
    from workbench.research.sensitivity_result import PriceSensitivity


@dataclass(frozen=True, slots=True)
class PointDifference:
    """How far a point of one segment lies above that of another, in money, with its interval."""

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
    """The result of every segment, and the differences of every point between every two of them."""

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
            return "There is one segment only: nothing to compare."
        said = []
        for each in pairs:
            low, high = (money(end, self.currency) for end in (each.difference.low, each.difference.high))
            gap = money(abs(each.difference.estimate), self.currency)
            way = "higher" if each.difference.estimate >= 0 else "lower"
            sure = "" if each.is_clear else ", so this could be chance"
            said.append(f"{each.segment} {gap} {way} than {each.other} ({low} to {high}{sure})")
        level = exact_percent(pairs[0].difference.level)
        return f"{POINT_WORDS[point].capitalize()} by segment, with {level} intervals: {'; '.join(said)}."

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

    The column `segment` says who belongs where; respondents without one are left out. Further settings are those of
    `van_westendorp`. Each segment is resampled for itself, so differences carry the doubt of both.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When no respondent who counts names a segment.

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
            gap = interval(estimate, mine[:number] - theirs[:number], level=level)
            found.append(PointDifference(name, one, other, gap))
    return tuple(found)


def _middles(result: PriceSensitivity, name: str) -> NDArray[np.float64] | None:
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
    found += [Caution(f"{name}: nobody gave prices in a possible order, so nothing is known.") for name in silent]
    nameless = int((answers.segment == "").sum())
    if nameless:
        found.append(Caution(f"{nameless:,} respondents name no segment and are left out here.", "note"))
    return tuple(found)
