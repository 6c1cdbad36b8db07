"""The growth desk as a stage: alerts with owner and snooze, one account in depth, its page in the report."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.desk import desk_figures, read_alerts, watch_accounts
from workbench.growth.desk.accounts import customers_now
from workbench.rendering.declared import open_stage
from workbench.rendering.session import Session
from workbench.stages.contract import evaluated, stage
from workbench.stages.growth_desk.calendar import calendar_files, left_out_table
from workbench.stages.growth_desk.decision import GrowthDeskDecision
from workbench.study import Study
from workbench.workspace import sample_folder

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.growth_desk.evaluation import GrowthDeskResult

pytestmark = pytest.mark.needs_stage("growth_desk")

MONTHS, ACCOUNTS = 26, 40


def company() -> CustomerBase:
    """Return customers of which the largest falls silent, and one outcome that grows by a half in all."""
    random = np.random.default_rng(2)
    names = [f"A{row:02}" for row in range(ACCOUNTS)]
    months = pd.date_range("2023-01-01", periods=MONTHS, freq="MS")
    use = 100 * random.lognormal(0, 0.05, (ACCOUNTS, MONTHS))
    use[3, -2:] = 0.0
    keys = {"account_id": np.repeat(names, MONTHS), "month": np.tile(months, ACCOUNTS)}
    got = np.where(np.arange(MONTHS) < MONTHS - 6, 10.0, 15.0) * np.ones((ACCOUNTS, 1))
    segment = np.where(np.arange(ACCOUNTS) % 2, "small", "large")
    weeks = pd.DataFrame({"account_id": names, "week": months[-1], "feature": "charts", "uses": 3.0})
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": names, "segment": segment, "plan": "Team"}),
            "usage": pd.DataFrame({**keys, "metric": "calls", "quantity": use.ravel()}),
            "mrr": pd.DataFrame({**keys, "amount": np.where(keys["account_id"] == "A03", 900.0, 90.0), "plan": "Team"}),
            "outcomes": pd.DataFrame({**keys, "kind": "hours", "value": got.ravel()}).rename(columns={"month": "date"}),
            "feature_use": weeks,
            "features": pd.DataFrame({"feature": ["charts", "API"], "area": ["look", "link"]}),
            "plan_features": pd.DataFrame({"plan": "Team", "feature": ["charts", "API"]}),
            "plans": pd.DataFrame({"plan": ["Team"], "metric": ["calls"], "unit_price": [1.0]}),
            "plan_limits": pd.DataFrame({"plan": ["Team"], "metric": ["calls"], "limit": [150.0]}),
        },
        currency="USD",
    )  # fmt: skip


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return the company."""
    return company()


@pytest.fixture(scope="module")
def result(base: CustomerBase) -> GrowthDeskResult:
    """Return the desk on the company."""
    study = Study.new("acme", "data", currency="USD")
    return evaluated(stage("growth_desk").module, base, study, study.designs[0])


@pytest.fixture
def panel(base: CustomerBase, tmp_path: Path) -> DeclaredPanel:
    """Return the panel on a study of its own."""
    study = Study.new("acme", "data", currency="USD").save(tmp_path)
    return open_stage(Session(tmp_path, study, base=base), "growth_desk")


def test_figures_of_customers_are_counted_by_hand(base: CustomerBase, result: GrowthDeskResult) -> None:
    """Growth is that of the sums, outcomes rose by a half, one of two features is in use, of one area."""
    use = base.usage_by_month["calls"]
    both = use[:, -2] > 0
    found = desk_figures(base, "calls", "hours")
    assert found.of("growth").value == pytest.approx(use[both, -1].sum() / use[both, -2].sum() - 1)
    assert found.of("value").value == pytest.approx(0.5)
    assert found.of("adoption").value == pytest.approx(0.5)
    assert found.of("use_cases").value == pytest.approx(1.0)
    assert found.of("use_for_value").value == pytest.approx(use[:, -6:].mean() / 15.0)
    assert [each.group for each in found.estimates][::5] == ["all", "large", "small"]
    assert result.tables["kpis"].frame.shape == (3, 7)
    growth = found.of("growth").interval
    assert growth is not None
    assert growth.low < growth.estimate < growth.high


def test_what_is_lacking_is_unknown_with_its_reason(base: CustomerBase) -> None:
    """Without outcomes and features the figures say why; without usage the desk does."""
    bare = CustomerBase.from_tables({"accounts": base.accounts, "usage": base.usage})
    found = desk_figures(bare, "calls")
    assert found.of("value").value is None
    assert found.of("adoption").reason == "no use of the plan's features is on record"
    paid = CustomerBase.from_tables({"accounts": base.accounts, "mrr": base.mrr}, currency="USD")
    study = Study.new("acme", "data", currency="USD")
    without = evaluated(stage("growth_desk").module, paid, study, study.designs[0])
    assert without.why_not == "No usage is on record, so there is nothing to watch."
    assert without.key_figures == ()
    assert len(without.tables["alerts"]) == 0


def test_one_account_in_depth(base: CustomerBase, result: GrowthDeskResult) -> None:
    """Its months ahead, its limit, its figures beside the segment's, and its place among five peers at least."""
    use = base.usage_by_month["calls"][:, -1]
    places = result.places_table("A10").frame
    assert (places.iloc[:, 3] >= 5).all()
    assert float(places.iloc[0, 1]) == use[10]
    told = list(result.months_to_limit("A10"))
    assert len(told) == 1
    assert told[0].startswith("Calls: the plan includes 150")
    own = result.account_table("A10").frame
    assert own.shape == (5, 4)
    assert "Calls goes on by " in result.rules_told()


def test_accounts_are_watched_as_the_command_does(base: CustomerBase, result: GrowthDeskResult) -> None:
    """The alerts of the desk are those of the same look at the same data."""
    run = watch_accounts(base, None, ["calls"], false_alarms=10)
    assert result.run is not None
    assert result.run.log == run.log
    assert watch_accounts(base, None, ["calls"], seen=run.watched).log == run.log  # nothing is looked at twice
    assert [each.account_id for each in result.run.urgent] == ["A03"]
    assert result.key_figures[0].value == 1


def test_an_owner_and_a_snooze_are_kept_where_the_command_reads_them(panel: DeclaredPanel, tmp_path: Path) -> None:
    """The form writes the log of the study; the alert is then not urgent, and a wrong day is said."""
    hand = panel.free["alerts"]
    hand.refresh_words()
    assert "urgent" in hand.shown.value
    key = next(each for each in dict(hand.alert.options).values() if each and each.startswith("A03/"))
    hand.alert.value = key
    hand.owner.value, hand.until.value = "North team", "2026-01-31"
    hand.keep_it.click()
    [kept] = [each for each in read_alerts(tmp_path).alerts if each.id == key]
    assert (kept.owner, kept.snoozed_until) == ("North team", date(2026, 1, 31))
    assert "snoozed" in hand.shown.value
    assert hand.run().urgent == ()
    hand.until.value = "soon"
    hand.keep_it.click()
    hand.alert.value = None
    hand.alert.value = key
    assert (hand.owner.value, hand.until.value) == ("North team", "2026-01-31")


def test_another_account_is_shown_when_it_is_chosen(panel: DeclaredPanel) -> None:
    """The one that matters most comes first; figures and tables follow the choice."""
    depth = panel.free["account"]
    depth.refresh_words()
    assert depth.account.value == "A03"
    depth.account.value = "A12"
    assert "How A12 does" in depth.tables.value
    assert len(depth.figures.views) >= 3
    assert "Calls" in depth.static_html()


def test_a_plan_of_the_account_in_view_is_kept_in_the_workspace(panel: DeclaredPanel, tmp_path: Path) -> None:
    """The button writes both faces, the calendar and the document; an alert is a risk on our face alone."""
    panel.look("plan")
    files = panel.free["plan_files"]
    files.make_it.click()
    kept = {path.name: path.read_text() for path in next(tmp_path.rglob("plans")).iterdir()}
    assert sorted(kept) == ["plan-a03-internal.html", "plan-a03-internal.json", "plan-a03-shared.html", "plan-a03.ics"]
    assert "silence" in kept["plan-a03-internal.html"]
    assert "silence" not in kept["plan-a03-shared.html"]
    assert files.files.value.count("wb-download") == 4
    panel.settings["tried.account"].value = "A10"
    assert files.files.value == ""


def test_a_plan_is_written_in_the_form_and_kept_with_undo(panel: DeclaredPanel, tmp_path: Path) -> None:
    """The first word keeps what the data filled in; every list is written into, dropped, added to and taken from."""
    panel.look("plan")
    panel.settings["tried.account"].value = "A10"
    session, result = panel.session, panel.result
    assert result.copies == ()
    assert "Nobody wrote into the plan of A10 yet" in panel.blocks["plan_state"].value
    risks = panel.grids["risks"]
    assert risks.rows[-1] == "add"
    before = len(result.plan.risks)
    typed = [list(row) for row in risks.value]
    typed[-1] = ["merger", "they said so", 500.0, None]
    risks.value = tuple(map(tuple, typed))
    [copy] = panel.result.copies
    assert (copy.risks[-1].name, copy.risks[-1].at_stake, copy.risks[-1].own) == ("merger", 500.0, True)
    assert len(copy.risks) == before + 1
    assert copy.baseline == result.draft.baseline
    assert panel.grids["risks"].rows == [str(at + 1) for at in range(before + 1)] + ["add"]
    target = panel.grids["targets"]
    target.value = (*target.value[:-1], ("calls", 120.0, "2025-12-31"))
    assert str(panel.result.copies[-1].targets[-1].by) == "2025-12-31"
    people = panel.grids["stakeholders"]
    people.value = (*people.value[:-1], (None, "Finance", None, "2025-01-10", None))
    assert panel.result.copies[-1].stakeholders[-1].role == "To be named"
    people.value = tuple((None, *row[1:]) for row in panel.grids["stakeholders"].value)
    assert panel.result.copies[-1].stakeholders == ()
    panel.grids["notes"].value = (("We meet in spring.",), ("Ready to pay more.",))
    panel.grids["value"].value = (("Agree on what an hour is worth.",), (None,))
    panel.grids["aim"].value = ((900.0, 40.0),)
    kept = panel.result.copies[-1]
    assert (kept.note, kept.internal_note, kept.value) == (
        "We meet in spring.", "Ready to pay more.", ("Agree on what an hour is worth.",)
    )  # fmt: skip
    assert (kept.revenue_target, kept.likelihood) == (900.0, 0.4)
    assert "is kept with the scenario in 1 copy" in panel.blocks["plan_state"].value
    panel.free["plan_files"].make_it.click()
    pages = {path.name: path.read_text() for path in next(tmp_path.rglob("plans")).iterdir()}
    assert sorted(pages) == ["plan-a10-internal.html", "plan-a10-shared.html", "plan-a10.ics"]  # the study keeps it
    for told in ("Ready to pay more.", "merger", "they said so", "500", "900", "40%"):
        assert told in pages["plan-a10-internal.html"]
        assert told not in pages["plan-a10-shared.html"] + pages["plan-a10.ics"]
    assert "We meet in spring." in pages["plan-a10-shared.html"]
    session.undo()
    assert panel.result.copies[-1].revenue_target != 900.0
    session.redo()
    panel.buttons["without_plan"].click()
    assert panel.result.copies == ()
    session.undo()
    session.save()
    saved = Study.load(tmp_path).designs[0].decision(type(panel.decision))
    assert saved.plans["A10"][-1].note == "We meet in spring."


def test_an_opportunity_is_kept_or_dropped_by_its_box(panel: DeclaredPanel) -> None:
    """A box that is ticked off drops it: it stays in our plan, and leaves the shared face."""
    panel.look("plan")
    grid = panel.grids["opportunities"]
    grid.value = (*grid.value[:-1], (True, "Training", "They asked for it.", None))
    own = panel.result.copies[-1].opportunities[-1]
    assert (own.name, own.dropped, own.own) == ("Training", False, True)
    off = tuple((False, *row[1:]) if row[1] == "Training" else row for row in grid.value)
    grid.value = off
    plan = panel.result.copies[-1]
    assert plan.opportunities[-1].dropped
    assert "Training" not in {each["name"] for each in plan.face("shared")["opportunities"]}


def test_the_next_quarters_copy_comes_with_new_data_and_says_what_changed(base: CustomerBase, tmp_path: Path) -> None:
    """On data to an earlier day a plan is written; with those since, the copy keeps words and lists what is new."""
    study = Study.new("acme", "data", currency="USD").save(tmp_path)
    early = open_stage(Session(tmp_path, study, base=base.up_to("2024-11-30")), "growth_desk")
    early.look("plan")
    early.settings["tried.account"].value = "A11"
    early.grids["notes"].value = (("We meet in spring.",), (None,))
    assert early.buttons["next_copy"].layout.display == "none"
    early.session.save()
    later = open_stage(Session(tmp_path, Study.load(tmp_path), base=base), "growth_desk")
    later.look("plan")
    later.settings["tried.account"].value = "A11"
    assert "Data of a later day are there" in later.blocks["plan_state"].value
    later.buttons["next_copy"].click()
    first, second = later.result.copies
    assert (first.as_of, second.as_of, second.note) == (date(2024, 11, 30), date(2025, 2, 28), "We meet in spring.")
    changed = later.blocks["changes"].value
    assert "Baseline, calls: value" in changed
    assert "both faces" in changed
    assert "A11" in later.blocks["plans"].value


def test_value_that_parts_from_use_stands_with_what_each_remedy_keeps(base: CustomerBase) -> None:
    """An account whose use halves in a year while its outcomes grow is listed, and what it would pay less is billed."""
    frames = {name: base.table(name) for name in base.tables}
    time = np.arange(MONTHS)
    falls = frames["usage"]["account_id"] == "A10"
    frames["usage"].loc[falls, "quantity"] = 140 * 0.5 ** (time / 12)
    frames["outcomes"]["value"] = 10.0
    rises = frames["outcomes"]["account_id"] == "A10"
    frames["outcomes"].loc[rises, "value"] = 10 * 1.03**time
    study = Study.new("acme", "data", currency="USD")
    found = evaluated(
        stage("growth_desk").module, CustomerBase.from_tables(frames, currency="USD"), study, study.baseline
    )
    assert "A10" in found.tables["apart"].frame["account_id"].tolist()
    kept = found.tables["remedies"].frame.set_index("remedy")
    assert kept.loc["as it is", "ahead"] < kept.loc["shared saving", "ahead"] < kept.loc["as it is", "today"]


def with_days_and_people(base: CustomerBase, day: int = 12) -> CustomerBase:
    """Return the company with the first days of the month after its last, and people of which A10 has few."""
    chance = np.random.default_rng(6)
    tables = {name: base.table(name) for name in base.tables}
    names = base.accounts["account_id"].to_numpy(object)
    days = pd.date_range(base.months[-1] + pd.DateOffset(months=1), periods=day)
    used = np.where(np.repeat(names, day) == "A12", 9.0, 3.3) * chance.lognormal(0, 0.1, len(names) * day)
    keys = {"account_id": np.repeat(names, day), "date": np.tile(days, len(names)), "metric": "calls"}
    people = [(name, f"U{at}", "Finance") for name in names for at in range(4 if name == "A10" else 14)]
    active = pd.DataFrame(people, columns=["account_id", "user", "department"]).assign(month=base.months[-1], uses=5)
    accounts = tables["accounts"].assign(seats=16)
    more = {"accounts": accounts, "daily_usage": pd.DataFrame({**keys, "quantity": used}), "user_activity": active}
    return CustomerBase.from_tables(tables | more, currency="USD")


def test_the_running_month_and_use_inside_stand_with_the_account(base: CustomerBase, tmp_path: Path) -> None:
    """A12 will pass its limit and is listed with its days; A10 has idle seats; others are told neither."""
    whole = with_days_and_people(base)
    study = Study.new("acme", "data", currency="USD").save(tmp_path)
    panel = open_stage(Session(tmp_path, study, base=whole), "growth_desk")
    result = panel.result
    [told] = result.pace_told("A12")
    assert told.startswith("Calls in 2025-03: 1")
    assert " in 12 of 31 days, likely 2" in told
    assert "; the plan's 150 are reached likely in " in told
    [calm] = result.pace_told("A11")
    assert calm.endswith("; the plan's 150 are not reached in it.")
    late = result.tables["pace"].frame
    assert late.iloc[:, 0].tolist() == ["A12"]
    assert 1 <= late.iloc[0]["Days to it"] <= 12
    spread, remedy = result.inside_told("A10")
    assert spread.startswith("4 people used it in the last three months, of 16 seats (75% idle)")
    assert remedy.startswith("Idle seats are half of the seats")
    depth = panel.free["account"]
    depth.refresh_words()
    depth.account.value = "A10"
    assert spread.split(";")[0] in depth.said.value
    assert "in 12 of 31 days" in depth.said.value
    assert "day by day" in depth.static_html()


def test_without_days_and_people_one_sentence_each_says_so(result: GrowthDeskResult) -> None:
    """No record of days and none of people: a sentence, no figure, no row."""
    assert [*result.pace_told("A10")] == [
        "What the month after 2025-02 comes to is unknown: no use by day is on record (table daily_usage)."
    ]
    assert [*result.inside_told("A10")] == [
        "How use is spread over the people of an account is unknown: nobody recorded it (table user_activity)."
    ]
    assert len(result.tables["pace"]) == 0
    assert [*result.inside_parted()] == []


def test_use_inside_stands_beside_value_that_parts_from_use(base: CustomerBase) -> None:
    """Where use falls while outcomes rise, idle seats are said of the account, and what to do before prices."""
    frames = {name: each.copy() for name, each in with_days_and_people(base).frames.items()}
    time = np.arange(MONTHS)
    frames["usage"].loc[frames["usage"]["account_id"] == "A10", "quantity"] = 140 * 0.5 ** (time / 12)
    frames["outcomes"]["value"] = 10.0
    frames["outcomes"].loc[frames["outcomes"]["account_id"] == "A10", "value"] = 10 * 1.03**time
    study = Study.new("acme", "data", currency="USD")
    whole = CustomerBase.from_tables(frames, currency="USD")
    found = evaluated(stage("growth_desk").module, whole, study, study.baseline)
    table = found.tables["apart"].frame.set_index("account_id")
    assert "idle seats" in table.loc["A10", "inside"]
    assert any("idle seats" in each and "bring people in" in each for each in found.inside_parted())


def test_the_years_talks_fit_into_peoples_time(panel: DeclaredPanel) -> None:
    """Months by people never take more hours than there are; fewer people leave talks out, and the table names them."""
    panel.look("programme")
    result = panel.result
    months = result.calendar.by_month()
    assert (months["hours"] <= months["capacity"] + 1e-6).all()
    assert months["month"].min() == pd.Timestamp("2025-03-01")  # the month after the data
    assert result.healths.set_index("account_id")["health"]["A03"] == "at risk"
    assert len(left_out_table(result)) == 0
    assert "Every talk has its week" in panel.blocks["year"].value
    talkers = panel.grids["talkers"]
    talkers.value = ((1.0, 1.0), *talkers.value[1:])
    assert panel.decision.talk_people["customer success"] == 1
    assert len(left_out_table(panel.result))
    assert "found no week" in panel.blocks["year"].value
    assert len(panel.result.calendar.talks) < len(result.calendar.talks)
    talkers.value = tuple((0.0, 0.0) for _ in talkers.value)
    assert len(panel.result.calendar.talks) == 0


def test_how_often_follows_the_grid_segment_and_health(panel: DeclaredPanel) -> None:
    """A talk more a year with small customers is one more for each; a row that is left alone keeps what it knew."""
    panel.look("programme")
    before = panel.result.calendar.talks["kind"].value_counts()
    often = panel.grids["often"]
    at = [each["label"] for each in often.columns].index("small")
    row = often.rows.index("business review")
    cells = [list(each) for each in often.value]
    assert (cells[row][at], often.columns[-1]["label"]) == (1.0, "at risk")
    cells[row][at] = 2.0
    often.value = tuple(map(tuple, cells))
    after = panel.result.calendar.talks["kind"].value_counts()
    small = (panel.result.healths.set_index("account_id").drop("A03")["segment"] == "small").sum()
    assert after["business review"] - before["business review"] == small
    assert list(panel.decision.cadence) == ["business review"]
    assert after.drop("business review").equals(
        before.drop("business review").reindex(after.index.drop("business review"))
    )


def test_the_calendars_leave_as_files_any_calendar_reads(panel: DeclaredPanel) -> None:
    """One for all, one for each person, and the list."""
    panel.look("programme")
    made = calendar_files(panel.decision, panel.result)
    names = [name for _, name, _ in made.files]
    assert names[0] == "value-programme.ics"
    assert "value-programme-customer-success-4.ics" in names
    whole = made.files[0][2].decode()
    assert whole.count("BEGIN:VEVENT") == len(panel.result.calendar.talks)
    assert whole.count("BEGIN:VEVENT") == sum(each[2].decode().count("BEGIN:VEVENT") for each in made.files[1:-1])
    panel.buttons["calendar_files"].click()
    assert panel.made["calendar_files"].value.count("wb-download") == len(made.files)


TRUTH = json.loads((sample_folder().parent / "sample_truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def after_the_move(sample_company: CustomerBase, decided_sample: Study) -> GrowthDeskResult:
    """Return the desk of the sample, whose team looks at all months on record."""
    return evaluated(stage("growth_desk").module, sample_company, decided_sample, decided_sample.designs[0])


@pytest.mark.slow
def test_the_desk_looks_at_what_came_after_the_day_where_the_list_holds(
    sample_company: CustomerBase, decided_sample: Study, after_the_move: GrowthDeskResult
) -> None:
    """All months on record, limits and bills of the scenario's tiers; up to the day, limits of the plans on record."""
    design = decided_sample.designs[0]
    assert (len(after_the_move.base.months), after_the_move.holds) == (42, True)
    limits = after_the_move.limits["gigabytes_processed"][customers_now(after_the_move.base)]
    assert set(limits[np.isfinite(limits)]) == {100.0, 500.0, 2500.0}
    assert after_the_move.billed is not None
    assert "Essentials" in after_the_move.billed.book.plan_names
    then = evaluated(
        stage("growth_desk").module, sample_company, decided_sample, design.with_decision(GrowthDeskDecision())
    )
    assert then.base is sample_company
    assert not then.holds
    assert np.nanmax(then.limits["seats"][customers_now(sample_company)]) == 250.0
    assert not np.isfinite(then.limits["gigabytes_processed"]).any()
    assert len(then.tables["pace"]) == 0
    where = then.tables["inside"].frame
    assert set(where["Account"]) == set().union(*TRUTH["inside"]["2024-12"].values())


@pytest.mark.slow
def test_a_surge_that_carries_an_account_over_its_limit_is_seen_in_the_running_month(
    after_the_move: GrowthDeskResult,
) -> None:
    """Of surges over a limit, three in four are listed by the twelfth and nine in ten lie within the range."""
    run = TRUTH["running_month"]
    base, limits = after_the_move.base, after_the_move.limits["gigabytes_processed"]
    row = {name: at for at, name in enumerate(base.accounts["account_id"])}
    before = base.usage_by_month["gigabytes_processed"][:, -1]
    anew = {name for name, each in run["comes_to"].items() if before[row[name]] < limits[row[name]] <= each}
    surged = anew & set(run["surges"])
    assert len(surged) >= 8
    table = after_the_move.tables["pace"].frame
    listed = set(table.loc[table["Month before"] < table["Limit"], "Account"])
    assert table["Account"].iloc[: len(listed)].isin(listed).all()
    assert len(listed & surged) >= 0.75 * len(surged)
    assert len(listed & anew) >= 0.8 * len(listed)
    high = after_the_move.paces["gigabytes_processed"].high
    assert sum(high[row[name]] >= limits[row[name]] for name in surged) >= 0.9 * len(surged)
    [told] = after_the_move.pace_told(min(listed & surged))
    assert " in 12 of 31 days, likely " in told
    assert " are reached likely in " in told


@pytest.mark.slow
def test_drops_planted_after_the_move_open_alerts_in_their_month(after_the_move: GrowthDeskResult) -> None:
    """Of drops by 30% and more, two in three at least open a sudden change in their month or the one after."""
    assert after_the_move.run is not None
    alerts = after_the_move.run.watched["gigabytes_processed"].alerts()
    sudden = alerts[alerts["kind"] == "sudden change"]
    deep = [each for each in TRUTH["drops"] if each["depth"] >= 0.3]
    found = [
        each for each in deep
        for opened in [sudden.loc[sudden["account_id"] == each["account_id"], "opened"]]
        if ((opened - pd.Timestamp(each["month"])).dt.days.between(0, 31)).any()
    ]  # fmt: skip
    assert len(deep) >= 15
    assert len(found) >= 0.63 * len(deep)
