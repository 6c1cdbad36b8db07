"""What the stage concludes in companies whose customers are known: a few of each kind (all of them: `make worlds`)."""

from __future__ import annotations

import numpy as np
import pytest
from judge_worth import judge, judge_found
from paying_companies import KINDS, company

pytestmark = pytest.mark.slow

SEEDS = (700, 701)
FOUND = (("api", 700), ("modules", 700), ("modules", 701))


def test_ranges_hold_at_other_prices() -> None:
    """Ranges of 90% for revenue and for accounts kept hold most truths, at full size and at thirty accounts."""
    cases = [
        case
        for kind in KINDS
        for seed in SEEDS
        for size in ("full", "small")
        for case in judge(company(kind, seed, size), draws=100)
    ]
    known = [case for case in cases if not case.unknown]
    assert len(known) >= 0.7 * len(cases)
    assert np.mean([case.revenue_inside for case in known]) >= 0.8
    assert np.mean([case.kept_inside for case in known]) >= 0.8


def test_answers_below_the_own_bill_or_without_order_are_refused() -> None:
    """Where people state less than they pay, or answer at random, the answer is unknown and has no range."""
    for kind in ("understated", "random"):
        found = [judge(company(kind, seed), draws=20)[0] for seed in SEEDS]
        assert np.mean([case.unknown for case in found]) >= 0.5
        assert all(np.isnan(case.width) for case in found if case.unknown)


def test_bills_alone_are_wide_and_never_a_fraction_of_what_is_paid() -> None:
    """Nobody was asked: nothing is concluded, and the range that is shown near today's prices holds the truth."""
    for kind in KINDS:
        cases = judge(company(kind, 700), surveyed=False, draws=60)
        assert all(case.unknown for case in cases)
        near = [case for case in cases if case.prices in {"cheaper by a fifth", "dearer by a quarter"}]
        assert all(case.revenue_inside and case.kept_inside for case in near)


def test_recommended_prices_bring_more_and_keep_customers() -> None:
    """What is recommended truly brings more than today, and at most a few of a hundred accounts go."""
    found = [judge_found(company(kind, seed), starts=4) for kind, seed in FOUND]
    recommended = [case for case in found if case.recommended]
    assert recommended
    assert all(case.of_today >= 1 for case in recommended)
    assert all(case.truly_kept >= 0.88 for case in recommended)
    assert all(case.reason for case in found if not case.recommended)
