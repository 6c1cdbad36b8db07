"""The stage expansion on companies whose truth is planted: what triggers bring, amounts that are bills, and gaps."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.afterwards import everything_on_record
from workbench.errors import StudyError, WorkbenchError
from workbench.growth import TOOLS, lines_under, movements_of_lines, scorecard
from workbench.growth.triggers import PLAYBOOK
from workbench.rendering.declared import open_stage
from workbench.rendering.session import Session
from workbench.report import named
from workbench.report.desk.playbook_page import playbook_document
from workbench.rules import RULEBOOK
from workbench.stages.expansion import Decision as ExpansionDecision
from workbench.stages.expansion import evaluate, gather, suggest
from workbench.stages.expansion.view import (
    OldTrigger,
    OwnTriggers,
    call_files,
    keep_what_is_shown,
    mover_sentences,
    playbook_files,
    waiting_sentences,
    what_tools_do_otherwise,
    with_own_triggers,
    without_trigger,
)
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import list_of_today, price_book, tier_of
from workbench.study import Scenario, Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.pricing import PriceBook
    from workbench.stages.expansion.result import ExpansionResult

pytestmark = pytest.mark.needs_stage("expansion")
MONTHS = pd.date_range("2022-01-01", periods=30, freq="MS")
LIMITS = ({"seats": 10}, {}, {})
DEAR, OWN = "team_grows", '[triggers.{}]\nname = "Seats grow"\nevery = "month"\nwho = "sales"\n[[triggers.{}.when]]\n'


def company(effect: float, *, accounts: int = 400, months: int = 30, seed: int = 3) -> CustomerBase:
    """Return accounts that expand by 3% a month, and so many times as often in the three months after a return."""
    chance = np.random.default_rng(seed)
    rows, outcomes, used, begun = [], [], [], chance.uniform(40, 200, accounts)
    for account in range(accounts):
        amount, last, name = begun[account], -9, f"A{account:03d}"
        outcomes.append((name, MONTHS[0] + pd.Timedelta(days=5), "hours saved", 10.0))
        for at, month in enumerate(MONTHS[:months]):
            if at and chance.random() < 0.03 * (effect if 0 < at - last <= 3 else 1):
                amount *= 1.2
            rows.append((name, month, round(amount, 2), "Team" if account % 4 else "Starter"))
            used.append((name, month, "seats", round(amount / 10)))
            if at - last > 7 and chance.random() < 0.06:
                last = at
                outcomes.append((name, month + pd.Timedelta(days=9), "hours saved", 20.0))
    plans = {
        "plan": ["Starter", "Team", "Scale"], "base_fee": [0.0, 20.0, 90.0], "metric": "seats", "currency": "USD",
        "unit_price": [9.0, 10.0, 14.0], "included_units": 0.0, "billing_period": "month",
    }  # fmt: skip
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": [f"A{each:03d}" for each in range(accounts)], "segment": "small"}),
            "mrr": pd.DataFrame(rows, columns=["account_id", "month", "amount", "plan"]).assign(currency="USD"),
            "usage": pd.DataFrame(used, columns=["account_id", "month", "metric", "quantity"]),
            "outcomes": pd.DataFrame(outcomes, columns=["account_id", "date", "kind", "value"]),
            "plans": pd.DataFrame(plans),
        }
    )


def scenario_of(base: CustomerBase, decision: ExpansionDecision | None = None) -> Scenario:
    """Return a scenario that sells today's plans, the first to those of ten seats and less."""
    plans = list_of_today(base).plans if base.has("plans") else ()
    tiers = [tier_of(plan).replaced(limits=most) for plan, most in zip(plans, LIMITS, strict=False)]
    made = Scenario(id="d", name="D").with_decision(TierDecision(tiers=tuple(tiers)))
    return made.with_decision(decision or ExpansionDecision())


def result_of(base: CustomerBase, **settings: Any) -> ExpansionResult:  # noqa: ANN401 - fields
    """Return what the stage finds on a base under that list."""
    return evaluate(base, scenario_of(base, ExpansionDecision(**settings)))


def status_of(result: ExpansionResult, rule: str) -> str:
    """Return the verdict of a rule."""
    return next(each.status for each in result.findings if each.rule_id == rule)


@pytest.fixture(scope="module")
def grown() -> CustomerBase:
    """Return a company in which a return is followed by four times as much expansion."""
    return company(4.0)


@pytest.fixture(scope="module")
def found(grown: CustomerBase) -> ExpansionResult:
    """Return what the stage finds there."""
    return result_of(grown)


def test_a_planted_effect_is_evidence_and_none_is_none(grown: CustomerBase, found: ExpansionResult) -> None:
    """On with evidence and off without are as they should be; the other way round is on watch, too little unknown."""
    assert found.known_test is not None
    lift = found.known_test["return_recorded"].lifts["expansion", 3].lift
    assert lift is not None
    assert 2.0 < lift.estimate < 4.5
    assert status_of(found, "X4") == "ok"
    assert status_of(found, "X2") == "unknown"
    off = result_of(grown, switched_on=())
    assert status_of(off, "X4") == "watch"
    assert dict(keep_what_is_shown(off.decision, off)) == {"switched_on": ("return_recorded",)}
    nothing = result_of(company(1.0))
    assert status_of(nothing, "X4") == "watch"
    assert "no evidence" in next(each.evidence for each in nothing.findings if each.rule_id == "X4")
    with pytest.raises(StudyError, match="speaks for none"):
        keep_what_is_shown(nothing.decision, nothing)
    assert status_of(result_of(company(1.0), switched_on=()), "X4") == "ok"


def test_the_scorecard_is_that_of_the_growth_functions(grown: CustomerBase, found: ExpansionResult) -> None:
    """Findings carry the strict reading and its verdict, and say the printed one; a study moves the target."""
    card = scorecard(grown)
    for key in ("S1", "S2", "S3", "S4", "S5", "S6"):
        finding = next(each for each in found.findings if each.rule_id == key)
        assert finding.status == card[key].strict.verdict
        assert finding.measured == card[key].strict.value
        assert "As printed" in finding.evidence
    net = next(each for each in found.key_figures if each.label == "Net revenue retention")
    assert net.value == card["S5"].strict.value
    when = datetime(2024, 5, 1, tzinfo=UTC)
    study = Study.new("s", "data", currency="USD").with_threshold("S5", "a young market", "Ann", when, low=3)
    moved = evaluate(grown, scenario_of(grown), rulebook=RULEBOOK.for_study(study))
    assert status_of(moved, "S5") == "breach"
    assert status_of(found, "S5") == "ok"


def test_every_amount_is_a_bill_of_the_next_tier_less_todays(grown: CustomerBase, found: ExpansionResult) -> None:
    """Each bill by hand, to the cent: each tier's is the one after it, and nobody is listed twice."""
    book: PriceBook = price_book(grown, scenario_of(grown))
    seats = grown.usage_by_month["seats"][:, -1]
    places = {name: at for at, name in enumerate(grown.accounts["account_id"])}
    following = {"Starter": "Team", "Team": "Scale"}
    offers = found.offers
    assert len(offers) == offers["account_id"].nunique() == len(grown)
    assert (offers["plan"] == "Starter").sum() == (seats <= 10).sum() > 0
    for row in offers.itertuples():
        units = {"seats": seats[places[row.account_id]]}
        assert row.offer == following[row.plan]
        assert row.pays == pytest.approx(float(book.bill(row.plan, units).total), abs=0.005)
        assert row.would_pay == pytest.approx(float(book.bill(row.offer, units).total), abs=0.005)
    assert found.calls is not None
    amounts = dict(zip(offers["account_id"], offers["amount"], strict=True))
    listed = found.calls.accounts
    assert all(amounts[each.account_id] == each.amount for each in listed.itertuples())
    np.testing.assert_allclose(listed["expected"], listed["probability"] * listed["amount"])


def test_no_team_calls_more_than_it_can(grown: CustomerBase) -> None:
    """So many this week as there are talks; a team with reasons and without talks breaks its finding."""
    few = result_of(grown, capacity={"customer success": 3, "sales": 0})
    assert len(few.this_week) <= 3
    none = result_of(grown, capacity={})
    teams = {each.subject: each.status for each in none.findings if each.title.startswith("Talks of")}
    assert teams == {"customer success": "breach", "sales": "ok"}
    shown = few.tables["calls"]
    assert (shown["when"].iloc[: len(few.this_week)] == "this week").all()


def test_a_team_writes_triggers_of_its_own(grown: CustomerBase, found: ExpansionResult) -> None:
    """Added ones are on, tested, kept in the study and taken out again; an unknown metric is refused."""
    text = OWN.format(DEAR, DEAR) + 'signal = "usage_growth"\nof = "seats"\nat_least = 1.1\n'
    changes = dict(with_own_triggers(found.decision, found, OwnTriggers(text=text)))
    decision = found.decision.replaced(**changes)
    assert decision.switched_on[-1] == DEAR
    again = ExpansionDecision.model_validate_json(decision.model_dump_json())
    assert again == decision
    tested = evaluate(grown, scenario_of(grown, decision))
    assert any(each.title == "Seats grow" and each.status != "unknown" for each in tested.findings)
    assert DEAR not in decision.replaced(**without_trigger(decision, found, OldTrigger(trigger=DEAR))).playbook.triggers
    wrong = text.replace('of = "seats"', 'of = "chairs"')
    with pytest.raises(WorkbenchError, match="looks at 'chairs', and usage knows seats"):
        with_own_triggers(found.decision, found, OwnTriggers(text=wrong))
    with pytest.raises(WorkbenchError, match="no TOML"):
        with_own_triggers(found.decision, found, OwnTriggers(text="[triggers.x"))
    other = company(1.0, accounts=40)
    chairs = decision.replaced(playbook=decision.playbook.of_toml("version = 1\n" + wrong), switched_on=())
    elsewhere = evaluate(other, scenario_of(other, chairs))
    assert "chairs" in elsewhere.refused
    assert any("chairs" in each.text for each in elsewhere.cautions)
    with pytest.raises(WorkbenchError, match="'nobody' is switched on"):
        ExpansionDecision(switched_on=("nobody",))


def test_the_discount_that_ends_is_in_the_playbook_and_billed(found: ExpansionResult) -> None:
    """Depth and length decided are those of the trigger that leaves; what it gives away is a share of next bills."""
    decision = found.decision.replaced(discount=0.3, discount_days=60)
    ends = decision.triggers.triggers["higher_tier_request"].discount
    assert ends is not None
    assert (ends.percent, ends.days) == (30, 60)
    assert PLAYBOOK.triggers["higher_tier_request"].discount != ends
    assert "Nobody has asked" in next(iter(waiting_sentences(found)))


def test_what_nobody_has_room_for_is_on_watch(grown: CustomerBase) -> None:
    """The share of what may be expected that pods cover, counted by hand."""
    few = result_of(grown, accounts_each=dict.fromkeys(ExpansionDecision().people, 10))
    told = next(each for each in few.findings if each.title == "What nobody has room for")
    assert not isinstance(few.pods, str)
    held = few.pods.accounts["pod"] > 0
    assert held.sum() == 20
    assert told.measured == pytest.approx(
        few.pods.accounts["potential"][held].sum() / few.pods.accounts["potential"].sum()
    )
    assert told.status == "watch"
    many = result_of(grown, accounts_each=dict.fromkeys(ExpansionDecision().people, 400))
    assert next(each.status for each in many.findings if each.title == "What nobody has room for") == "ok"


def test_playbook_and_list_leave_as_files(found: ExpansionResult) -> None:
    """One page a trigger, data that reads back, and every account of the list."""
    ((_, name, page),) = playbook_document(found.decision, found).files
    assert name == "playbook.html"
    assert page.decode().count("<article ") == len(found.decision.playbook.triggers)
    files = {name: content for _, name, content in playbook_files(found.decision, found).files}
    assert json.loads(files["playbook.json"])["triggers"].keys() == set(found.decision.switched_on)
    made = {name: content for _, name, content in call_files(found.decision, found).files}
    assert made["calls.csv"].decode().count("\n") == len(found.tables["calls"]) + 1
    assert made["calls.xlsx"][:2] == b"PK"


def test_one_ledger_under_five_tools_stands_beside_ours(grown: CustomerBase, found: ExpansionResult) -> None:
    """Net retention of each is that of its definition, ours that of the scorecard; each says where it differs."""
    table = found.tables["definitions"]
    names = list(table.frame["Definition"])
    assert names == ["This workbench", *(each.name for each in TOOLS)]
    nets = dict(zip(names, table.frame["Net retention"], strict=True))
    assert found.known_card is not None
    assert nets["This workbench"] == pytest.approx(found.known_card["S5"].strict.value)
    begun, ended = "2023-06-30", "2024-06-30"
    for each in TOOLS:
        moved = movements_of_lines(lines_under(grown, each), each)
        assert nets[each.name] == pytest.approx(moved.net_retention(begun, ended))
    said = list(what_tools_do_otherwise(found))
    assert [each.split(":")[0] for each in said] == names[1:]
    assert "Each change of a day" in said[1]
    assert "Each change of a day" not in said[0]


def test_who_would_opt_into_usage_is_said_or_why_not(found: ExpansionResult) -> None:
    """A company whose only usage is what its plans charge has nobody to ask, and the sentence says so."""
    assert len(found.tables["movers"]) == 0
    assert "is unknown: No usage is recorded that could be charged beside seats" in next(iter(mover_sentences(found)))


def test_too_little_is_unknown_and_said(grown: CustomerBase) -> None:
    """Eleven months, twelve accounts, one customer that is nearly all revenue, no revenue: sentences, and no number."""
    short = result_of(company(1.0, accounts=60, months=11))
    assert {status_of(short, f"S{each}") for each in range(1, 7)} == {"unknown"}
    assert "thirteen months" in next(each.evidence for each in short.findings if each.rule_id == "S1")
    assert not len(short.tables["scorecard"])
    few = result_of(company(1.0, accounts=12))
    assert any("Only 12 accounts" in each.text for each in few.cautions)
    assert few.calls is None
    mrr = grown.mrr
    mrr.loc[mrr["account_id"] == "A000", "amount"] *= 5_000
    large = result_of(CustomerBase.from_tables({**dict(grown.frames), "mrr": mrr}))
    assert "A000 is 88%" in " ".join(each.text for each in large.cautions)
    bare = result_of(CustomerBase.from_tables({"accounts": grown.accounts, "usage": grown.usage}))
    assert {each.status for each in bare.findings} == {"unknown"}
    assert suggest(grown, Scenario(id="s", name="S")).switched_on == ("near_limit", "team_outgrows", "return_recorded")


@pytest.mark.slow
def test_the_case_study_is_seen_with_what_came_after_the_studys_day(sample_company: CustomerBase) -> None:
    """Revenue per account +72%, use cases 2.3 to 6.8, net retention 108% to 136%; none up to the study's day."""
    evidence = gather(sample_company)
    scenario = Scenario(id="s", name="S").with_decision(ExpansionDecision(history="everything"))
    case = evaluate(sample_company, scenario, evidence=evidence).tables["case"].words()
    assert case.iloc[:, 3].tolist()[0] == "+72%"
    assert case.iloc[1:, 1].tolist() == ["2.3", "108%"]
    assert case.iloc[1:, 2].tolist() == ["6.8", "136%"]
    then = evaluate(sample_company, scenario.with_decision(ExpansionDecision()), evidence=evidence)
    assert not len(then.tables["case"])
    assert then.known_card is not None
    assert then.known_card.period == "2023-12 to 2024-12"


@pytest.mark.slow
def test_what_came_later_has_no_names_where_accounts_have_none(sample_company: CustomerBase) -> None:
    """Accounts that signed up after the study's day are marked as well, and every number stays."""
    marked = named(sample_company, Study.new("s", "data", currency="USD"), "alias").base
    whole, open_one = everything_on_record(marked), everything_on_record(sample_company)
    ids = set(open_one.accounts["account_id"])
    assert len(whole) == len(open_one) > len(marked)
    assert not ids & set(whole.accounts["account_id"])
    assert whole.accounts["name"].isna().all()
    assert scorecard(whole, draws=0)["S5"].strict.value == scorecard(open_one, draws=0)["S5"].strict.value


def contradicting(base: CustomerBase) -> dict[str, pd.DataFrame | None]:
    """Return a company whose plans allow one seat and whose accounts use many."""
    limits = pd.DataFrame({"plan": ["Starter", "Team"], "metric": "seats", "limit": 1.0})
    return {**{name: base.table(name) for name in base.tables}, "plan_limits": limits}


def selling_twice(base: CustomerBase) -> dict[str, pd.DataFrame | None]:
    """Return a company in which one account has the same subscription twice, and another one of the year 2033."""
    sold = pd.DataFrame({"account_id": ["A000", "A000", "A001"], "start": ["2022-01-01", "2023-01-01", "2033-01-01"]})
    sold = sold.assign(item="Team", amount=100.0, period="month")
    kept = {name: base.table(name) for name in base.tables if name != "mrr"}
    return {**kept, "subscriptions": sold}


@pytest.mark.parametrize("months", [11, 30])
@pytest.mark.parametrize("make", [contradicting, selling_twice])
@pytest.mark.parametrize("key", ["expansion", "growth_desk"])
def test_tables_that_contradict_each_other_are_told_and_nothing_breaks(
    key: str,
    make: Callable[[CustomerBase], dict[str, pd.DataFrame | None]],
    months: int,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The data says so when it is read, and every section of the step opens with twelve accounts."""
    base = CustomerBase.from_tables(make(company(1.0, accounts=12, months=months)), currency="USD")
    told = " ".join(str(each) for each in base.findings)
    assert ("used more in" if make is contradicting else "both are added up") in told
    assert "within a year of the last month of usage" in told or make is contradicting
    study = Study.new("s", "data", currency="USD").save(tmp_path)
    panel = open_stage(Session(tmp_path, study, base=base), key)
    for section in panel.view.sections:
        panel.look(section.key)  # a lazy one is worked out when somebody looks
    assert "".join(each.static_html() for each in panel.sections)
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
