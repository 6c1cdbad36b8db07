"""Research methods: what customers say about prices and features, each with intervals and its cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.research.answer_files import CombinedAnswers, combine_answers
    from workbench.research.answers import Answers, read_answers
    from workbench.research.best_worst import MaxDiff, maxdiff
    from workbench.research.best_worst_logit import BestWorstUtilities, best_worst_utilities
    from workbench.research.best_worst_score import AggregateScores, aggregate_scores
    from workbench.research.choice.convergence import Convergence
    from workbench.research.choice.hierarchical import HierarchicalModel, fit_hierarchical
    from workbench.research.choice.individual import IndividualUtilities
    from workbench.research.choice.mixed import MixedModel, fit_mixed_logit
    from workbench.research.choice.multinomial import ChoiceModel, fit_mnl
    from workbench.research.choice.willingness import WillingnessToPay
    from workbench.research.design_attributes import Attribute
    from workbench.research.design_choice import design_choices
    from workbench.research.design_choice_tasks import ChoiceDesign
    from workbench.research.design_examples import example_design
    from workbench.research.design_file import load_design, read_design, save_design
    from workbench.research.design_prices import PriceDesign, asked_prices, price_ladder
    from workbench.research.design_sets import BestWorstDesign, design_best_worst
    from workbench.research.design_size import (
        SampleSize,
        respondents_for_best_worst,
        respondents_for_choice,
        respondents_for_feature_fit,
        respondents_for_price_point,
        respondents_for_share,
    )
    from workbench.research.errors import ResearchError
    from workbench.research.feature_fit import kano
    from workbench.research.feature_fit_result import Kano
    from workbench.research.feature_places import FeatureValues, feature_values
    from workbench.research.feature_rules import FeatureValue
    from workbench.research.ladder_demand import gabor_granger
    from workbench.research.ladder_result import PriceLadder
    from workbench.research.price_logit import LogitFit
    from workbench.research.price_segments import PointDifference, SegmentPrices, by_segment
    from workbench.research.price_sensitivity import van_westendorp
    from workbench.research.reach import turf
    from workbench.research.reach_result import Turf
    from workbench.research.sensitivity_result import PricePoint, PriceSensitivity
    from workbench.research.stated_prices import Overstatement

_HOMES = {
    "AggregateScores": "workbench.research.best_worst_score",
    "Answers": "workbench.research.answers",
    "Attribute": "workbench.research.design_attributes",
    "BestWorstDesign": "workbench.research.design_sets",
    "BestWorstUtilities": "workbench.research.best_worst_logit",
    "ChoiceDesign": "workbench.research.design_choice_tasks",
    "ChoiceModel": "workbench.research.choice.multinomial",
    "CombinedAnswers": "workbench.research.answer_files",
    "Convergence": "workbench.research.choice.convergence",
    "FeatureValue": "workbench.research.feature_rules",
    "FeatureValues": "workbench.research.feature_places",
    "HierarchicalModel": "workbench.research.choice.hierarchical",
    "IndividualUtilities": "workbench.research.choice.individual",
    "Kano": "workbench.research.feature_fit_result",
    "LogitFit": "workbench.research.price_logit",
    "MaxDiff": "workbench.research.best_worst",
    "MixedModel": "workbench.research.choice.mixed",
    "Overstatement": "workbench.research.stated_prices",
    "PointDifference": "workbench.research.price_segments",
    "PriceDesign": "workbench.research.design_prices",
    "PriceLadder": "workbench.research.ladder_result",
    "PricePoint": "workbench.research.sensitivity_result",
    "PriceSensitivity": "workbench.research.sensitivity_result",
    "ResearchError": "workbench.research.errors",
    "SampleSize": "workbench.research.design_size",
    "SegmentPrices": "workbench.research.price_segments",
    "Turf": "workbench.research.reach_result",
    "WillingnessToPay": "workbench.research.choice.willingness",
    "aggregate_scores": "workbench.research.best_worst_score",
    "asked_prices": "workbench.research.design_prices",
    "best_worst_utilities": "workbench.research.best_worst_logit",
    "by_segment": "workbench.research.price_segments",
    "combine_answers": "workbench.research.answer_files",
    "design_best_worst": "workbench.research.design_sets",
    "design_choices": "workbench.research.design_choice",
    "example_design": "workbench.research.design_examples",
    "feature_values": "workbench.research.feature_places",
    "fit_hierarchical": "workbench.research.choice.hierarchical",
    "fit_mixed_logit": "workbench.research.choice.mixed",
    "fit_mnl": "workbench.research.choice.multinomial",
    "gabor_granger": "workbench.research.ladder_demand",
    "kano": "workbench.research.feature_fit",
    "load_design": "workbench.research.design_file",
    "maxdiff": "workbench.research.best_worst",
    "price_ladder": "workbench.research.design_prices",
    "read_answers": "workbench.research.answers",
    "read_design": "workbench.research.design_file",
    "respondents_for_best_worst": "workbench.research.design_size",
    "respondents_for_choice": "workbench.research.design_size",
    "respondents_for_feature_fit": "workbench.research.design_size",
    "respondents_for_price_point": "workbench.research.design_size",
    "respondents_for_share": "workbench.research.design_size",
    "save_design": "workbench.research.design_file",
    "turf": "workbench.research.reach",
    "van_westendorp": "workbench.research.price_sensitivity",
}

__all__ = [
    "AggregateScores",
    "Answers",
    "Attribute",
    "BestWorstDesign",
    "BestWorstUtilities",
    "ChoiceDesign",
    "ChoiceModel",
    "CombinedAnswers",
    "Convergence",
    "FeatureValue",
    "FeatureValues",
    "HierarchicalModel",
    "IndividualUtilities",
    "Kano",
    "LogitFit",
    "MaxDiff",
    "MixedModel",
    "Overstatement",
    "PointDifference",
    "PriceDesign",
    "PriceLadder",
    "PricePoint",
    "PriceSensitivity",
    "ResearchError",
    "SampleSize",
    "SegmentPrices",
    "Turf",
    "WillingnessToPay",
    "aggregate_scores",
    "asked_prices",
    "best_worst_utilities",
    "by_segment",
    "combine_answers",
    "design_best_worst",
    "design_choices",
    "example_design",
    "feature_values",
    "fit_hierarchical",
    "fit_mixed_logit",
    "fit_mnl",
    "gabor_granger",
    "kano",
    "load_design",
    "maxdiff",
    "price_ladder",
    "read_answers",
    "read_design",
    "respondents_for_best_worst",
    "respondents_for_choice",
    "respondents_for_feature_fit",
    "respondents_for_price_point",
    "respondents_for_share",
    "save_design",
    "turf",
    "van_westendorp",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
