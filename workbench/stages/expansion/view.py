"""What the stage expansion shows: the scorecard, how long customers wait, the playbook and its past, whom to call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from workbench.errors import StudyError
from workbench.growth.desk.accounts import customers_now
from workbench.growth.programme import ProductRules, product_rules
from workbench.growth.triggers import Playbook, playbook_schema
from workbench.growth.triggers.back_test import HORIZONS
from workbench.outputs import csv_bytes, workbook_bytes
from workbench.stages.expansion.suggestion import with_evidence
from workbench.stages.expansion.tables import JOINED, ON_SCREEN, no_rows, trigger_table
from workbench.stages.expansion.teams import path_sentences, pay_sentences, pods_sentences, why_no_paths, why_no_pods
from workbench.stages.view import (
    Action,
    Figures,
    Grid,
    KeyFigures,
    Made,
    Message,
    Said,
    SectionView,
    Setting,
    TableOf,
    View,
)
from workbench.study.model import FrozenModel
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.stages.expansion.decision import ExpansionDecision
    from workbench.stages.expansion.result import ExpansionResult
    from workbench.stages.view import Cells
    from workbench.tables import DataTable

say = texts(__name__)
_SHOWN_CALLS = 15


class OwnTriggers(FrozenModel):
    """Triggers a team writes itself, as TOML."""

    text: Annotated[str, Setting(lines=8), Field(max_length=20_000)] = ""


class OldTrigger(FrozenModel):
    """A trigger to take out of the playbook."""

    trigger: str = ""


def summarise(decision: ExpansionDecision, result: ExpansionResult) -> str:
    """Return which triggers are on and what may be said of customers' growth, in one sentence."""
    on, triggers = decision.switched_on, decision.playbook.triggers
    card = result.known_card
    values = {"on": [triggers[each].name for each in triggers if each in on], "of": len(triggers),
              "talks": sum(decision.capacity.values())}  # fmt: skip
    if card is None:
        return say("summary_without_card", **values)
    return say("summary", net=card["S5"].strict.value, rate=card["S1"].strict.value, period=card.period, **values)


def why_no_card(result: ExpansionResult) -> str:
    """Say why there is no scorecard, nothing where there is one."""
    return result.card if isinstance(result.card, str) else ""


def why_no_test(result: ExpansionResult) -> str:
    """Say why triggers cannot be tested on the past, nothing where they can."""
    return result.back_test if isinstance(result.back_test, str) else ""


def why_no_calls(result: ExpansionResult) -> str:
    """Say why nobody can be ranked, nothing where accounts can."""
    if isinstance(result.odds, str):
        return result.odds
    return "" if result.calls is not None else say("no_offers")


def how_it_is_counted(result: ExpansionResult) -> Iterable[str]:
    """Say how revenue is counted."""
    card = result.known_card
    merges = result.lived.base.frames["merges"] if result.lived.base.has("merges") else ()
    return () if card is None else (*card.conventions, *([say("merged", accounts=len(merges))] if len(merges) else ()))


def what_tools_do_otherwise(result: ExpansionResult) -> Iterable[str]:
    """Say where each of five tools departs from how revenue is counted here."""
    ours, *tools = result.lived.definitions
    kept = set(ours.sentences())
    return [say("counts_otherwise", name=each.name, how=[one for one in each.sentences() if one not in kept],
                source=each.source) for each in tools]  # fmt: skip


def what_moved_it(result: ExpansionResult) -> DataTable:
    """Return the accounts that move net retention most."""
    card = result.known_card
    return no_rows() if card is None else card.moved_by("S5")


def waiting_sentences(result: ExpansionResult) -> Iterable[str]:
    """Say what the discount that ends comes to, on the bills of those who asked lately."""
    asked, decision = result.asked, result.decision
    months = decision.discount_days / 30
    if not len(asked):
        return [say("nobody_asked", share=decision.discount, days=decision.discount_days)]
    off = float((asked["would_pay"] * decision.discount).sum()) * months
    more = float(asked["amount"].sum())
    return [
        say("discount_costs", accounts=len(asked), share=decision.discount, days=decision.discount_days, off=off,
            more=more, back=off / more, currency=result.currency)
    ]  # fmt: skip


def mover_sentences(result: ExpansionResult) -> Iterable[str]:
    """Say who would opt into usage, and so is the first to migrate; or why that is unknown."""
    found = result.movers
    if isinstance(found, str):
        return [say("no_movers", why=found)]
    return [
        say("movers", accounts=len(found.accounts), of=int(customers_now(result.evidence.base).sum()),
            adds=float(found.accounts["adds"].sum()), offer=found.offer,
            currency=result.currency)
    ]  # fmt: skip


def by_days(result: ExpansionResult, months: int) -> DataTable:
    """Return how triggers did within so many months."""
    return result.tables["back_test"] if months == HORIZONS[-1] else trigger_table(result, months)


def _days(_: ExpansionResult) -> Mapping[str, object]:
    return {say("days", days=30 * each): each for each in HORIZONS[::-1]}


def what_sources_say(result: ExpansionResult) -> DataTable:
    """Return what the source reports beside what was measured here."""
    return no_rows() if result.known_test is None else result.known_test.claims()


def list_sentences(result: ExpansionResult) -> Iterable[str | Message]:
    """Say how many are called this week and what that is expected to bring."""
    if result.calls is None:
        return ()
    week = result.this_week
    return [
        say("week", accounts=len(week), of=len(result.calls.accounts), expected=float(week["expected"].sum()),
            amount=float(week["amount"].sum()), currency=result.currency)
    ]  # fmt: skip


def calls_on_screen(result: ExpansionResult) -> DataTable:
    """Return the list with the columns a screen has room for."""
    table = result.tables["calls"]
    return table.showing(ON_SCREEN) if len(table) else table


# --- The playbook: what is on, the team's own triggers, and what leaves


def _every_trigger(result: ExpansionResult) -> Mapping[str, object]:
    return {f"{each.rule} {each.name}".strip(): key for key, each in result.decision.playbook.triggers.items()}


def keep_what_is_shown(decision: ExpansionDecision, result: ExpansionResult) -> Mapping[str, object]:
    """Switch on what the past shows an effect of; StudyError where it shows none of any."""
    test = result.known_test
    if test is None or not any(each.verdict == "evidence" for each in test.records):
        raise StudyError(say("no_evidence"), say("no_evidence_advice"))
    return {"switched_on": with_evidence(decision, test)}


def with_own_triggers(decision: ExpansionDecision, result: ExpansionResult, form: OwnTriggers) -> Mapping[str, object]:
    """Add triggers written as TOML, and switch them on; TriggerError for what is none, or looks at unknown names."""
    if not form.text.strip():
        raise StudyError(say("no_text"), say("no_text_advice"))
    text = form.text if "version" in form.text.split("[")[0] else f"version = 1\n{form.text}"
    own = Playbook.of_toml(text)
    own.check(result.lived.base)
    triggers = {**decision.playbook.triggers, **own.triggers}
    on = (*decision.switched_on, *(each for each in own.triggers if each not in decision.switched_on))
    return {"playbook": Playbook(triggers=triggers), "switched_on": on}


def without_trigger(decision: ExpansionDecision, _: ExpansionResult, form: OldTrigger) -> Mapping[str, object]:
    """Take a trigger out of the playbook."""
    left = {key: each for key, each in decision.playbook.triggers.items() if key != form.trigger}
    if len(left) == len(decision.playbook.triggers):
        raise StudyError(say("which_trigger"), say("which_trigger_advice"))
    return {
        "playbook": Playbook(triggers=left),
        "switched_on": tuple(each for each in decision.switched_on if each != form.trigger),
    }


def playbook_files(decision: ExpansionDecision, result: ExpansionResult) -> Made:
    """Return the playbook as data for another system, and what the product shows by itself, each with its schema."""
    told = {"playbook.toml": decision.in_use.toml(), "playbook.json": decision.in_use.json_text(),
            "playbook.schema.json": json.dumps(playbook_schema(), indent=2)}  # fmt: skip
    if result.lived.base.has("feature_use"):
        told["in_product.json"] = product_rules(result.lived.base, decision.in_use.triggers).json_text()
        told["in_product.schema.json"] = json.dumps(ProductRules.schema_of(), indent=2)
    files = tuple((say(name.replace(".", "_")), name, text.encode()) for name, text in told.items())
    return Made(say("playbook_made", triggers=len(decision.in_use.triggers)), files)


def call_files(decision: ExpansionDecision, result: ExpansionResult) -> Made:
    """Return the list of calls as CSV and as Excel file; StudyError where there is nobody to call."""
    del decision
    table = result.tables["calls"].without(*JOINED) if len(result.tables["calls"]) else no_rows()
    if not len(table):
        raise StudyError(say("nobody_to_call"), why_no_calls(result) or say("no_offers"))
    files = (
        (say("as_excel"), "calls.xlsx", workbook_bytes({say("sheet"): table})),
        (say("as_csv"), "calls.csv", csv_bytes(table)),
    )
    return Made(say("calls_made", accounts=len(table)), files)


def _teams(decision: ExpansionDecision, _: ExpansionResult) -> Sequence[str]:
    return decision.teams


def _talks(*_: object) -> Sequence[Mapping[str, Any]]:
    return [{"label": say("talks"), "unit": say("a_week"), "minimum": 0, "maximum": 10_000, "step": 1, "whole": True}]


def _capacities(decision: ExpansionDecision, _: ExpansionResult) -> Cells:
    return [[float(decision.capacity.get(each, 0))] for each in decision.teams]


def with_capacity(decision: ExpansionDecision, _: ExpansionResult, cells: Cells) -> Mapping[str, object]:
    """Set how many talks each team can hold in a week."""
    talks = {team: int(row[0] or 0) for team, row in zip(decision.teams, cells, strict=True)}
    return {"capacity": {**decision.capacity, **talks}}


def _roles(decision: ExpansionDecision, _: ExpansionResult) -> Sequence[str]:
    return tuple(decision.people)


def _staff(*_: object) -> Sequence[Mapping[str, Any]]:
    bounds = {"minimum": 0, "maximum": 500, "step": 1, "whole": True}
    return [{"label": each, **bounds} for each in (say("people"), say("accounts_each"))]


def _placed(decision: ExpansionDecision, _: ExpansionResult) -> Cells:
    return [[float(people), float(decision.accounts_each.get(role, 0))] for role, people in decision.people.items()]


def with_staff(decision: ExpansionDecision, _: ExpansionResult, cells: Cells) -> Mapping[str, object]:
    """Set how many people each role has, and how many accounts each of them looks after."""
    roles = tuple(decision.people)
    return {
        "people": {role: int(row[0] or 0) for role, row in zip(roles, cells, strict=True)},
        "accounts_each": {role: int(row[1] or 0) for role, row in zip(roles, cells, strict=True)},
    }


VIEW = View(
    leading=("score",),
    options={"switched_on": _every_trigger},
    sections=(
        SectionView(
            key="scorecard",
            settings=(("history",),),
            parts=(
                KeyFigures(),
                Figures(("score", "trend")),
                TableOf("case", stays_open=True),
                TableOf("meanings", folded=True),
                TableOf("under", folded=True),
                TableOf("moved", what_moved_it, folded=True),
                Said("conventions", how_it_is_counted, folded=True),
                TableOf("definitions", folded=True),
                Said("tools", what_tools_do_otherwise, folded=True, live=True),
            ),
            why_not=why_no_card,
        ),
        SectionView(
            key="first_expansion", parts=(Figures(("first_expansion", "cohorts")),), why_not=why_no_card, lazy=True
        ),
        SectionView(
            key="playbook",
            settings=(("switched_on",), ("discount", "discount_days")),
            actions=(
                Action(key="keep_what_is_shown", changes=keep_what_is_shown),
                Action(key="with_own_triggers", changes=with_own_triggers, form=OwnTriggers, keeps=True),
                Action(
                    key="without_trigger", changes=without_trigger, form=OldTrigger, options={"trigger": _every_trigger}
                ),
                Action(key="playbook_page", makes="workbench.report.desk.playbook_page:playbook_document"),
                Action(key="playbook_files", makes=playbook_files),
            ),
            parts=(
                Figures(("lifts",)),
                TableOf("back_test", by_days, pages=_days, stays_open=True),
                TableOf("claims", what_sources_say, folded=True),
                Said("discount", waiting_sentences),
            ),
            why_not=why_no_test,
            lazy=True,
        ),
        SectionView(
            key="calls",
            grids=(Grid(key="capacity", rows=_teams, columns=_talks, cells=_capacities, changes=with_capacity),),
            actions=(Action(key="call_files", makes=call_files),),
            parts=(
                Said("week", list_sentences),
                TableOf("calls", calls_on_screen, most_rows=_SHOWN_CALLS, live=True, stays_open=True),
                Figures(("gain", "calibration")),
            ),
            why_not=why_no_calls,
            lazy=True,
        ),
        SectionView(
            key="paths",
            parts=(
                Said("paths", path_sentences),
                TableOf("paths"),
                Said("movers", mover_sentences),
                TableOf("movers", folded=True, most_rows=_SHOWN_CALLS),
            ),
            why_not=why_no_paths,
            lazy=True,
        ),
        SectionView(
            key="teams",
            settings=(
                ("by_region",),
                ("expansion_share", "post_sale_share", "clawback_months", "adoption_bonus"),
                ("usage_bonus", "usage_goal", "executives", "executive_bonus", "retention_goal"),
            ),
            grids=(Grid(key="staff", rows=_roles, columns=_staff, cells=_placed, changes=with_staff),),
            parts=(
                Said("pods", pods_sentences),
                TableOf("pods"),
                Said("pay", pay_sentences),
                TableOf("pay"),
                TableOf("pay_under", folded=True),
                TableOf("games"),
            ),
            why_not=why_no_pods,
            lazy=True,
        ),
    ),
)
