"""Totals: exact where nothing is uncertain, the same by curves and account by account, and never a frozen usage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.forecast import AGE_UNKNOWN, UsageHistory, back_test, billed_totals, simulate_parts, simulate_totals
from workbench.forecast.outlook import fit_attrition
from workbench.forecast.usage_growth import fit_growth

LISTS = {
    "by unit": lambda quantity, _: 2 * quantity[0],
    "falling": lambda quantity, _: np.minimum(quantity[0], 1_000) + 0.5 * np.maximum(quantity[0] - 1_000, 0),
}


def company(months: int, accounts: int = 400, growth: float = 0.02, noise: float = 0.1, seed: int = 5) -> UsageHistory:
    """Return a company of old accounts whose usage grows at one rate, with noise of their own."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(6, 1, (accounts, 1)) + growth * np.arange(months) + rng.normal(0, noise, (accounts, months))
    age = np.full(accounts, AGE_UNKNOWN)
    return UsageHistory(np.exp(logs)[None], age, np.zeros(accounts, dtype=np.int64))


def joining(months: int, per_month: int, noise: float = 0.05, seed: int = 6) -> UsageHistory:
    """Return a company that so many accounts join every month, half a per cent leave, and usage grows by age."""
    rng = np.random.default_rng(seed)
    joined = np.repeat(np.arange(-12, months), per_month)
    age = np.arange(months) - joined[:, None]
    steps = np.where(age > 0, 0.1 * np.exp(-np.maximum(age, 0) / 8), 0.0)
    before = np.array([sum(0.1 * np.exp(-step / 8) for step in range(1, max(0, -int(each)) + 1)) for each in joined])
    logs = rng.normal(6, 0.8, (len(joined), 1)) + before[:, None] + np.cumsum(steps, axis=1)
    units = np.exp(logs + rng.normal(0, noise, logs.shape))
    gone = np.cumsum((rng.random(units.shape) < 0.005) & (age > 0), axis=1) > 0
    units[(age < 0) | gone] = np.nan
    known = ~np.isnan(units).all(axis=1)
    return UsageHistory(units[known][None], age[known, 0], np.zeros(known.sum(), dtype=np.int64))


def test_growth_is_carried_on_from_the_last_month() -> None:
    """Usage that grows 2% a month is not forecast at last year's mean but above the last month."""
    history = company(36)
    totals = simulate_totals(history, LISTS, 12, draws=300)
    last = billed_totals(history, LISTS)[0, -1]
    low, middle, high = totals.ranges("by unit")[:, -1]
    truth = last * np.exp(12 * 0.02)
    assert low < truth < high
    assert middle == pytest.approx(truth, rel=0.06)


def test_growth_by_age_is_found() -> None:
    """The shared curve falls with age as planted, and the oldest band is near nothing."""
    fit = fit_growth(joining(36, 12), 0)
    planted = [0.1 * np.exp(-age / 8) for age in (1, 2, 3, 5, 9.5, 18, 30)]
    assert fit.growth[:, 0] == pytest.approx(planted, abs=0.012)


def test_a_season_is_found_and_never_passes_for_growth() -> None:
    """A swing of 20% a year is found month by month; growth without any stays near zero."""
    history = company(36, growth=0.0)
    swing = 0.2 * np.sin(2 * np.pi * np.arange(36) / 12)
    fit = fit_growth(replace(history, quantity=history.quantity * np.exp(swing)), 0)
    months = np.arange(12)
    planted = 0.2 * (np.sin(2 * np.pi * months / 12) - np.sin(2 * np.pi * (months - 1) / 12))
    assert fit.season == pytest.approx(planted, abs=0.02)
    assert abs(fit.mean_growth) < 0.004


def test_leaving_and_joining_are_counted() -> None:
    """The hazard is near the planted half a per cent, and twelve join a month."""
    found = fit_attrition(joining(36, 12))
    assert found.hazard[-1, 0] == pytest.approx(0.005, abs=0.002)
    assert found.joined_per_month == pytest.approx(12, abs=0.5)


def test_curves_and_account_by_account_agree() -> None:
    """Totals read off curves have the medians and the widths of totals in which every account is drawn."""
    history = joining(30, 8)
    fast = simulate_totals(history, LISTS, 12, draws=900, largest=20)
    full = simulate_totals(history, LISTS, 12, draws=900, largest=100_000)
    for name in LISTS:
        for month in (2, 11):
            one, other = fast.ranges(name)[:, month], full.ranges(name)[:, month]
            assert one == pytest.approx(other, rel=0.08)


def test_lists_are_billed_on_the_same_draws() -> None:
    """A list that charges a tenth more brings exactly a tenth more in every draw."""
    lists = {"a": LISTS["by unit"], "b": lambda quantity, _: 2.2 * quantity[0]}
    totals = simulate_totals(joining(24, 6), lists, 6, draws=200)
    assert totals.of("b") / totals.of("a") == pytest.approx(np.full((200, 6), 1.1))
    assert totals.chance("b", "a").tolist() == [1.0] * 6


def test_common_shocks_do_not_average_out() -> None:
    """With shocks that hit everybody, a thousand accounts are no surer than a hundred."""
    rng = np.random.default_rng(3)
    shocks = np.exp(np.cumsum(rng.normal(0, 0.05, 36)))
    widths = []
    for accounts in (100, 1_000):
        history = company(36, accounts, growth=0.0)
        history = replace(history, quantity=history.quantity * shocks)
        low, _, high = simulate_totals(history, LISTS, 12, draws=400).ranges("by unit")[:, -1]
        widths.append(np.log(high / low))
    assert widths[1] > 0.8 * widths[0]
    assert widths[1] > 0.3


def test_accounts_that_do_not_use_the_metric_every_month_are_not_falls() -> None:
    """A third of months without use lowers the total by a third, not by a fall that goes on."""
    history = company(36, growth=0.0)
    rng = np.random.default_rng(9)
    quantity = np.where(rng.random(history.quantity.shape) < 1 / 3, 0.0, history.quantity)
    last_year = billed_totals(replace(history, quantity=quantity), LISTS)[0, -12:].mean()
    low, middle, high = simulate_totals(replace(history, quantity=quantity), LISTS, 12, draws=300).ranges("by unit")[
        :, -1
    ]
    assert low < last_year < high
    assert middle == pytest.approx(last_year, rel=0.12)


def test_the_back_test_stands_on_what_was_known_then() -> None:
    """What came after its day does not move the back-test's forecast, only the verdict on it."""
    history = joining(30, 8)
    changed = history.quantity.copy()
    changed[:, :, -12:] *= 3
    one, other = back_test(history, LISTS, draws=200), back_test(replace(history, quantity=changed), LISTS, draws=200)
    assert one is not None
    assert other is not None
    assert one.ranges == pytest.approx(other.ranges)
    assert one.widening < other.widening <= 2.5
    assert other.truth == pytest.approx(billed_totals(replace(history, quantity=changed), LISTS)[:, -12:])


def test_under_two_years_there_is_no_back_test() -> None:
    """With 23 months nothing is held back."""
    assert back_test(company(23), LISTS) is None


@pytest.mark.parametrize("months", [6, 9, 12, 18])
def test_short_histories_get_wide_ranges(months: int) -> None:
    """The less was seen, the wider the range a year ahead; and it is never empty or infinite."""
    low, _, high = simulate_totals(company(months), LISTS, 12, draws=300).ranges("by unit")[:, -1]
    assert np.isfinite([low, high]).all()
    assert high / low > 1.15


def test_the_same_seed_gives_the_same_draws() -> None:
    """Two runs with one seed are equal to the last digit; another seed differs."""
    history = joining(24, 5)
    one, again, other = (simulate_totals(history, LISTS, 6, draws=100, seed=seed).draws for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_groups_are_forecast_as_what_they_are_and_sum_to_the_total() -> None:
    """One group grows and the other does not; each group's revenue follows its own growth, and none is lost."""
    grows, still = company(36, 300, growth=0.03, seed=5), company(36, 300, growth=0.0, seed=6)
    group = np.repeat([0, 1], 300)
    both = replace(
        grows,
        quantity=np.concatenate([grows.quantity, still.quantity], axis=1),
        age=np.full(600, AGE_UNKNOWN),
        segment=group,
    )
    parts = simulate_parts(both, LISTS, 12, group=group, groups=2, draws=300)
    last = billed_totals(replace(both, quantity=both.quantity[:, :300], age=both.age[:300]), LISTS)[0, -1]
    flat = billed_totals(replace(both, quantity=both.quantity[:, 300:], age=both.age[300:]), LISTS)[0, -1]
    middle = np.median(parts.staying[:, 0, :, -1] / parts.kept[:, :, -1], axis=1)
    assert middle == pytest.approx([last * np.exp(12 * 0.03), flat], rel=0.08)
    assert parts.totals.draws == pytest.approx(parts.staying.sum(axis=0) + parts.joining)


def test_who_is_left_follows_the_record() -> None:
    """Half a per cent leave a month: a year on, six in a hundred are gone, and twelve a month have joined."""
    parts = simulate_parts(joining(36, 12), LISTS, 12, draws=300)
    assert np.median(parts.kept[0, :, -1]) == pytest.approx(0.995**12, abs=0.02)
    assert np.median(parts.joined[:, -1]) == pytest.approx(12 * 12 * 0.97, rel=0.12)


def test_widened_parts_have_the_widened_total() -> None:
    """Stretching the parts stretches the total as if it had been stretched itself, and moves no median."""
    parts = simulate_parts(joining(30, 6), LISTS, 6, draws=200)
    wide = parts.widened(1.7)
    assert wide.totals.draws == pytest.approx(parts.totals.widened(1.7).draws)
    assert wide.joined is parts.joined


def test_what_hardly_moves_cannot_have_moved_by_a_season() -> None:
    """After a year of usage that moves by half a per cent a month no season of ten per cent is feared any more."""
    still, loud = (company(12, growth=0.0, noise=noise) for noise in (0.003, 0.1))
    quiet, wide = (simulate_totals(history, LISTS, 6, draws=400).ranges("by unit")[:, -1] for history in (still, loud))
    assert np.log(quiet[2] / quiet[0]) < 0.5 * np.log(wide[2] / wide[0])
    swing = still.quantity * np.exp(0.1 * np.sin(2 * np.pi * np.arange(12) / 12))
    low, _, high = simulate_totals(replace(still, quantity=swing), LISTS, 6, draws=400).ranges("by unit")[:, -1]
    assert np.log(high / low) > 2 * np.log(quiet[2] / quiet[0])


def test_a_level_is_drawn_to_the_mean_as_far_as_it_is_luck() -> None:
    """With noise of half a logarithm the sum of what looks largest is no longer too high: without growth it stays."""
    history = company(36, 2_000, growth=0.0, noise=0.5)
    last_year = billed_totals(history, LISTS)[0, -12:].mean()
    assert simulate_totals(history, LISTS, 3, draws=300).ranges("by unit")[1, 0] == pytest.approx(last_year, rel=0.03)


def test_who_a_metric_makes_no_difference_for_is_not_billed_again() -> None:
    """A list that says which accounts a metric concerns gets the same draws, and bills fewer of them."""
    one = joining(30, 8)
    seats = np.where(np.isnan(one.quantity), np.nan, np.round(np.sqrt(one.quantity)))
    history = replace(one, quantity=np.concatenate([one.quantity, seats]))

    class Counted:
        def __init__(self) -> None:
            self.billed = 0

        def __call__(self, quantity: np.ndarray, places: np.ndarray) -> np.ndarray:
            self.billed += len(places)
            return np.where(places % 3 == 0, quantity[0], 9 * quantity[1])

    class Saying(Counted):
        def depends(self, metric: int, places: np.ndarray) -> np.ndarray:
            return (places % 3 == 0) == (metric == 0)

    plain, saying = Counted(), Saying()
    all_of_it, fewer = (simulate_totals(history, {"a": bill}, 6, draws=200).draws for bill in (plain, saying))
    assert fewer == pytest.approx(all_of_it)
    assert saying.billed < 0.7 * plain.billed
    tested = [back_test(history, {"a": bill}, draws=200) for bill in (Counted(), Saying())]
    assert tested[0] is not None
    assert tested[1] is not None
    assert tested[0].ranges == pytest.approx(tested[1].ranges)
