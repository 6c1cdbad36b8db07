"""The interval of a share against a published value, and at its edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats import wilson


def test_the_interval_against_a_published_value() -> None:
    """81 of 263 at 95% is 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    found = wilson(81, 263, 0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nobody_to_count_is_unknown() -> None:
    """Without anybody there is no share, not a share of zero."""
    assert wilson(0, 0) is None


@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_holds_the_share_and_stays_within_zero_and_one(counted: tuple[int, int]) -> None:
    """However few or many, the share lies inside its interval, and the interval inside 0 to 1."""
    found = wilson(*counted)
    assert found is not None
    assert 0 <= found.low <= found.estimate <= found.high <= 1
