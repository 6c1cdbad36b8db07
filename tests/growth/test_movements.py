"""Laws and hand-computed cases of recurring-revenue movements."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.growth import mrr_ledger, mrr_movements
from workbench.growth.recurring_revenue import KINDS, MovementsError


def mrr(**accounts: list[float]) -> pd.DataFrame:
    """Write an mrr table from one list of monthly amounts per account, beginning 2024-01."""
    rows = [
        (account, month, amount)
        for account, amounts in accounts.items()
        for month, amount in zip(pd.date_range("2024-01-01", periods=len(amounts), freq="MS"), amounts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["account_id", "month", "amount"])


HISTORIES = arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(2, 9)),
    elements=st.sampled_from([0.0, 0.0, 10.0, 10.0, 25.5, 40.0]),
)


@settings(deadline=None)
@given(HISTORIES, st.sampled_from(["balance", "new"]), st.sampled_from([None, 1, 3]))
def test_movements_account_for_every_change(
    history: np.ndarray, opening: Literal["balance", "new"], window: int | None
) -> None:
    """Start plus all movements is the end, for every customer and month, under every convention."""
    table = mrr(**{f"A{row}": list(amounts) for row, amounts in enumerate(history)})
    moved = mrr_movements(table, opening=opening, reactivation_window=window)
    total = moved.start + sum(getattr(moved, kind) for kind in KINDS)
    np.testing.assert_allclose(total, moved.end)


@settings(deadline=None)
@given(HISTORIES)
def test_a_change_is_one_movement(history: np.ndarray) -> None:
    """A customer's change in a month is at most one movement, and gains are positive, losses negative."""
    moved = mrr_movements(mrr(**{f"A{row}": list(amounts) for row, amounts in enumerate(history)}))
    kinds = np.stack([getattr(moved, kind) for kind in KINDS])
    assert (np.count_nonzero(kinds, axis=0) <= 1).all()
    assert (kinds[:3] >= 0).all()
    assert (kinds[3:] <= 0).all()


@settings(deadline=None)
@given(HISTORIES)
def test_a_customer_is_new_at_most_once(history: np.ndarray) -> None:
    """Without a reactivation window, a customer is new at most once however often it leaves."""
    moved = mrr_movements(mrr(**{f"A{row}": list(amounts) for row, amounts in enumerate(history)}), opening="new")
    assert (np.count_nonzero(moved.new, axis=1) <= 1).all()


def test_each_kind_of_movement_occurs() -> None:
    """One history with a start, a rise, a fall, an end and a return shows each kind with its amount."""
    moved = mrr_movements(mrr(A=[0, 100, 150, 120, 0, 0, 90], B=[5] * 7))
    seen = moved.table().set_index("kind")["amount"].to_dict()
    assert seen == {"new": 100, "expansion": 50, "contraction": -30, "churn": -120, "reactivation": 90}
    by_month = moved.by_month()
    assert by_month["start"].tolist() == [5, 105, 155, 125, 5, 5]
    assert by_month["end"].tolist() == [105, 155, 125, 5, 5, 95]
    assert moved.counts()["churn"].sum() == 1


def test_return_after_the_window_is_new() -> None:
    """A customer back after more unpaid months than the window allows counts as new."""
    history = mrr(A=[10, 0, 0, 20])
    assert mrr_movements(history, reactivation_window=2).reactivation.sum() == 20
    assert mrr_movements(history, reactivation_window=1).new.sum() == 20


def test_opening_revenue_is_no_movement() -> None:
    """Revenue of the first month is an opening balance unless the data starts with the company."""
    history = mrr(A=[10, 10])
    assert mrr_movements(history).new.sum() == 0
    assert mrr_movements(history, opening="new").new.sum() == 10


def test_a_second_subscription_is_expansion() -> None:
    """Amounts of one customer and month are summed, so a further subscription is expansion."""
    table = pd.concat([mrr(A=[10, 10, 10]), mrr(A=[0, 5, 0])])
    moved = mrr_movements(table)
    assert moved.expansion.tolist() == [[5, 0]]
    assert moved.contraction.tolist() == [[0, -5]]


def test_a_month_without_a_row_is_unpaid() -> None:
    """The ledger covers every month between first and last, and silence means nothing was paid."""
    ledger = mrr_ledger(mrr(A=[10, 10, 10]).drop(index=1))
    assert ledger.amounts.tolist() == [[10, 0, 10]]
    assert len(ledger.months) == 3


def test_the_input_is_not_changed() -> None:
    """Movements leave the table they were given as it was."""
    table = mrr(A=[0, 10, 5])
    before = table.copy(deep=True)
    mrr_movements(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("table", "says"),
    [(mrr(A=[10, -1]), "2024-02"), (mrr(), "no rows"), (mrr(A=[10]), "two months")],
)
def test_what_has_no_movements_is_refused(table: pd.DataFrame, says: str) -> None:
    """Negative amounts, empty tables and single months are refused with the reason."""
    with pytest.raises(MovementsError, match=says):
        mrr_movements(table)
