"""A path says what a customer can buy alone, and what small accounts want that nobody can."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.programme import ExpansionPaths, ProgrammeError, expansion_paths
from workbench.impact import replay
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook

SEAT = Charge("seats", "per_unit", unit_price=10)
BOOK = PriceBook(
    "list",
    "USD",
    [
        Plan("Team", 0, [SEAT], [Limit("seats", 20)], ["charts"]),
        Plan("Business", 100, [SEAT], [Limit("seats", 50)], ["charts"]),
        Plan("Enterprise", None, [], [], ["charts", "audit"]),
        Plan("Partner", 5000, [], [], ["resale"], public=False),
    ],
    add_ons=[AddOn("SSO", 30, features=["sso"]), AddOn("Extra for Enterprise", 5), AddOn("Help for Business", 5)],
)
SEATS = {"A": 2, "B": 15, "C": 19, "D": 45, "E": 60, "F": 3}


def base_of(asked: list[tuple[str, str]] = ()) -> CustomerBase:  # type: ignore[assignment]
    """Return six accounts with their seats, and what they asked for."""
    usage = pd.DataFrame({"account_id": list(SEATS), "metric": "seats", "quantity": list(SEATS.values())})
    usage["month"] = "2024-03"
    paid = usage[["account_id", "month"]].assign(amount=[20.0, 150.0, 190.0, 450.0, 600.0, 30.0], plan="Team")
    tables = {"accounts": usage[["account_id"]], "usage": usage, "mrr": paid}
    if asked:
        requests = pd.DataFrame(asked, columns=["account_id", "feature"]).assign(date="2024-03-02")
        tables["requests"] = requests
    return CustomerBase.from_tables(tables, currency="USD")


def found(book: PriceBook = BOOK, asked: list[tuple[str, str]] = ()) -> ExpansionPaths:  # type: ignore[assignment]
    """Return the paths of a book for the six accounts."""
    base = base_of(asked)
    return expansion_paths(book, base, replay(base, book))


def test_steps_come_from_the_price_book() -> None:
    """What has a public price is bought alone; on request, hidden, or for such a plan it takes sales."""
    offers = found().offers.set_index("offer")
    assert offers["alone"].to_dict() == {
        "Team": True, "Business": True, "Enterprise": False, "Partner": False, "SSO": True,
        "Extra for Enterprise": False, "Help for Business": True,
    }  # fmt: skip
    assert offers.loc["Enterprise", "why"] == "its price is on request"
    assert offers.loc["Partner", "why"] == "it is not on the pricing page"
    assert offers.loc["Extra for Enterprise", "why"] == "it is for Enterprise, which takes sales"
    assert offers.loc["SSO", ["customer_steps", "sales_steps"]].tolist() == [3, 0]
    assert offers.loc["Help for Business", "customer_steps"] == 4  # the plan may have to be changed first


def test_a_price_on_the_page_opens_the_path() -> None:
    """With a price, the plan nobody could buy alone takes three steps of the customer and none of sales."""
    plans = [replace(each, base_fee=500) if each.name == "Enterprise" else each for each in BOOK.plans]
    offers = found(replace(BOOK, plans=tuple(plans))).offers.set_index("offer")
    assert offers.loc["Enterprise", ["alone", "customer_steps", "sales_steps"]].tolist() == [True, 3, 0]
    assert offers.loc["Extra for Enterprise", "alone"]


def test_what_small_accounts_want_and_cannot_buy() -> None:
    """Of the two smallest one asked for a feature of the plan on request; a large one's wish counts nothing here."""
    asked = found(asked=[("A", "audit"), ("E", "audit"), ("F", "sso")])
    assert asked.small == 2
    assert asked.wanted.to_dict("records") == [{"offer": "Enterprise", "accounts": 1, "asked": 1, "placed": 0}]
    assert found(asked=[("F", "sso")]).wanted.empty
    shut = replace(
        BOOK, plans=tuple(replace(p, base_fee=None, charges=()) if p.name == "Team" else p for p in BOOK.plans)
    )
    assert "Team" not in found(shut).wanted["offer"].tolist()  # Business still holds them, and can be bought alone


def test_a_new_team_fits_alone_with_another_plan_or_with_sales() -> None:
    """Ten more seats: 2 and 3 stay in their plan, 15 and 19 change it alone, 45 and 60 need sales."""
    teams = found().team.set_index("way")["accounts"].to_dict()
    assert teams == {"alone in its plan": 2, "alone with another plan": 2, "with sales": 2}


def test_measured_drop_off_by_hand() -> None:
    """Of four who see the price two choose and one pays; who never saw the price is not counted later."""
    seen = [("A", "see the price"), ("B", "see the price"), ("C", "see the price"), ("D", "see the price"),
            ("A", "choose it"), ("B", "choose it"), ("E", "choose it"), ("A", "confirm and pay")]  # fmt: skip
    events = pd.DataFrame(seen, columns=["account_id", "step"]).assign(offer="Team", date="2024-03-01")
    steps = expansion_paths(BOOK, events=events).steps
    team = steps[steps["offer"] == "Team"]
    assert team["reached"].tolist() == [1.0, 0.5, 0.25]
    assert team["lost"].tolist() == [0.0, 0.5, 0.5]
    assert steps[steps["offer"] == "SSO"]["reached"].isna().all()


def test_bad_input_is_told() -> None:
    """Events of a step there is not, and a team of nobody, say what to do."""
    events = pd.DataFrame({"account_id": ["A"], "offer": "Team", "step": "wave", "date": "2024-03-01"})
    with pytest.raises(ProgrammeError, match="'wave' of 'Team', which is no step"):
        expansion_paths(BOOK, events=events)
    with pytest.raises(ProgrammeError, match="has nobody in it"):
        expansion_paths(BOOK, team=0)
