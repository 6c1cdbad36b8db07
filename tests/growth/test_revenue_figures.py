"""Figures on a ledger: published ledgers, laws, reasons where nothing can be said, and intervals that hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.customers.intake import RevenueRules
from workbench.growth import MrrLedger, RevenueDefinition, arpa, cohort_triangle, retention, revenue_figures
from workbench.growth.account_figures import AccountFigure, AccountSums, estimates, left_out_one_by_one, ratio_of
from workbench.growth.recurring_revenue import MovementsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase

NET = AccountFigure("net", "Net", "percent", "after / before", lambda s: ratio_of(s["after"], s["before"]))


@pytest.fixture(scope="module")
def published(oracle: Callable[[str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the published ledgers."""
    return {each["id"]: each for each in oracle("mrr_movements.json")["cases"]}


def ledger(amounts: Any) -> MrrLedger:  # noqa: ANN401 - rows of amounts, an account each
    """Return a ledger, an account per row."""
    matrix = np.asarray(amounts, dtype=float)
    months = pd.date_range("2024-01-01", periods=matrix.shape[1], freq="MS")
    return MrrLedger(np.array([f"A{n}" for n in range(len(matrix))], dtype=object), months, matrix)


def test_the_figures_of_a_published_cohort(published: dict[str, Any]) -> None:
    """Net and gross retention, quick ratio and customers lost of six customers, one of whom comes back."""
    case = published["retention_of_a_cohort"]
    start, end, wanted = case["ledger"]["start"], case["ledger"]["end"], case["expected"]
    names = [*start, *(each for each in end if each not in start)]
    book = ledger([[60.0 if "returns" in n else 0.0, start.get(n, 0.0), end.get(n, 0.0)] for n in names])
    found = revenue_figures(book, months=1)
    assert found.value("net_retention") == pytest.approx(wanted["nrr_cohort"])
    assert found.value("gross_retention") == pytest.approx(wanted["grr"])
    assert found.value("logo_churn") == pytest.approx(wanted["logo_churn"])
    assert found.value("quick_ratio") == pytest.approx(wanted["quick_ratio_with_reactivation"], abs=1e-4)
    sums = found.sums.of_all
    without = (sums["new"] + sums["expansion"]) / (sums["contraction"] + sums["churn"])
    assert without == pytest.approx(wanted["quick_ratio_without"], abs=1e-4)


def test_nothing_lost_has_no_quick_ratio(published: dict[str, Any]) -> None:
    """No value, not infinity, and the reason."""
    case = published["nothing_lost"]
    found = revenue_figures(ledger([[case["ledger"]["start"]["A"], case["ledger"]["end"]["A"]]]), months=1)
    assert found.value("quick_ratio") is case["expected"]["quick_ratio"]
    assert found.why_not("quick_ratio") == "nothing was lost, so there is nothing to divide by"
    assert found.value("net_retention") == case["expected"]["nrr_cohort"]
    assert found.value("gross_retention") == case["expected"]["grr"]


def test_gross_and_net_churn(published: dict[str, Any]) -> None:
    """What is lost of 100 when 10 leave and 10 shrink, with and without 10 of expansion."""
    lost = published["gross_and_net_churn"]
    book = ledger([[10, 0], [30, 20], [60, 60]])
    assert 1 - revenue_figures(book, months=1).value("gross_retention") == pytest.approx(
        lost["expected"]["gross_churn"]
    )
    book = ledger([[10, 0], [30, 20], [60, 70]])
    assert 1 - revenue_figures(book, months=1).value("net_retention") == pytest.approx(
        published["net_churn"]["expected"]["net_churn"]
    )


@settings(deadline=None, max_examples=40)
@given(arrays(float, (6, 5), elements=st.sampled_from([0.0, 10.0, 25.0, 40.0])).filter(lambda m: m[:, 1].any()))
def test_one_definition_in_the_whole_workbench(amounts: np.ndarray) -> None:
    """Retention and revenue per account are those of the functions that the replay of a price book uses."""
    book = ledger(amounts)
    found, seen = revenue_figures(book, months=3, draws=0), retention(book, months=3)
    assert found.value("net_retention") == pytest.approx(seen.net)
    assert found.value("gross_retention") == pytest.approx(seen.gross)
    assert 1 - found.value("logo_churn") == pytest.approx(seen.logo)
    per_account = arpa(book)["arpa"]
    value = found.value("arpa")
    assert value == pytest.approx(per_account.iloc[-1]) if value is not None else math.isnan(per_account.iloc[-1])


@settings(deadline=None, max_examples=40)
@given(arrays(float, (7, 4), elements=st.sampled_from([0.0, 10.0, 25.0])).filter(lambda m: (m[:, 0] > 0).sum() > 1))
def test_leaving_one_out_is_the_figure_without_it(amounts: np.ndarray) -> None:
    """What an account moves is the figure less the same figure of all the others."""
    found = revenue_figures(ledger(amounts), months=3, draws=0)
    net = found.of("net_retention").figure
    changes = left_out_one_by_one(found.sums, net)
    for row in range(len(amounts)):
        others = np.delete(amounts, row, axis=0)
        if others[:, 0].any():
            rest = revenue_figures(ledger(others), months=3, draws=0).value("net_retention")
            assert found.value("net_retention") - changes[row] == pytest.approx(rest)
        else:
            assert math.isnan(changes[row])


def test_lifetime_value_says_why_it_cannot_be_said() -> None:
    """Nobody left, too few left, and then a value: revenue per account over the share lost per month, by margin."""
    stay = [[100.0] * 13] * 20
    found = revenue_figures(ledger(stay))
    assert found.value("lifetime_value") is None
    assert "nobody left" in found.why_not("lifetime_value")
    gone = [[100.0] * 6 + [0.0] * 7] * 6
    found = revenue_figures(ledger(stay + gone))
    exposed = 20 * 12 + 6 * 6
    assert found.value("lifetime_value") == pytest.approx(100 / (6 / exposed))
    assert any("no cost is known" in each for each in found.conventions)
    costs = np.full(26, np.nan)
    costs[:10] = 40.0
    costed = revenue_figures(ledger(stay + gone), unit_cost=costs)
    assert costed.value("lifetime_value") == pytest.approx(60 / (6 / exposed))
    few = revenue_figures(ledger(stay + gone[:2]))
    assert "only 2 customers left" in few.why_not("lifetime_value")


def test_the_largest_ten_of_the_expansion() -> None:
    """Of 12 that expand by 1 to 12, the largest ten bring 75 of 78."""
    found = revenue_figures(ledger([[10, 10 + n] for n in range(13)]), months=1)
    assert found.value("expansion_top_ten") == pytest.approx(75 / 78)
    assert revenue_figures(ledger([[10, 10]]), months=1).why_not("expansion_top_ten") == "nobody expanded"
    changes = left_out_one_by_one(found.sums, found.of("expansion_top_ten").figure)
    for row in range(13):
        others = [[10, 10 + n] for n in range(13) if n != row]
        rest = revenue_figures(ledger(others), months=1, draws=0).value("expansion_top_ten")
        assert 75 / 78 - changes[row] == pytest.approx(rest)


def test_groups_add_up_and_unknown_ones_are_in_none() -> None:
    """The parts of two segments make the whole; an account without a segment counts only in the whole."""
    book = ledger([[10, 20], [10, 10], [30, 15], [40, 40]])
    found = revenue_figures(book, months=1, groups={"segment": np.array(["a", "a", "b", None], dtype=object)})
    assert found.value("net_retention", "segment", "a") == 1.5
    assert found.value("net_retention", "segment", "b") == 0.5
    assert [each.accounts for each in found.estimates if each.figure.key == "arpa"] == [4, 2, 1]
    table = found.table("segment")
    assert table["segment"].tolist() == ["a", "b"]
    with pytest.raises(MovementsError, match="no plan among the groups"):
        found.table("plan")


def test_few_accounts_and_one_that_decides_get_no_range() -> None:
    """Five accounts, accounts that are all alike, and one customer of nine tenths: the reason instead of a range."""
    assert "too few" in revenue_figures(ledger([[10, 11]] * 5), months=1).why_not("net_retention")
    assert "same for all" in revenue_figures(ledger([[10, 11]] * 50), months=1).why_not("net_retention")
    whale = [[9000.0, 12000.0], *([[10.0, 10.0 + n % 3] for n in range(99)])]
    found = revenue_figures(ledger(whale), months=1).of("net_retention")
    assert found.interval is None
    assert "decide it" in found.reason
    assert found.value == pytest.approx(sum(row[1] for row in whale) / sum(row[0] for row in whale))


def company(chance: np.random.Generator, accounts: int) -> MrrLedger:
    """Return a company whose accounts come, grow, shrink and go by chance, sizes far apart."""
    columns = np.arange(13)
    begun = np.where(chance.random(accounts) < 0.7, 0, chance.integers(1, 13, accounts))
    steps = chance.lognormal(0.01, 0.03, (accounts, 13)) * np.where(chance.random((accounts, 13)) < 0.05, 1.2, 1.0)
    steps *= np.where(chance.random((accounts, 13)) < 0.03, 0.85, 1.0)
    amounts = chance.lognormal(5, 1, accounts)[:, None] * np.cumprod(steps, axis=1)
    ends = begun + chance.geometric(0.015, accounts)
    return ledger(np.where((columns >= begun[:, None]) & (columns < ends[:, None]), np.round(amounts, 2), 0.0))


def test_ninety_percent_of_the_ranges_hold_what_is_true() -> None:
    """In companies of 200 accounts, each range holds the figure of a company of 200,000 as often as it says."""
    chance = np.random.default_rng(11)
    truth = revenue_figures(company(chance, 200_000), draws=0)
    runs, held, said = 80, {}, {}
    for run in range(runs):
        for each in revenue_figures(company(chance, 200), draws=200, seed=run).estimates:
            key = each.figure.key
            if each.interval is not None and key != "expansion_top_ten":  # whose truth depends on how many there are
                said[key] = said.get(key, 0) + 1
                held[key] = held.get(key, 0) + (each.interval.low <= truth.value(key) <= each.interval.high)
    assert len(said) == 7
    for key, times in said.items():
        assert times > 0.8 * runs, key
        assert 0.80 <= held[key] / times <= 0.99, (key, held[key] / times)


def test_intervals_are_those_of_the_seed() -> None:
    """The same seed draws the same; groups do not change what is drawn for all."""
    book = company(np.random.default_rng(2), 60)
    groups = {"side": np.arange(60) % 2}
    one, two = (revenue_figures(book, draws=100, seed=4) for _ in range(2))
    assert [each.interval for each in one.estimates] == [each.interval for each in two.estimates]
    grouped = revenue_figures(book, draws=100, seed=4, groups=groups)
    assert grouped.of("net_retention").interval is not None


def test_weights_are_those_of_a_poisson_bootstrap() -> None:
    """Drawn by hand with numpy's own Poisson numbers, the interval is nearly the same."""
    chance = np.random.default_rng(8)
    before = chance.lognormal(3, 0.6, 500)
    sums = AccountSums.of({"before": before, "after": before * chance.uniform(0.6, 1.5, 500)})
    found = estimates(sums, [NET], draws=4000)[0]
    weights = chance.poisson(1, (4000, 500))
    by_hand = (weights @ sums["after"]) / (weights @ sums["before"])
    low, high = np.quantile(by_hand, (0.05, 0.95))
    assert found.interval.low == pytest.approx(low, abs=0.004)
    assert found.interval.high == pytest.approx(high, abs=0.004)


def test_the_triangle_by_hand() -> None:
    """Quarters, customers, and money; who was there at the beginning stands apart."""
    book = ledger([[10, 10, 10, 10, 10], [0, 20, 30, 30, 0], [0, 0, 10, 10, 10], [0, 0, 0, 40, 20]])
    found = cohort_triangle(book).set_index("cohort")
    assert found.index.tolist() == ["2024-01 or before", "2024Q1", "2024Q2"]
    assert found.loc["2024Q1", [0, 1, 2]].tolist() == [1.0, 40 / 30, 40 / 30]
    assert found.loc["2024Q1", 3] == 0.0  # only the account of February is that old
    assert math.isnan(found.loc["2024Q2", 2])
    customers = cohort_triangle(book, by="month", of="customers", share=False).set_index("cohort")
    assert customers.loc["2024-02", [0, 1, 2, 3]].tolist() == [1, 1, 1, 0]
    with pytest.raises(MovementsError, match="no triangle by 'week'"):
        cohort_triangle(book, by="week")


def test_the_sample_says_its_figures_with_conventions(sample_company: CustomerBase) -> None:
    """Every dimension the sample has, every figure with a range, and the conventions printed."""
    found = revenue_figures(sample_company, draws=200)
    dimensions = {each.dimension for each in found.estimates}
    assert dimensions == {"all", "segment", "plan", "industry", "region"}
    for each in found.measures():
        assert each.value is not None
        assert each.interval is not None, each.key
        assert each.interval.low <= each.value <= each.interval.high
    assert found.value("net_retention") == pytest.approx(retention(sample_company.mrr).net)
    assert any("Net retention follows" in each for each in found.conventions)
    assert len(found.moved_by("net_retention")) == 10
    assert found.table().rows[0][0] == "Net revenue retention"


def test_the_rules_of_an_import_are_those_that_count_and_are_printed() -> None:
    """Who returns after three months is new when the rules say two, and the conventions say so."""
    book = ledger([[10, 10, 0, 0, 0, 10, 10], [10, 10, 10, 10, 10, 10, 10]])
    rules = RevenueDefinition.of_rules(RevenueRules(reactivation_months=2, usage=True))
    usual, own = revenue_figures(book, months=3), revenue_figures(book, months=3, definition=rules)
    assert usual.sums.of_all["reactivation"] == own.sums.of_all["new"] == 10
    assert any("Revenue from usage counts as" in each for each in own.conventions)
    assert any("within 61 days" in each for each in own.conventions)
    sums = revenue_figures(
        book, months=3, definition=RevenueDefinition.of_rules(RevenueRules(reactivation_months=3))
    ).sums
    assert sums.of_all["reactivation"] == 10
