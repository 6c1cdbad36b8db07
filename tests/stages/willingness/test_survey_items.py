"""What the attributes of a choice survey stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.stages.price_book import SurveyItem, on_scale, survey_items, with_scales, worded_columns

SHOWN = pd.DataFrame(
    {
        "respondent": ["r1"] * 4,
        "task": ["1"] * 4,
        "alternative": list("1234"),
        "chosen": [1, 0, 0, 0],
        "price": [10, 20, 30, 0],
        "segment": [1, 1, 1, 1],
        "weight": [1.0, 1.0, 1.0, 1.0],
        "per": [np.nan] * 4,
        "version": [1, 1, 1, 1],
        "audit_trail": [0, 1, 0, 0],
        "data_included_gb": [100, 400, 200, 0],
        "users": [5, 10, 20, 0],
        "support": ["mail", "phone", "mail", ""],
        "comment": [None] * 4,
        "None": [0, 0, 0, 1],
    }
)
FEATURES = ("Audit trail", "Reports")
METRICS = ("gigabytes", "seats")


def item(attribute: str, **names: object) -> SurveyItem:
    """Return what one attribute stands for."""
    found = survey_items(SHOWN, FEATURES, METRICS, **names)
    return next(each for each in found if each.attribute == attribute)


def test_columns_about_the_respondent_and_blank_ones_stand_for_nothing() -> None:
    """Only columns that describe alternatives are items, numbers or not in the respondent's own columns."""
    names = [each.attribute for each in survey_items(SHOWN, FEATURES, METRICS)]
    assert names == ["audit_trail", "data_included_gb", "users", "None"]


def test_a_column_of_noughts_and_ones_is_the_feature_its_words_name() -> None:
    """An underscore and a capital do not hide the feature."""
    assert item("audit_trail") == SurveyItem("audit_trail", "feature", "Audit trail", is_known=True)


@pytest.mark.parametrize(("attribute", "metric"), [("data_included_gb", "gigabytes"), ("users", "seats")])
def test_other_numbers_are_an_allowance_of_a_metric_in_its_other_names(attribute: str, metric: str) -> None:
    """The unit in the name finds the metric, and the ends are the least and the most shown beside nothing."""
    found = item(attribute)
    values = SHOWN[attribute][SHOWN[attribute] > 0]
    assert (found.kind, found.stands_for, found.is_known) == ("allowance", metric, True)
    assert (found.least, found.most) == (values.min(), values.max())


def test_a_column_named_none_is_choosing_none_however_it_is_written() -> None:
    """It is neither feature nor allowance, and keeps its own name."""
    assert item("None") == SurveyItem("None", "none", "None", is_known=True)


def test_an_unknown_name_stands_for_itself() -> None:
    """What no feature or metric shares a word with is kept under its own name and said to be unknown."""
    found = survey_items(SHOWN, ("Reports",), ("calls",))
    assert [(each.stands_for, each.is_known) for each in found[:2]] == [
        ("audit_trail", False),
        ("data_included_gb", False),
    ]


def test_two_names_that_fit_as_well_are_no_match() -> None:
    """A tie is not settled by chance; naming the feature by hand settles it."""
    tied = survey_items(SHOWN, ("Audit export", "Audit log"), METRICS)[0]
    assert (tied.stands_for, tied.is_known) == ("audit_trail", False)
    given = survey_items(SHOWN, ("Audit export", "Audit log"), METRICS, {"audit_trail": "Audit log"})[0]
    assert (given.stands_for, given.is_known) == ("Audit log", True)


def test_columns_of_words_are_attributes_but_stand_for_nothing() -> None:
    """A kind of support is estimated word by word; who answered which version is not."""
    assert worded_columns(SHOWN.assign(segment="mid", version="b")) == ("support",)


def test_doublings_and_amounts_go_back_and_forth() -> None:
    """The least shown is 0, the most 1, every doubling as far as the next, and the column holds just these."""
    found = item("data_included_gb")
    assert [on_scale(found, amount) for amount in (50, 100, 200, 400)] == [-0.5, 0, 0.5, 1]
    column = with_scales(SHOWN, [found])[found.column].to_numpy()
    assert column.tolist() == pytest.approx([on_scale(found, amount) for amount in SHOWN["data_included_gb"]])
    amounts = found.least * (found.most / found.least) ** column
    assert amounts[:3].tolist() == pytest.approx(SHOWN["data_included_gb"].tolist()[:3])


def test_nothing_included_counts_as_the_least_shown() -> None:
    """No amount, as on the row for none, has no logarithm; it is 0, never minus infinity."""
    found = item("users")
    assert on_scale(found, 0) == 0
    assert with_scales(SHOWN, [found])[found.column].tolist() == [0, 0.5, 1, 0]


def test_answers_given_are_not_changed() -> None:
    """Doublings come beside the answers, in a frame of their own."""
    before = SHOWN.copy()
    with_scales(SHOWN, survey_items(SHOWN, FEATURES, METRICS))
    pd.testing.assert_frame_equal(SHOWN, before)
