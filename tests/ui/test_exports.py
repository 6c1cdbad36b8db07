"""Exports on the screen without a browser: looked at, corrected, confirmed, and brought in again the next month."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.customers.intake import ImportMap
from workbench.pages.data_import import movements_by_month
from workbench.pages.start import open_panel
from workbench.rendering.widgets import TakenFile

sys.path.insert(0, str(Path(__file__).parent.parent / "customers" / "intake"))

from intake_exports import write_exports

if TYPE_CHECKING:
    from workbench.pages.exports import ExportsView


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExportsView:
    """Return the section of an empty workspace."""
    monkeypatch.delenv("WORKBENCH_STUDY", raising=False)
    return open_panel(tmp_path).exports_view


def test_a_folder_becomes_a_study_with_two_presses(view: ExportsView, tmp_path: Path) -> None:
    """Look, confirm: the study is open, its mapping is kept, and the first findings stand below."""
    write_exports(tmp_path / "raw")
    view.path.value = "raw"
    view.apply.click()
    assert view.confirm.description.startswith("Confirm ")
    assert "lines below are suggestions" in view.status.text
    shown = view.mapping.shown
    files = {each["file"]: each for each in shown["tables"]}
    assert files["export (3).csv"]["open"] == 0
    group = next(each for each in files["hubspot-crm-exports-all-companies.csv"]["columns"] if not each["sure"])
    assert (group["name"], group["ours"], group["used"]) == ("Kundengruppe", "segment", True)
    assert {each["key"] for each in shown["findings"]} >= {"total rows", "join accounts", "hidden sheet alt"}
    assert "readme.pdf" in view.told.value
    view.confirm.click()
    assert "is made and open" in view.status.text
    assert "What the data says first" in view.result.value
    assert "wb-findings" in view.result.value
    rules = re.findall(r"\b(S|VM|U)\d\b", view.result.value.partition("wb-findings")[2])
    assert rules[0] == "S"  # how what is paid has moved, before what is computed
    assert {"VM", "U"} & {*rules}
    assert ImportMap.load(tmp_path / "studies" / "raw" / "mapping.toml").questions == ()
    assert view.confirm.description == "Renew the data"


def test_the_next_export_goes_in_without_a_question(view: ExportsView, tmp_path: Path) -> None:
    """The mapping kept with the study answers everything."""
    write_exports(tmp_path / "raw")
    view.path.value = "raw"
    view.apply.click()
    view.confirm.click()
    write_exports(tmp_path / "raw", accounts=70, seed=4)
    view.apply.click()
    assert view.status.text == "Everything is known or confirmed."
    view.confirm.click()
    assert "is renewed" in view.status.text
    assert len(CustomerBase.load(tmp_path / "studies" / "raw" / "data")) == 70


def test_a_column_a_finding_and_a_rule_are_corrected(view: ExportsView, tmp_path: Path) -> None:
    """Each answer is shown at once, with what follows from it."""
    write_exports(tmp_path / "raw")
    view.path.value = "raw"
    view.look()
    crm = "hubspot-crm-exports-all-companies.csv"
    view.mapping.answer(crm, "Kundengruppe", "region")
    view.mapping.answer("", "total rows", "keep")
    view.mapping.answer("rules", "weeks", "4")
    shown = view.mapping.shown
    table = next(each for each in shown["tables"] if each["file"] == crm)
    column = next(each for each in table["columns"] if each["name"] == "Kundengruppe")
    assert (column["ours"], column["sure"]) == ("region", True)
    assert next(each for each in shown["findings"] if each["key"] == "total rows")["value"] == "keep"
    assert next(each for each in shown["rules"] if each["key"] == "weeks")["value"] == "4"
    assert "Summe" in set(view.found.tables["usage"]["account_id"])
    assert set(view.found.tables["accounts"]["region"].dropna()) == {"klein", "groß"}


def test_another_table_is_chosen_and_its_columns_are_looked_at_anew(view: ExportsView, tmp_path: Path) -> None:
    """What was taken for revenue is usage; then it is not used at all."""
    (tmp_path / "x.csv").write_text("Kunde;Monat;Wert\nA;2024-01;9\nB;2024-01;8\n")
    view.path.value = "x.csv"
    view.look()
    file = view.mapping.shown["tables"][0]["file"]
    view.mapping.answer(file, "table", "mrr")
    table = view.mapping.shown["tables"][0]
    assert (table["read_as"], table["sure"]) == ("mrr", True)
    assert [each["ours"] for each in table["columns"]] == ["account_id", "month", "amount"]
    view.mapping.answer(file, "table", "not used")
    assert view.found.mapping.questions == ()


def test_ten_columns_renamed_reordered_and_translated_are_asked_about(view: ExportsView, tmp_path: Path) -> None:
    """Nothing of a header nobody knows is certain."""
    header = "Notiz;Stand;Kd-Bezeichnung;Laufzeitbeginn;Netto p.a.;Zahlw.;Ende;Stk;Whg;Kd"
    rows = [f"x;aktiv;Kunde {n};0{n + 1}.01.2024;{n + 1}200,50;jährlich;;1;EUR;K{n}" for n in range(8)]
    (tmp_path / "vertraege.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    view.path.value = "vertraege.csv"
    view.look()
    table = view.mapping.shown["tables"][0]
    assert not table["sure"]
    assert [each["name"] for each in table["columns"] if each["sure"]] == []
    assert len(view.found.mapping.questions) >= 11


def test_files_handed_over_are_kept_and_looked_at(view: ExportsView) -> None:
    """Without a name, a folder, or a word of what they are."""
    view.take((TakenFile("mrr wide.csv", b"Customer,Jan 2024,Feb 2024\nA,99.5,99.5\nB,20,25\n"),))
    assert re.fullmatch(r"data/[a-z-]+", view.path.value)
    assert view.mapping.shown["tables"][0]["read_as"] == "mrr"
    view.currency.value = "EUR"
    view.confirm.click()
    assert view._workspace.joinpath("studies", view.folder.name, "study.json").exists()


def test_what_keeps_data_from_being_used_is_listed(view: ExportsView, tmp_path: Path) -> None:
    """No study is made, and the problems stand under the button."""
    (tmp_path / "i.csv").write_text("account_id,from,to,amount,kind\nA,,,50.50,one-off\n")
    view.path.value = "i.csv"
    view.look()
    view.confirm.click()
    assert "to settle before this can be used" in view.status.text
    assert "recurring revenue" in view.result.value
    assert not (tmp_path / "studies" / "i" / "study.json").exists()


def test_nothing_named_and_nothing_there_is_said(view: ExportsView) -> None:
    """In words, where the button is."""
    view.apply.click()
    assert "There is nothing to look at yet." in view.status.text
    view.path.value = "no such folder"
    view.apply.click()
    assert "a folder, workbook or file that exists" in view.told.value


def test_what_moved_revenue_follows_the_rules_and_adds_up(view: ExportsView, tmp_path: Path) -> None:
    """Who returns after four months is a reactivation, and new where the rule says two months."""
    rows = [("A", f"2024-{m:02}", 50.5) for m in (1, 2, 7, 8)] + [("B", f"2024-{m:02}", 20.5 + m) for m in range(1, 9)]
    text = "\n".join(f"{who},{month},{amount}" for who, month, amount in rows)
    (tmp_path / "mrr.csv").write_text(f"account_id,month,amount\n{text}\n")
    view.path.value = "mrr.csv"
    for rule, kind in (("always", "reactivation"), ("2", "new"), ("4", "reactivation")):
        found = view.look() if rule == "always" else view.answer("rules", "reactivation_months", rule)
        moved = movements_by_month(found)
        total = moved[["start", "new", "reactivation", "expansion", "contraction", "churn"]].sum(axis=1)
        assert total.to_numpy() == pytest.approx(moved["end"].to_numpy())
        july = moved[moved["month"] == "2024-07-01"].iloc[0]
        assert july[kind] == 50.5
    assert "What moved recurring revenue" in view.told.value
