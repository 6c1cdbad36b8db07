"""Profiles and matrices say of every account what the tables say, and nothing where they say nothing."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.customers import CustomerBase, mrr_matrix, profile, usage_cube
from workbench.errors import WorkbenchError


def _base(**extra: pd.DataFrame) -> CustomerBase:
    """Return four accounts: one growing, one on request only, one that left, one that only uses a feature."""
    accounts = pd.DataFrame({"account_id": list("abcd"), "segment": ["s", None, "s", "m"], "plan": "Old"})
    usage = pd.DataFrame(
        {
            "account_id": ["a", "a", "a", "a", "c", "b"],
            "month": ["2024-01", "2024-02", "2024-03", "2024-04", "2024-01", "2024-04"],
            "metric": ["seats"] * 6,
            "quantity": [99, 10, 30, 20, 5, 0],
        }
    )
    mrr = pd.DataFrame(
        {
            "account_id": ["a", "a", "b", "c"],
            "month": ["2024-02", "2024-03", "2024-04", "2024-01"],
            "amount": [100, 120, 80, 50],
            "plan": ["Team", "Growth", None, "Team"],
        }
    )
    use = pd.DataFrame(
        {
            "account_id": ["a", "a", "d", "c"],
            "week": ["2024-03-04", "2024-03-11", "2024-01-29", "2024-01-08"],
            "feature": ["api", "api", "sso", "api"],
            "uses": [2, 1, 5, 9],
        }
    )
    return CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": mrr, "feature_use": use, **extra})


def test_a_profile_takes_the_peak_of_the_latest_months_of_active_accounts() -> None:
    """Account c left in January and is not there; a's January peak is too old to count."""
    needs = profile(_base())
    assert needs.account_ids.tolist() == ["a", "b", "d"]
    np.testing.assert_array_equal(needs.quantities["seats"], [30, 0, np.nan])
    np.testing.assert_array_equal(needs.mrr, [120, 80, np.nan])
    assert needs.plan.tolist() == ["Growth", "Old", "Old"]
    assert needs.segment.tolist() == ["s", "unknown", "m"]
    assert len(needs) == 3


def test_a_profile_can_take_the_mean() -> None:
    """The mean is over the months that have a row."""
    np.testing.assert_array_equal(profile(_base(), summary="mean").quantities["seats"], [20, 0, np.nan])


def test_a_feature_counts_as_needed_from_the_minimum_uses() -> None:
    """Uses add up over the weeks that reach into the window; 29 January reaches into February."""
    needs = profile(_base(), minimum_uses=3)
    assert needs.feature_names == ("api", "sso")
    assert needs.features.tolist() == [[True, False], [False, False], [False, True]]
    assert profile(_base(), minimum_uses=4).features.tolist() == [[False, False], [False, False], [False, True]]


def test_features_nobody_uses_are_in_the_profile_when_the_product_has_them() -> None:
    """The features table gives the order; used ones it does not list follow."""
    features = pd.DataFrame({"feature": ["audit log", "sso"]})
    assert profile(_base(features=features)).feature_names == ("audit log", "sso", "api")


def test_impossible_windows_are_refused() -> None:
    """A window has at least one month."""
    with pytest.raises(WorkbenchError, match="1 or more"):
        profile(_base(), months=0)
    with pytest.raises(WorkbenchError, match="peak"):
        profile(_base(), summary="median")


def test_profile_arrays_are_read_only() -> None:
    """Frozen out: a stage cannot change what another one reads."""
    with pytest.raises(ValueError, match="read-only"):
        profile(_base()).mrr[0] = 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_matrices_hold_exactly_the_rows_of_the_tables(seed: int) -> None:
    """Every row is in its cell, and every other cell is unknown."""
    draw = np.random.default_rng(seed)
    ids = [f"A{n}" for n in range(5)]
    months = pd.date_range("2023-10-01", periods=7, freq="MS")
    grid = pd.MultiIndex.from_product([ids, months, ["x", "y"]], names=["account_id", "month", "metric"])
    rows = grid.to_frame(index=False).assign(quantity=draw.random(len(grid)))
    rows = rows[(draw.random(len(rows)) < 0.6) | (rows["account_id"] == "A0")]
    accounts = pd.DataFrame({"account_id": draw.permutation(ids)})
    mrr = rows[rows["metric"] == "x"].drop(columns="metric").rename(columns={"quantity": "amount"})
    base = CustomerBase.from_tables({"accounts": accounts, "usage": rows, "mrr": mrr})
    account_ids, columns, cube = usage_cube(base)
    assert account_ids.tolist() == accounts["account_id"].tolist()
    expected = rows.set_index(["account_id", "metric", "month"])["quantity"]
    for metric, block in cube.items():
        cells = pd.MultiIndex.from_product([account_ids, [metric], columns])
        np.testing.assert_array_equal(block.ravel(), expected.reindex(cells).to_numpy())
    np.testing.assert_array_equal(mrr_matrix(base)[2], cube["x"])


def test_a_hundred_thousand_accounts_profile_in_seconds() -> None:
    """The arrays are filled at once, not account by account."""
    count, months = 100_000, pd.date_range("2024-01-01", periods=3, freq="MS")
    ids = np.array([f"A{n}" for n in range(count)], dtype=object)
    usage = pd.DataFrame(
        {
            "account_id": np.repeat(ids, 3),
            "month": np.tile(months, count),
            "metric": "seats",
            "quantity": np.arange(3.0 * count),
        }
    )
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ids}), "usage": usage})
    began = time.process_time()
    needs = profile(base)
    assert time.process_time() - began < 5
    np.testing.assert_array_equal(needs.quantities["seats"], np.arange(2.0, 3.0 * count, 3.0))
