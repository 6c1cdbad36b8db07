"""Willingness to pay from surveys and from bills: known truths come back inside their intervals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from workbench.customers import CustomerBase
from workbench.demand import (
    Customers,
    DemandError,
    Willingness,
    from_price_ladder,
    from_price_sensitivity,
    observed_headroom,
)
from workbench.demand.willingness import HEADROOM, RisesObserved, drawn_rates, observed_moves
from workbench.errors import DataErrors
from workbench.research import Overstatement

TRUTH = Path(__file__).parents[2] / "data" / "sample_truth.json"
AT_THEIR_WORD = Overstatement(1.0, 1.0)


@pytest.fixture(scope="module")
def before_the_move(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company as it stood before its move."""
    return sample_company


@pytest.fixture(scope="module")
def medians() -> dict[str, float]:
    """Return what half of each segment of the sample company would pay, as it was made up."""
    found: dict[str, float] = json.loads(TRUTH.read_text())["surveys"]["willing_to_pay_median"]
    return found


def answers(**columns: object) -> pd.DataFrame:
    """Return two respondents' answers to the four price questions."""
    fields = {"respondent": ["R1", "R2"], "segment": ["small", "small"], "weight": [1.0, 3.0]}
    prices = {"too_cheap": [10, 20], "cheap": [20, 40], "expensive": [40, 80], "too_expensive": [60, 120]}
    return pd.DataFrame({**fields, **prices, **columns})


def test_the_price_questions_find_what_each_segment_would_pay(
    before_the_move: CustomerBase, medians: dict[str, float]
) -> None:
    """On the sample survey the known median of every segment lies in its 90% interval."""
    found = from_price_sensitivity(before_the_move.survey_price_sensitivity)
    for segment, truth in medians.items():
        half = found.median_of(segment)
        assert half.low < truth < half.high
        assert half.high / half.low < 2


def test_the_ladder_finds_what_each_segment_would_pay(before_the_move: CustomerBase, medians: dict[str, float]) -> None:
    """Taken at their word, as the sample's respondents mean it, the ladder holds every segment's median within 10%."""
    found = from_price_ladder(before_the_move.survey_price_ladder, overstatement=AT_THEIR_WORD)
    for segment, truth in medians.items():
        assert_allclose(found.median_of(segment).estimate, truth, rtol=0.1)


def test_the_limit_lies_between_expensive_and_too_expensive() -> None:
    """Every draw lies between the two prices, divided by a factor from the range that is stated."""
    found = from_price_sensitivity(answers())
    assert (found.total >= np.array([[40.0], [80.0]]) / 1.4).all()
    assert (found.total <= np.array([[60.0], [120.0]])).all()
    assert found.total.min() < 31
    assert "1 to 1.4" in " ".join(caution.text for caution in found.cautions)
    assert "half of each segment would pay at least" in found.reading("USD")


def test_impossible_answers_are_left_out_and_counted() -> None:
    """Who finds 30 cheap and 20 expensive contradicts themselves."""
    found = from_price_sensitivity(answers(expensive=[15, 80]))
    assert len(found.customers) == 1
    assert any("1 respondent left out" in caution.text for caution in found.cautions)
    with pytest.raises(DemandError, match="No respondent has prices"):
        from_price_sensitivity(answers(expensive=[15, 30]))
    with pytest.raises(DataErrors):
        from_price_sensitivity(answers().drop(columns="expensive"))


def test_a_ladder_brackets_each_respondent() -> None:
    """Between the last Yes and the first No; off the ladder at either end it is guessed and said."""
    rows = [("R1", 50, 1), ("R1", 100, 0), ("R2", 50, 0), ("R3", 50, 1), ("R3", 100, 1)]
    frame = pd.DataFrame(rows, columns=["respondent", "price", "accepted"])
    found = from_price_ladder(frame, overstatement=AT_THEIR_WORD)
    low, high = found.total.min(axis=1), found.total.max(axis=1)
    assert ((low >= [50, 25, 100]) & (high <= [100, 50, 150])).all()
    assert any("2 respondents refused the lowest price" in caution.text for caution in found.cautions)


def test_bills_bound_willingness_from_below(before_the_move: CustomerBase) -> None:
    """Nobody would pay less than they do; the range above is wide and says that nobody was asked."""
    found = observed_headroom(before_the_move, draws=50)
    assert (found.headroom >= 0).all()
    assert (found.headroom > np.log(1.2)).mean() > 0.3
    assert any("Nobody was asked" in caution.text for caution in found.cautions)


def test_moves_tell_rises_from_buying_more() -> None:
    """A dearer bill for the same seats is a rise, for more seats it is not; leaving within three months answers it."""
    months = pd.date_range("2024-01-01", periods=8, freq="MS")
    bills = {"kept": [100] * 3 + [120] * 5, "left": [100] * 3 + [150] + [0] * 4, "grew": [100] * 3 + [200] * 5}
    seats = {"kept": [5] * 8, "left": [5] * 8, "grew": [5] * 3 + [10] * 5}
    mrr = [(name, month, paid, "Team") for name in bills for month, paid in zip(months, bills[name], strict=True)]
    use = [(name, month, "seats", some) for name in seats for month, some in zip(months, seats[name], strict=True)]
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": list(bills), "segment": "small"}),
            "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount", "plan"]),
            "usage": pd.DataFrame(use, columns=["account_id", "month", "metric", "quantity"]),
            "plans": pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "unit_price": [20.0]}),
        }
    )
    moves = observed_moves(base)
    assert sorted(zip(moves.factors.tolist(), moves.kept.tolist(), strict=True)) == [(1.2, True), (1.5, False)]
    assert moves.of("big").factors.size == 0


def test_the_rate_of_leaving_is_learned_from_rises(before_the_move: CustomerBase) -> None:
    """When stays follow factor ** -4, the rate comes back near 4, surer than from no rises at all."""
    rng = np.random.default_rng(2)
    base = observed_moves(before_the_move)
    factors = rng.uniform(1.05, 1.4, 400)
    kept = rng.random(400) < 0.98 * factors**-4.0
    made = type(base)(factors, kept, np.full(400, "s", dtype=object), 0.02, 0)
    learned = drawn_rates(made, HEADROOM, 500, rng)
    open_start = drawn_rates(made.of("nobody"), HEADROOM, 500, rng)
    assert np.quantile(learned, 0.05) < 4 < np.quantile(learned, 0.95)
    assert np.ptp(np.quantile(learned, (0.05, 0.95))) < np.ptp(np.quantile(open_start, (0.05, 0.95)))


@pytest.mark.parametrize("headroom", [HEADROOM, (0.2, 0.4), (0.3, 0.3)])
def test_before_moves_are_seen_the_mean_headroom_is_spread_evenly(headroom: tuple[float, float]) -> None:
    """Without moves, every mean headroom of the range that is stated is as likely as any other."""
    nothing = RisesObserved(np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=object), 0.02, 0)
    mean = 1 / drawn_rates(nothing, headroom, 500, np.random.default_rng(3))
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    low, high = headroom
    assert_allclose(np.quantile(mean, levels), low + (high - low) * np.array(levels), atol=0.01)
    assert_allclose(mean.mean(), (low + high) / 2, atol=0.01)


def test_nobody_who_pays_says_nothing() -> None:
    """Without recorded payments there is nothing to observe."""
    months = pd.date_range("2024-01-01", periods=3, freq="MS")
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["A"], "segment": ["small"]}),
            "usage": pd.DataFrame({"account_id": "A", "month": months, "metric": "seats", "quantity": 3.0}),
        }
    )
    with pytest.raises(DemandError, match="No account has a recorded payment"):
        observed_headroom(base)


def test_willingness_must_fit_its_customers() -> None:
    """A row per customer, a column per draw, and numbers throughout."""
    asked = Customers(ids=np.array(["A"]), segment=np.array(["s"], dtype=object), weight=np.ones(1))
    with pytest.raises(DemandError, match="does not fit 1 customers"):
        Willingness(source="t", customers=asked, total=np.ones((2, 3)))
    with pytest.raises(DemandError, match="not a number"):
        Willingness(source="t", customers=asked, total=np.array([[np.nan]]))
    with pytest.raises(DemandError, match="no segment 'big'"):
        Willingness(source="t", customers=asked, total=np.ones((1, 3))).median_of("big")
    with pytest.raises(DemandError, match="paid has 2 entries"):
        Customers(ids=asked.ids, segment=asked.segment, weight=asked.weight, paid=np.ones(2))
