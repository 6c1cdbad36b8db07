"""Laws and hand-computed cases of use cases per customer and feature adoption."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.growth import use_cases, use_cases_per_customer

FEATURES = pd.DataFrame(
    {"feature": ["charts", "filters", "alerts", "api", "mystery"], "area": ["look", "look", "watch", "link", None]}
)
USE = pd.DataFrame(
    [
        ("A", "2024-01-01", "charts", 3),
        ("A", "2024-01-08", "filters", 1),
        ("A", "2024-01-29", "alerts", 2),  # a week that ends in February and belongs there
        ("A", "2024-02-05", "api", 1),
        ("A", "2024-02-05", "mystery", 9),
        ("B", "2024-01-01", "charts", 1),
        ("B", "2024-02-12", "charts", 0),
    ],
    columns=["account_id", "week", "feature", "uses"],
).assign(week=lambda table: pd.to_datetime(table["week"]))


def counted(**options: object) -> dict[tuple[str, str], int]:
    """Return use cases by account and month."""
    table = use_cases(USE, FEATURES, **options)
    return {(row.account_id, f"{row.month:%Y-%m}"): row.use_cases for row in table.itertuples()}


def test_features_of_one_area_are_one_use_case() -> None:
    """Two features of one area count once, a week counts in the month it ends in, unknown areas not at all."""
    assert counted() == {("A", "2024-01"): 1, ("A", "2024-02"): 2, ("B", "2024-01"): 1}


def test_rare_use_can_be_left_out() -> None:
    """Below the minimum number of uses in the month a feature is not in use."""
    assert counted(minimum_uses=2) == {("A", "2024-01"): 1, ("A", "2024-02"): 1}


def test_customers_without_use_count_with_zero() -> None:
    """With a population given, a customer that used nothing pulls the average down."""
    paying = pd.DataFrame({"account_id": ["A", "B", "C"], "month": pd.to_datetime(["2024-01-01"] * 3)})
    average = use_cases_per_customer(USE, FEATURES, paying)
    assert average["accounts"].tolist() == [3]
    assert average["use_cases"].tolist() == [pytest.approx(2 / 3)]


def test_without_a_population_users_are_the_customers() -> None:
    """Without a population the average is over those who used something in the month."""
    average = use_cases_per_customer(USE, FEATURES)
    assert average["accounts"].tolist() == [2, 1]
    assert average["use_cases"].tolist() == [1.0, 2.0]
