"""Worth from answers, in companies whose customers are known: a few of each kind (all of them: `make worlds`)."""

from __future__ import annotations

import numpy as np
from judge_worth import judge
from paying_companies import KINDS, company

SEEDS = (700, 701)


def test_ranges_hold_at_other_prices() -> None:
    """Ranges of 90% for revenue and for accounts kept hold most truths, at full size and at thirty accounts."""
    cases = [
        case
        for kind in KINDS
        for seed in SEEDS
        for size in ("full", "small")
        for case in judge(company(kind, seed, size), draws=100)
    ]
    assert np.mean([case.revenue_inside for case in cases]) >= 0.8
    assert np.mean([case.kept_inside for case in cases]) >= 0.8


def test_answers_below_the_own_bill_are_refused() -> None:
    """Where people state less than they pay, or answer at random, the answer is unknown."""
    for kind in ("understated", "random"):
        assert np.mean([judge(company(kind, seed), draws=20)[0].unknown for seed in SEEDS]) >= 0.5


def test_nobody_is_refused_where_the_assumptions_hold() -> None:
    """In the kinds that meet the assumptions the answer is known."""
    known = [not judge(company(kind, seed), draws=20)[0].unknown for kind in KINDS for seed in SEEDS]
    assert np.mean(known) >= 0.75
