"""A scenario's bills: made once, kept for all who ask, and the same whoever asks."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.report.result_figures import ResultFigures, _baseline, figures_ahead
from workbench.report.results_document import verdict
from workbench.results import Interval
from workbench.stages import tiers
from workbench.stages.needs import on_todays_list
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.study_replay import list_billed, scenario_standing, standing_of_last_months
from workbench.study import Scenario, Study

if TYPE_CHECKING:
    from workbench.impact.price_realisation import DesignStanding

STUDY = Study.new("t", "data")
SEATS, PAID = {"a": 2, "b": 10}, {"a": 20.0, "b": 80.0}


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return two accounts on a list of $10 a seat; b has a fifth off."""
    months = ("2024-11", "2024-12")
    used = [(one, month, "seats", seats) for one, seats in SEATS.items() for month in months]
    paid = [(one, month, amount, "USD") for one, amount in PAID.items() for month in months]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": list(SEATS), "plan": ["Team", "Team"]}),
            "usage": pd.DataFrame(used, columns=["account_id", "month", "metric", "quantity"]),
            "mrr": pd.DataFrame(paid, columns=["account_id", "month", "amount", "currency"]),
            "plans": pd.DataFrame({"plan": ["Team"], "period": ["month"], "metric": ["seats"], "unit_price": [10]}),
        }
    )


def design(price: int) -> Scenario:
    """Return a scenario of one tier sold by the seat."""
    tier = Tier(id="one", name="One", price=price, price_per="seats")
    return Scenario(id="d", name="D").with_decision(TierDecision(tiers=(tier,)))


def test_one_list_has_one_bill(base: CustomerBase) -> None:
    """The money of a design and the bills its items are read from are the same bills, 12 a seat for 12 seats."""
    scenario = design(12)
    stands, why = scenario_standing(base, STUDY, scenario)
    billed = list_billed(base, scenario)
    assert stands is not None, why
    assert billed is not None
    assert stands.revenue_list == billed.revenue == 12 * 12
    assert stands.revenue_net == pytest.approx(2 * 12 + 10 * 12 * 0.8)
    assert stands.today is standing_of_last_months(base).today
    assert (
        stands.kept.tolist() == on_todays_list(base, stands.account_ids, stands.account_ids).kept.tolist() == [1, 0.8]
    )


def test_a_scenario_is_billed_once(base: CustomerBase) -> None:
    """Asked again, the same bills come back; another price is billed anew over the same account-months."""
    scenario = design(12)
    again = [list_billed(base, scenario), scenario_standing(base, STUDY, scenario)[0]]
    assert again[0] is list_billed(base, scenario)
    assert again[1] is scenario_standing(base, STUDY, scenario)[0]
    other = list_billed(base, design(13))
    assert other is not None
    assert other is not again[0]
    assert other.rows is standing_of_last_months(base).rows


@pytest.mark.parametrize("lacking", [(), ("usage",), ("plans",), ("usage", "plans")])
def test_paid_today_is_what_is_on_record_whatever_else_is(base: CustomerBase, lacking: tuple[str, ...]) -> None:
    """The money of a design, its tiers and its discounts know one revenue of today, with usage and plans or without."""
    known = CustomerBase.from_tables({name: each for name, each in base.frames.items() if name not in lacking})
    tier = Tier(id="one", name="One", price=60)
    scenario = Scenario(id="d", name="D").with_decision(TierDecision(tiers=(tier,)))
    stands, why = scenario_standing(known, STUDY, scenario)
    assert stands is not None, why
    moved = tiers.evaluate(known, scenario).change
    assert moved is not None
    assert stands.revenue_today == moved.today == sum(PAID.values())
    assert stands.revenue_net == pytest.approx(moved.new)


def standing_of(paid: list[float], net: list[float]) -> DesignStanding:
    """Return a design under which accounts that pay `paid` would pay `net`, in one month."""
    size = len(paid)
    months = ("2024-12",)
    accounts = pd.DataFrame({"account_id": [f"a{place:03}" for place in range(size)]})
    rows = [(one, month, amount) for one, amount in zip(accounts["account_id"], paid, strict=True) for month in months]
    mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"])
    base = CustomerBase.from_tables({"accounts": accounts, "mrr": mrr}, currency="USD")
    stands = scenario_standing(base, STUDY, Scenario(id="n", name="N"))[0]
    assert stands is not None
    return replace(stands, net=np.array(net), listed=np.array(net))


def told(stands: DesignStanding, mode: str = "full", chance: float | None = None) -> dict[str, str]:
    """Return the verdict of a first page on a design whose year ahead is unknown unless a chance is given."""
    content = SimpleNamespace(
        standing=stands, base=SimpleNamespace(currency="USD"), naming=SimpleNamespace(mode=mode), outcomes=()
    )
    figures = {
        "revenue.today": SimpleNamespace(value=stands.revenue_today, reason=""),
        "revenue.net": SimpleNamespace(value=stands.revenue_net, reason=""),
        "chance_above_today.12_months": SimpleNamespace(value=chance, reason="Too few months."),
    }
    return verdict(figures, content)  # type: ignore[arg-type]


def test_a_sum_on_one_account_says_so_and_what_the_others_bring() -> None:
    """An account that pays 930 of 1,000 is named with its share, and the others' money stands by itself; "" below."""
    stands = standing_of([930.0] + [10.0] * 7, [939.3] + [5.0] * 7)
    said = told(stands)["text"]
    for part in ("a000 alone pays 93%", "$70 today", "$35 after", "50"):
        assert part in said
    hidden = told(stands, "none")["text"]
    assert "one account" in hidden
    assert not any(part in hidden for part in ("a000", "93%", "$70"))
    assert "alone" not in told(standing_of([10.0] * 8, [9.0] * 8))["text"]
    assert told(standing_of([10.0], [9.0]))["text"].endswith("a000 alone pays 100% of all."), "there are no others"


@pytest.mark.parametrize(("down", "status"), [(0.999, "undecided"), (0.5, "do_not_launch")])
def test_no_verdict_is_taken_inside_its_own_noise(down: float, status: str) -> None:
    """Half of twelve bills doubled and half set so that the total falls by little decides nothing; all halved does."""
    paid = [float(10 + place) for place in range(12)]
    net = [each * (1.3 if place % 2 else 0.7) for place, each in enumerate(paid)] if status == "undecided" else paid
    net = [each * down * sum(paid) / sum(net) for each in net]
    stands = standing_of(paid, net)
    found = told(stands)
    assert stands.difference is not None
    assert stands.difference.estimate == pytest.approx(down - 1)
    assert (found["status"], stands.difference.low < 0 < stands.difference.high) == (status, status == "undecided")
    assert "other customers like these" in found["text"]


def test_nobody_left_yet_is_not_that_nobody_will() -> None:
    """Of twelve followed for a year and none lost, up to a fifth may still be lost: the lower end is below 1."""
    months = [f"{month:%Y-%m}" for month in pd.date_range("2023-12-01", periods=13, freq="MS")]
    rows = [(f"a{one}", month, 10.0) for one in range(12) for month in months]
    mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"])
    known = CustomerBase.from_tables(
        {"accounts": pd.DataFrame({"account_id": [f"a{one}" for one in range(12)]}), "mrr": mrr}, currency="USD"
    )
    content = SimpleNamespace(base=known, standing=None, study=SimpleNamespace(basis=""))
    found = {each.id: each for each in _baseline(content)}  # type: ignore[arg-type]
    kept = found["logo_retention"]
    assert kept.value == kept.high == 1
    assert kept.low is not None
    assert 0.75 < kept.low < 0.9


@pytest.mark.parametrize("followed", [3, 11, 12, 24])
def test_who_leaves_is_unknown_before_a_year_is_followed(followed: int) -> None:
    """Three months of new prices in which nobody is expected to leave say nothing of a year; then it has a range."""
    months = pd.date_range("2025-01-01", periods=followed, freq="MS")
    simulation = SimpleNamespace(
        statistics={"D": SimpleNamespace(months=months)},
        lost_to_price=lambda _name: Interval(0.1, 0.3, 1.2),
        fan=lambda _name: pd.DataFrame({"month": months}),
        chance_by_month=lambda _name: np.ones(followed),
    )
    given = {"ranges": SimpleNamespace(simulation=simulation, name="D", ahead=None)}
    content = SimpleNamespace(
        standing=None,
        base=SimpleNamespace(currency="USD"),
        study=STUDY,
        scenario=Scenario(id="d", name="D"),
        asked=lambda _stage, name, otherwise=None: given.get(name, otherwise),
    )
    found = {each.id: each for each in figures_ahead(content)}["expected_to_leave.accounts"]  # type: ignore[arg-type]
    if followed >= 12:
        assert (found.low, found.value, found.high) == (0.1, 0.3, 1.2)
        page = ResultFigures({"figures": [found.as_row()]})
        assert (page.text(found.id), page.range(found.id)) == ("0 accounts", "0 to 2 accounts")
    else:
        assert found.value is None
        assert str(followed) in found.reason


def test_what_offers_nothing_has_no_bill(base: CustomerBase) -> None:
    """A scenario without tiers or a curve has no list; today's has the bills of today."""
    assert list_billed(base, Scenario(id="n", name="N")) is None
    assert list_billed(base, Scenario(id="t", name="Today", kind="baseline")) is standing_of_last_months(base).today
