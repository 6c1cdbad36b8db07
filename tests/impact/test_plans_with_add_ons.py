"""The cheapest plan that meets a need, where an add-on can meet it too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from workbench.customers import CustomerBase
from workbench.errors import ChargeError
from workbench.impact import CheapestThatFits, PlanTable, replay
from workbench.impact.migration import opt_in_overage
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook

MakeBase = Callable[..., CustomerBase]
SEATS, CALLS = 5, {"light": 50, "heavy": 500, "huge": 50_000}


def per_seat(name: str, price: int, most: int | None, *features: str) -> Plan:
    """Return a plan charged by seats with a limit on calls."""
    return Plan(name, 0, (Charge("seats", "per_unit", unit_price=price),), (Limit("calls", most),), features)


TODAY = PriceBook("Today", "USD", (per_seat("Team", 20, 100), per_seat("Big", 60, 1000)))


@pytest.fixture
def base(base_of: MakeBase) -> CustomerBase:
    """Return accounts of five seats that use few, more and very many calls; two use the feature api."""
    return base_of(
        {"seats": {name: [SEATS] for name in CALLS}, "calls": {name: [calls] for name, calls in CALLS.items()}},
        uses={"light": {"api": 3}, "huge": {"api": 3}},
    )


def test_who_goes_beyond_a_limit_buys_the_overage_or_the_larger_plan_whichever_is_cheaper(base: CustomerBase) -> None:
    """An opt-in overage serves accounts no plan can hold, and is weighed against the next plan."""
    without = replay(base, TODAY)
    assert without.by_account().set_index("account_id")["plan"].to_dict() == {
        "light": "Team", "heavy": "Big", "huge": "no plan"
    }  # fmt: skip
    cheap = replay(base, opt_in_overage(TODAY, "calls", unit_price="0.10"))
    dear = replay(base, opt_in_overage(TODAY, "calls", unit_price=1))
    found = [done.by_account().set_index("account_id")["per_month"].to_dict() for done in (cheap, dear)]
    assert found[0] == {"light": 100, "heavy": 100 + 40, "huge": min(100 + 4990, 300 + 4900)}
    assert found[1] == {"light": 100, "heavy": 300, "huge": min(100 + 49_900, 300 + 49_000)}


@pytest.mark.parametrize("seed", range(8))
def test_nobody_could_pay_less(base: CustomerBase, seed: int) -> None:
    """Of all plans that can hold an account with the add-ons it needs there, the replay takes the cheapest."""
    rng = np.random.default_rng(seed)
    team, big, top = (int(each) for each in rng.integers(1, 100, 3))
    plans = (per_seat("Team", team, 100), per_seat("Big", big, 1000, "api"), per_seat("Top", top, None, "api"))
    book = opt_in_overage(PriceBook("Book", "USD", plans), "calls", unit_price=f"{rng.uniform(0.01, 1):.2f}")
    book = replace(book, add_ons=(*book.add_ons, AddOn("Api", int(rng.integers(1, 500)), features=("api",))))
    done = replay(base, book)
    for name, calls in CALLS.items():
        options = []
        for plan in plans:
            most = plan.limits[0].up_to
            add_ons = [f"Calls overage for {plan.name}"] if most is not None and calls > most else []
            add_ons += ["Api"] if name != "heavy" and not plan.features else []
            options.append(book.bill(plan.name, {"seats": SEATS, "calls": calls}, add_ons).total)
        assert done.bill(name, "2024-01").total == min(options)


def test_an_add_on_named_for_a_plan_brings_its_feature_to_that_plan_alone(base: CustomerBase) -> None:
    """Who needs the feature pays for it in that plan, or takes one that has it; a cheaper plan cannot buy it."""
    plans = (per_seat("Team", 20, None), per_seat("Basic", 10, None), per_seat("Top", 90, None, "api"))
    book = PriceBook("Book", "USD", plans, (AddOn("Api for Team", 5, features=("api",)),))
    bills = replay(base, book).by_account().set_index("account_id")["per_month"].to_dict()
    assert bills == {"light": 105, "heavy": 50, "huge": 105}
    kept = replay(base, book, assign=PlanTable(dict.fromkeys(CALLS, "Basic")))
    assert kept.revenue == 3 * 50


def test_an_add_on_without_a_price_holds_nobody(base: CustomerBase) -> None:
    """An add-on on request has no price to weigh, so its feature still asks for a plan that contains it."""
    plans = (per_seat("Team", 20, None), per_seat("Big", 60, None, "api"))
    book = PriceBook("Book", "USD", plans, (AddOn("Api", None, features=("api",)),))
    assert replay(base, book).bills.ravel().tolist() == [100, 300, 300]


def test_a_plan_on_request_holds_who_fits_nowhere_else(base: CustomerBase) -> None:
    """Add-ons weigh plans that have a price; who fits into none of them is on request, not billed."""
    plans = (per_seat("Team", 20, 100), per_seat("Big", 60, 1000, "api"), Plan("Custom", None, features=("api",)))
    book = PriceBook("Book", "USD", plans, (AddOn("Api", 7, features=("api",)),))
    done = replay(base, book, assign=CheapestThatFits())
    assert done.not_billed()[["account_id", "reason"]].to_numpy().tolist() == [["huge", "price on request"]]
    assert done.bill("light", "2024-01").total == 107


def test_an_owned_add_on_frees_its_owner_and_nobody_else(base: CustomerBase) -> None:
    """Who owns what lifts a limit or brings a feature stays in the cheaper plan and pays for it; others move up."""
    plans = (per_seat("Team", 20, 100), per_seat("Big", 60, 1000, "api"), per_seat("Top", 90, None, "api"))
    api = (AddOn("Api", 7, features=("api",)), AddOn("Api on request", None, features=("api",)), AddOn("Care", 3))
    book = opt_in_overage(PriceBook("Book", "USD", plans), "calls", unit_price="0.10")
    book = replace(book, add_ons=(*book.add_ons, *api))
    overage = "Calls overage for Team"

    def bills(owned: dict[str, list[str]], **settings: str) -> dict[str, float]:
        done = replay(base, book, add_ons=owned, assign=CheapestThatFits(**settings))
        return done.by_account().set_index("account_id")["per_month"].to_dict()

    assert bills({}) == {"light": 300, "heavy": 300, "huge": 450}
    assert bills({"light": ["Api"], "heavy": [overage]}) == {"light": 107, "heavy": 100 + 40, "huge": 450}
    assert bills({"light": ["Api"], "heavy": [overage]}, at="2024-01")["heavy"] == 100 + 40
    assert bills({"light": ["Api on request", "Care"]})["light"] == 103
    assert bills({"huge": [overage]})["huge"] == 450 + 4990  # the feature is still lacking in Team
    assert bills({"huge": [overage, "Api"]})["huge"] == 100 + 4990 + 7
    assert bills({"heavy": ["Calls overage for Big"]})["heavy"] == 300  # an add-on of another plan frees nothing here
    with pytest.raises(ChargeError, match="Apy"):
        bills({"light": ["Apy"]})


@pytest.mark.parametrize("seed", range(6))
def test_owners_are_in_the_cheapest_plan_their_add_ons_allow(base: CustomerBase, seed: int) -> None:
    """Of all plans that can hold an account with the add-ons it owns, the replay takes the cheapest."""
    rng = np.random.default_rng(seed)
    prices = [int(each) for each in rng.integers(1, 100, 3)]
    plans = tuple(
        per_seat(name, price, most, *features)
        for name, price, most, features in zip(
            ("Team", "Big", "Top"), prices, (100, 1000, None), ((), ("api",), ("api",)), strict=True
        )
    )
    book = opt_in_overage(PriceBook("Book", "USD", plans), "calls", unit_price="0.10")
    book = replace(book, add_ons=(*book.add_ons, AddOn("Api", 7, features=("api",))))
    owned = {name: [each.name for each in book.add_ons if rng.random() < 0.5] for name in CALLS}
    done = replay(base, book, add_ons=owned)
    for name, calls in CALLS.items():
        options = []
        for plan in plans:
            most = plan.limits[0].up_to
            held = most is None or calls <= most or f"Calls overage for {plan.name}" in owned[name]
            served = name == "heavy" or plan.features or "Api" in owned[name]
            if held and served:
                options.append(book.bill(plan.name, {"seats": SEATS, "calls": calls}, owned[name]).total)
        assert done.bill(name, "2024-01").total == min(options)
