"""Reading the answers of a survey: every problem at once, weights, respondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers.tables import PRICE_LADDER, PRICE_SENSITIVITY
from workbench.errors import DataErrors
from workbench.research import ResearchError, read_answers
from workbench.research.answers import about_one_unit, per_respondent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem


def prices(**columns: list[object]) -> pd.DataFrame:
    """Return three answers to the four price questions, with some columns replaced."""
    whole = {"too_cheap": [1, 2, 3], "cheap": [2, 3, 4], "expensive": [4, 5, 6], "too_expensive": [7, 8, 9]}
    return pd.DataFrame({"respondent": ["a", "b", "c"], **whole, **columns})


def test_every_problem_is_listed_at_once_with_its_row_and_value() -> None:
    """Unreadable, blank and impossible answers are all listed, each with line, column, value and remedy."""
    frame = prices(cheap=["a lot", 3, 4], expensive=[4, None, 6], too_cheap=[1, 2, -3])
    with pytest.raises(DataErrors) as caught:
        read_answers(PRICE_SENSITIVITY, frame)
    found = {(problem.row, problem.column, problem.value) for problem in caught.value.problems}
    assert found == {(2, "cheap", "a lot"), (3, "expensive", ""), (4, "too_cheap", "-3")}
    assert all(problem.expected and problem.remedy for problem in caught.value.problems)


def test_missing_columns_are_listed_with_what_they_hold() -> None:
    """A frame without a required column is refused, and the column is described."""
    with pytest.raises(DataErrors, match="too expensive to consider"):
        read_answers(PRICE_SENSITIVITY, prices().drop(columns="too_expensive"))


def test_rules_of_a_method_join_the_same_list() -> None:
    """Problems of the layout and of the method's own rules arrive together."""

    def nobody_pays_seven(read: ReadTable) -> Iterator[Problem]:
        for position in np.flatnonzero(read.frame["too_expensive"] == 7).tolist():
            yield read.problem(position, "too_expensive", 7.0, "anything but 7", "Ask again.")

    with pytest.raises(DataErrors) as caught:
        read_answers(PRICE_SENSITIVITY, prices(cheap=[2, -3, 4]), [nobody_pays_seven])
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [(3, "cheap"), (2, "too_expensive")]


def test_weights_come_from_the_column_a_name_or_numbers() -> None:
    """Weights are the column `weight`, another column, or numbers given; without any everybody counts as one."""
    frame = prices(weight=[1.0, 2.0, 3.0], people=[4.0, 5.0, 6.0])
    np.testing.assert_array_equal(read_answers(PRICE_SENSITIVITY, frame).weights, [1, 2, 3])
    np.testing.assert_array_equal(read_answers(PRICE_SENSITIVITY, frame, weights="people").weights, [4, 5, 6])
    np.testing.assert_array_equal(read_answers(PRICE_SENSITIVITY, frame, weights=[7, 8, 9]).weights, [7, 8, 9])
    np.testing.assert_array_equal(read_answers(PRICE_SENSITIVITY, prices()).weights, [1, 1, 1])


@pytest.mark.parametrize("weight", [[1.0, None, 1.0], [0.0, 0.0, 0.0], [1.0, -1.0, 1.0]])
def test_weights_that_cannot_weigh_are_problems(weight: list[float | None]) -> None:
    """A blank weight beside known ones, only zeros, and a negative weight are problems of the data."""
    with pytest.raises(DataErrors, match="weight"):
        read_answers(PRICE_SENSITIVITY, prices(), weights=np.array(weight, dtype=float))


def test_weights_that_do_not_fit_are_refused() -> None:
    """An unknown column of weights, or a number of weights that is not the number of rows, is refused."""
    with pytest.raises(ResearchError, match="no column 'people'"):
        read_answers(PRICE_SENSITIVITY, prices(), weights="people")
    with pytest.raises(ResearchError, match="2 weights for 3 rows"):
        read_answers(PRICE_SENSITIVITY, prices(), weights=[1, 2])
    with pytest.raises(ResearchError, match="list"):
        read_answers(PRICE_SENSITIVITY, [1, 2])  # type: ignore[arg-type]


def test_rows_without_respondents_can_be_numbered() -> None:
    """Where nobody is named, every row is its own respondent if the method says so, and a problem otherwise."""
    frame = prices().drop(columns="respondent")
    assert read_answers(PRICE_SENSITIVITY, frame, number_respondents=True).frame["respondent"].nunique() == 3
    with pytest.raises(DataErrors, match="respondent"):
        read_answers(PRICE_SENSITIVITY, frame)


def test_what_describes_a_respondent_stays_the_same_in_all_rows() -> None:
    """A weight that changes within one respondent is a problem, in the row where it changes."""
    frame = pd.DataFrame({"respondent": list("aabb"), "price": [1, 2, 1, 2], "accepted": [1, 0, 1, 0]})
    frame["weight"] = [1.0, 1.0, 1.0, 2.0]
    with pytest.raises(DataErrors) as caught:
        read_answers(PRICE_LADDER, frame, [lambda read: per_respondent(read, "weight")])
    assert [problem.row for problem in caught.value.problems] == [5]


def test_the_frame_given_is_not_changed() -> None:
    """Reading leaves the frame of the caller as it was."""
    frame = prices(cheap=["2,5", "3", "4"])
    before = frame.copy(deep=True)
    assert read_answers(PRICE_SENSITIVITY, frame, weights=[1, 1, 1]).numbers("cheap")[0] == 2.5
    pd.testing.assert_frame_equal(frame, before)


def test_prices_of_different_things_are_not_mixed() -> None:
    """A price per account among prices per seat is a problem; a blank means an account, and all blank says nothing."""
    frame = prices(per=["seats", None, "seats"])
    with pytest.raises(DataErrors, match="as in most rows") as caught:
        read_answers(PRICE_SENSITIVITY, frame, [about_one_unit])
    assert [(problem.row, problem.value) for problem in caught.value.problems] == [(3, "account")]
    assert read_answers(PRICE_SENSITIVITY, prices(per=["seats"] * 3), [about_one_unit]).per == "seats"
    assert not read_answers(PRICE_SENSITIVITY, prices(), [about_one_unit]).per
