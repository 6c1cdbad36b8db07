"""An account plan starts filled from the data, has two faces that never mix, and says each quarter what changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from workbench.customers import CustomerBase
from workbench.errors import WorkbenchError
from workbench.growth.programme import (
    AccountPlan,
    ProgrammeError,
    draft_plan,
    next_copy,
    plan_changes,
    plan_page,
    read_account_plan,
    write_account_plan,
)
from workbench.growth.programme.account_plan import PlanOpportunity, PlanRisk, Stakeholder
from workbench.impact import KeepPlan, replay
from workbench.pricing import Charge, Plan, PriceBook

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = pd.date_range("2023-07-01", periods=18, freq="MS")
BOOK = PriceBook(
    "list",
    "USD",
    [
        Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)]),
        Plan("Pro", 100, [Charge("seats", "per_unit", unit_price=15)]),
    ],
)


def base_of(
    growth: float = 0.3,
    *,
    falling: bool = False,
    pro: int = 4,
    spoken: str = "2024-12-20",
    renews: str | None = None,
    calls: bool = False,
) -> CustomerBase:
    """Return seven accounts alike that grow, A0 unless it falls; `pro` of the others are in the higher tier.

    With `calls` they go with seats.
    """
    ids = [f"A{at}" for at in range(7)]
    line = np.where(np.arange(18) < 6, 10.0, 10.0 * (1 + growth))
    own = np.linspace(20, 8, 18) if falling else line
    usage = pd.concat(
        pd.DataFrame(
            {"account_id": each, "month": MONTHS, "metric": "seats", "quantity": own if each == "A0" else line}
        )
        for each in ids
    )
    paid = usage[["account_id", "month"]].assign(amount=100.0)
    usage = pd.concat([usage, usage.assign(metric="calls")]) if calls else usage
    paid["plan"] = ["Pro" if 0 < int(each[1:]) <= pro else "Team" for each in paid["account_id"]]
    accounts = pd.DataFrame({"account_id": ids, "name": [f"Firm {each}" for each in ids], "segment": "mid"})
    accounts["renews_on"] = renews
    outcomes = pd.DataFrame({"account_id": "A0", "kind": "hours_saved", "value": [20.0, 26.0, 33.0, 40.0]})
    outcomes["date"] = ["2024-01-15", "2024-04-15", "2024-07-15", "2024-10-15"]
    contacts = pd.DataFrame({"account_id": "A0", "role": ["Champion", "Buyer"], "team": ["Analytics", "Finance"]})
    contacts = contacts.assign(since="2023-08-01", last_contact=spoken)
    tables = {"accounts": accounts, "usage": usage, "mrr": paid, "outcomes": outcomes, "contacts": contacts}
    return CustomerBase.from_tables(tables, currency="USD")


def drafted(base: CustomerBase, **more: Any) -> AccountPlan:  # noqa: ANN401
    """Return the plan of A0."""
    return draft_plan(replay(base, BOOK, assign=KeepPlan(), add_ons="none"), base, "A0", **more)


# --- Filled from the data


def test_a_plan_starts_filled_from_the_data() -> None:
    """Baseline, target, white space with its bill, value, roles and days of A0, each as counted by hand."""
    plan = drafted(base_of())
    assert (plan.name, plan.bill, plan.as_of) == ("Firm A0", 130.0, dt.date(2024, 12, 31))
    measures = {each.name: (each.value, each.change) for each in plan.baseline}
    assert measures["seats"] == pytest.approx((13.0, 0.3))
    assert measures["hours_saved"] == pytest.approx((40.0, 1.0))
    assert [(each.name, each.value, str(each.by)) for each in plan.targets] == [
        ("seats", pytest.approx(16.9), "2025-12-31")
    ]
    assert [(each.name, each.adds) for each in plan.opportunities] == [("Pro", 165.0)]
    assert plan.opportunities[0].why == "67% of 6 organisations alike have it."
    assert plan.revenue_target == pytest.approx(295.0)
    assert [each.role for each in plan.stakeholders] == ["Champion", "Buyer"]
    assert [each.name for each in plan.risks] == ["no executive sponsor"]
    assert plan.reviews[0].day > plan.as_of


@pytest.mark.parametrize(
    ("changed", "risk"),
    [
        ({"falling": True}, "use falls"),
        ({"falling": True}, "value rises while use falls"),
        ({"spoken": "2024-08-01"}, "nobody spoke with it lately"),
        ({"renews": "2025-02-15"}, "contract comes up for renewal"),
    ],
)
def test_risks_come_and_go_with_what_shows_them(changed: dict[str, Any], risk: str) -> None:
    """Each risk is in the plan once the data show it, and not before."""
    assert risk not in {each.name for each in drafted(base_of()).risks}
    assert risk in {each.name for each in drafted(base_of(**changed)).risks}


def test_targets_and_white_space_move_with_accounts_alike() -> None:
    """Where they grow twice as much the target rises; where they leave the higher tier it is no opportunity."""
    assert drafted(base_of(growth=0.6)).targets[0].value == pytest.approx(16 * 1.6)
    assert drafted(base_of(pro=1)).opportunities == ()


def test_an_account_that_is_no_customer_is_refused() -> None:
    """A name that nobody has is told, with the month."""
    base = base_of()
    with pytest.raises(ProgrammeError, match="Z9 was no customer in 2024-12"):
        draft_plan(replay(base, BOOK, assign=KeepPlan()), base, "Z9")


def test_contacts_without_an_account_are_told_when_data_are_read() -> None:
    """A contact of an account that is not there is a problem of the data, named with its value."""
    contacts = pd.DataFrame({"account_id": ["Z9"], "role": ["Buyer"]})
    tables = {name: base_of().table(name) for name in ("accounts", "usage")}
    with pytest.raises(WorkbenchError, match="Z9"):
        CustomerBase.from_tables({**tables, "contacts": contacts}, currency="USD")


def test_a_talk_after_the_day_is_not_known_on_it() -> None:
    """On an earlier day the last contact is unknown, not one from the future."""
    assert base_of().up_to("2024-11-30").contacts["last_contact"].isna().all()


# --- Two faces


FOR_US_ALONE = (
    "account_id", "currency", "internal_note", "opportunities.item.kind", "stakeholders.item.engagement",
    "reviews.item.preparation", "risks.item.name", "risks.item.about", "risks.item.evidence", "risks.item.mitigation",
)  # fmt: skip


def planted(kind: Any, place: str) -> Any:  # noqa: ANN401
    """Return a value of a type that can be found again: its place in the document as text, or a number of its own."""
    if get_origin(kind) is tuple:
        return [planted(get_args(kind)[0], f"{place}.item")]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: planted(field.annotation, f"{place}.{name}") for name, field in kind.model_fields.items()}
    choices = [each for each in get_args(kind) if each is not type(None)] or [kind]
    if choices[0] in (str, bool):  # what is dropped is on no shared page at all
        return f"MARK{place}" if choices[0] is str else False
    if choices[0] is float:
        return 0.123 if place.endswith("likelihood") else float(700_000 + sum(place.encode()))
    if choices[0] is dt.date:
        return dt.date(2031, 1 + sum(place.encode()) % 12, 1 + sum(place.encode()) % 28)
    return choices[0]


def marks_in(document: Any) -> set[str]:  # noqa: ANN401
    """Return every planted value as it may be seen."""
    if isinstance(document, dict):
        return set().union(*(marks_in(each) for each in document.values()))
    if isinstance(document, list):
        return set().union(*(marks_in(each) for each in document))
    return {str(document)} if document not in (None, "", 1) else set()


def test_internal_fields_never_reach_the_shared_face(tmp_path: Path) -> None:
    """A mark in every field: the shared page, the calendar and its changes hold those of shared fields and no other."""
    plan = AccountPlan.model_validate(planted(AccountPlan, ""))
    everything = marks_in(json.loads(plan.model_dump_json()))
    shared = marks_in(json.loads(json.dumps(plan.face("shared"), default=str)))
    internal = everything - shared
    assert {each for each in internal if each.startswith("MARK")} == {f"MARK.{each}" for each in FOR_US_ALONE}
    amounts = {"bill", "revenue_target", "opportunities.item.adds", "risks.item.at_stake"}
    assert {f"{planted(float, f'.{each}')}" for each in amounts} | {"0.123"} <= internal
    before = plan.replaced(internal_note="MARK before", risks=(), bill=700_999.0, note="MARK an earlier note")
    pages = {which: plan_page(plan, which, before) for which in ("internal", "shared")}
    shared_text = pages["shared"] + plan.calendar()
    spellings = {each: {each} | ({f"{float(each):,.0f}"} if _is_large(each) else set()) for each in internal}
    leaked = {each for each, spelt in spellings.items() if any(text in shared_text for text in spelt)}
    assert leaked == set()
    assert "MARK before" not in shared_text
    assert "700,999" not in shared_text
    assert "12%" not in shared_text  # the likelihood as a page writes it
    assert "MARK an earlier note" in pages["shared"]
    shown = {each for each in everything if each.startswith("MARK")} - {"MARK.account_id", "MARK.currency"}
    hidden = {"MARK.opportunities.item.kind"}
    assert {each for each in shown - hidden if each not in pages["internal"]} == set()
    files = write_account_plan(plan, tmp_path, before=before)
    for path in files[1:3]:
        text = path.read_text()
        assert not any(spelt in text for each in spellings.values() for spelt in each), path.name


def _is_large(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() and float(text) > 1


def test_what_people_write_is_text_on_the_page() -> None:
    """Markup in a note is shown, not run."""
    plan = AccountPlan(account_id="A", name="<b>Acme</b>", as_of=dt.date(2025, 1, 31), note="<script>x()</script>")
    page = plan_page(plan, "shared")
    assert "<script>" not in page
    assert "&lt;b&gt;Acme" in page


def test_what_was_dropped_is_for_us_alone() -> None:
    """An opportunity that was dropped stands on our page, marked, and with no word on the shared one."""
    plan = drafted(base_of())
    dropped = plan.replaced(opportunities=tuple(each.replaced(dropped=True) for each in plan.opportunities))
    assert "dropped" in plan_page(dropped, "internal")
    assert "Pro" in plan_page(plan, "shared")
    assert "Pro" not in plan_page(dropped, "shared")
    gone = {each["field"]: each["after"] for each in plan_changes(plan, dropped, "shared")}
    assert gone == {"opportunities, Pro": "", "opportunities, Pro: why": ""}
    assert {each["field"] for each in plan_changes(plan, dropped)} == {"opportunities, Pro: dropped"}


# --- Quarter by quarter


def test_what_people_wrote_themselves_is_in_the_next_copy() -> None:
    """A role, a risk and an opportunity of their own stay, what was dropped stays dropped; twice is once."""
    draft = drafted(base_of())
    written = draft.replaced(
        opportunities=(
            *(each.replaced(dropped=True) for each in draft.opportunities),
            PlanOpportunity(name="Training", own=True),
        ),
        stakeholders=(*draft.stakeholders, Stakeholder(role="Sponsor", team="Board", own=True)),
        risks=(*draft.risks, PlanRisk(name="merger", own=True), PlanRisk(name="use falls", own=True)),
    )
    copy = next_copy(written, drafted(base_of(falling=True)))
    assert [(each.name, each.dropped) for each in copy.opportunities] == [("Pro", True), ("Training", False)]
    assert [each.role for each in copy.stakeholders] == ["Champion", "Buyer", "Sponsor"]
    assert [each.name for each in copy.risks].count("use falls") == 1
    assert "merger" in {each.name for each in copy.risks}
    assert "merger" not in {each.name for each in next_copy(draft, drafted(base_of())).risks}


def test_two_risks_of_one_name_keep_what_was_written_of_each() -> None:
    """Seats and calls fall: each mitigation stays with its metric, in the copy and in what changed."""
    day = dt.date(2025, 1, 31)
    found = AccountPlan(
        account_id="A",
        name="Acme",
        as_of=day,
        risks=tuple(PlanRisk(name="use falls", about=each, mitigation="Ask.") for each in ("seats", "calls")),
    )
    said = {"seats": "Train the team.", "calls": "Fix the interface."}
    written = found.replaced(risks=tuple(each.replaced(mitigation=said[each.about]) for each in found.risks))
    copy = next_copy(written, found.replaced(as_of=day + dt.timedelta(days=90), risks=found.risks[::-1]))
    assert {each.about: each.mitigation for each in copy.risks} == said
    assert {each["field"]: each["after"] for each in plan_changes(found, written)} == {
        f"risks, use falls, {about}: mitigation": text for about, text in said.items()
    }
    charged = PriceBook("list", "USD", [Plan("Team", 0, [Charge(each, "per_unit", unit_price=1) for each in said])])
    base = base_of(falling=True, pro=0, calls=True)
    both = draft_plan(replay(base, charged, assign=KeepPlan()), base, "A0")
    assert {each.about for each in both.risks if each.name == "use falls"} == {"seats", "calls"}


def test_the_next_copy_keeps_what_was_written_and_says_what_changed(tmp_path: Path) -> None:
    """Notes, mitigation and agreed days stay; figures are new; each face lists its own changes."""
    early = base_of().up_to("2024-09-30")
    plan = draft_plan(replay(early, BOOK, assign=KeepPlan(), add_ons="none"), early, "A0")
    written = plan.replaced(
        note="We meet in spring.",
        internal_note="Ready for Pro.",
        risks=tuple(each.replaced(mitigation="Ask the board.") for each in plan.risks),
    )
    copy = next_copy(written, drafted(base_of(falling=True)))
    assert (copy.note, copy.internal_note, copy.as_of) == (
        "We meet in spring.",
        "Ready for Pro.",
        dt.date(2024, 12, 31),
    )
    sponsor = next(each for each in copy.risks if each.name == "no executive sponsor")
    assert sponsor.mitigation == "Ask the board."
    assert {each.day for each in written.reviews if each.day > copy.as_of} <= {each.day for each in copy.reviews}
    internal = {each["field"] for each in plan_changes(written, copy)}
    shared = {each["field"] for each in plan_changes(written, copy, "shared")}
    assert "bill" in internal
    assert any(each.startswith("risks, use falls") for each in internal)
    assert not any(each.startswith(("risks", "bill", "revenue")) for each in shared)
    assert "baseline, seats: value" in shared
    with pytest.raises(ProgrammeError, match="Draft the same account from later data"):
        next_copy(copy, plan)
    first = write_account_plan(written, tmp_path)
    again = write_account_plan(copy, tmp_path, before=read_account_plan(first[-1]))
    assert first == again
    assert "What changed since the last copy" in again[0].read_text()
    assert read_account_plan(again[-1]) == copy


def test_a_document_that_is_no_plan_is_told(tmp_path: Path) -> None:
    """A wrong field is named with what is wrong; a file that is not there too."""
    (tmp_path / "plan.json").write_text('{"account_id": "A", "name": "Acme", "as_of": "soon"}')
    with pytest.raises(WorkbenchError, match=r"plan.json is no account plan.*as of"):
        read_account_plan(tmp_path / "plan.json")
    with pytest.raises(ProgrammeError, match="cannot be read"):
        read_account_plan(tmp_path / "none.json")
