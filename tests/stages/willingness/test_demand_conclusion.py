"""What is concluded about demand: known with ranges, or unknown with a sentence; prices only where they beat today."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.stages.willingness import WillingnessDecision, evaluate, find_prices, gather
from workbench.stages.willingness.evaluation import standing_of
from workbench.stages.willingness.price_search import conclude, found_in_words, paid_today

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.customers import CustomerBase
    from workbench.demand.search import PriceSearch
    from workbench.stages.willingness import DemandEvidence, WillingnessResult
    from workbench.study import Scenario

LADDER = WillingnessDecision(source="price ladder", kept=0.5, rules_off=("T2", "T4", "A2", "C4"))


@pytest.fixture(scope="module")
def result(asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]) -> WillingnessResult:
    """Return a design before the company's customers, by the price ladder."""
    return evaluate(asked, scenario().with_decision(LADDER), evidence=evidence)


@pytest.fixture(scope="module")
def search(result: WillingnessResult) -> PriceSearch:
    """Return the best prices of the design."""
    return find_prices(result, starts=4, rule_costs=False, flat=None)


def test_a_design_has_revenue_and_accounts_kept_with_ranges(result: WillingnessResult) -> None:
    """Both are there, ordered, of 90%, and what is kept is a share of the accounts that pay today."""
    said = conclude(result, None, "Nobody searched.")
    assert (said.status, said.reason, said.method) == ("known", "", "the price ladder")
    for each in (said.revenue, said.accounts_kept):
        assert each.low <= each.estimate <= each.high
        assert each.level == pytest.approx(0.9)
    assert said.accounts_kept.low >= 0
    assert said.accounts_kept.high <= 1
    revenue, *_ = result.key_figures
    assert said.revenue == revenue.interval  # one figure, wherever it stands
    assert (said.found.status, said.found.reason, said.found.prices) == ("unknown", "Nobody searched.", {})


def test_what_accounts_pay_today_is_the_bills_of_those_asked(result: WillingnessResult, asked: CustomerBase) -> None:
    """Sixty accounts with a known bill pay what the last month records."""
    last = asked.frames["mrr"]
    assert paid_today(result) == pytest.approx(last[last["month"] == last["month"].max()]["amount"].sum())


def searched(search: PriceSearch, revenue: float, kept: float) -> PriceSearch:
    """Return a search whose prices bring and keep this in every draw."""
    draws = search.outcome.draws
    shares = search.outcome.revenue_by_draw
    money = replace(
        draws,
        plan_revenue=draws.plan_revenue * (revenue / shares)[:, None],
        add_on_revenue=draws.add_on_revenue * (revenue / shares)[:, None],
        kept=np.column_stack([np.full(len(shares), kept * search.outcome.paying), *draws.kept.T[1:]]),
    )
    return replace(search, outcome=replace(search.outcome, draws=money))


@pytest.mark.parametrize(
    ("brings", "status", "words"),
    [
        ((1.2, 0.95), "known", "keep 95% (95% to 95%)"),
        ((0.99, 0.95), "unknown", "likely to beat today's"),
        ((1.2, 0.90), "unknown", "may keep as few as 90%"),
    ],
)
def test_prices_are_recommended_only_when_both_low_ends_hold(
    result: WillingnessResult, search: PriceSearch, brings: tuple[float, float], status: str, words: str
) -> None:
    """Revenue at the low end is not below what the same accounts pay, and more than nine in ten of them stay."""
    made = searched(search, brings[0] * paid_today(result), brings[1])
    found = conclude(result, made).found
    assert found.status == status
    assert words in found_in_words(found, made)
    assert bool(found.prices) == (status == "known")
    assert set(found.prices) <= set(search.searched)


def test_a_range_wider_than_its_middle_is_undecided(result: WillingnessResult) -> None:
    """Revenue that may be anything is shown with its range, and nothing is concluded."""
    outcome = result.design.outcome
    draws = len(outcome.revenue_by_draw)
    factor = np.linspace(0.1, 3.0, draws)[:, None]
    wide = replace(outcome, draws=replace(outcome.draws, plan_revenue=outcome.draws.plan_revenue * factor))
    said = standing_of(result.design.sourced, wide, "USD")
    assert said.status == "unknown"
    assert said.reason.startswith("Undecided")
    assert said.revenue.high - said.revenue.low > said.revenue.estimate


def test_answers_that_cannot_be_believed_give_no_range(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario], ladder: Callable[..., pd.DataFrame]
) -> None:
    """Four answers are too few: no revenue, no accounts kept, no prices, and one sentence why."""
    base = company(survey_price_ladder=ladder(people=4))
    found = evaluate(base, scenario().with_decision(LADDER), evidence=gather(base, draws=40))
    said = conclude(found, None)
    assert (said.status, said.revenue, said.accounts_kept) == ("unknown", None, None)
    assert "fewer than 5 usable answers" in said.reason
    assert said.found.reason == said.reason


def test_nobody_to_ask_is_unknown_with_the_reason(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """Neither a survey nor bills: the sentence of the result is the reason of everything."""
    found = evaluate(company(without=("mrr",)), scenario())
    said = conclude(found, None)
    assert said.reason == said.found.reason == found.why_not
    assert (said.status, said.found.status, said.revenue) == ("unknown", "unknown", None)


def test_who_is_kept_and_lost_is_told_by_segment(result: WillingnessResult) -> None:
    """Segments add up to all, and the paying and the free are apart."""
    everybody, *segments = result.kept
    assert {row.segment for row in segments} == {"small", "large"}
    assert sum(row.paying for row in segments) == pytest.approx(everybody.paying) == pytest.approx(60)
    assert sum(row.lost.estimate for row in segments) == pytest.approx(everybody.lost.estimate)
    share = 1 - everybody.lost.estimate / everybody.paying
    assert share == pytest.approx(result.design.outcome.kept_interval.estimate)
    assert everybody.free == pytest.approx(0)
