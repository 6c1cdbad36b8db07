"""Loevinger's H: published and hand-computed values, closed forms, and honest intervals."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from workbench.stages.account_statistics import common_path, scalability, scalability_reading


def table_of(patterns: dict[tuple[int, ...], int]) -> np.ndarray:
    """Return one row per account from patterns of use and how many accounts show each."""
    return np.array([row for row, count in patterns.items() for _ in range(count)], dtype=bool)


def h_by_counting(used: np.ndarray, pairs: list[tuple[int, int]]) -> Fraction:
    """Return H of some pairs in exact fractions, by counting the errors seen and expected."""
    seen = expected = Fraction(0)
    count = len(used)
    for i, j in pairs:
        less, more = (i, j) if used[:, i].sum() <= used[:, j].sum() else (j, i)
        seen += int((used[:, less] & ~used[:, more]).sum())
        expected += Fraction(int(used[:, less].sum()) * (count - int(used[:, more].sum())), count)
    return 1 - seen / expected


def test_a_printed_example_of_a_pair() -> None:
    """Means 0.2 and 0.6 in 100 rows expect 8 errors; with 2 seen, H is 0.75.

    Printed in a public teaching note on Mokken scaling in Stata: hitpages.com/doc/4510222735376384, page 9.
    """
    used = table_of({(1, 1): 18, (1, 0): 2, (0, 1): 42, (0, 0): 38})
    found = scalability(used, ["rare", "common"])
    assert found.h.estimate == pytest.approx(0.75, abs=1e-12)
    assert found.names == ("common", "rare")


def test_that_example_without_a_link_is_zero() -> None:
    """The independent table of the same example (32, 48, 8, 12) has exactly as many errors as expected: H is 0."""
    used = table_of({(0, 0): 32, (0, 1): 48, (1, 0): 8, (1, 1): 12})
    assert scalability(used, ["rare", "common"]).h.estimate == pytest.approx(0, abs=1e-12)


def test_h_counts_errors_for_pairs_items_and_the_whole() -> None:
    """H, every H_i and every H_ij equal 1 - seen / expected errors, counted in exact fractions."""
    used = table_of(
        {(1, 1, 1, 0): 4, (1, 1, 0, 0): 7, (1, 0, 1, 1): 3, (0, 1, 0, 0): 2, (0, 0, 0, 0): 5, (1, 0, 0, 0): 9}
    )
    names = ["a", "b", "c", "d"]
    found = scalability(used, names)
    place = {name: names.index(name) for name in found.names}
    every = list(combinations(range(4), 2))
    assert found.h.estimate == pytest.approx(float(h_by_counting(used, every)), abs=1e-12)
    for row, name in enumerate(found.names):
        mine = [pair for pair in every if place[name] in pair]
        assert found.items[row].estimate == pytest.approx(float(h_by_counting(used, mine)), abs=1e-12)
        for column, other in enumerate(found.names):
            if row != column:
                exact = float(h_by_counting(used, [(place[name], place[other])]))
                assert found.pairs[row, column] == pytest.approx(exact, abs=1e-12)


def test_a_perfect_order_has_h_one_with_certainty() -> None:
    """When every account follows one order (a Guttman scale), all H are 1 and the interval is a point."""
    used = np.arange(6)[:, None] > np.arange(5)[None, :]
    found = scalability(np.repeat(used, 4, axis=0), list("abcde"))
    assert found.h.low == found.h.estimate == found.h.high == pytest.approx(1)
    assert all(item.estimate == pytest.approx(1) for item in found.items)
    assert found.reading == "strong"


def test_independent_features_have_h_near_zero() -> None:
    """Features used by the toss of a coin have an H whose interval holds 0."""
    used = np.random.default_rng(1).random((4000, 8)) < np.linspace(0.2, 0.8, 8)
    found = scalability(used, list("abcdefgh"))
    assert abs(found.h.estimate) < 0.02
    assert found.h.low < 0 < found.h.high


def test_features_that_exclude_each_other_have_negative_h() -> None:
    """Two features never used together are worse than chance."""
    assert scalability(table_of({(1, 0): 5, (0, 1): 5, (0, 0): 5}), ["a", "b"]).h.estimate < 0


def test_h_does_not_hang_on_the_order_of_rows_or_columns() -> None:
    """Shuffling accounts and features changes nothing but the place."""
    rng = np.random.default_rng(5)
    used = rng.random((200, 1)) + rng.normal(0, 0.3, (200, 6)) > np.linspace(0.2, 0.9, 6)
    names = list("abcdef")
    columns = rng.permutation(6)
    first = scalability(used, names)
    second = scalability(used[rng.permutation(200)][:, columns], [names[c] for c in columns])
    assert first.names == second.names
    assert first.h.estimate == pytest.approx(second.h.estimate)
    assert first.h.low == pytest.approx(second.h.low)


def test_the_interval_agrees_with_a_bootstrap() -> None:
    """The delta-method interval covers what resampling accounts gives, for the whole, an item and a pair."""
    rng = np.random.default_rng(2)
    trait = rng.normal(size=(500, 1))
    used = rng.random((500, 7)) < 1 / (1 + np.exp(-1.5 * (trait - np.linspace(-1.5, 1.5, 7))))
    names = [f"f{number}" for number in range(7)]
    found = scalability(used, names)
    draws = [scalability(used[rng.integers(0, 500, 500)], names) for _ in range(400)]
    low, high = np.quantile([draw.h.estimate for draw in draws], [0.05, 0.95])
    assert (found.h.low, found.h.high) == pytest.approx((low, high), abs=0.012)
    item = np.std([dict(zip(d.names, d.items, strict=True))[found.names[3]].estimate for d in draws])
    mine = found.items[3]
    assert (mine.high - mine.low) / (2 * 1.645) == pytest.approx(item, rel=0.15)
    pair = np.std([d.pairs[d.names.index(found.names[0]), d.names.index(found.names[4])] for d in draws])
    assert found.pair_errors[0, 4] == pytest.approx(pair, rel=0.25)


def test_an_interval_never_passes_one() -> None:
    """Even with few accounts and a high H the upper end stays below 1 and the level is 90%."""
    used = table_of({(1, 1, 1): 6, (1, 1, 0): 6, (1, 0, 0): 6, (0, 0, 0): 4, (0, 1, 0): 1})
    found = scalability(used, ["a", "b", "c"])
    assert found.h.low < found.h.estimate < found.h.high < 1
    assert found.h.level == 0.9


def test_what_cannot_err_is_left_out_and_named() -> None:
    """Features that everybody or nobody uses, or fewer than asked for, do not count and are listed."""
    used = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0], [1, 0, 0, 0]], dtype=bool)
    found = scalability(used, ["all", "x", "y", "none"])
    assert set(found.left_out) == {"all", "none"}
    assert set(scalability(used, ["all", "x", "y", "none"], fewest_users=3).left_out) == {"all", "x", "y", "none"}


def test_without_two_features_h_is_unknown() -> None:
    """One feature, or no account, has no order."""
    assert scalability(np.ones((3, 1), dtype=bool), ["a"]).reading == "unknown"
    assert np.isnan(scalability(np.zeros((0, 3), dtype=bool), ["a", "b", "c"]).h.estimate)


@pytest.mark.parametrize(
    ("h", "word"), [(0.5, "strong"), (0.49, "medium"), (0.4, "medium"), (0.39, "weak"), (0.3, "weak"), (0.29, "none")]
)
def test_the_marks_are_those_of_mokken(h: float, word: str) -> None:
    """0.3 weak, 0.4 medium, 0.5 strong; a mark itself belongs to the better class."""
    assert scalability_reading(h) == word


def test_the_common_path_drops_what_has_no_order() -> None:
    """Features bought by the toss of a coin fall off the path; those in one order stay, each at 0.3 or more."""
    rng = np.random.default_rng(8)
    trait = rng.normal(size=(800, 1))
    ordered = trait > np.linspace(-1, 1.5, 6)
    noise = rng.random((800, 3)) < 0.2
    names = [*(f"step {number}" for number in range(6)), "odd 1", "odd 2", "odd 3"]
    used = np.hstack([ordered, noise])
    path = common_path(scalability(used, names), used, names)
    assert set(path.names) == {f"step {number}" for number in range(6)}
    assert path.h.estimate == pytest.approx(1)


def test_nothing_stays_on_a_path_that_is_not_there() -> None:
    """Where no two features go together, the common path is empty."""
    used = np.random.default_rng(4).random((900, 5)) < 0.4
    assert common_path(scalability(used, list("abcde")), used, list("abcde")).names == ()
