"""Whom to talk to, when and about what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    CappedRise,
    EveryoneAtOnce,
    MigrationError,
    NewCustomersOnly,
    OptIn,
    account_bills,
    action_list,
    migrate,
    save_actions,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_list_holds_everybody_whose_bill_changes(make_bills: Callable[..., AccountBills]) -> None:
    """Each account with a changed bill is listed once, with the bill of the month it first changes in."""
    bills = make_bills()
    path = migrate(bills, CappedRise(per_year=0.1, notice_months=2, at_renewal=True))
    table = action_list(path).set_index("account_id")
    changing = (np.abs(bills.new - bills.old) > 0.005) & (bills.old > 0)  # a cap holds free accounts at nothing
    assert sorted(table.index) == sorted(bills.account_ids[changing])
    for place in np.flatnonzero(changing)[::17]:
        row = table.loc[bills.account_ids[place]]
        month = int(path.schedule.moved[place].argmax())
        assert row["first_change"] == path.table["month"].iloc[month]
        assert row["first_bill"] == pytest.approx(path.schedule.bills[place, month], abs=0.006)
        assert row["notify_by"] == path.table["month"].iloc[month - 2]


def test_nobody_is_on_the_list_when_nobody_moves(make_bills: Callable[..., AccountBills]) -> None:
    """With new customers only there is nobody to talk to, and the file still opens."""
    assert len(action_list(migrate(make_bills(), NewCustomersOnly()))) == 0


def test_within_a_month_those_who_lead_come_first() -> None:
    """Who would opt into usage is told first of the month, before a larger rise, and in no earlier month."""
    bills = account_bills(
        ["a", "b", "c", "d"], ["s"] * 4, [100.0] * 4, [160.0, 120.0, 110.0, 130.0], start="2025-01",
        renewal=[3, 3, 3, 8],
    )  # fmt: skip
    path = migrate(bills, AtRenewal(notice_months=1))
    assert action_list(path)["account_id"].tolist() == ["a", "b", "c", "d"]
    led = action_list(path, leading=["d", "c"])
    assert led["account_id"].tolist() == ["c", "a", "b", "d"]
    assert [each.startswith("Uses more than an option") for each in led["talking_point"]] == [True, False, False, True]
    unordered = led.drop(columns="talking_point").set_index("account_id").sort_index()
    pd.testing.assert_frame_equal(
        unordered, action_list(path).drop(columns="talking_point").set_index("account_id").sort_index()
    )


def test_reasons_and_talking_points_fit_the_change() -> None:
    """A steep rise asks for a call, a fall is good news, a free account is shown its value, plans name the reason."""
    bills = account_bills(
        ["up", "down", "free", "bit"], ["s"] * 4, [100, 100, 0, 100], [160, 80, 30, 103], start="2025-01",
        plan_before=["Team", "Team", "Free", "Team"], plan_after=["Scale", "Team", "Team", "Team"],
    )  # fmt: skip
    table = action_list(migrate(bills, EveryoneAtOnce()), {"bit": "storage above 500 GB: +3%"}).set_index("account_id")
    assert "call before" in table.loc["up", "talking_point"]
    assert "falls by $20" in table.loc["down", "talking_point"]
    assert "free" in table.loc["free", "talking_point"]
    assert "letter" in table.loc["bit", "talking_point"]
    assert table["reason"].to_dict() == {
        "up": "moves from Team to Scale",
        "free": "moves from Free to Team",
        "bit": "storage above 500 GB: +3%",
        "down": "Team has a new price",
    }


def test_an_offer_is_listed_as_an_offer() -> None:
    """Under an opt-in everybody may choose, and the first bill is the one with the incentive."""
    bills = account_bills(["A", "B"], ["s", "s"], [100, 100], [50, 200], start="2025-01")
    path = migrate(bills, OptIn(incentive=0.1, incentive_months=6, notice_months=1))
    table = action_list(path).set_index("account_id")
    assert table["optional"].all()
    assert table["first_bill"].to_dict() == {"A": 45, "B": 180}
    assert (table["full_price_from"] == pd.Timestamp("2025-08-01")).all()
    assert table["talking_point"].str.startswith("May").all()


def test_the_list_saves_as_workbook_and_csv_without_formulas(tmp_path: Path) -> None:
    """Excel and CSV hold the same accounts, and an account named like a formula stays text."""
    bills = account_bills(["=1+1", "B"], ["@s", "s"], [100, 0], [160, 5], start="2025-01")
    path = migrate(bills, EveryoneAtOnce(notice_months=1))
    sheet = load_workbook(save_actions(path, tmp_path / "list.xlsx"))["Accounts"]
    assert [sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value] == ["=1+1", "s", "@s"]
    assert sheet["C2"].value == 100
    assert [sheet["G2"].value, sheet["H2"].value] == [dt.datetime(2025, 1, 1), dt.datetime(2025, 2, 1)]  # noqa: DTZ001 - Excel knows no zone
    read = pd.read_csv(save_actions(path, str(tmp_path / "list.csv")), encoding="utf-8-sig")
    assert read["Account"].tolist() == ["'=1+1", "B"]
    assert read["Bill changes"].tolist() == ["2025-02-01"] * 2
    assert read["Change (%)"].isna().tolist() == [False, True]


def test_the_months_of_the_workbook_carry_their_units(tmp_path: Path) -> None:
    """Money is in the currency of the bills, and customers on the way are counted as accounts."""
    bills = account_bills(["A"], ["s"], [100], [160], start="2025-01", currency="EUR")
    book = load_workbook(save_actions(migrate(bills, EveryoneAtOnce()), tmp_path / "list.xlsx"))
    headings = [cell.value for cell in book["Months"][1]]
    assert headings[0] == "Month"
    assert "Forgone (EUR)" in headings
    assert headings[-3:] == ["On old prices (accounts)", "In between (accounts)", "On new prices (accounts)"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A list is Excel or CSV; under any other name nothing is written."""
    bills = account_bills(["A"], ["s"], [100], [160], start="2025-01")
    with pytest.raises(MigrationError, match=r"list.pdf .*\.xlsx or \.csv"):
        save_actions(migrate(bills, EveryoneAtOnce()), tmp_path / "list.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [(100, 257.5, "$157.50 a month more"), (100, 160, "$60 a month more"), (1200.25, 1000, "falls by $200.25 a month")],
)
def test_amounts_to_say_are_those_of_the_bill(old: float, new: float, said: str) -> None:
    """Whoever calls a customer names the amount to the cent."""
    bills = account_bills(["A"], ["s"], [old], [new], start="2025-01")
    assert said in action_list(migrate(bills, EveryoneAtOnce()))["talking_point"][0]
