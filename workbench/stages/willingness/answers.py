"""What each research method says about this company: estimated when first asked for, or why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from workbench.cells import heading
from workbench.errors import WorkbenchError
from workbench.formatting import NO_CURRENCY
from workbench.results import Interval, Missing
from workbench.stages.willingness.survey_items import survey_items, with_scales, worded_columns
from workbench.wording import attribute_words

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.customers import CustomerBase
    from workbench.research import FeatureValues, Kano, MaxDiff, PriceLadder, PriceSensitivity, SegmentPrices
    from workbench.research.choice.mixed import MixedModel
    from workbench.research.stated_prices import Overstatement
    from workbench.stages.willingness.survey_items import SurveyItem

STARTS = 3
METHODS = {
    "price_sensitivity": "survey_price_sensitivity",
    "price_ladder": "survey_price_ladder",
    "choices": "survey_choice",
    "best_worst": "survey_best_worst",
    "feature_fit": "survey_feature_fit",
}
TITLES = {
    "price_sensitivity": "Price sensitivity",
    "price_ladder": "Price ladder",
    "choices": "Choices between offers",
    "best_worst": "Best and worst features",
    "feature_fit": "Feature fit",
    "features": "All about features",
}
WOULD_ADD = {
    "price_sensitivity": "which prices people find too cheap, cheap, expensive and too expensive",
    "price_ladder": "how many would buy at each of several prices",
    "choices": "what each feature and each amount included is worth, from choices between whole offers",
    "best_worst": "which features matter most, from choices of best and worst",
    "feature_fit": "which features are expected, which delight and which leave people cold",
}


@dataclass(frozen=True, eq=False)
class ResearchAnswers:
    """The answers of every method on one customer base; each attribute is None where its table is missing.

    A method whose answers cannot be used is None too, and `problem` says why.
    """

    base: CustomerBase
    overstatement: Overstatement
    _problems: dict[str, str] = field(default_factory=dict, repr=False)

    def problem(self, method: str) -> str:
        """Return why the answers of a method cannot be used, "" when they can or there are none."""
        return self._problems.get(method, "") if getattr(self, method) is None else ""

    def take_over(self, other: ResearchAnswers) -> None:
        """Take the estimates of another reading of stated prices that do not depend on how far they overstate."""
        for name in ("items", "choices", "best_worst", "feature_fit", "features", "feature_worth"):
            if name in other.__dict__:
                self.__dict__[name] = other.__dict__[name]
                if name in other._problems:
                    self._problems[name] = other._problems[name]

    @cached_property
    def currency(self) -> str:
        """Return the currency of every price."""
        return self.base.currency or NO_CURRENCY

    @cached_property
    def price_sensitivity(self) -> PriceSensitivity | None:
        """Return the price points of the four price questions."""
        from workbench.research import van_westendorp  # noqa: PLC0415 - loaded when there are answers

        return self._estimate("price_sensitivity", self._sensitivity(van_westendorp))

    @cached_property
    def sensitivity_by_segment(self) -> SegmentPrices | None:
        """Return the price points of every segment, None where respondents name no segments or too few answered."""
        from workbench.research import by_segment  # noqa: PLC0415 - as above

        frame = self.base.frames.get(METHODS["price_sensitivity"])
        if self.price_sensitivity is None or frame is None or "segment" not in frame:
            return None
        if len(frame["segment"].dropna().unique()) <= 1:
            return None
        return self._estimate("price_sensitivity", self._sensitivity(by_segment))

    @cached_property
    def price_ladder(self) -> PriceLadder | None:
        """Return who buys at which price of the ladder."""
        from workbench.research import gabor_granger  # noqa: PLC0415 - as above

        return self._estimate(
            "price_ladder",
            lambda frame: gabor_granger(frame, overstatement=self.overstatement, currency=self.currency),
        )

    @cached_property
    def items(self) -> tuple[SurveyItem, ...]:
        """Return what the attributes of the choice survey stand for."""
        frame = self.base.frames.get(METHODS["choices"])
        if frame is None:
            return ()
        features = () if not self.base.has("features") else tuple(self.base.frames["features"]["feature"])
        return survey_items(frame, features, self.base.metrics)

    @cached_property
    def choices(self) -> MixedModel | None:
        """Return what people's choices between whole offers say their parts are worth."""
        from workbench.research import fit_mixed_logit  # noqa: PLC0415 - as above

        return self._estimate(
            "choices",
            lambda frame: fit_mixed_logit(
                with_scales(frame, self.items),
                attributes=[*(item.column for item in self.items), *worded_columns(frame)],
                starts=STARTS,
                currency=self.currency,
            ),
        )

    @cached_property
    def best_worst(self) -> MaxDiff | None:
        """Return how features rank by choices of best and worst."""
        from workbench.research import maxdiff  # noqa: PLC0415 - as above

        return self._estimate("best_worst", maxdiff)

    @cached_property
    def feature_fit(self) -> Kano | None:
        """Return which features are expected, which delight and which leave people cold."""
        from workbench.research import kano  # noqa: PLC0415 - as above

        return self._estimate("feature_fit", kano)

    @cached_property
    def features(self) -> FeatureValues:
        """Return what all methods and observed use say together about every feature."""
        from workbench.research import feature_values  # noqa: PLC0415 - as above

        return feature_values(self.base, self.best_worst, self.feature_fit, self.feature_worth)

    @cached_property
    def feature_worth(self) -> dict[str, Interval]:
        """Return what each feature of the choice survey is worth a month to the middle respondent."""
        if self.choices is None:
            return {}
        worth = self.choices.willingness_to_pay().intervals
        return {
            item.stands_for if item.is_known else heading(attribute_words(item.attribute)): worth[item.column]
            for item in self.items
            if item.kind == "feature" and item.column in worth
        }

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return the survey tables that are not there, and what each would add."""
        return tuple(Missing(METHODS[name], why) for name, why in WOULD_ADD.items() if not self.base.has(METHODS[name]))

    def _sensitivity(self, method: Callable[..., Any]) -> Callable[[pd.DataFrame], Any]:
        return partial(method, overstatement=self.overstatement, currency=self.currency)

    def _estimate(self, name: str, method: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - each method has its own result
        frame = self.base.frames.get(METHODS[name])
        if frame is None or not len(frame):
            return None
        try:
            return method(frame)
        except WorkbenchError as error:
            self._problems[name] = str(error)
            return None
