"""The small statistics against published values, scipy, loops counted by hand, and at their edges."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from scipy.stats import norm, qmc, rankdata, spearmanr

from workbench.stats import (
    even_points,
    gini_coefficient,
    grades,
    interval_of_draws,
    never_rising,
    normal_reach,
    normal_scores,
    rank_correlation,
    ranks,
    share_of_largest,
    spearman,
    stream,
    weighted_quantile,
    wilson,
    wilson_ends,
)


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


def test_gini_of_known_shapes() -> None:
    """Equal amounts: 0; one holds all: 1 - 1/n; 1..n: (n - 1) / (3 n); unknown ones are left out."""
    assert gini_coefficient(np.full(9, 3.0)) == pytest.approx(0)
    assert gini_coefficient(np.array([0, 0, 0, 8.0])) == pytest.approx(3 / 4)
    assert gini_coefficient(np.arange(1, 11, dtype=float)) == pytest.approx(9 / 30)
    assert gini_coefficient(np.array([3.0, np.nan, 3.0])) == pytest.approx(0)
    assert np.isnan(gini_coefficient(np.zeros(3)))


def test_top_share_counts_at_least_one_account() -> None:
    """The largest tenth of ten is one account; of twenty-one it is three."""
    assert share_of_largest(np.array([91.0, *[1.0] * 9])) == pytest.approx(0.91)
    assert share_of_largest(np.ones(21)) == pytest.approx(3 / 21)


def test_repair_is_the_weighted_least_squares_fit() -> None:
    """The repair is scipy's isotonic regression for every row, weighted, and leaves falling shares alone."""
    random = np.random.default_rng(1)
    shares, weights = random.random((40, 7)), random.uniform(0.1, 3, (40, 7))
    for row, repaired in enumerate(never_rising(shares, weights)):
        expected = isotonic_regression(shares[row], weights=weights[row], increasing=False).x
        np.testing.assert_allclose(repaired, expected, atol=1e-12)
    falling = -np.sort(-shares, axis=1)
    np.testing.assert_allclose(never_rising(falling, weights), falling)
    assert (np.diff(never_rising(shares, np.where(weights > 1, weights, 0))) <= 1e-12).all()


@given(st.integers(1, 500), st.sampled_from([0.5, 0.9, 0.95]))
def test_many_shares_have_the_ends_of_each_alone(total: int, level: float) -> None:
    """Intervals of many shares at once are those of each share."""
    counts = np.array([0, total // 3, total])
    low, high = wilson_ends(counts / total, total, level)
    for place, count in enumerate(counts.tolist()):
        one = wilson(count, total, level)
        assert one is not None
        assert (one.low, one.high) == pytest.approx((low[place], high[place]), abs=1e-12)


PAIRS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=12, max_size=60)


@given(PAIRS)
def test_ranks_and_their_correlation_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    """Ties share a rank, what is unknown has none and counts in no pair; without variation nothing is known."""
    x, y = np.array(pairs, dtype=float).T
    np.testing.assert_array_equal(ranks(x), rankdata(x))
    gaps = np.append(x, np.nan)
    np.testing.assert_array_equal(ranks(gaps), np.append(rankdata(x), np.nan))
    np.testing.assert_allclose(grades(gaps)[:-1], [((x < each).sum() + (x == each).sum() / 2) / len(x) for each in x])
    found = rank_correlation(gaps, np.append(y, 3.0))
    if np.ptp(x) and np.ptp(y):
        assert spearman(gaps, np.append(y, 3.0)) == pytest.approx(float(spearmanr(x, y).statistic), abs=1e-12)
        assert -1 - 1e-12 <= found.low <= found.estimate <= found.high <= 1 + 1e-12
    else:
        assert np.isnan(found.estimate)
    assert np.isnan(rank_correlation(x[:9], y[:9]).estimate)


def test_the_normal_distribution_is_that_of_scipy() -> None:
    """A 90% interval reaches 1.645 standard deviations; scores of 0 and 1 stay finite."""
    for level in (0.5, 0.8, 0.9, 0.95, 0.99):
        assert normal_reach(level) == pytest.approx(float(norm.ppf(0.5 + level / 2)), abs=1e-14)
    even = np.linspace(0.001, 0.999, 99)
    np.testing.assert_allclose(normal_scores(even), norm.ppf(even))
    assert np.isfinite(normal_scores(np.array([0.0, 1.0]))).all()


def test_a_stream_belongs_to_its_name() -> None:
    """The same name and seed give the same numbers, another name or seed others; the numbers stay as published."""
    first = stream(7, "growth").random(3)
    np.testing.assert_array_equal(first, stream(7, "growth").random(3))
    assert not np.isin(stream(7, "churn").random(3), first).any()
    assert not np.isin(stream(8, "growth").random(3), first).any()
    np.testing.assert_array_equal(first, np.random.default_rng([7, 0x1DE0E1F6]).random(3))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0.1, 0.99))
def test_an_interval_holds_its_draws(draws: list[float], level: float) -> None:
    """The ends are the quantiles of the draws, the estimate their mean or what is given; NaN makes it unknown."""
    drawn = np.array(draws)
    found = interval_of_draws(drawn, level=level)
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist())
    assert found.estimate == pytest.approx(drawn.mean())
    assert interval_of_draws(drawn, 3.0, level).estimate == 3.0
    seen = interval_of_draws(drawn, level=level, method="inverted_cdf")
    assert {seen.low, seen.high} <= set(draws)
    assert np.isnan(interval_of_draws(np.append(drawn, np.nan)).low)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30), st.floats(0.05, 0.95))
def test_a_weighted_quantile_counts_weights_as_copies(values: list[float], level: float) -> None:
    """Equal weights give the quantile between the middles of the steps, column by column, whatever their size."""
    block = np.tile(np.array(values)[:, None], (1, 23)) + np.arange(23)
    found = weighted_quantile(block, np.ones(len(values)), level)
    expected = np.quantile(block, level, axis=0, method="hazen")
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(weighted_quantile(block, np.full(len(values), 3.5), level), found, atol=1e-9)


def test_what_rests_on_small_statistics_stays_light() -> None:
    """Neither the package nor its rules load scipy."""
    program = "import sys, workbench, workbench.rules, workbench.stats; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("dimensions", [1, 2, 7, 17, 18, 30])
@pytest.mark.parametrize("points", [1, 2, 5, 1_000, 20_000])
def test_even_points_are_those_of_scipy(dimensions: int, points: int) -> None:
    """Our own Sobol points are scipy's to the last bit, scrambled alike, and leave what is drawn next alone."""
    ours, theirs = (np.random.default_rng(3) for _ in range(2))
    expected = qmc.Sobol(dimensions, rng=theirs).random_base2(int(np.ceil(np.log2(max(points, 2)))))[:points]
    assert np.array_equal(even_points(dimensions, points, ours), expected)
    assert ours.random() == theirs.random()
    assert ours.spawn(1)[0].random() == theirs.spawn(1)[0].random()


def test_even_points_do_without_scipys_statistics() -> None:
    """Loading `scipy.stats` takes longer than most uses of the points, so a few dimensions are drawn without it."""
    asked = "import sys, numpy as np; from workbench.stats import even_points; "
    asked += "even_points(17, 64, np.random.default_rng(1)); print('scipy.stats' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
