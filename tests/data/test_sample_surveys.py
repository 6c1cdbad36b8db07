"""The sample surveys: the truth they were drawn from can be found again in the answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase

DATA = Path(__file__).parents[2] / "data"
TRUTH = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))["surveys"]


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Load the company as it stood before the move."""
    return CustomerBase.load(DATA / "sample", as_of="2024-12-31")


def test_respondents_are_customers_of_the_time(base: CustomerBase) -> None:
    """Everybody who names an account names one that exists before the move, of the stated segment."""
    for table in (base.survey_price_sensitivity, base.survey_price_ladder):
        named = table[table["account_id"].notna() & (table["account_id"] != "")]
        segment = named["account_id"].map(base.accounts.set_index("account_id")["segment"])
        assert (segment == named["segment"]).all()
        assert 0.7 < len(named) / len(table) < 0.95


def test_most_price_answers_are_in_order_and_some_are_not(base: CustomerBase) -> None:
    """About the stated share of the four price answers is in an impossible order."""
    answers = base.survey_price_sensitivity
    bad = (answers["cheap"] >= answers["expensive"]).mean()
    assert len(answers) == 320
    assert bad == pytest.approx(TRUTH["price_sensitivity_invalid_share"], abs=0.04)


def test_the_middle_of_the_price_answers_is_the_truth(base: CustomerBase) -> None:
    """Per segment, the geometric middle of cheap and expensive sits at the true median times the true factors."""
    factors = TRUTH["price_sensitivity_factors"]
    answers = base.survey_price_sensitivity
    for segment, median in TRUTH["willing_to_pay_median"].items():
        inside = answers[answers["segment"] == segment]
        middle = np.exp(np.log(inside[["cheap", "expensive"]].astype(float)).mean(axis=1)).median()
        assert middle == pytest.approx(median * np.sqrt(factors["cheap"] * factors["expensive"]), rel=0.15)


def test_a_ladder_stops_at_the_first_no(base: CustomerBase) -> None:
    """Answers along a ladder are Yes until one No, then blank; at the true median about half say Yes."""
    ladder = base.survey_price_ladder.sort_values(["respondent", "price"])
    answers = ladder.pivot_table(index="respondent", columns="price", values="accepted", dropna=False).to_numpy(float)
    assert answers.shape == (300, len(TRUTH["price_ladder"]))
    refused = (answers == 0).sum(axis=1)
    assert (refused <= 1).all()
    assert (np.isnan(answers).any(axis=1) <= (refused == 1)).all()
    reached = np.nansum(answers, axis=1)
    np.testing.assert_array_equal(np.where(np.isnan(answers), 0, answers).cumprod(axis=1).sum(axis=1), reached)
    small = ladder[(ladder["segment"] == "small") & ladder["price"].isin([49, 69])]
    share = small.assign(yes=small["accepted"].fillna(0).astype(float)).groupby("price")["yes"].mean()
    assert share[49] > 0.5 > share[69]  # the truth is 60


def test_choices_follow_the_true_utilities(base: CustomerBase) -> None:
    """One alternative is chosen per task, dearer offers less often, offers with the agent more often."""
    shown = base.survey_choice
    assert (shown.groupby(["respondent", "task"])["chosen"].sum() == 1).all()
    assert shown.groupby(["respondent", "task"]).size().eq(4).all()
    offers = shown[shown["none"].astype(int) == 0]
    by_price = offers.groupby("price")["chosen"].mean()
    assert by_price.iloc[0] > 2 * by_price.iloc[-1]
    by_agent = offers.groupby("insight_agent")["chosen"].mean()
    assert by_agent.iloc[1] > 1.2 * by_agent.iloc[0]


def test_best_worst_counts_rank_features_as_the_truth_does(base: CustomerBase) -> None:
    """Best minus worst, as a share of times shown, ranks the features like their true utilities."""
    answers = base.survey_best_worst
    score = answers["choice"].map({"best": 1, "worst": -1, "none": 0}).groupby(answers["feature"]).mean()
    truth = pd.Series(TRUTH["best_worst_utility"])
    assert score.reindex(truth.index).corr(truth, method="spearman") > 0.95
    tasks = answers.groupby(["respondent", "task"])
    assert tasks["feature"].nunique().eq(4).all()
    assert tasks["choice"].agg(lambda words: sorted(words) == ["best", "none", "none", "worst"]).all()


def test_feature_fit_answers_show_the_true_kind(base: CustomerBase) -> None:
    """Must-haves hurt when absent and please little when present; indifferent features do neither."""
    answers = base.survey_feature_fit
    kind = answers["feature"].map(TRUTH["feature_fit_kind"])
    likes = (answers["functional"] == 1).groupby(kind).mean()
    misses = (answers["dysfunctional"] == 5).groupby(kind).mean()
    assert min(likes["one_dimensional"], likes["attractive"]) > 0.6
    assert max(likes["must_be"], likes["indifferent"]) < 0.3
    assert min(misses["must_be"], misses["one_dimensional"]) > 0.6
    assert max(misses["attractive"], misses["indifferent"]) < 0.2
