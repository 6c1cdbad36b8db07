"""Answers of a few stand for all accounts, and the ranges know how few they were."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.demand import Customers, impute_worth
from workbench.demand.customers import about_segments
from workbench.demand.imputed_worth import AccountFacts
from workbench.demand.willingness import LimitsPerUnit

pytestmark = pytest.mark.slow

DRAWS = 200
TRUTH, SPREAD = np.log(100.0), 0.4
EXACT = (1.0, 1.0)


def people(size: int, name: str = "s") -> Customers:
    """Return customers of one segment."""
    ids = np.arange(size).astype(str).astype(object)
    return Customers(ids=ids, segment=np.full(size, name, dtype=object), weight=np.ones(size))


def imputed(segment: np.ndarray, said: np.ndarray, *, of: np.ndarray | None) -> np.ndarray:
    """Return the log worth imputed to accounts that pay nothing, from what respondents said."""
    size = len(segment)
    nothing = np.zeros((size, 0), dtype=bool)
    facts = AccountFacts(
        segment=segment, quantity=np.ones(size), units=np.ones(size), bill=np.zeros(size), uses=nothing, has=nothing
    )
    stated = LimitsPerUnit(
        account=np.full(len(said), -1),
        segment=np.full(len(said), -1) if of is None else of,
        low=np.exp(said),
        high=np.exp(said),
        weight=np.ones(len(said)),
    )
    return impute_worth(facts, stated, draws=DRAWS, overstated=EXACT).log_worth


def interval_of_the_mean(answers: np.ndarray) -> tuple[float, float]:
    """Return the 90% interval of what accounts would pay on average, in logarithms."""
    low, high = np.quantile(imputed(np.zeros(1500, dtype=int), answers, of=None).mean(axis=0), (0.05, 0.95))
    return float(low), float(high)


def test_fewer_answers_make_wider_intervals() -> None:
    """With 16 times the respondents the interval is about a quarter as wide."""
    rng = np.random.default_rng(0)
    low, high = interval_of_the_mean(rng.normal(TRUTH, SPREAD, 25))
    surer_low, surer_high = interval_of_the_mean(rng.normal(TRUTH, SPREAD, 400))
    assert 2.5 < (high - low) / (surer_high - surer_low) < 5.5


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """In made-up worlds of 40 respondents the 90% interval holds the known mean nearly nine times in ten."""
    rng = np.random.default_rng(1)
    worlds = [interval_of_the_mean(rng.normal(TRUTH, SPREAD, 40)) for _ in range(60)]
    assert 0.8 <= np.mean([low <= TRUTH <= high for low, high in worlds]) <= 0.98


def test_accounts_take_the_answers_of_their_segment() -> None:
    """Respondents who name a segment speak for it: a dear segment is worth more, whoever answered for it."""
    rng = np.random.default_rng(2)
    of = np.repeat([0, 1], 60)
    worth = imputed(np.repeat([0, 1], 300), np.where(of, 5.0, 3.0) + rng.normal(0, 0.2, 120), of=of)
    assert np.median(worth[:300]) == pytest.approx(3.0, abs=0.15)
    assert np.median(worth[300:]) == pytest.approx(5.0, abs=0.15)


def test_few_and_no_answers_are_said() -> None:
    """Segments with less than thirty respondents are named with how many answered, and those without any."""
    both = Customers(
        ids=np.array(["a", "b"], dtype=object), segment=np.array(["s", "new"], dtype=object), weight=np.ones(2)
    )
    texts = " ".join(each.text for each in about_segments(people(12), both))
    assert "wide intervals: s (12)" in texts
    assert "Nobody answered for new" in texts
    assert about_segments(people(40), people(3)) == ()
