"""Use inside accounts: what was planted is found by its definition, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.desk import use_inside

PLANTED = {
    "idle": ("idle seats",), "heavy": ("few power users",), "alone": ("one department",), "sound": (),
    "both": ("idle seats", "one department"), "small": (), "unplaced": (),
}  # fmt: skip
MONTHS = ("2024-01", "2024-02", "2024-03")


def people(account: str) -> list[tuple[str, str, str, str | None, int]]:
    """Return the use of the people of an account with one of the planted patterns, month by month."""
    active = {"idle": 9, "both": 9, "small": 2}.get(account, 20)
    rows = []
    for at in range(active):
        uses = 400 if account == "heavy" and at < 3 else 10
        places = {"alone": "Finance", "both": "Finance", "unplaced": None if at % 2 else "Finance"}
        place = places.get(account, ("Finance", "Sales", "Operations")[at % 3])
        rows += [(account, month, f"U{at}", place, uses) for month in MONTHS]
    return rows


def base_of(rows: list[tuple[str, str, str, str | None, int]]) -> CustomerBase:
    """Return accounts of twenty seats, the small one of four."""
    names = list(PLANTED)
    seats = [4 if each == "small" else 20 for each in names]
    used = pd.DataFrame({"account_id": names, "month": "2024-03", "metric": "seats", "quantity": seats})
    activity = pd.DataFrame(rows, columns=["account_id", "month", "user", "department", "uses"])
    tables = {"accounts": pd.DataFrame({"account_id": names}), "usage": used, "user_activity": activity}
    return CustomerBase.from_tables(tables)


def test_what_was_planted_is_found_and_nothing_else() -> None:
    """Idle seats, few power users and one department, alone and together; small and unplaced accounts are none."""
    found = use_inside(base_of([row for account in PLANTED for row in people(account)]))
    assert found is not None
    assert found.kinds == PLANTED
    told = found.accounts
    assert told.loc["idle", "idle"] == pytest.approx(11 / 20)
    assert (told.loc["heavy", "people"], told.loc["heavy", "heavy"]) == (3, pytest.approx(3 / 20))
    assert (told.loc["alone", "department"], told.loc["alone", "share"]) == ("Finance", 1)
    assert told.loc["sound", "share"] == pytest.approx(7 / 20)


def test_people_of_accounts_that_merged_are_told_together() -> None:
    """Nine of twenty seats and twenty of twenty are twenty-nine of forty, though their people have the same numbers."""
    tables = dict(base_of([row for account in ("idle", "sound") for row in people(account)]).frames)
    tables["merges"] = pd.DataFrame({"account_id": ["idle"], "into": ["sound"]})
    found = use_inside(CustomerBase.from_tables(tables))
    assert found is not None
    assert found.accounts.loc["sound", ["seats", "active", "uses"]].tolist() == [40, 29, 870]
    assert found.kinds["sound"] == ()


@pytest.mark.parametrize(("active", "is_idle"), [(10, True), (11, False)])
def test_half_of_the_seats_is_the_edge(active: int, is_idle: bool) -> None:
    """Ten of twenty seats without use are idle ones, nine are not; old use and none at all are no use."""
    rows = [("sound", "2024-03", f"U{at}", None, 3) for at in range(active)]
    rows += [("sound", "2024-03", "U90", None, 0)]
    found = use_inside(base_of(rows))
    assert found is not None
    assert ("idle seats" in found.kinds["sound"]) is is_idle


def test_only_the_last_three_months_count() -> None:
    """Who used it before then is no longer active, and the fewest people are counted by a loop."""
    chance = np.random.default_rng(0)
    rows = [("heavy", "2023-12", f"O{at}", None, 99) for at in range(15)]
    uses = chance.integers(1, 60, 14)
    rows += [("heavy", "2024-02", f"U{at}", None, int(each)) for at, each in enumerate(uses)]
    found = use_inside(base_of(rows))
    assert found is not None
    assert found.accounts.loc["heavy", "active"] == 14
    total, count = 0, 0
    for each in sorted(uses, reverse=True):
        total, count = total + each, count + 1
        if total >= 0.8 * uses.sum():
            break
    assert found.accounts.loc["heavy", "people"] == count


def test_without_the_table_nothing_is_said() -> None:
    """No record of people, and none of the last months, are unknown."""
    bare = base_of(people("sound"))
    tables = {name: bare.table(name) for name in bare.tables if name != "user_activity"}
    assert use_inside(CustomerBase.from_tables(tables)) is None
    assert use_inside(base_of([("sound", "2023-06", "U1", "Finance", 4)])) is None
