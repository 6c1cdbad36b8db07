"""Laws and hand-computed cases of retention and average revenue per account."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.growth import MrrLedger, arpa, mrr_ledger, mrr_movements, retention
from workbench.growth.recurring_revenue import MovementsError

MONTHS = pd.date_range("2024-01-01", periods=4, freq="MS")


def ledger(amounts: list[list[float]] | np.ndarray) -> MrrLedger:
    """Write a ledger from one row of monthly amounts per account."""
    matrix = np.asarray(amounts, float)
    ids = np.array([f"A{row}" for row in range(len(matrix))], dtype=object)
    return MrrLedger(ids, pd.date_range("2024-01-01", periods=matrix.shape[1], freq="MS"), matrix)


def test_retention_of_a_small_book() -> None:
    """100 -> 150, 100 -> 40, 100 -> gone: net is 190/300 and gross is (100 + 40)/300; the newcomer is left out."""
    seen = retention(ledger([[100, 0, 0, 150], [100, 0, 0, 40], [100, 0, 0, 0], [0, 0, 0, 999]]), months=3)
    assert seen.accounts == 3
    assert (seen.start, seen.expansion, seen.contraction, seen.churn, seen.end) == (300, 50, -60, -100, 190)
    assert seen.net == pytest.approx(190 / 300)
    assert seen.gross == pytest.approx(140 / 300)
    assert seen.logo == pytest.approx(2 / 3)


@settings(deadline=None)
@given(arrays(float, (5, 4), elements=st.sampled_from([0.0, 10.0, 20.0, 35.0])).filter(lambda m: m[:, 0].any()))
def test_gross_never_exceeds_one_nor_net(amounts: np.ndarray) -> None:
    """Gross retention is at most 1 and at most net retention, and the parts add up to the end."""
    seen = retention(ledger(amounts), months=3)
    assert seen.gross <= min(1.0, seen.net) + 1e-12
    assert seen.start + seen.expansion + seen.contraction + seen.churn == pytest.approx(seen.end)


@settings(deadline=None)
@given(arrays(float, (5, 2), elements=st.sampled_from([0.0, 10.0, 20.0])).filter(lambda m: m[:, 0].any()))
def test_one_month_retention_follows_from_the_movements(amounts: np.ndarray) -> None:
    """Over one month net retention is what the movements of those who paid leave of their start."""
    book = ledger(amounts)
    moved = mrr_movements(book).by_month().iloc[0]
    kept = moved["start"] + moved["expansion"] + moved["contraction"] + moved["churn"]
    assert retention(book, months=1).net == pytest.approx(kept / moved["start"])


def test_a_cohort_can_be_narrowed() -> None:
    """Only the accounts asked for are followed."""
    assert retention(ledger([[10, 20], [10, 10]]), months=1, account_ids=["A1"]).net == 1


def test_uncovered_months_and_empty_cohorts_are_refused() -> None:
    """A month outside the data, or without a payer, is refused with what is covered."""
    with pytest.raises(MovementsError, match="2024-01 to 2024-02"):
        retention(ledger([[10, 20]]), months=12)
    with pytest.raises(MovementsError, match="Nobody paid in 2024-01"):
        retention(ledger([[0, 20]]), months=1)


def test_arpa_counts_only_those_who_pay() -> None:
    """Accounts that pay nothing are not averaged in, and a month without payers is unknown."""
    table = pd.DataFrame(
        {"account_id": ["A", "B", "A", "B"], "month": MONTHS[[0, 0, 1, 1]], "amount": [100.0, 50.0, 100.0, 0.0]}
    )
    assert arpa(table)["arpa"].tolist() == [75, 100]
    assert np.isnan(arpa(ledger([[0, 1]]))["arpa"].iloc[0])
    assert arpa(mrr_ledger(table))["accounts"].tolist() == [2, 1]
