"""Choice tasks: who buys what under both rules, against hand-worked cases, closed forms and a plain loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from demand_cases import crowd, task
from numpy.testing import assert_allclose

from workbench.demand import ChoiceTask, DemandError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def by_hand(
    of: ChoiceTask, fees: list[float], add_on_fees: list[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Work the surplus rule one customer at a time, in words a reader can follow."""
    buyers, revenue, cost = np.zeros(len(of.plans)), 0.0, 0.0
    attached = np.zeros(len(of.add_ons))
    for row in range(of.rows):
        best, chosen, taken = of.rival[row], None, []
        for plan, fee in enumerate(fees):
            bill = fee * of.fee_units[row, plan] + of.plan_usage[row, plan]
            surplus, wanted = of.plan_worth[row, plan] - bill, []
            for add_on, add_on_fee in enumerate(add_on_fees):
                gain = of.add_on_worth[row, add_on] - add_on_fee * of.add_on_units[row, add_on]
                if of.add_on_open[plan, add_on] and gain > 0:
                    surplus += gain
                    wanted.append(add_on)
            if surplus > best:
                best, chosen, taken = surplus, (plan, bill), wanted
        if chosen is not None:
            plan, bill = chosen
            buyers[plan] += of.weight[row]
            revenue += of.weight[row] * bill
            cost += of.weight[row] * of.plan_cost[row, plan]
            for add_on in taken:
                attached[add_on] += of.weight[row]
                revenue += of.weight[row] * add_on_fees[add_on] * of.add_on_units[row, add_on]
                cost += of.weight[row] * of.add_on_cost[row, add_on]
    return buyers, attached, revenue, cost


def test_three_customers_two_plans_by_hand() -> None:
    """Surpluses (5, 0), (-5, 10) and (-1, -20) send one customer to each plan and the third to nothing."""
    found = task([[15, 30], [5, 40], [9, 10]]).outcome([10, 30], with_choice=True)
    assert found.choice.tolist() == [0, 1, -1]
    assert_allclose(found.buyers, [1, 1])
    assert_allclose([found.revenue, found.elsewhere, found.accounts], [40, 1, 3])
    assert_allclose(found.shares, [1 / 3, 1 / 3])


@pytest.mark.parametrize("seed", range(5))
def test_surplus_rule_equals_a_plain_loop(seed: int) -> None:
    """Buyers, attached add-ons, revenue and cost equal a loop over customers, whatever the bills are made of."""
    of = crowd(seed)
    fees, add_on_fees = [30.0, 45.0, 60.0], [9.0, 14.0]
    found = of.outcome(fees, add_on_fees)
    buyers, attached, revenue, cost = by_hand(of, fees, add_on_fees)
    assert_allclose(found.buyers, buyers)
    assert_allclose(found.add_on_buyers, attached)
    assert_allclose([found.revenue, found.cost, found.margin], [revenue, cost, revenue - cost])


def test_logit_shares_in_closed_form() -> None:
    """Shares are exp(surplus / scale) over the sum, nothing included; the published single-product case gives 1/2."""
    one = task([[20.0]], rule="logit", scale=10.0)  # a = 2, b = 0.1
    assert_allclose([one.outcome([20.0]).shares[0], one.outcome([20.0]).revenue], [0.5, 10.0])
    two = task([[30.0, 50.0]], rule="logit", scale=8.0, rival=np.array([3.0]))
    weights = np.exp(np.array([30 - 25, 50 - 38, 3]) / 8)
    assert_allclose(two.outcome([25.0, 38.0]).shares, (weights / weights.sum())[:2])


def test_logit_add_ons_in_closed_form() -> None:
    """An add-on is attached with the logistic of its surplus, and its option value lifts the plans open to it."""
    of = task(
        [[30.0, 50.0]], rule="logit", scale=8.0, add_ons=("a",), add_on_worth=[[12.0]],
        add_on_open=np.array([[True], [False]]), add_on_cost=np.array([[2.0]]),
    )  # fmt: skip
    found = of.outcome([25.0, 38.0], [10.0])
    option = 8 * math.log1p(math.exp(2 / 8))
    weights = np.exp(np.array([5 + option, 12, 0]) / 8)
    first, second, _ = weights / weights.sum()
    attached = first / (1 + math.exp(-2 / 8))
    assert_allclose(found.shares, [first, second])
    assert_allclose(found.add_on_buyers, [attached])
    assert_allclose([found.revenue, found.cost], [25 * first + 38 * second + 10 * attached, 2 * attached])


def test_logit_with_little_spread_is_the_surplus_rule() -> None:
    """As the spread of taste goes to nothing, logit shares become the choice of the highest surplus."""
    fees, add_on_fees = [30.0, 45.0, 60.0], [9.0, 14.0]
    sharp = crowd(1, rule="logit", scale=1e-3).outcome(fees, add_on_fees)
    assert_allclose(sharp.buyers, crowd(1).outcome(fees, add_on_fees).buyers, atol=0.5)


def test_two_types_pay_for_quality_as_published() -> None:
    """Tastes 2 and 3, qualities 1/2 and 3/2 at prices 1 and 4: everybody buys, and the profit is 1.25 a head."""
    quality = np.array([0.5, 1.5])
    of = task(np.outer([2.0, 3.0], quality), plan_cost=np.tile(quality**2, (2, 1)), weight=[0.5, 0.5])
    found = of.outcome([1.0, 4.0])
    assert_allclose(found.buyers, [0.5, 0.5])
    assert_allclose(found.margin, 1.25)


def test_who_is_indifferent_follows_the_tie_rule() -> None:
    """At equal surplus the seller's tie sells the dearer plan, the customer's the cheaper one, and none rather."""
    equal = [[20.0, 30.0]]
    assert task(equal).outcome([10, 20], with_choice=True).choice.tolist() == [1]
    assert task(equal, ties="customer").outcome([10, 20], with_choice=True).choice.tolist() == [0]
    assert task(equal).outcome([20, 40], with_choice=True).choice.tolist() == [0]
    assert task(equal, ties="customer").outcome([20, 40], with_choice=True).choice.tolist() == [-1]


@pytest.mark.parametrize("first_dearer", [True, False])
def test_ties_look_at_the_bill_where_bills_vary(first_dearer: bool) -> None:
    """With usage on the bill the dearer plan is the one with the higher bill, whatever the fees say."""
    usage = np.array([[30.0, 0.0]]) if first_dearer else np.array([[0.0, 30.0]])
    of = task(usage + 30, plan_usage=usage)
    assert of.outcome([10, 10], with_choice=True).choice.tolist() == [0 if first_dearer else 1]


def test_nobody_buys_what_cannot_serve_or_has_no_fee() -> None:
    """A plan worth minus infinity, or without a fee, has no buyer under either rule."""
    for rule in ("surplus", "logit"):
        of = task([[-np.inf, 90.0, 95.0]] * 2, rule=rule, scale=5.0)
        found = of.outcome([1.0, 10.0, np.nan])
        assert found.buyers[0] == found.buyers[2] == 0
        assert found.buyers[1] > 1.9


def test_taking_an_add_on_off_the_offer_is_as_if_there_were_none() -> None:
    """An add-on without a fee changes neither shares nor revenue."""
    for rule in ("surplus", "logit"):
        of = crowd(2, rule=rule, scale=6.0)
        bare = crowd(2, add_ons=0, rule=rule, scale=6.0)
        assert of.outcome([30, 45, 60], [np.nan, np.inf]).add_on_buyers.sum() == 0
        small = task(of.plan_worth, **_same_plans(of), rule=rule, scale=6.0)
        assert_allclose(of.outcome([30, 45, 60], [np.nan, np.nan]).buyers, small.outcome([30, 45, 60]).buyers)
        assert bare.add_ons == ()


def _same_plans(of: ChoiceTask) -> dict[str, object]:
    names = ("plan_usage", "plan_cost", "fee_units", "rival", "weight", "customer", "draw")
    return {name: getattr(of, name) for name in names}


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_everybody_goes_somewhere(rule: str) -> None:
    """Buyers of plans and those who go elsewhere are all accounts, in sum and in every group."""
    of = crowd(3, rule=rule, scale=6.0)
    found = of.outcome([30, 45, 60], [9, 14])
    assert_allclose(found.buyers.sum() + found.elsewhere, of.weight.sum())
    groups = np.arange(of.customers) % 3
    split = of.buyers_by(groups, 3, [30, 45, 60], [9, 14])
    assert_allclose(split.sum(axis=0)[:-1], found.buyers)
    assert_allclose(split.sum(axis=1), np.bincount(groups[of.customer], of.weight))


@pytest.mark.parametrize("rule", ["surplus", "logit"])
@pytest.mark.parametrize("plan", [0, 1, 2])
def test_a_dearer_plan_has_no_more_buyers(rule: str, plan: int) -> None:
    """Raising one plan's fee never raises its own share, nor the sum of all shares."""
    of = crowd(4, rule=rule, scale=6.0)
    own, everyone = [], []
    for fee in np.linspace(1, 120, 30):
        fees = [30.0, 45.0, 60.0]
        fees[plan] = fee
        found = of.outcome(fees, [9, 14], by_draw=False)
        own.append(found.buyers[plan])
        everyone.append(found.buyers.sum())
    assert (np.diff(own) <= 1e-9).all()
    assert (np.diff(everyone) <= 1e-9).all()


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_money_in_other_coins_changes_no_choice(rule: str) -> None:
    """With all money times ten, the same people buy the same and revenue is ten times as high."""
    of = crowd(5, rule=rule, scale=6.0)
    money = ("plan_worth", "plan_usage", "plan_cost", "add_on_worth", "add_on_cost", "rival")
    tenfold = ChoiceTask(**{**of.__dict__, **{name: getattr(of, name) * 10 for name in money}, "scale": 60.0})
    here, there = of.outcome([30, 45, 60], [9, 14]), tenfold.outcome([300, 450, 600], [90, 140])
    assert_allclose(there.buyers, here.buyers)
    assert_allclose([there.revenue, there.margin], [here.revenue * 10, here.margin * 10])


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_draws_average_to_the_total_and_intervals_hold_it(rule: str) -> None:
    """The mean over draws is the total without them, and the intervals are the draws' 5% and 95% points."""
    of = crowd(6, rule=rule, scale=6.0)
    by_draw, at_once = (of.outcome([30, 45, 60], [9, 14], by_draw=keep) for keep in (True, False))
    assert by_draw.revenue_by_draw.shape == (4,)
    assert_allclose(by_draw.revenue, at_once.revenue)
    assert_allclose(by_draw.add_on_revenue, at_once.add_on_revenue)
    assert_allclose(by_draw.revenue_interval.low, np.quantile(by_draw.revenue_by_draw, 0.05))
    assert_allclose(by_draw.margin_interval.estimate, by_draw.margin)
    assert_allclose([each.estimate for each in by_draw.share_intervals], by_draw.shares)


def test_weights_count_accounts() -> None:
    """A row of weight three counts as the row three times."""
    fees = [10.0, 30.0]
    heavy = task([[15, 30], [5, 40]], weight=[3, 1]).outcome(fees)
    listed = task([[15, 30], [15, 30], [15, 30], [5, 40]]).outcome(fees)
    assert_allclose(heavy.buyers, listed.buyers)
    assert heavy.revenue == listed.revenue


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_single_precision_keeps_money_to_one_part_in_ten_thousand(rule: str) -> None:
    """Over many blocks, float32 inputs give the revenue of float64 within 0.0001."""
    rng = np.random.default_rng(7)
    worth = rng.lognormal(5, 0.5, (300_000, 1)) * np.array([0.8, 1.0, 1.4])
    fees = [70.0, 110.0, 190.0]
    exact = task(worth, rule=rule, scale=15.0).outcome(fees)
    single = task(worth.astype(np.float32), dtype=np.float32, rule=rule, scale=15.0).outcome(fees)
    assert_allclose(single.revenue, exact.revenue, rtol=1e-4)
    assert_allclose(single.buyers, exact.buyers, rtol=1e-3)


def test_shapes_and_words_are_checked() -> None:
    """Wrong shapes, unknown values, rules, scales and fees are refused by name."""
    good = task([[15.0, 30.0]])
    with pytest.raises(DemandError, match="plan_cost has the shape"):
        task([[15.0, 30.0]], plan_cost=np.zeros((1, 3)))
    with pytest.raises(DemandError, match="rival holds values that are not numbers"):
        task([[15.0, 30.0]], rival=np.array([np.nan]))
    with pytest.raises(DemandError, match="no rule 'probit'"):
        task([[15.0, 30.0]], rule="probit")
    with pytest.raises(DemandError, match="spread of taste is 0"):
        task([[15.0, 30.0]], scale=0.0)
    with pytest.raises(DemandError, match="below 0"):
        task([[15.0, 30.0]], weight=[-1.0])
    with pytest.raises(DemandError, match="3 fees for 2 plans"):
        good.outcome([1, 2, 3])
    with pytest.raises(DemandError, match="not one choice"):
        task([[15.0]], rule="logit").outcome([1.0], with_choice=True)


def test_nobody_to_sell_to() -> None:
    """Without rows there are no buyers and no revenue, and shares are unknown."""
    found = task(np.empty((0, 2))).outcome([1, 2], by_draw=False)
    assert found.revenue == 0
    assert np.isnan(found.shares).all()
