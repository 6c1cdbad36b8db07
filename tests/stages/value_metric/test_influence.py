"""Statistics over accounts, and how much each account moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from workbench.stages.account_statistics import (
    draw,
    gini_statistic,
    mean,
    median,
    rank_correlation_statistic,
    top_share_statistic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.account_statistics import Statistic

RNG = np.random.default_rng(11)
X = np.exp(RNG.normal(0, 1, 300))
Y = np.log(X) + RNG.normal(0, 1, 300)
TIED = np.round(Y)
GROUPS = RNG.integers(0, 3, 300)


def test_spearman_agrees_with_scipy_ties_included() -> None:
    """Without strata the rank correlation is Spearman's, as scipy computes it."""
    assert rank_correlation_statistic(X, TIED).estimate == pytest.approx(stats.spearmanr(X, TIED).statistic, abs=1e-12)


def test_rank_correlation_ignores_differences_between_strata() -> None:
    """Two unrelated numbers that are both larger in one group are correlated, but not inside the groups."""
    group = np.repeat([0, 1], 400)
    rng = np.random.default_rng(5)
    x, y = rng.normal(5 * group, 1), rng.normal(5 * group, 1)
    assert rank_correlation_statistic(x, y).estimate > 0.6
    assert abs(rank_correlation_statistic(x, y, group).estimate) < 0.1


def test_gini_of_closed_forms() -> None:
    """Equal amounts have Gini 0; when one of n has everything it is (n - 1) / n; 1 to n give (n - 1) / 3n."""
    assert gini_statistic(np.ones(50)).estimate == pytest.approx(0)
    assert gini_statistic(np.array([0.0] * 9 + [7.0])).estimate == pytest.approx(0.9)
    n = 40
    assert gini_statistic(np.arange(1.0, n + 1)).estimate == pytest.approx((n - 1) / (3 * n))


def test_top_share_of_closed_forms() -> None:
    """The top tenth of equal accounts holds a tenth; of the uniform distribution 19%."""
    assert top_share_statistic(np.ones(50)).estimate == pytest.approx(0.1)
    assert top_share_statistic(np.linspace(0, 1, 100_001)).estimate == pytest.approx(0.19, abs=1e-4)


@pytest.mark.parametrize(
    "statistic",
    [
        lambda keep: gini_statistic(np.where(keep, X, np.nan)),
        lambda keep: mean(np.where(keep, X, np.nan)),
        lambda keep: rank_correlation_statistic(np.where(keep, X, np.nan), Y),
        lambda keep: rank_correlation_statistic(np.where(keep, X, np.nan), TIED, GROUPS),
    ],
    ids=["gini", "mean", "rank correlation", "stratified rank correlation with ties"],
)
def test_influence_foretells_leaving_an_account_out(statistic: Callable[[np.ndarray], Statistic]) -> None:
    """Leaving account i out moves a statistic by -influence(i) / (n - 1), to first order (the jackknife)."""
    everybody = np.ones(len(X), dtype=bool)
    whole = statistic(everybody)
    left_out = []
    for account in range(60):
        keep = everybody.copy()
        keep[account] = False
        left_out.append((whole.estimate - statistic(keep).estimate) * (len(X) - 1))
    np.testing.assert_allclose(left_out, whole.influence[:60], atol=0.06 * np.abs(whole.influence).max())
    assert np.corrcoef(left_out, whole.influence[:60])[0, 1] > 0.995


@pytest.mark.parametrize(
    "build", [gini_statistic, top_share_statistic, median, lambda x: rank_correlation_statistic(x, Y)]
)
def test_draws_spread_as_the_full_bootstrap_does(build: Callable[[np.ndarray], Statistic]) -> None:
    """Draws from influences have the spread of recomputing the statistic on resampled accounts."""
    rng = np.random.default_rng(2)
    chosen = [rng.integers(0, len(X), len(X)) for _ in range(600)]
    if build in {gini_statistic, top_share_statistic, median}:
        recomputed = [build(X[rows]).estimate for rows in chosen]
    else:
        recomputed = [rank_correlation_statistic(X[rows], Y[rows]).estimate for rows in chosen]
    assert draw([build(X)], seed=1)[0].std() == pytest.approx(np.std(recomputed), rel=0.15)


def test_groups_of_accounts_spread_as_single_accounts_do() -> None:
    """Above 1,000 accounts groups are resampled; the interval of a mean still has its textbook width."""
    values = np.random.default_rng(4).normal(0, 1, 20_000)
    drawn = draw([mean(values)], seed=1)[0]
    assert drawn.std() == pytest.approx(1 / np.sqrt(20_000), rel=0.08)


def test_what_is_unknown_stays_unknown() -> None:
    """Accounts without a value do not count, and nothing at all known gives no number."""
    holes = np.concatenate([X, np.full(50, np.nan)])
    assert gini_statistic(holes).estimate == pytest.approx(gini_statistic(X).estimate)
    assert median(holes).accounts == len(X)
    nothing = median(np.full(5, np.nan))
    assert np.isnan(nothing.estimate)
    assert np.isnan(draw([nothing], seed=1)).all()


def test_intervals_hold_the_truth_as_often_as_they_promise() -> None:
    """A 90% interval of the median of 80 accounts holds the true median in about nine cases of ten."""
    rng = np.random.default_rng(8)
    hits = []
    for _ in range(300):
        drawn = draw([median(rng.normal(0, 1, 80))], seed=1, draws=400)[0]
        low, high = np.quantile(drawn, [0.05, 0.95])
        hits.append(low <= 0 <= high)
    assert 0.84 <= np.mean(hits) <= 0.96
