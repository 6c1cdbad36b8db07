"""The calculator of a study: today's prices from its data, new ones from a scenario."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.report import write_calculator
from workbench.report.calculator import usual_quantities
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.price_book import list_of_today, price_book
from workbench.study import Scenario, Study

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    "accounts": pd.DataFrame({"account_id": ["a", "b", "c"]}),
    "usage": pd.DataFrame(
        {
            "account_id": ["a", "b", "c"],
            "month": ["2024-12-01"] * 3,
            "metric": ["seats"] * 3,
            "quantity": [2, 6.46, 30],
        }
    ),
    "plans": pd.DataFrame({"plan": ["Team"], "base_fee": [10], "metric": ["seats"], "unit_price": [9]}),
}


@pytest.fixture
def base() -> CustomerBase:
    """Return three accounts and one plan."""
    return CustomerBase.from_tables(TABLES)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a study with a design of two tiers, and one that has decided nothing."""
    new = Study.new("s", tmp_path / "data")
    tiers = (Tier(id="s", name="Start", price=Decimal(20)), Tier(id="p", name="Pro", price=Decimal(45)))
    decided = new.designs[0].with_decision(TierDecision(tiers=tiers))
    return new.with_scenario(decided).with_scenario(Scenario(id="empty", name="Nothing yet"))


def data_of(file: Path) -> dict[str, Any]:
    """Return what a calculator was told."""
    found = re.search(r'id="page-data">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(found[1])


def plan_names(book: dict[str, Any]) -> list[str]:
    """Return the names of a book's plans."""
    return [plan["name"] for plan in book["plans"]]


def test_the_page_compares_the_scenario_with_the_data(base: CustomerBase, study: Study, tmp_path: Path) -> None:
    """New plans come from the first design, or the one named; today's come from the table of plans."""
    data = data_of(write_calculator(base, study, tmp_path / "new" / "calculator.html"))
    assert plan_names(data["new"]) == ["Start", "Pro"]
    assert plan_names(data["today"]) == ["Team"]
    baseline = data_of(write_calculator(base, study, tmp_path / "b.html", scenario_id="baseline"))
    assert plan_names(baseline["new"]) == ["Team"]
    assert baseline["today"] is None, "today's prices are not compared with themselves"


def test_without_todays_prices_the_new_ones_stand_alone(study: Study, tmp_path: Path) -> None:
    """A customer base without a price list gives a page without a comparison."""
    base = CustomerBase.from_tables({name: table for name, table in TABLES.items() if name != "plans"})
    assert data_of(write_calculator(base, study, tmp_path / "c.html"))["today"] is None


@pytest.mark.parametrize(("used", "middle"), [((2, 6.46, 30), "6.5"), ((2, 5, 8, 900), "7"), ((0, 0, 0), "0")])
def test_the_page_begins_at_the_middle_account(study: Study, used: tuple[float, ...], middle: str) -> None:
    """The median of what active accounts use, in two digits, and whole where every account's quantity is."""
    names = list("abcd"[: len(used)])
    usage = pd.DataFrame({"account_id": names, "month": "2024-12-01", "metric": "seats", "quantity": used})
    mrr = pd.DataFrame({"account_id": names, "month": "2024-12-01", "amount": 5})
    accounts = pd.DataFrame({"account_id": names})
    base = CustomerBase.from_tables({**TABLES, "accounts": accounts, "usage": usage, "mrr": mrr})
    books = [price_book(base, study.designs[0]), list_of_today(base)]
    assert usual_quantities(base, books) == {"seats": Decimal(middle)}


def test_a_scenario_that_offers_nothing_is_refused(base: CustomerBase, study: Study, tmp_path: Path) -> None:
    """The error names the scenario and says what to decide."""
    with pytest.raises(StudyError, match="Nothing yet"):
        write_calculator(base, study, tmp_path / "c.html", scenario_id="empty")


def test_the_command_writes_the_branded_page(study: Study, tmp_path: Path) -> None:
    """Name, colour, title and note given to the command stand on the page."""
    data = tmp_path / "data"
    data.mkdir()
    for name, table in TABLES.items():
        table.to_csv(data / f"{name}.csv", index=False)
    study.save(tmp_path / "study")
    file = tmp_path / "page.html"
    options = ["--brand", "Acme & Sons", "--colour", "#7a2", "--title", "Your price", "--note", "Until June."]
    done = CliRunner().invoke(app, ["calculator", str(tmp_path / "study"), "-o", str(file), *options])
    assert done.exit_code == 0, done.output
    text = file.read_text(encoding="utf-8")
    for expected in ("Acme &amp; Sons", "--brand: #77aa22;", "<h1>Your price</h1>", "Until June."):
        assert expected in text
    assert str(file) in done.output.replace("\n", "")
