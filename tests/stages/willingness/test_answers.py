"""What each research method says, or why it cannot say anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.cache import with_copies
from workbench.research import Overstatement
from workbench.stages.willingness import WillingnessDecision, gather
from workbench.stages.willingness import evidence as module
from workbench.stages.willingness.evidence import METHODS, ResearchAnswers

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.customers import CustomerBase

USUAL = Overstatement(1.0, 1.4)


def test_a_missing_table_is_no_answer_and_said_to_be_missing(company: Callable[..., CustomerBase]) -> None:
    """Without surveys every method is None without a problem, and each table is named with what it would add."""
    answers = ResearchAnswers(company(), USUAL)
    assert all(getattr(answers, method) is None for method in METHODS)
    assert all(answers.problem(method) == "" for method in METHODS)
    assert {each.table for each in answers.missing} == set(METHODS.values())
    assert all(each.would_add for each in answers.missing)
    assert answers.items == ()
    assert answers.feature_worth == {}
    assert answers.sensitivity_by_segment is None


def test_what_is_there_is_not_missing(asked: CustomerBase) -> None:
    """Only the surveys nobody answered are asked for."""
    tables = {each.table for each in ResearchAnswers(asked, USUAL).missing}
    assert tables == {"survey_best_worst", "survey_feature_fit"}


def test_observed_use_says_something_about_features_without_a_survey(company: Callable[..., CustomerBase]) -> None:
    """The table of features merges what there is, and knows the must-haves the data names."""
    found = ResearchAnswers(company(), USUAL).features
    assert found.of("Core").evidence.must_have
    assert not found.of("Reports").evidence.must_have


@pytest.mark.parametrize(
    ("method", "table", "column"),
    [
        ("price_ladder", "survey_price_ladder", "accepted"),
        ("choices", "survey_choice", "price"),
        ("choices", "survey_choice", "chosen"),
        ("price_sensitivity", "survey_price_sensitivity", "expensive"),
    ],
)
def test_answers_that_say_nothing_are_none_with_the_problem_in_words(
    asked: CustomerBase, company: Callable[..., CustomerBase], method: str, table: str, column: str
) -> None:
    """A column of noughts (or blanks, on a ladder) is a sentence for the reader, never an error."""
    broken = asked.frames[table].assign(**{column: None if column == "accepted" else 0})
    answers = ResearchAnswers(company(**{table: broken}), USUAL)
    assert getattr(answers, method) is None
    assert len(answers.problem(method).split()) > 5


def test_a_choice_survey_without_prices_is_a_problem_in_words(
    choices: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Worth in money needs prices; without the column the sentence names it."""
    answers = ResearchAnswers(company(survey_choice=choices().drop(columns="price")), USUAL)
    assert answers.choices is None
    assert "price" in answers.problem("choices")
    assert answers.feature_worth == {}


def test_prices_of_different_units_in_one_table_are_a_problem_in_words(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Prices per seat and per account cannot stand on one ladder."""
    mixed = ladder()
    mixed.loc[mixed["respondent"] == "L00", "per"] = "account"
    answers = ResearchAnswers(company(survey_price_ladder=mixed), USUAL)
    assert answers.price_ladder is None
    assert "seats" in answers.problem("price_ladder")


def test_segments_too_small_to_compare_are_no_problem_of_the_method(
    sensitivity: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """When prices by segment cannot be had, the answers of all together still count as fine."""
    lonely = sensitivity()
    lonely["segment"] = ["large"] + ["small"] * (len(lonely) - 1)
    answers = ResearchAnswers(company(survey_price_sensitivity=lonely), USUAL)
    assert answers.price_sensitivity is not None
    _ = answers.sensitivity_by_segment
    assert answers.problem("price_sensitivity") == ""


def test_one_segment_is_not_compared_with_itself(
    sensitivity: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Prices by segment need at least two segments."""
    answers = ResearchAnswers(company(survey_price_sensitivity=sensitivity().assign(segment="all")), USUAL)
    assert answers.sensitivity_by_segment is None


def test_estimates_are_made_once(asked: CustomerBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again, also for what rests on it, does not estimate again."""
    calls = []
    original = module.with_scales
    monkeypatch.setattr(module, "with_scales", lambda *args: calls.append(1) or original(*args))
    answers = ResearchAnswers(asked, USUAL)
    first = answers.choices
    assert answers.choices is first
    assert answers.feature_worth
    assert len(calls) == 1


def test_choices_are_taken_over_and_stated_prices_read_anew(asked: CustomerBase) -> None:
    """Another overstatement changes prices in earnest and leaves what choices and features say untouched."""
    one, other = ResearchAnswers(asked, USUAL), ResearchAnswers(asked, Overstatement(2.0, 3.0))
    assert (one.choices, one.features, one.price_ladder) != (None, None, None)
    other.take_over(one)
    assert other.choices is one.choices
    assert other.features is one.features
    assert other.price_ladder is not one.price_ladder
    assert other.price_ladder.overstatement != one.price_ladder.overstatement


def test_the_problem_is_taken_over_with_the_answers(
    choices: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """A reader who changes the overstatement still learns why choices say nothing."""
    base = company(survey_choice=choices().assign(chosen=0))
    one, other = ResearchAnswers(base, USUAL), ResearchAnswers(base, Overstatement(2.0, 3.0))
    assert one.choices is None
    other.take_over(one)
    assert other.problem("choices") == one.problem("choices") != ""


def test_choices_find_what_features_are_worth(asked: CustomerBase) -> None:
    """Truth: reports are worth 4 a seat and the audit trail 5, in the names of the company's own features."""
    worth = ResearchAnswers(asked, USUAL).feature_worth
    assert set(worth) == {"Reports", "Audit trail"}
    assert worth["Reports"].low - 0.5 <= 4 <= worth["Reports"].high + 0.5
    assert worth["Audit trail"].low - 0.5 <= 5 <= worth["Audit trail"].high + 0.5


def test_words_that_describe_an_offer_are_part_of_the_estimate(
    choices: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """A kind of support gets a worth of its own, so that it is not taken for the worth of something else."""
    frame = choices()
    frame["support"] = ["mail" if row % 7 < 4 else "phone" for row in range(len(frame))]
    model = ResearchAnswers(company(survey_choice=frame), USUAL).choices
    assert model is not None
    assert "support: phone" in model.coding.names


def test_what_another_process_estimates_is_the_same_and_so_is_why_it_cannot(
    choices: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Begun beside other work or made when it is read, answers say the same, a method without usable ones as well."""
    asked = company(survey_choice=choices().drop(columns="price"))
    here = ResearchAnswers(asked, USUAL)
    with with_copies():
        there = gather(asked).answers(WillingnessDecision())
        for name in ("choices", "best_worst", "feature_fit"):
            assert there.problem(name) == here.problem(name)
            assert (getattr(there, name) is None) == (getattr(here, name) is None)
    assert here.problem("choices")
