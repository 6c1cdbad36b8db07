"""Prices found: closed forms, brute force, rules, rounding, what is flat and what is gained."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from markets import FREE, book_of, drawn_market, task_of

from workbench.demand import ChoiceTask, DemandError
from workbench.demand.search import PriceConstraints, search_prices, with_prices
from workbench.rules.packaging import middle_share, price_share, top_to_entry

pytestmark = pytest.mark.slow

OPEN = PriceConstraints(off=FREE)


def grid_best(task: ChoiceTask, steps: int) -> float:
    """Return the highest revenue over a grid of all prices, `steps` for each, from 1 to what the dearest buyer pays."""
    worths = (*task.plan_worth.T, *task.add_on_worth.T)
    ladders = [np.linspace(1, column.max(), steps) for column in worths]
    plans = len(task.plans)
    return max(task.outcome(each[:plans], each[plans:], by_draw=False).revenue for each in product(*ladders))


@pytest.mark.parametrize("seed", range(4))
def test_no_grid_finds_better_prices(seed: int) -> None:
    """A brute-force grid over two tiers and an add-on brings no more than the search."""
    task = drawn_market(12, 2, 1, seed)
    found = search_prices(task, book_of(task), constraints=OPEN, rule_costs=False, flat=None)
    assert found.value >= grid_best(task, 18) * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_thresholds_of_one_price_are_all_seen(seed: int) -> None:
    """With one plan the best price is one of the customers' own limits, and the search finds the best of them."""
    task = drawn_market(400, 1, 0, seed)
    limits = task.plan_worth[:, 0] - task.rival
    counted = max(price * task.weight[limits >= price - 1e-9].sum() for price in limits)
    found = search_prices(task, book_of(task), constraints=OPEN, rule_costs=False, flat=None)
    assert found.value == pytest.approx(counted, rel=1e-9)


def test_several_peaks_are_reported_and_the_highest_is_returned() -> None:
    """Many customers who pay 10 and a few who pay 130 make two peaks; one start from below would stop at the lower."""
    logit = task_of([[10.0], [130.0]], weight=np.array([0.9, 0.1]), rule="logit", scale=1.0)
    found = search_prices(logit, book_of(logit, [9]), constraints=OPEN, rule_costs=False, flat=None)
    values = [peak.value for peak in found.peaks]
    assert len(values) == 2
    assert values == sorted(values, reverse=True)
    assert found.prices["Plan 1"] == pytest.approx(found.peaks[0].prices["Plan 1"])
    assert found.prices["Plan 1"] > 100 > found.peaks[1].prices["Plan 1"]


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_found_prices_pass_the_checks_of_the_rulebook(rule: str) -> None:
    """The very checks that judge a design (T2, T4, A2) find nothing wrong with the prices found."""
    task = drawn_market(800, 3, 2, 5, rule=rule, scale=8.0)
    found = search_prices(task, book_of(task), starts=8, rule_costs=False, flat=None)
    tiers = {name: found.prices[name] for name in task.plans}
    counts = dict(zip(task.plans, np.round(found.outcome.buyers * 1000).astype(int), strict=True))
    assert top_to_entry(tiers).status == "ok"
    assert middle_share(counts).status == "ok"
    for name in task.add_ons:
        assert price_share(name, found.prices[name], core_price=tiers["Plan 2"]).status == "ok"


def test_every_rule_costs_something_or_nothing() -> None:
    """Switching a rule off never loses, and switching all off gains most."""
    task = drawn_market(500, 3, 1, 2)
    market = {"Plan 3": (60.0, 90.0)}
    found = search_prices(
        task, book_of(task), constraints=PriceConstraints(market=market, ending="nine"), starts=8, flat=None
    )
    gains = {cost.rule: cost.gain for cost in found.rule_costs}
    assert set(gains) == {"T2", "T4", "A2", "C4", "order", "ending", "all"}
    assert min(gains.values()) >= 0
    assert gains["all"] >= max(gains.values()) * 0.99
    assert gains["all"] > 0


def test_the_flat_region_keeps_what_it_says() -> None:
    """Every design of the flat region brings 99% of the best, meets every rule, and lies in the ranges told."""
    task = drawn_market(600, 3, 1, 4)
    constraints = PriceConstraints(off=frozenset({"T2"}))
    found = search_prices(task, book_of(task), constraints=constraints, starts=8, rule_costs=False)
    assert found.flat is not None
    assert len(found.flat.designs) > 50
    for design in found.flat.designs.to_dict("records"):
        fees = [design[name] for name in task.plans]
        value = task.outcome(fees, [design["Add-on 1"]], by_draw=False).revenue
        assert value >= 0.99 * found.value * (1 - 1e-9)
        assert 3 - 1e-6 <= fees[-1] / fees[0] <= 5 + 1e-6
        assert all(
            found.flat.together[name][0] <= design[name] <= found.flat.together[name][1] for name in found.searched
        )
    for place, name in enumerate(found.searched):
        low, high = found.flat.alone[name]
        assert low <= found.prices[name] <= high
        for price in np.linspace(low, high, 15):
            prices = [price if number == place else found.prices[each] for number, each in enumerate(found.searched)]
            assert task.outcome(prices[:3], prices[3:], by_draw=False).revenue >= 0.99 * found.value * (1 - 1e-6)


@pytest.mark.parametrize("ending", ["nine", "fives", "tens", "usual", "cents"])
def test_prices_end_as_asked(ending: str) -> None:
    """Rounded prices end as asked, meet the rules and bring no more than exact ones."""
    task = drawn_market(400, 3, 1, 1)
    exact = search_prices(task, book_of(task), starts=6, rule_costs=False, flat=None)
    asked = PriceConstraints(ending=ending)
    found = search_prices(task, book_of(task), constraints=asked, starts=6, rule_costs=False, flat=None)
    ends = {
        "nine": lambda price: round(price * 100) % 10 == 9 or round(price) % 10 == 9,
        "fives": lambda price: price % 5 == 0,
        "tens": lambda price: price % 10 == 0,
        "usual": lambda price: round(price * 4, 6) % 1 == 0,
        "cents": lambda price: abs(price * 100 - round(price * 100)) < 1e-6,
    }[ending]
    assert all(ends(found.prices[name]) for name in found.searched)
    assert found.value <= exact.value * (1 + 2e-3)
    assert top_to_entry({name: found.prices[name] for name in task.plans}).status == "ok"


def test_rules_that_exclude_each_other_are_named() -> None:
    """When no prices are left, the error names exactly the rules that clash."""
    task = drawn_market(50, 3, 1, 0)
    clash = PriceConstraints(market={"Plan 3": (90.0, 110.0)}, fixed={"Plan 1": 10.0})
    with pytest.raises(DemandError, match="exclude each other") as caught:
        search_prices(task, book_of(task), constraints=clash)
    assert all(words in str(caught.value) for words in ("market corridor of Plan 3", "T4", "fixed price of Plan 1"))
    assert "A2" not in str(caught.value)


def test_a_middle_nobody_wants_is_an_error() -> None:
    """When the middle tier is worth nothing, no prices reach T2, and the error says how near they come."""
    worth = np.column_stack([np.linspace(10, 50, 200), np.zeros(200), np.linspace(40, 150, 200)])
    task = task_of(worth)
    with pytest.raises(DemandError, match="in the middle tier"):
        search_prices(task, book_of(task), starts=4)


def test_fixed_free_and_unpriced_plans_stay() -> None:
    """A fixed price, a free plan and a plan on request keep what they have; the others are searched."""
    task = drawn_market(300, 4, 1, 3)
    book = book_of(task, [0, 40, 80, None])
    constraints = PriceConstraints(fixed={"Plan 2": 35.0}, off=frozenset({"T2"}))
    found = search_prices(task, book, constraints=constraints, starts=6, rule_costs=False, flat=None)
    assert found.prices["Plan 1"] == 0
    assert found.prices["Plan 2"] == pytest.approx(35)
    assert "Plan 4" not in found.prices
    assert found.searched == ("Plan 2", "Plan 3", "Add-on 1")


def test_thresholds_come_from_the_study() -> None:
    """A study that moves the spread of the tiers moves the prices found."""
    from dataclasses import replace  # noqa: PLC0415 - one test only

    from workbench.rules import RULEBOOK, Rulebook  # noqa: PLC0415 - one test only

    rule = RULEBOOK["T4"]
    moved = Rulebook({**RULEBOOK.rules, "T4": replace(rule, threshold=rule.threshold.moved(low=6, high=7))})
    task = drawn_market(300, 3, 0, 3)
    given = PriceConstraints(rulebook=moved, off=frozenset({"T2"}))
    found = search_prices(task, book_of(task), constraints=given, starts=6, rule_costs=False, flat=None)
    assert 6 - 1e-6 <= found.prices["Plan 3"] / found.prices["Plan 1"] <= 7 + 1e-6


def test_the_gain_uses_the_draws_when_there_are_enough() -> None:
    """The gain is that of each draw prices were not searched on, every other one; own prices gain nothing for sure."""
    rows, draws = 60, 40
    base = drawn_market(rows, 2, 0, 6)
    factor = np.random.default_rng(0).lognormal(0, 0.15, draws)
    worth = np.concatenate([base.plan_worth * each for each in factor])
    task = task_of(
        worth,
        weight=np.full(rows * draws, 1 / draws),
        customer=np.tile(np.arange(rows), draws),
        draw=np.repeat(np.arange(draws), rows),
    )
    found = search_prices(task, book_of(task), constraints=OPEN, starts=6, rule_costs=False, flat=None)
    assert found.gain.by == "draws"
    assert found.gain.drawn.size == draws / 2
    assert found.gain.drawn.mean() == pytest.approx(found.value - found.today_value)
    again = search_prices(
        task, with_prices(book_of(task), found), constraints=OPEN, starts=6, rule_costs=False, flat=None
    )
    assert abs(again.value / again.today_value - 1) < 1e-3


def test_the_same_seed_finds_the_same_prices() -> None:
    """A search can be repeated: the seed decides everything."""
    task = drawn_market(200, 2, 1, 8)
    one, two = (search_prices(task, book_of(task), constraints=OPEN, seed=3, starts=5, flat=None) for _ in range(2))
    assert one.prices == two.prices
    assert one.looks == two.looks


def test_found_prices_make_a_price_book() -> None:
    """Found prices go into a copy of the price book and come back as today's prices of the next search."""
    task = drawn_market(200, 3, 1, 9)
    book = book_of(task)
    found = search_prices(
        task, book, constraints=PriceConstraints(ending="cents"), starts=5, rule_costs=False, flat=None
    )
    changed = with_prices(book, found)
    assert {plan.name: float(plan.base_fee or 0) for plan in changed.plans} == pytest.approx(
        {name: found.prices[name] for name in task.plans}
    )
    assert float(changed.add_ons[0].base_fee or 0) == pytest.approx(found.prices["Add-on 1"])
    assert book == book_of(task)
    with pytest.raises(DemandError, match="Gold"):
        with_prices(book, {"Gold": 10.0})


def test_words_and_tables_name_every_price() -> None:
    """The reading and the tables name every searched price, money with its currency."""
    task = drawn_market(200, 3, 1, 9)
    found = search_prices(task, book_of(task), starts=5)
    for name in found.searched:
        assert name in found.reading
        assert name in found.rule_table.frame.columns
        assert name in set(found.price_table["Offer"])
    assert "$" in found.reading
    assert len(found.peak_table) == len(found.peaks)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fixed": {"Gold": 5.0}}, "Gold"),
        ({"market": {"Plan 1": (20.0, 10.0)}}, "lower end first"),
        ({"off": frozenset({"T9"})}, "T9"),
        ({"fixed": {"Plan 1": -5.0}}, "price of 0 or more"),
    ],
)
def test_wrong_constraints_are_refused(given: dict, words: str) -> None:
    """A constraint on an unknown offer, with its ends swapped, or on an unknown rule is an error that says so."""
    task = drawn_market(20, 2, 0, 0)
    with pytest.raises(DemandError, match=words):
        search_prices(task, book_of(task), constraints=PriceConstraints(**given))


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_most_buyers_are_found_at_prices_above_nothing(rule: str) -> None:
    """Of the prices that nearly everybody pays the dearest are returned, and they can end as on a price list."""
    task = drawn_market(300, 3, 1, 7, rule=rule, scale=8.0, rival=np.zeros(300))
    constraints = PriceConstraints(off=frozenset({"T2"}), ending="usual")
    found = search_prices(task, book_of(task), "share", constraints, rule_costs=False, starts=4)
    plans = [found.prices[name] for name in task.plans]
    nothing = task.outcome(np.full(3, 1e-6), np.full(1, 1e-6), by_draw=False)
    assert found.value >= 0.97 * nothing.buyers.sum() / nothing.accounts
    assert min(plans) > 0.1
    dearer = task.outcome([1.5 * price for price in plans], [1.5 * found.prices["Add-on 1"]], by_draw=False)
    assert dearer.buyers.sum() / dearer.accounts < found.value
    assert any("dearest" in caution.text for caution in found.cautions)
    assert "accounts buy at them, against" in found.reading


def test_prices_far_below_a_cent_end_in_the_usual_way() -> None:
    """A price per call or row of a hundredth of a cent is found and rounded like any other."""
    task = drawn_market(200, 1, 0, 3, fee_units=np.full((200, 1), 1e6))
    open_ended = PriceConstraints(off=FREE, ending="usual")
    found = search_prices(task, book_of(task, [0.0001]), constraints=open_ended, rule_costs=False, flat=None)
    assert 0 < found.prices["Plan 1"] < 0.001
    assert f"{found.prices['Plan 1']:.1e}" == f"{found.prices['Plan 1']:.2e}".replace("0e", "e")
