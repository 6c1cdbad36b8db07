"""Tools against volatile bills: terms by hand, best commitments by brute force, and nothing learned from the future."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from workbench.customers import CustomerBase
from workbench.impact import ReplayError, compare_tools, portfolio, replay, usage_cycles, usual_tools
from workbench.impact.revenue_measures import QUARTERS, STEADY
from workbench.impact.volatility import (
    AsUsed,
    Cap,
    FreeBaseline,
    MonthlyCommitment,
    Smoothing,
    YearlyPool,
    best_commitment,
    usage_bills,
)
from workbench.pricing import Charge, Plan, PriceBook

MakeBase = Callable[..., CustomerBase]
NO_PAST = np.empty((1, 0))
TOOLS = (AsUsed(), MonthlyCommitment(), YearlyPool(), Smoothing(), Cap(), FreeBaseline(20))
BY_UNIT = PriceBook("Unit", "USD", (Plan("Only", 100, (Charge("data", "per_unit", unit_price=2),)),))


@pytest.mark.parametrize(("discount", "premium"), [(0.1, 0.2), (0.3, 0.0), (0.0, 0.5), (0.25, 0.25)])
def test_the_best_commitment_beats_every_other(discount: float, premium: float) -> None:
    """No commitment, on any spend that occurred or between, would have cost less than the quantile."""
    spend = np.random.default_rng(4).lognormal(4, 0.5, (6, 12))
    best = best_commitment(spend, discount, premium)
    for row, committed in zip(spend, best, strict=True):
        tries = np.concatenate([[0.0, committed], row, np.linspace(0, row.max() * 1.2, 301)])
        over = np.maximum(row[None, :] - tries[:, None], 0).sum(axis=1)
        cost = (1 - discount) * tries * len(row) + (1 + premium) * over
        assert cost[1] == pytest.approx(cost.min())


def test_a_commitment_by_hand() -> None:
    """With 20% off and nothing on top, the cheapest commitment is the second lowest of ten months."""
    learned = np.array([[10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100]])
    tool = MonthlyCommitment(discount=0.2, overage_premium=0.0)
    assert best_commitment(learned, 0.2, 0.0).tolist() == [20]
    assert tool.bills(np.array([[5.0, 20, 50]]), learned).tolist() == [[16, 16, 46]]
    assert tool.least(np.array([[5.0, np.nan]]), learned).tolist()[0][0] == 16
    assert np.isnan(tool.bills(np.array([[np.nan]]), learned)).all()


def test_a_pool_by_hand() -> None:
    """A pool of last year's spend is paid monthly; only what goes beyond it within a year is billed on top."""
    learned = np.full((1, 12), 10.0)
    usage = np.array([[0.0] * 6 + [30.0] * 6 + [10.0] * 2])
    bills = YearlyPool(1.0, discount=0.5, overage_premium=0.1).bills(usage, learned)
    assert bills[0].tolist() == pytest.approx([5] * 10 + [5 + 33, 5 + 33] + [5, 5])


def test_smoothing_a_cap_and_a_baseline_by_hand() -> None:
    """Means look back over learned months too, a cap is times the median, a baseline is left free."""
    usage, learned = np.array([[30.0, 0, 60]]), np.array([[10.0, 20]])
    assert Smoothing(3).bills(usage, learned).tolist() == [[20, 50 / 3, 30]]
    assert Smoothing(3).bills(usage, NO_PAST).tolist() == [[30, 15, 30]]
    assert Smoothing(3).least(usage, learned).tolist() == [[10, 50 / 3, 10]]
    assert Cap(2).bills(usage, learned).tolist() == [[30, 0, 30]]
    assert Cap(2).bills(usage, np.array([[np.nan, np.nan]])).tolist() == usage.tolist()
    assert FreeBaseline(25).bills(usage, learned).tolist() == [[5, 0, 35]]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: type(tool).__name__)
def test_no_bill_is_below_its_floor(tool: object) -> None:
    """What is due without any use is never more than what is billed, and never less than nothing."""
    rng = np.random.default_rng(8)
    usage, learned = rng.lognormal(3, 1, (20, 14)), rng.lognormal(3, 1, (20, 12))
    bills, least = tool.bills(usage, learned), tool.least(usage, learned)
    assert (least >= 0).all()
    assert (bills >= least - 1e-9).all()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: type(tool).__name__)
def test_later_months_do_not_change_earlier_bills(tool: object) -> None:
    """Bills of the first months are the same whatever follows: nothing is learned from the future."""
    rng = np.random.default_rng(9)
    usage, learned = rng.lognormal(3, 1, (10, 12)), rng.lognormal(3, 1, (10, 12))
    np.testing.assert_allclose(tool.bills(usage[:, :5], learned), tool.bills(usage, learned)[:, :5])


def test_steady_usage_leaves_nothing_to_tame(base_of: MakeBase) -> None:
    """When every month is the same, no tool shows swings or jumps, and smoothing and caps cost nothing."""
    base = base_of({"data": {"a": [50.0] * 24, "b": [5.0] * 24}})
    table = compare_tools(replay(base, BY_UNIT), [AsUsed(), MonthlyCommitment(0.1), Smoothing(), Cap()]).table
    assert table["volatility"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert (table["accounts_over_25"] == 0).all()
    assert table["change"].to_numpy() == pytest.approx([0, -0.1 * 110 / 310, 0, 0])
    assert table["floor"].to_numpy() == pytest.approx([200, 200 + 99, 200 + 110 * 2 / 3, 200])
    assert table["revenue"].iloc[0] == pytest.approx(310 * 12)


def test_tools_are_compared_on_the_months_after_learning(base_of: MakeBase) -> None:
    """Revenue as used is that of the last months of the accounts billed in all of them; others are counted."""
    base = base_of({"data": {"a": [float(n) for n in range(1, 25)], "late": [None] * 3 + [7.0] * 21}})
    done = replay(base, BY_UNIT)
    found = compare_tools(done)
    assert found.months[0].strftime("%Y-%m") == "2025-01"
    assert found.table["revenue"].iloc[0] == pytest.approx(sum(100 + 2 * n for n in range(13, 25)))
    assert any("1 account " in caution.text for caution in found.cautions)
    assert [tool.words for tool in usual_tools(usage_bills(done))] == found.table["tool"].tolist()
    with pytest.raises(ReplayError, match="cannot be split"):
        compare_tools(replay(base, BY_UNIT, months=12))


def test_the_usual_terms_know_nothing_of_the_months_they_bill(base_of: MakeBase) -> None:
    """Whatever is used after the first year, the usual tools are the same."""
    first = [10.0 * n for n in range(1, 13)]
    quiet, busy = (base_of({"data": {"a": first + [later] * 12}}) for later in (1.0, 5000.0))
    terms = [usual_tools(usage_bills(replay(base, BY_UNIT))) for base in (quiet, busy)]
    assert terms[0] == terms[1]
    assert terms[0][-1] == FreeBaseline(2 * 65 / 4, "data", "USD")  # a unit costs 2, the median first-year month 65


def test_smoothing_halves_what_alternates(base_of: MakeBase) -> None:
    """Usage that jumps every other month swings less, and shocks fewer customers, when it is smoothed."""
    base = base_of({"data": {"a": [10.0, 90.0] * 12}})
    table = compare_tools(replay(base, BY_UNIT), [AsUsed(), Smoothing(2)]).table
    assert table["volatility"].iloc[1] < 1e-6 < table["volatility"].iloc[0]
    assert table["accounts_over_25"].tolist() == [1, 0]


def test_groups_that_mirror_each_other_balance_out(base_of: MakeBase) -> None:
    """Opposite seasons cancel: correlation -1 and hardly any swing together; the same season adds up in full."""
    wave = 1 + 0.3 * np.sin(np.arange(24) * np.pi / 3)
    rows = {"up": 100 * wave, "down": 100 * (2 - wave), "same": 100 * wave}
    book = PriceBook("Unit", "USD", (Plan("Only", 0, (Charge("data", "per_unit", unit_price=2),)),))

    def look(*names: str) -> object:
        base = base_of({"data": {name: rows[name].tolist() for name in names}})
        done = replay(base, book)
        return portfolio(done, list(done.rows.account_ids))

    mirrored, alike = look("up", "down"), look("up", "same")
    assert mirrored.correlation.iloc[0, 1] < -0.9
    assert mirrored.diversified > 0.9
    assert alike.correlation.iloc[0, 1] == pytest.approx(1)
    assert alike.diversified == pytest.approx(0, abs=1e-9)
    assert alike.groups["share"].sum() == pytest.approx(1)
    assert mirrored.independent < mirrored.together
    with pytest.raises(ReplayError, match="Fewer than two"):
        look("up")


@pytest.mark.parametrize(
    "make",
    [
        lambda: MonthlyCommitment(discount=1.0),
        lambda: YearlyPool(share=0),
        lambda: Smoothing(1),
        lambda: Cap(0),
        lambda: FreeBaseline(-1),
        lambda: FreeBaseline(float("nan")),
        lambda: Cap(float("nan")),
        lambda: YearlyPool(share=float("nan")),
    ],
)
def test_impossible_terms_are_refused(make: Callable[[], object]) -> None:
    """Terms that tame nothing or make no sense are refused with what to choose."""
    with pytest.raises(ReplayError, match=r"Choose|Give"):
        make()


def test_accounts_are_grouped_by_the_season_they_use_most_in(base_of: MakeBase) -> None:
    """A summer and a winter customer, both growing, fall into their quarters; a flat one has no cycle known."""
    months = np.arange(24)
    grown = 100 * 1.02**months
    rows = {
        "summer": grown * (1 + 0.5 * np.isin(months % 12, (6, 7, 8))),
        "winter": grown * (1 + 0.5 * np.isin(months % 12, (0, 1, 2))),
        "still": np.full(24, 50.0),
    }
    done = replay(base_of({"data": {name: row.tolist() for name, row in rows.items()}}), BY_UNIT)
    cycles = dict(zip(done.rows.account_ids, usage_cycles(done), strict=True))
    assert cycles == {"summer": QUARTERS[2], "winter": QUARTERS[0], "still": STEADY}
    found = portfolio(done, usage_cycles(done), last_months=12)
    assert found.groups.set_index("group").loc[QUARTERS[2], "strongest"] in {7, 8, 9}
    assert found.groups["share"].sum() == pytest.approx(1)
    in_the_year = [QUARTERS[0], QUARTERS[2], STEADY]
    assert found.groups["group"].tolist() == found.correlation.index.tolist() == in_the_year
    still = found.groups.set_index("group").loc[STEADY]
    assert still["accounts"] == 1
    assert still["volatility"] == pytest.approx(0, abs=1e-12)


def test_a_free_baseline_names_its_amount_and_what_it_is_of() -> None:
    """An amount of money off what seats cost reads as that, not as a number of usage."""
    assert FreeBaseline(231, "seats", "USD").words == "the first $231 a month of what is billed for seats free"
