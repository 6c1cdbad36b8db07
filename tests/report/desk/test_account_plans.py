"""Plans are written for accounts of a study, and carried on with what people wrote into them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.growth.programme import ProgrammeError, read_account_plan
from workbench.report.desk import write_plans, write_talks
from workbench.stages.contract import stage
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = pd.date_range("2023-10-01", periods=18, freq="MS")


def base_of(months: int = 15) -> CustomerBase:
    """Return two accounts on today's list, with so many months."""
    ids = ["A", "B"]
    used = pd.DataFrame([(name, month, "seats", 5.0 + at) for name in ids for at, month in enumerate(MONTHS[:months])],
                        columns=["account_id", "month", "metric", "quantity"])  # fmt: skip
    paid = used[["account_id", "month"]].assign(amount=10 * used["quantity"], plan="Team")
    plans = pd.DataFrame({"plan": ["Team"], "metric": "seats", "unit_price": 10.0})
    accounts = pd.DataFrame({"account_id": ids, "name": ["Ash", "Birch"]})
    return CustomerBase.from_tables({"accounts": accounts, "usage": used, "mrr": paid, "plans": plans}, currency="USD")


def test_a_plan_is_carried_on_into_the_next_quarter(tmp_path: Path) -> None:
    """A note typed into the document stays in the next copy, whose pages say what changed since."""
    study = Study.new("acme", "data")
    first = write_plans(base_of(), study, tmp_path, ["A"])
    document = json.loads(first[-1].read_text())
    assert document["bill"] == 190.0
    first[-1].write_text(json.dumps({**document, "note": "We meet in spring.", "internal_note": "Ask for ten more."}))
    again = write_plans(base_of(18), study, tmp_path, ["A"])
    assert again == first
    plan = read_account_plan(again[-1])
    assert (plan.note, plan.bill) == ("We meet in spring.", 220.0)
    internal, shared = (path.read_text() for path in again[:2])
    assert "What changed since the last copy" in internal
    assert "We meet in spring." in shared
    assert "Ask for ten more." not in shared
    assert "220" not in shared


@pytest.mark.needs_stage("growth_desk")
def test_the_plan_a_study_keeps_is_the_one_that_is_written(tmp_path: Path) -> None:
    """Of a plan written into the study the last copy leaves with what changed; no second document lies beside it."""
    study = Study.new("acme", "data")
    draft = read_account_plan(write_plans(base_of(), study, tmp_path / "first", ["A"])[-1])
    later = draft.replaced(note="We meet in spring.", internal_note="Ask for ten more.")
    kind: Any = stage("growth_desk").module.Decision
    scenario = study.designs[0].with_decision(kind(plans={"A": (draft, later)}))
    kept = study.with_scenario(scenario).choose(scenario.id, "It is the one.", "A", datetime(2025, 1, 1, tzinfo=UTC))
    files = write_plans(base_of(), kept, tmp_path / "second", ["A", "B"])
    assert [each.name for each in files][:4] == [
        "plan-a-internal.html", "plan-a-shared.html", "plan-a.ics", "plan-b-internal.html",
    ]  # fmt: skip
    internal, shared = (each.read_text() for each in files[:2])
    assert "What changed since the last copy" in shared
    assert "We meet in spring." in shared
    assert "Ask for ten more." in internal
    assert "Ask for ten more." not in shared


def test_what_cannot_be_planned_is_told(tmp_path: Path) -> None:
    """No account, one that is no customer, and a list nobody can be billed under each say what to do."""
    study = Study.new("acme", "data")
    with pytest.raises(StudyError, match="Name one or more customers"):
        write_plans(base_of(), study, tmp_path, [])
    with pytest.raises(ProgrammeError, match="Z was no customer"):
        write_plans(base_of(), study, tmp_path, ["Z"])
    whole = base_of()
    bare = CustomerBase.from_tables({"accounts": whole.accounts, "usage": whole.usage}, currency="USD")
    with pytest.raises(StudyError, match="Nobody can be billed under"):
        write_plans(bare, study, tmp_path, ["A"])


def test_the_command_writes_both_faces(tmp_path: Path) -> None:
    """`workbench plan STUDY A` names the four files it wrote."""
    data, folder = tmp_path / "data", tmp_path / "study"
    data.mkdir()
    for name in ("accounts", "usage", "mrr", "plans"):
        base_of().table(name).to_csv(data / f"{name}.csv", index=False)  # type: ignore[union-attr]
    Study.new("acme", data).save(folder)
    done = CliRunner().invoke(app, ["plan", str(folder), "A", "-o", str(tmp_path / "plans")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "plans").iterdir()) == [
        "plan-a-internal.html", "plan-a-internal.json", "plan-a-shared.html", "plan-a.ics",
    ]  # fmt: skip


@pytest.mark.needs_stage("growth_desk")
def test_the_days_of_a_plan_are_those_of_the_teams_year(tmp_path: Path) -> None:
    """Talks, the plan and its calendar file name the same days; without hours there are none; a written day stands."""
    kind: Any = stage("growth_desk").module.Decision
    study = Study.new("acme", "data")
    year = write_talks(base_of(), study, tmp_path / "talks")
    plan = read_account_plan(write_plans(base_of(), study, tmp_path / "plans", ["A"])[-1])
    own = year.calendar.talks[year.calendar.talks["account_id"] == "A"]
    assert [each.day for each in plan.reviews] == list(own["date"].dt.date)
    assert [each.kind for each in plan.reviews] == own["kind"].tolist()
    assert len(plan.reviews) == 1
    assert (tmp_path / "talks" / "value-programme.ics").read_text().count("BEGIN:VEVENT") == len(year.calendar.talks)
    nobody = study.designs[0].with_decision(kind(talk_hours={}))
    none = study.with_scenario(nobody).choose(nobody.id, "It is the one.", "A", datetime(2025, 1, 1, tzinfo=UTC))
    again = write_talks(base_of(), none, tmp_path / "talks")  # its own files are replaced
    assert len(again.calendar.talks) == 0
    assert "found no week" in again.told[0]
    assert read_account_plan(write_plans(base_of(), none, tmp_path / "none", ["A"])[-1]).reviews == ()
    written = nobody.with_decision(kind(talk_hours={}, plans={"A": (plan,)}))
    kept = write_talks(base_of(), none.with_scenario(written), tmp_path / "talks").calendar.talks
    assert list(kept["date"].dt.date) == [each.day for each in plan.reviews]


@pytest.mark.needs_stage("growth_desk")
def test_the_command_writes_the_years_talks(tmp_path: Path) -> None:
    """`workbench talks STUDY` says whether everybody has time, names its files, and calls accounts by aliases."""
    data, folder = tmp_path / "data", tmp_path / "study"
    data.mkdir()
    for name in ("accounts", "usage", "mrr", "plans"):
        base_of().table(name).to_csv(data / f"{name}.csv", index=False)  # type: ignore[union-attr]
    Study.new("acme", data).save(folder)
    done = CliRunner().invoke(app, ["talks", str(folder), "-o", str(tmp_path / "talks"), "--share"])
    assert done.exit_code == 0, done.output
    assert "2 talks with 2 of 2 customers" in done.output
    whole = (tmp_path / "talks" / "value-programme.ics").read_text()
    assert "business review: Account " in whole
    assert "business review: A\n" not in whole
