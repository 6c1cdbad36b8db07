"""Exports of other systems are known by their header, and by nothing else."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench.customers.intake import Answer, map_frame, recognise
from workbench.customers.intake.matching import words_of
from workbench.customers.intake.shapes import SHAPES, known_exports, other_words
from workbench.customers.tables import TABLES

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles"))


@pytest.fixture(scope="module")
def formats() -> list[dict[str, Any]]:
    """Return the exports as they were seen in public."""
    path = ORACLES / "import_formats.json"
    if not path.exists():
        pytest.skip(f"the published formats are not at {path}; set WORKBENCH_ORACLES to their folder")
    return json.loads(path.read_text())["formats"]


def _is_usable(columns: list[str]) -> bool:
    return "..." not in columns and not any(" " in each and ":" in each for each in columns)


def test_every_usable_export_is_known_in_any_order_and_case(formats: list[dict[str, Any]]) -> None:
    """All 23 are known from their header alone, and none is taken for another."""
    usable = [each for each in formats if _is_usable(each["columns"]) and each["table"] != "Billing reports"]
    assert len(usable) == 23
    chance = random.Random(7)
    for each in usable:
        for _ in range(10):
            names = [chance.choice((str.upper, str.lower, str.title, str))(name) for name in each["columns"]]
            chance.shuffle(names)
            found = recognise(names)
            assert found is not None
            assert (found.system, found.table) == (each["system"], each["table"])


def test_what_every_export_maps_stands_in_its_header(formats: list[dict[str, Any]]) -> None:
    """Facts carry over with their source, and where the facts say which column is which, so do we."""
    by_name = {(each["system"], each["table"]): each for each in formats}
    for known in known_exports():
        fact = by_name[known.system, known.table]
        names = {"".join(c for c in name.casefold() if c.isalnum()) for name in fact["columns"]}
        assert known.columns <= names
        for ours, theirs in fact.get("map", {}).items():
            if ours in known.map:
                assert known.map[ours][0] in theirs


def test_every_fact_about_a_header_is_one_that_is_asked_for() -> None:
    """Other words are for columns there are, each once, and a column of a known export stands for one of ours."""
    ours = {column for shape in SHAPES.values() for column in shape.columns}
    assert set(other_words()) <= ours
    for column, words in other_words().items():
        said = [words_of(each) for each in (column, *words)]
        assert sorted(said) == sorted(set(said)), column
    for known in known_exports():
        theirs = [name for names in known.map.values() for name in names]
        assert sorted(theirs) == sorted(set(theirs)), known.key


def test_a_header_of_ours_is_no_export_of_another_system() -> None:
    """None of our own tables, nor any of the forms we read, is taken for a known export."""
    assert [name for name, shape in SHAPES.items() if recognise(shape.columns)] == []


def test_what_is_left_of_a_header_is_asked_about() -> None:
    """Half of a known header is no longer known."""
    header = ["id", "Customer ID", "Amount", "Status", "my own", "another", "third"]
    assert recognise(header) is None


@pytest.mark.parametrize("name", sorted(TABLES))
def test_tables_of_ours_are_certain_whatever_their_file_is_called(name: str) -> None:
    """A table with our own names is read without a question, in any order."""
    shape = SHAPES[name]
    rows = {column.name: [column.example or "x", column.example or "y"] for column in reversed(shape.table.columns)}
    if name in ("accounts", "features", "plans"):
        rows[shape.table.key[0]] = ["K-1", "K-2"]
    found = map_frame(pd.DataFrame(rows), "export (3).csv")
    assert (found.table.value, found.open_lines) == (name, ())


def test_ten_columns_renamed_reordered_and_translated_are_asked_about() -> None:
    """A suggestion is a suggestion: not one of them is taken for certain."""
    rows = {
        "Zahlweise": ["jährlich", "monatlich"], "Kündigungsfrist": ["30", "90"], "Betrag": ["1200", "99"],
        "Kunden-Nr": ["K1", "K2"], "Gültig ab": ["01.02.2024", "13.03.2024"], "Preisbindung bis": ["", "31.12.2025"],
        "Gültig bis": ["", "13.03.2025"], "Währung": ["EUR", "EUR"], "Tarif": ["Team", "Basis"], "Menge": ["1", "2"],
    }  # fmt: skip
    found = map_frame(pd.DataFrame(rows), "liste.csv")
    assert len([name for name, each in found.columns.items() if not each.sure]) == 10
    assert not found.table.sure
    meant = {
        "Zahlweise": "period", "Kündigungsfrist": "notice_days", "Betrag": "amount", "Kunden-Nr": "account_id",
        "Gültig ab": "start", "Preisbindung bis": "price_fixed_until", "Gültig bis": "end", "Währung": "currency",
        "Tarif": "item", "Menge": "quantity",
    }  # fmt: skip
    assert (found.table.value, {name: each.value for name, each in found.columns.items()}) == ("subscriptions", meant)


@pytest.mark.parametrize("system", ["Stripe", "ChartMogul", "Chargebee", "HubSpot", "Baremetrics"])
def test_a_sample_of_two_lines_of_a_known_export_needs_no_question_about_its_columns(system: str) -> None:
    """What people try first: two lines of an export as it is."""
    for known in known_exports():
        if known.system != system or known.key == "chartmogul_subscriptions":
            continue
        header = [*known.columns]
        found = map_frame(pd.DataFrame([["1"] * len(header), ["2"] * len(header)], columns=header), "a.csv")
        assert found.export == known.title
        assert [name for name, each in found.columns.items() if not each.sure] == []


def test_columns_of_ones_own_beside_a_known_export_are_asked_about_where_they_fit() -> None:
    """A custom field named like one of ours is no fact of the export."""
    header = [
        "id", "Description", "Email", "Name", "Created (UTC)", "Delinquent", "Plan", "Status", "Total Spend",
        "Payment Count", "Refunded Volume", "Dispute Losses", "segment (metadata)", "colour (metadata)",
    ]  # fmt: skip
    found = map_frame(pd.DataFrame([[f"v{n}" for n in range(14)]], columns=header))
    assert found.columns["segment (metadata)"].value == "segment"
    assert not found.columns["segment (metadata)"].sure
    assert (found.columns["colour (metadata)"].value, found.columns["colour (metadata)"].sure) == ("not used", True)


def test_how_many_periods_an_amount_is_for_is_no_quantity() -> None:
    """129 every 3 months is 43 a month, not 387."""
    rows = {
        "customer": ["A", "B"], "plan_name": ["Pro", "Team"], "amount": ["49.00", "129.00"],
        "interval": ["month", "month"], "interval_count": ["1", "3"], "start_date": ["2024-01-05", "2024-02-10"],
    }  # fmt: skip
    assert map_frame(pd.DataFrame(rows)).columns["interval_count"].value == "every"


def test_what_is_paid_by_whom_is_no_list_of_accounts() -> None:
    """A customer, a plan and a renewal date are names of ours; beside an interval and an amount they are contracts."""
    rows = {
        "Customer ID": ["c1", "c2"], "Customer name": ["Alpha", "Beta"], "Plan": ["Pro", "Pro"],
        "Start date": ["2024-01-01", "2024-02-01"], "Interval": ["month", "year"], "Amount": ["10.50", "120.00"],
        "Renewal date": ["2025-01-01", "2025-02-01"],
    }  # fmt: skip
    assert map_frame(pd.DataFrame(rows)).table.value == "subscriptions"
    kept = map_frame(pd.DataFrame({name: rows[name] for name in ("Customer ID", "Plan", "Renewal date")}))
    assert (kept.table.value, kept.table.sure) == ("accounts", True)


def test_what_an_amount_pays_for_is_asked_where_no_column_says_it() -> None:
    """A contract without an interval is one, and its period is a question."""
    rows = {"Kunde": ["K1", "K2"], "Tarif": ["A", "B"], "Vertragsbeginn": ["01.01.2024", ""], "Preis": ["9,50", "8,00"]}
    found = map_frame(pd.DataFrame(rows))
    assert (found.table.value, found.options["period"].value, found.options["period"].sure) == (
        "subscriptions", "month", False,
    )  # fmt: skip


def test_a_column_of_yes_and_no_is_nobodys_name() -> None:
    """Whether an account is one of a test is not what it is called."""
    rows = {"Customer": ["A", "B"], "Month": ["2024-01", "2024-01"], "MRR": ["9.5", "8"], "Test account": ["no", "yes"]}
    assert map_frame(pd.DataFrame(rows)).columns["Test account"] == Answer("not used", sure=False, why="not known")


@pytest.mark.parametrize(("begins", "ends"), [("Service from", "Service to"), ("Leistung ab", "Leistung bis")])
def test_of_two_days_of_a_line_the_earlier_is_its_first(begins: str, ends: str) -> None:
    """Whatever they are called, and in whatever order they stand."""
    days = {ends: ["31.01.2024", "29.02.2024", "31.03.2024"], begins: ["01.01.2024", "01.02.2024", "01.03.2024"]}
    rows = pd.DataFrame(
        {"Customer No": ["A", "B", "A"], **days, "Net amount": [9.5, 8.0, 7.25], "Invoice No": [1, 2, 3]}
    )
    roles = {name: each.value for name, each in map_frame(rows).columns.items()}
    assert (roles[begins], roles[ends]) in (("from", "to"), ("start", "end"))
