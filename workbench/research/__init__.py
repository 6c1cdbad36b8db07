"""Research methods: what customers say about prices and features, each with intervals and its cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.research.answers import Answers, read_answers
    from workbench.research.best_worst import MaxDiff, maxdiff
    from workbench.research.best_worst_logit import BestWorstUtilities, best_worst_utilities
    from workbench.research.best_worst_score import AggregateScores, aggregate_scores
    from workbench.research.errors import ResearchError
    from workbench.research.feature_fit import Kano, kano
    from workbench.research.feature_places import FeatureValue, FeatureValues, feature_values
    from workbench.research.price_segments import PointDifference, SegmentPrices, by_segment
    from workbench.research.price_sensitivity import van_westendorp
    from workbench.research.reach import Turf, turf
    from workbench.research.sensitivity_result import PricePoint, PriceSensitivity
    from workbench.research.stated_prices import Overstatement

_HOMES = {
    "AggregateScores": "workbench.research.best_worst_score",
    "Answers": "workbench.research.answers",
    "BestWorstUtilities": "workbench.research.best_worst_logit",
    "FeatureValue": "workbench.research.feature_places",
    "FeatureValues": "workbench.research.feature_places",
    "Kano": "workbench.research.feature_fit",
    "MaxDiff": "workbench.research.best_worst",
    "Overstatement": "workbench.research.stated_prices",
    "PointDifference": "workbench.research.price_segments",
    "PricePoint": "workbench.research.sensitivity_result",
    "PriceSensitivity": "workbench.research.sensitivity_result",
    "ResearchError": "workbench.research.errors",
    "SegmentPrices": "workbench.research.price_segments",
    "Turf": "workbench.research.reach",
    "aggregate_scores": "workbench.research.best_worst_score",
    "best_worst_utilities": "workbench.research.best_worst_logit",
    "by_segment": "workbench.research.price_segments",
    "feature_values": "workbench.research.feature_places",
    "kano": "workbench.research.feature_fit",
    "maxdiff": "workbench.research.best_worst",
    "read_answers": "workbench.research.answers",
    "turf": "workbench.research.reach",
    "van_westendorp": "workbench.research.price_sensitivity",
}

__all__ = [
    "AggregateScores",
    "Answers",
    "BestWorstUtilities",
    "FeatureValue",
    "FeatureValues",
    "Kano",
    "MaxDiff",
    "Overstatement",
    "PointDifference",
    "PricePoint",
    "PriceSensitivity",
    "ResearchError",
    "SegmentPrices",
    "Turf",
    "aggregate_scores",
    "best_worst_utilities",
    "by_segment",
    "feature_values",
    "kano",
    "maxdiff",
    "read_answers",
    "turf",
    "van_westendorp",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
