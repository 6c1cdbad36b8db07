"""Worth: what features, limits and add-ons are worth to a customer, from a total or item by item."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from workbench.demand import (
    Allowance,
    Customers,
    Demand,
    DemandError,
    Rival,
    Willingness,
    from_utilities,
    split_worth,
)
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook
from workbench.research import Overstatement


def customers(size: int = 2, **given: object) -> Customers:
    """Return customers with seats 4, 8, 12 ... and whatever else is given."""
    seats = 4.0 * np.arange(1, size + 1)
    fields = {
        "ids": np.array([f"A{number}" for number in range(size)], dtype=object),
        "segment": np.array(["small"] * size, dtype=object),
        "weight": np.ones(size),
        "needs": {"seats": seats},
        "billed": {"seats": seats},
    }
    return Customers(**{**fields, **given})


def willing(asked: Customers, *totals: float, draws: int = 3) -> Willingness:
    """Return a willingness that is the same in every draw."""
    return Willingness(source="a test", customers=asked, total=np.repeat(np.array([totals]).T, draws, axis=1))


def test_features_share_what_the_bare_product_leaves() -> None:
    """With 40% for the bare product and counts of 3 to 1, the plan with the first feature is worth 40% + 60% * 3/4."""
    worth = split_worth(willing(customers(1), 200.0), {"alerts": 3.0, "maps": 1.0}, without_features=(0.4, 0.4))
    assert_allclose(worth.of(Plan("bare", 1)), 80.0)
    assert_allclose(worth.of(Plan("some", 1, features=("alerts",))), 200 * (0.4 + 0.6 * 0.75))
    assert_allclose(worth.of(Plan("all", 1, features=("alerts", "maps"))), 200.0)
    assert_allclose(worth.of_add_on(AddOn("maps", 1, features=("maps",))), 200 * 0.6 * 0.25)


def test_a_feature_counts_less_for_who_does_not_use_it() -> None:
    """Who uses one of two equal features values it four to one when unused features count a quarter."""
    asked = customers(1, uses=np.array([[True, False]]), feature_names=("alerts", "maps"))
    worth = split_worth(willing(asked, 100.0), ["alerts", "maps"], without_features=(0.0, 0.0), unused=0.25)
    assert_allclose(worth.of(Plan("a", 1, features=("alerts",))), 80.0)
    assert_allclose(worth.of(Plan("m", 1, features=("maps",))), 20.0)


def test_more_features_are_never_worth_less() -> None:
    """Adding a feature to a plan does not lower its worth to anybody."""
    rng = np.random.default_rng(0)
    names = tuple("abcdef")
    asked = customers(50, uses=rng.random((50, 6)) < 0.5, feature_names=names)
    worth = split_worth(willing(asked, *rng.uniform(10, 90, 50)), dict(zip(names, rng.random(6), strict=True)))
    for size in range(6):
        less, more = (worth.of(Plan("p", 1, features=names[:count])) for count in (size, size + 1))
        assert (more >= less - 1e-12).all()


def test_beyond_the_limit_a_plan_cannot_serve_or_serves_a_part() -> None:
    """With a need of 8 seats and a limit of 4, the plan is worth minus infinity, or half."""
    asked = customers(2)
    plan = Plan("small", 1, limits=(Limit("seats", 4),))
    assert_allclose(split_worth(willing(asked, 50.0, 90.0), []).of(plan)[:, 0], [50.0, -np.inf])
    assert_allclose(split_worth(willing(asked, 50.0, 90.0), [], beyond_limit="worth less").of(plan)[:, 0], [50.0, 45.0])


def test_usage_beyond_an_included_amount_is_billed_not_refused() -> None:
    """Without a limit but with a price beyond 4 seats, the customer with 8 has four seats more on the bill."""
    demand = Demand(worth=split_worth(willing(customers(2), 50.0, 90.0), []))
    book = PriceBook("b", "USD", (Plan("p", 20, (Charge("seats", "per_unit", unit_price=5, free_units=4),)),))
    task = demand.task(book)
    assert_allclose(task.plan_usage[:, 0].reshape(2, 3)[:, 0], [0.0, 20.0])
    assert_allclose(demand.outcome(book).revenue, 20 + 40)


def test_a_plan_without_a_must_serves_only_who_does_not_use_it() -> None:
    """A plan that lacks a must-have cannot serve the customer who uses it, and keeps its worth for the other."""
    asked = customers(2, uses=np.array([[True], [False]]), feature_names=("login",))
    worth = split_worth(willing(asked, 50.0, 90.0), ["login"], must_have=["login"])
    assert_allclose(worth.of(Plan("bare", 1))[:, 0], [-np.inf, 90.0])
    assert_allclose(worth.of(Plan("full", 1, features=("login",)))[:, 0], [50.0, 90.0])


def test_what_is_paid_for_a_part_says_more_about_the_whole() -> None:
    """Who pays 60 for a plan that is 60% of everything would pay 100 for everything; by each customer's plan today."""
    asked = customers(2, plan=np.array(["half", "gone"], dtype=object))
    half = Plan("half", 1, features=("a",))
    worth = split_worth(willing(asked, 60.0, 60.0), ["a", "b"], without_features=(0.2, 0.2), stated_for={"half": half})
    assert_allclose(worth.whole[:, 0], [100.0, 60.0])
    assert_allclose(worth.of(half)[0], 60.0)
    assert any("50% of customers are on no listed plan" in caution.text for caution in worth.cautions)


def test_what_nobody_measured_is_said() -> None:
    """The split names its open ranges, and its draws stay within them."""
    worth = split_worth(willing(customers(1), 10.0, draws=50), ["a"], without_features=(0.3, 0.7))
    assert "0.3 to 0.7" in " ".join(each.sentence for each in worth.assumed)
    assert 0.3 <= worth.without_features.min() < 0.33
    assert 0.67 < worth.without_features.max() <= 0.7


def test_utilities_become_money() -> None:
    """Utilities of 0.8 and -1.1 at a price coefficient of -0.4 per 100 are worth 200 and, for none, 275 a month."""
    utilities = np.tile([-0.4, 0.8, 0.5, -1.1], (2, 4, 1))
    worth = from_utilities(
        utilities, ["price", "agent", "gb", "none"], customers(2),
        price="price", features={"agent": "Insight agent"}, none="none", price_unit=100.0,
        allowances={"gb": Allowance("gigabytes", lambda most: float(np.log2(most / 250)), most=2000)},
        overstatement=Overstatement(1.0, 1.0),
    )  # fmt: skip
    assert_allclose(worth.of(Plan("bare", 1, limits=(Limit("gigabytes", 250),))), 275.0)
    agent = Plan("agent", 1, limits=(Limit("gigabytes", 500),), features=("Insight agent",))
    assert_allclose(worth.of(agent), 275 + 200 + 125)
    assert_allclose(worth.of(Plan("no limit", 1)), 275 + 3 * 125)
    assert_allclose(worth.of_add_on(AddOn("agent", 1, features=("Insight agent",))), 200.0)
    half = from_utilities(
        utilities, ["price", "agent", "gb", "none"], customers(2), price="price", features={"agent": "Insight agent"},
        none="none", price_unit=100.0, overstatement=Overstatement(2.0, 2.0),
    )  # fmt: skip
    assert_allclose(half.whole, (275 + 200) / 2)


def test_who_likes_higher_prices_is_replaced_and_counted() -> None:
    """A respondent with the wrong sign takes other coefficients, and the caution says how many did."""
    utilities = np.array([[[-0.5, 1.0]], [[0.5, 9.0]]])
    worth = from_utilities(
        utilities, ["price", "a"], customers(2), price="price", features={"a": "A"}, overstatement=Overstatement(1, 1)
    )
    assert_allclose(worth.items["A"], 2.0)
    assert any("50.0% of respondents and draws" in caution.text for caution in worth.cautions)
    with pytest.raises(DemandError, match="Nobody minds paying"):
        from_utilities(-utilities[:1] * 0 + 1, ["price", "a"], customers(1), price="price", features={"a": "A"})
    with pytest.raises(DemandError, match="unknown: b"):
        from_utilities(utilities, ["price", "a"], customers(2), price="price", features={"b": "A"})


def test_a_rival_takes_who_it_serves_better() -> None:
    """A rival that lacks 20% at a price of 10 leaves 70 of 100: ours at 40 loses, at 25 it wins."""
    asked = customers(1)
    rival = Rival("Northwind Team", Plan("Team", 10), lacks=(0.2, 0.2))
    demand = Demand(worth=split_worth(willing(asked, 100.0), []), rivals=(rival,))
    assert demand.outcome(PriceBook("b", "USD", (Plan("p", 40),))).revenue == 0
    assert_allclose(demand.outcome(PriceBook("b", "USD", (Plan("p", 25),))).revenue, 25)
    assert "0.2" in " ".join(each.sentence for each in demand.assumed)
    assert not any("No competitor is named" in caution.text for caution in demand.cautions)


def test_rivals_without_a_usable_price_are_left_out_and_named() -> None:
    """Prices on request and prices for what nobody records leave the choice as it was."""
    asked = customers(1)
    odd = (Rival("X", Plan("X", None)), Rival("Y", Plan("Y", 0, (Charge("hosts", "per_unit", unit_price=1),))))
    demand = Demand(worth=split_worth(willing(asked, 100.0), []), rivals=odd)
    assert demand.outcome(PriceBook("b", "USD", (Plan("p", 90),))).revenue == 90
    texts = " ".join(caution.text for caution in demand.cautions)
    assert "X is left out of the choice: it has no published price" in texts
    assert "Y is left out of the choice: what it charges for is not recorded" in texts


def test_logit_rivals_pull_together() -> None:
    """Under the logit rule a rival is one more offer in the sum."""
    rival = Rival("N", Plan("Team", 30), lacks=(0.0, 0.0))
    demand = Demand(worth=split_worth(willing(customers(1), 100.0), []), rivals=(rival,), rule="logit", scale=20.0)
    pulls = np.exp(np.array([100 - 40, 100 - 30, 0]) / 20)
    assert_allclose(demand.outcome(PriceBook("b", "USD", (Plan("p", 40),))).shares, pulls[0] / pulls.sum())
