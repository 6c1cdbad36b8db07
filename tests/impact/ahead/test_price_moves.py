"""Price moves are told from use, from plans changed and from charges made once, on bills written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.impact.uncertainty.behaviour import (
    LEAVING,
    MOVING_DOWN,
    REACTION_MONTHS,
    PastBills,
    left,
    moved_down,
    moves_of,
    reactions_of,
)

WIDE = {LEAVING: 0.75, MOVING_DOWN: 0.5}


def bills(
    paid: list[list[float]], listed: list[list[float]] | None = None, plan: list[list[int]] | None = None
) -> PastBills:
    """Return bills of few accounts, by default of one plan, with a list that knows none of them."""
    amounts = np.array(paid, dtype=float)
    return PastBills(
        paid=amounts,
        listed=np.full(amounts.shape, np.nan) if listed is None else np.array(listed, dtype=float),
        plan=np.where(amounts > 0, 0, -1) if plan is None else np.array(plan),
        quantity=np.ones((1, *amounts.shape)),
        age=np.broadcast_to(np.arange(amounts.shape[1], dtype=float), amounts.shape),
        segment=np.zeros(len(amounts), dtype=np.intp),
    )


def test_more_use_at_the_same_price_is_no_rise() -> None:
    """Ten seats become twelve and the bill follows the list: nothing rose. Dearer seats are a rise of their price."""
    past = bills(
        [[100, 100, 100, 120, 120], [100, 100, 100, 132, 132], [90, 90, 90, 108, 108]],
        [[100, 100, 100, 120, 120]] * 3,
    )
    found = moves_of(past).rise
    assert found[0, 1:].tolist() == [0, 0, 0, 0]
    assert found[1, 3] == pytest.approx(0.1)
    assert found[2, 1:].tolist() == [0, 0, 0, 0]  # with a discount of its own


def test_a_bill_that_stood_and_rises_is_a_rise_without_a_list() -> None:
    """Without a list a flat bill that steps up is a rise; one that wanders, or changes with the plan, is unclear."""
    past = bills(
        [[50, 50, 50, 60, 60], [50, 52, 50, 60, 60], [50, 50, 50, 60, 60]], plan=[[0] * 5, [0] * 5, [0, 0, 0, 1, 1]]
    )
    found = moves_of(past).rise
    assert found[0, 3] == pytest.approx(0.2)
    assert np.isnan(found[1, 3])
    assert np.isnan(found[2, 3])


def test_only_the_months_after_a_rise_stand_for_it() -> None:
    """The rise holds for six months; before it the account is one that stood, afterwards neither for a year."""
    past = bills([[50] * 4 + [60] * 30, [50] * 34])
    exposed = moves_of(past).exposed
    assert exposed[0, 3:5].tolist() == [0, 0]
    assert exposed[0, 5 : 5 + REACTION_MONTHS] == pytest.approx(np.full(REACTION_MONTHS, 0.2))
    assert np.isnan(exposed[0, 5 + REACTION_MONTHS : 5 + REACTION_MONTHS + 12]).all()
    assert exposed[0, 5 + REACTION_MONTHS + 12] == 0
    assert (exposed[1, 3:] == 0).all()


def test_leaving_is_for_good_and_moving_down_is_to_another_plan_for_less() -> None:
    """A month without a payment is a pause when payments come again; a smaller bill in the same plan moves nowhere."""
    past = bills([[50, 0, 50, 0], [50, 50, 30, 30]], plan=[[0, -1, 0, -1], [1, 1, 0, 0]])
    assert left(past)[0, 1:].tolist()[0::2] == [0, 1]
    assert np.isnan(left(past)[0, 2])
    assert moved_down(past)[1, 1:].tolist() == [0, 1, 0]
    assert np.nansum(moved_down(bills([[50, 50, 30, 30]]))) == 0


def moving_down(seed: int, effect: float) -> PastBills:
    """Return accounts of which half see a rise of 20% in a month of their own, and then change plan the more often."""
    rng = np.random.default_rng(seed)
    accounts, months = 1_500, 24
    month = np.arange(months)
    at = np.where(rng.random(accounts) < 0.5, rng.integers(4, 17, accounts), months)[:, None]
    after = (month > at) & (month <= at + REACTION_MONTHS)
    down = np.cumsum(rng.random((accounts, months)) < 0.01 + effect * 0.2 / REACTION_MONTHS * after, axis=1) > 0
    paid = np.where(down, 60.0, 100.0) * np.where(month >= at, 1.2, 1.0)
    paid = np.where(np.cumsum(rng.random((accounts, months)) < 0.01, axis=1) > 0, 0.0, paid)
    past = bills(paid.tolist(), plan=np.where(paid > 0, (~down).astype(int), -1).tolist())
    return PastBills(**{**vars(past), "quantity": np.ones((1, accounts, months))})


def test_moving_down_after_a_rise_is_learned_and_none_is_told_from_some() -> None:
    """What is planted lies in the range, or near it; without any effect the range reaches down to nothing."""
    for seed in range(4):
        leaving, down = reactions_of(moving_down(seed, 0.5), widest=WIDE)
        assert down.known
        hazard = 1 - (1 - 0.01 - 0.5 * 0.2 / REACTION_MONTHS) ** REACTION_MONTHS
        planted = (hazard - (1 - 0.99**REACTION_MONTHS)) / 0.2
        assert down.low - 0.05 < planted < down.high + 0.05
        assert down.low > 0.2
        assert leaving.low < 0.05
        none = reactions_of(moving_down(seed, 0.0), widest=WIDE)[1]
        assert not none.known or none.low < 0.05
    assert "move down" in down.sentence
    assert "90% interval" in down.sentence


def test_without_plans_on_record_moving_down_is_unknown_and_says_so() -> None:
    """Revenue that names no plan says who left, and cannot say who moved down."""
    past = moving_down(0, 0.5)
    found = reactions_of(PastBills(**{**vars(past), "plan": np.full(past.plan.shape, -1)}), widest=WIDE)[1]
    assert not found.known
    assert "names no two plans" in found.sentence
