"""Answers of a few stand for all accounts, and the intervals know how few they were, whatever the method."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.demand import Customers, ItemisedWorth, Willingness
from workbench.demand.draws import stream
from workbench.demand.respondents import stand_ins

DRAWS = 200
TRUTH, SPREAD = 100.0, 40.0


def people(size: int, name: str = "s", weight: float = 1.0) -> Customers:
    """Return customers of one segment."""
    ids = np.arange(size).astype(str).astype(object)
    return Customers(ids=ids, segment=np.full(size, name, dtype=object), weight=np.full(size, weight))


def interval_of_the_mean(kind: str, answers: np.ndarray, accounts: int = 1500) -> tuple[float, float]:
    """Return the 90% interval of what accounts would pay on average, from what respondents said for certain."""
    asked, said = people(len(answers)), np.repeat(answers[:, None], DRAWS, axis=1)
    if kind == "whole":
        paid = Willingness(source="t", customers=asked, total=said).for_accounts(people(accounts)).total
    else:
        items = {"alerts": said / 2}
        paid = ItemisedWorth(customers=asked, base=said / 2, items=items).for_accounts(people(accounts)).whole
    low, high = np.quantile(paid.mean(axis=0), (0.05, 0.95))
    return float(low), float(high)


@pytest.mark.parametrize("kind", ["whole", "item by item"])
def test_fewer_answers_make_wider_intervals(kind: str) -> None:
    """With 16 times the respondents the interval is about a quarter as wide."""
    rng = np.random.default_rng(0)
    low, high = interval_of_the_mean(kind, rng.normal(TRUTH, SPREAD, 25))
    surer_low, surer_high = interval_of_the_mean(kind, rng.normal(TRUTH, SPREAD, 400))
    assert 2.5 < (high - low) / (surer_high - surer_low) < 5.5


@pytest.mark.parametrize("kind", ["whole", "item by item"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(kind: str) -> None:
    """In made-up worlds of 40 respondents the 90% interval holds the known mean nearly nine times in ten."""
    rng = np.random.default_rng(1)
    worlds = [interval_of_the_mean(kind, rng.normal(TRUTH, SPREAD, 40)) for _ in range(200)]
    assert 0.83 <= np.mean([low <= TRUTH <= high for low, high in worlds]) <= 0.96


@pytest.mark.parametrize("kind", ["whole", "item by item"])
def test_few_answers_are_said(kind: str) -> None:
    """Segments with less than thirty respondents are named, with how many answered."""
    said = np.ones((12, 5))
    worth = (
        Willingness(source="t", customers=people(12), total=said)
        if kind == "whole"
        else ItemisedWorth(customers=people(12), base=said, items={})
    )
    assert any("wide intervals: s (12)" in caution.text for caution in worth.for_accounts(people(3)).cautions)


def test_people_stand_in_as_often_as_their_weight_says() -> None:
    """Those with three times the weight stand in three times as often, and nobody of another segment does."""
    asked = Customers(
        ids=np.arange(300).astype(str).astype(object),
        segment=np.repeat(np.array(["s", "other"], dtype=object), (200, 100)),
        weight=np.concatenate([np.tile([1.0, 3.0], 100), np.full(100, 50.0)]),
    )
    [(inside, who)] = stand_ins(asked, people(300), 1000, stream(0, "t"))
    assert inside.size == 300
    assert who.max() < 200
    assert (who % 2).mean() == pytest.approx(0.75, abs=0.01)
