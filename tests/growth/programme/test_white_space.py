"""White space is what accounts alike have, and every amount in it is a difference of two exact bills."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.programme import ProgrammeError, white_space
from workbench.impact import KeepPlan, Replay, replay
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook

SEATS = {"A0": 10, "A1": 11, "A2": 9, "A3": 12, "A4": 8, "A5": 10, "B0": 10}
PLANS = {"A0": "Team", "A1": "Pro", "A2": "Pro", "A3": "Pro", "A4": "Team", "A5": "Team", "B0": "Pro"}
BOOK = PriceBook(
    "list",
    "USD",
    [
        Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)], [Limit("seats", 20)], ["charts"]),
        Plan("Pro", 50, [Charge("seats", "per_unit", unit_price="12.5")], features=["charts", "forecast"]),
        Plan("Mini", 200, [], [Limit("seats", 5)]),
    ],
    add_ons=[AddOn("SSO", 30, [Charge("seats", "per_unit", unit_price=1)], features=["sso"])],
)


def billed(plans: dict[str, str] | None = None, owned: dict[str, list[str]] | None = None, **uses: list[str]) -> Replay:
    """Replay one month; `uses` are the features each account used."""
    ids = list(SEATS)
    usage = pd.DataFrame({"account_id": ids, "month": "2024-03", "metric": "seats", "quantity": SEATS.values()})
    paid = pd.DataFrame({"account_id": ids, "month": "2024-03", "amount": 100.0})
    paid["plan"] = [(plans or PLANS)[each] for each in ids]
    accounts = pd.DataFrame({"account_id": ids, "segment": [each[0] for each in ids]})
    used = [(who, "2024-03-04", name, 5) for who, names in uses.items() for name in names]
    tables = {"accounts": accounts, "usage": usage, "mrr": paid}
    if used:
        tables["feature_use"] = pd.DataFrame(used, columns=["account_id", "week", "feature", "uses"])
    base = CustomerBase.from_tables(tables, currency="USD")
    return replay(base, BOOK, assign=KeepPlan(), add_ons=owned or "none")


def found(replayed: Replay, account: str = "A0") -> dict[tuple[str, str], tuple[float, float, str]]:
    """Return the white space of an account by kind and name."""
    table = white_space(replayed, account).found
    return {(row.kind, row.name): (row.share, row.adds, row.by) for row in table.itertuples(index=False)}


def test_amounts_are_differences_of_exact_bills() -> None:
    """The tier and the add-on that accounts alike have, each at this account's ten seats."""
    owned = {"A1": ["SSO"], "A2": ["SSO"]}
    space = found(billed(owned=owned))
    upgraded = float(BOOK.bill("Pro", {"seats": 10}).total - BOOK.bill("Team", {"seats": 10}).total)
    with_it = float(BOOK.bill("Team", {"seats": 10}, ["SSO"]).total - BOOK.bill("Team", {"seats": 10}).total)
    assert space == {
        ("tier", "Pro"): (pytest.approx(3 / 5), pytest.approx(upgraded), ""),
        ("add-on", "SSO"): (pytest.approx(2 / 5), pytest.approx(with_it), ""),
    }


def test_features_come_with_their_plan_or_with_the_cheapest_offer_that_has_them() -> None:
    """One feature is paid for and unused, one comes with the higher tier, one with the add-on."""
    others = ["A1", "A2", "A3"]
    space = found(billed(A0=["charts"], **{each: ["charts", "forecast", "sso"] for each in others}))
    assert space["feature", "forecast"] == (pytest.approx(0.6), pytest.approx(75.0), "Pro")
    assert space["feature", "sso"] == (pytest.approx(0.6), pytest.approx(40.0), "SSO")
    unused = found(billed(A0=["forecast"], **{each: ["charts"] for each in others}))
    assert unused["feature", "charts"] == (pytest.approx(0.6), 0.0, "its plan")


def test_white_space_moves_with_what_accounts_alike_have() -> None:
    """When those alike leave the tier, it is no white space any more; a tier that cannot hold the account never is."""
    fewer = found(billed({**PLANS, "A1": "Team", "A2": "Team", "A3": "Team"}))
    assert ("tier", "Pro") not in fewer
    mini = found(billed(dict.fromkeys(SEATS, "Mini") | {"A0": "Team"}))
    assert ("tier", "Mini") not in mini
    assert ("tier", "Pro") not in found(billed(), "A1")


def test_fewer_than_five_alike_say_nothing() -> None:
    """An account alone in its segment has nobody alike."""
    space = white_space(billed(), "B0")
    assert (len(space.found), space.peers, space.reason) == (0, 0, "only 0 accounts are alike, and 5 are needed")
    with pytest.raises(ProgrammeError, match="Z was no customer in 2024-03"):
        white_space(billed(), "Z")
