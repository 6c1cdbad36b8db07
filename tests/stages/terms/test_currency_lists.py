"""Currency lists: each account billed in its own, counted by hand at dated rates, and shown wherever a stage is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sold_company import section_of

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.stages import stage
from workbench.stages.contract import evaluate_scenario, with_starting_points
from workbench.study import ImpossibleDocumentError, Scenario, Study

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

    from workbench import Session

pytestmark = pytest.mark.needs_stage("currency_lists")
LISTS = (
    {"id": "e", "name": "Euro", "currency": "EUR", "step": "1", "ending": "0.99", "regions": ("Europe",)},
    {"id": "j", "name": "Yen", "currency": "JPY", "step": "100", "regions": ("Japan",), "set_on": "2024-03-31"},
    {"id": "k", "name": "Dinar", "currency": "KWD", "step": "0.005", "regions": ("Gulf",)},
)
RATES = (
    {"currency": "EUR", "day": "2023-12-31", "worth": "1.08"},
    {"currency": "JPY", "day": "2024-01-31", "worth": "0.0068"},
    {"currency": "JPY", "day": "2024-09-30", "worth": "0.0062"},
    {"currency": "KWD", "day": "2024-03-01", "worth": "3.25"},
)


def stage_module() -> Any:  # noqa: ANN401 - a stage's package
    """Return the stage's package, found by its key."""
    return stage("currency_lists").module


def decided(**fields: object) -> Scenario:
    """Return a scenario with three lists beside the one in dollars, changed as given."""
    made = stage_module().Decision(**{"lists": LISTS, "rates": RATES, **fields})
    return Scenario(id="s", name="S").with_decision(made)


@pytest.fixture(scope="module")
def found(base: CustomerBase) -> Any:  # noqa: ANN401 - the stage's result
    """Return what the three lists come to."""
    return stage_module().evaluate(base, decided())


def test_prices_are_those_of_the_day_they_were_set(found: Any) -> None:  # noqa: ANN401 - the stage's result
    """Ten dollars are 8.99 euros, 1,500 yen at the rate of March, and 3.075 dinars, each to its own steps."""
    prices = found.prices.set_index(["currency", "offer"])["price"]
    assert prices["EUR", "Team"] == Decimal("8.99")
    assert prices["JPY", "Team"] == Decimal(1500)
    assert prices["KWD", "Team"] == Decimal("3.075")
    drift = found.prices.set_index(["currency", "offer"])["drift"]
    assert drift["JPY", "Team"] == pytest.approx(1500 * 0.0062 / 10 - 1)


def test_each_account_is_billed_in_its_currency(found: Any, tables: dict[str, pd.DataFrame]) -> None:  # noqa: ANN401
    """By hand: seats times the price of its list, at the rate of each month; before the first rate nothing is known."""
    price = {
        "Europe": {"Team": 8.99, "Pro": 18.99}, "Japan": {"Team": 1500, "Pro": 2900},
        "Gulf": {"Team": 3.075, "Pro": 6.155}, "Americas": {"Team": 10, "Pro": 20},
    }  # fmt: skip
    accounts = tables["accounts"].set_index("account_id")
    rows = tables["mrr"].join(accounts[["seats", "region"]], on="account_id")
    yen = np.where(rows["month"] < "2024-09-01", 0.0068, 0.0062)
    dinar = np.where(rows["month"] < "2024-03-01", np.nan, 3.25)
    worth = rows["region"].map({"Europe": 1.08, "Americas": 1.0}).to_numpy(float)
    worth = np.where(rows["region"] == "Japan", yen, np.where(rows["region"] == "Gulf", dinar, worth))
    own = (
        [price[region][plan] for region, plan in zip(rows["region"], rows["plan"], strict=True)] * rows["seats"] * worth
    )
    by_hand = own.groupby(rows["month"]).sum()
    assert found.months["own"].to_numpy() == pytest.approx(by_hand.to_numpy())
    in_gulf = (rows["region"] == "Gulf").groupby(rows["month"]).sum()
    assert found.months["not_counted"].tolist() == [*in_gulf.iloc[:2], *[0] * 10]
    bill = found.replay.lists["JPY"].bill("A0001", "2024-12")
    assert bill.currency == "JPY"
    assert (
        bill.total == int(accounts.loc["A0001", "seats"]) * {"Team": 1500, "Pro": 2900}[accounts.loc["A0001", "plan"]]
    )


def test_the_lists_add_up_to_the_last_month(found: Any) -> None:  # noqa: ANN401 - the stage's result
    """Accounts and money of the lists are those of the month, and who is cheapest where it is gains nothing."""
    last = found.months.iloc[-1]
    assert found.by_list["accounts"].sum() == last["accounts"] == found.basis.accounts
    assert found.by_list["own"].sum() == pytest.approx(last["own"])
    assert (found.by_list["gained"] >= 0).all()
    gained = found.by_list.set_index("currency")["gained"]
    assert gained["JPY"] == 0
    assert gained["EUR"] > 0


def test_where_it_is_cheapest_is_a_finding(base: CustomerBase, found: Any) -> None:  # noqa: ANN401 - the stage's result
    """Yen are a tenth cheaper after the fall: watched at ten percent, fine at thirty; the drift is said per list."""
    apart = next(each for each in found.findings if "cheapest" in each.title)
    assert apart.status == "watch"
    assert "JPY" in apart.evidence
    assert apart.measured == pytest.approx(18.99 * 1.08 / (2900 * 0.0062) - 1)
    loose = stage_module().evaluate(base, decided(most_apart=0.3, most_drift=0.3))
    assert {each.status for each in loose.findings if each.title != "How old the rates are"} == {"ok"}
    drifts = {each.subject: each.status for each in found.findings if "against the rate" in each.title}
    assert drifts == {"EUR": "ok", "JPY": "watch", "KWD": "ok"}


def test_without_a_rate_nothing_is_known(base: CustomerBase) -> None:
    """No rate is looked up: a list without one waits and says so; rates of later days are not used."""
    late = ({"currency": "JPY", "day": "2025-06-01", "worth": "0.007"},)
    waiting = stage_module().evaluate(base, decided(rates=late))
    assert waiting.waiting == ("EUR", "JPY", "KWD")
    assert (len(waiting.prices), waiting.replay) == (0, None)
    assert [each.status for each in waiting.findings] == ["unknown"]
    assert any("not used" in each.text for each in waiting.cautions)
    assert "not known yet" in stage_module().summarise(waiting.decision, waiting)


def test_one_list_says_so_and_nothing_else(base: CustomerBase) -> None:
    """The starting point is the list there is: no figure, no finding, no caution."""
    made = stage_module().suggest(base, Scenario(id="s", name="S"))
    alone = stage_module().evaluate(base, Scenario(id="s", name="S").with_decision(made))
    assert (alone.key_figures, alone.findings, alone.cautions) == ((), (), ())
    assert stage_module().summarise(made, alone) == "Prices are in USD alone."


def test_a_contract_names_its_currency(base: CustomerBase) -> None:
    """Where a contract is in another currency than the region's, the contract says by which list is billed."""
    tables = {name: base.table(name) for name in base.tables}
    sold = tables["subscriptions"].assign(
        currency=np.where(tables["subscriptions"]["account_id"] == "A0000", "JPY", "USD")
    )
    mixed = CustomerBase.from_tables({**tables, "subscriptions": sold})
    done = stage_module().evaluate(mixed, decided())
    assert tuple(done.replay.lists)[done.replay.code[0]] == "JPY"
    assert tuple(done.replay.lists)[done.replay.code[4]] == "EUR"


def test_a_scenario_of_its_own_is_billed_too(base: CustomerBase) -> None:
    """With tiers decided the lists are made of the scenario's prices, and every stage is evaluated beside them."""
    study = Study.new("terms", "data", currency="USD")
    scenario = with_starting_points(base, study.designs[0]).with_decision(
        stage_module().Decision(lists=LISTS, rates=RATES)
    )
    study = study.with_scenario(scenario)
    outcome = next(each for each in evaluate_scenario(base, study, scenario) if each.stage.key == "currency_lists")
    assert outcome.result.home.name == scenario.name
    assert set(outcome.result.books) == {"USD", "EUR", "JPY", "KWD"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lists": ({"id": "a", "name": "A", "currency": "YEN!"},)}, "three letters"),
        ({"lists": ({"id": "a", "name": "A", "currency": "JPY", "step": "0.5"},)}, "multiple of 1"),
        ({"lists": ({"id": "a", "name": "A", "set_on": "31.12.2024"},)}, "2024-12-31"),
        ({"lists": (LISTS[0], {**LISTS[0], "id": "f", "name": "F", "regions": ()})}, "two lists are in EUR"),
        ({"lists": (LISTS[0], {**LISTS[1], "regions": ("Europe",)})}, "two lists are for Europe"),
        ({"rates": ({"currency": "EUR", "day": "2024-01-01", "worth": 0},)}, "more than 0"),
    ],
)
def test_what_no_list_can_be_is_refused_in_words(fields: dict[str, Any], words: str) -> None:
    """Codes, steps, days, two lists for one place, and a rate of nothing are named."""
    with pytest.raises(ImpossibleDocumentError, match=words):
        stage_module().Decision(**fields)


def test_the_panel_takes_lists_rates_and_typed_prices(session: Session) -> None:
    """A list is added and set, a rate given by the form, a price typed in the grid; undo takes all of it back."""
    from workbench.stages.currency_lists.view import NewRate, with_new_rate, with_typed_prices  # noqa: PLC0415

    panel = open_stage(session, "currency_lists")
    kind = stage_module().Decision
    before = session.scenario.decision(kind)
    panel.buttons["lists.add"].click()
    panel.flush()
    assert [each.currency for each in session.scenario.decision(kind).lists] == ["EUR"]
    with pytest.raises(StudyError, match="all three"):
        with_new_rate(session.scenario.decision(kind), panel.result, NewRate(of="EUR"))
    given = NewRate(of="EUR", day="2024-01-31", worth=Decimal("1.08"))
    panel.revise("a rate", **with_new_rate(session.scenario.decision(kind), panel.result, given))
    panel.flush()
    cells = [[None] for _ in panel.result.prices.itertuples()]
    cells[0] = [7.5]
    panel.revise("a price", **with_typed_prices(session.scenario.decision(kind), panel.result, cells))
    panel.flush()
    assert panel.result.prices["price"].iloc[0] == Decimal("7.5")
    for _ in range(3):
        session.undo()
        panel.flush()
    assert session.scenario.decision(kind) == before
    panel.close()


def test_report_and_workbook_show_it(told: tuple[str, list[str]]) -> None:
    """With one list the page says so and draws nothing; no sheet is made for it."""
    page, sheets = told
    own = section_of(page, "currency_lists")
    assert "There is one list, in USD" in own
    assert "Lists and rates" in own
    assert not any("Each list beside" in sheet for sheet in sheets)


def test_a_currency_nobody_named_is_not_told_as_known(tables: dict[str, pd.DataFrame]) -> None:
    """Amounts without a currency are said to be taken for that of the study; with one there is nothing to say."""
    for named in (True, False):
        paid = (
            tables["mrr"].assign(currency="EUR") if named else tables["mrr"].drop(columns="currency", errors="ignore")
        )
        alone = CustomerBase.from_tables({"accounts": tables["accounts"], "mrr": paid}).in_currency("EUR")
        assert alone.currency == "EUR"
        result = stage("currency_lists").module.evaluate(alone, Scenario(id="d", name="D"))
        told = stage("currency_lists").module.summarise(result.decision, result)
        assert ("nothing in the data says" in told) is not named
        assert any("names its currency" in each.text for each in result.cautions) is not named
