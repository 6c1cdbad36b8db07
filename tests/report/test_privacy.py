"""Files that leave name no account unless they are meant to, and show no group of fewer than five."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.pages.leaving import open_panel
from workbench.rendering import html
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.report import alias_key, named, taken_further, write_report
from workbench.report.desk import write_customer_pages, write_plans, write_watch
from workbench.report.room.opening import open_room
from workbench.stages.contract import decision_class, record_all, with_starting_points
from workbench.study import Study, with_comment
from workbench.tables import DataTable, as_table
from workbench.workshop import SentAnswer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.needs_stage("tiers")]
ACCOUNTS = 60
WHEN = datetime(2026, 1, 5, tzinfo=UTC)
ALONE, FEW, OWN_PLAN = "Lighthouse keepers", "Ferry lines", "Bespoke for Quillfeather"
CALLED = "Quillfeather & Sons"
ALIAS = r"Account [A-Z0-9]{6}\b"
FILES = {"html": "page.html", "xlsx": "tables.xlsx", "results": "results.json"}


@pytest.fixture(scope="module")
def company(sample_company: CustomerBase) -> CustomerBase:
    """Return sixty accounts: one alone in its segment, three in another, one on a plan named after it."""
    ids = sample_company.accounts["account_id"].head(ACCOUNTS)
    frames: dict[str, pd.DataFrame] = {}
    for name in sample_company.tables:
        frame = sample_company.table(name)
        assert frame is not None
        frames[name] = frame[frame["account_id"].isin(ids)] if "account_id" in frame and name != "accounts" else frame
    accounts = frames["accounts"].head(ACCOUNTS).reset_index(drop=True)
    text = accounts[["segment", "name", "plan"]].astype(object)
    text.loc[0] = [ALONE, CALLED, OWN_PLAN]
    text.loc[1:3, "segment"] = FEW
    frames["accounts"] = accounts.assign(**{column: text[column].astype("str") for column in text})
    return CustomerBase.from_tables({name: frame for name, frame in frames.items() if not name.startswith("survey")})


@pytest.fixture(scope="module")
def study(company: CustomerBase) -> Study:
    """Return a decided study whose log speaks of customers by name and by id."""
    study = Study.new("acme", "data", title=f"Prices, discussed with {CALLED.upper()}")
    design = with_starting_points(company, study.designs[0])
    study = record_all(company, study.with_scenario(design), design.id, who="Ana", when=WHEN)
    told = f"{CALLED} and {company.accounts['account_id'].iloc[4]} agreed; {ALONE} are to be seen apart."
    study = with_comment(study.choose(design.id, told, "Ana", WHEN), "summary", f"Ask {CALLED} first.", "Ben", WHEN)
    return taken_further(company, study, design.id, "proposed", reason=told, who="Ana", when=WHEN)


@pytest.fixture(scope="module")
def written(company: CustomerBase, study: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the text of every file, by how accounts are named in it."""
    found = {}
    for mode in ("full", "alias", "none"):
        places: dict[str, Any] = {key: tmp_path_factory.mktemp(mode) / name for key, name in FILES.items()}
        write_report(company, study, names=mode, alias_key=b"ours", **places)
        found[mode] = {path.name: text_of(path) for path in places.values()}
    return found


def text_of(path: Path) -> str:
    """Return what a file holds, unzipped, with its properties."""
    if not zipfile.is_zipfile(path):
        return path.read_text()
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def said_of(company: CustomerBase) -> set[str]:
    """Return whatever tells an account: ids, names, and groups and plans of so few that they are single accounts."""
    ids, names = set(company.accounts["account_id"]), set(company.accounts["name"].dropna())
    return ids | names | {ALONE, FEW, "Quillfeather", CALLED.upper(), CALLED.replace("&", "&amp;")}


@pytest.mark.parametrize("mode", ["alias", "none"])
@pytest.mark.parametrize("file", FILES.values())
def test_no_byte_names_an_account(
    written: dict[str, dict[str, str]], company: CustomerBase, mode: str, file: str
) -> None:
    """No id, no name, no group of fewer than five and none of the marks they were worked out under is in any file."""
    text = written[mode][file]
    assert {each for each in said_of(company) if each in text} == set()
    assert re.findall(r"zq[ag]\d+q", text, re.IGNORECASE) == []


@pytest.mark.parametrize("mode", ["full", "alias", "none"])
def test_states_and_remarks_stand_in_every_report(written: dict[str, dict[str, str]], mode: str) -> None:
    """What is proposed is proposed in a file without names too: marks in the places of names are no change."""
    page = written[mode]["page.html"]
    assert "proposed by Ana on 2026-01-05" in page
    assert 'id="comments"' in page
    assert "first." in page.partition('id="comments"')[2]


def test_the_search_would_find_them(written: dict[str, dict[str, str]], company: CustomerBase) -> None:
    """The files with names hold what the others are searched for."""
    assert {ALONE, FEW} <= {each for each in said_of(company) if each in written["full"]["page.html"]}
    assert len({each for each in said_of(company) if each in written["full"]["tables.xlsx"]}) > ACCOUNTS / 2


@pytest.mark.parametrize("mode", ["alias", "none"])
def test_every_number_is_that_of_the_report_with_names(written: dict[str, dict[str, str]], mode: str) -> None:
    """Names are put away without moving a figure: draws, sums and verdicts are those of the same customers."""
    full, ours = (json.loads(written[each]["results.json"]) for each in ("full", mode))
    assert ours["figures"] == [
        {**row, "reason": other["reason"]} for row, other in zip(full["figures"], ours["figures"], strict=True)
    ]
    assert [(each["rule"], each["status"], each["measured"]) for each in ours["findings"]] == [
        (each["rule"], each["status"], each["measured"]) for each in full["findings"]
    ]


def test_small_segments_are_left_out_and_cannot_be_had_by_subtraction(written: dict[str, dict[str, str]]) -> None:
    """One account and three are four: the next larger group joins them, and the sum is that of all segments."""
    full, ours = (json.loads(written[each]["results.json"])["page"]["segments"] for each in ("full", "alias"))
    assert sum(each["accounts"] for each in full) == sum(each["accounts"] for each in ours)
    assert min(each["accounts"] for each in ours) >= 5
    assert [each["segment"] for each in ours][-1] == "small groups"


def test_aliases_stay_and_tell_nothing(company: CustomerBase, study: Study) -> None:
    """The same key gives the same alias, also when accounts join; another key gives others, in another order."""
    first, again = (named(company, study, "alias", key=b"ours").naming.aliases for _ in range(2))
    kept = company.accounts.tail(50)
    paid = company.mrr[company.mrr["account_id"].isin(kept["account_id"])]
    fewer = CustomerBase.from_tables({"accounts": kept, "mrr": paid})
    assert first == again
    assert set(named(fewer, study, "alias", key=b"ours").naming.aliases.values()) <= set(first.values())
    other = named(company, study, "alias", key=b"theirs").naming.aliases
    assert not set(first.values()) & set(other.values())
    assert list(first.values()) != sorted(first.values())


def test_the_key_is_made_once_and_is_secret(tmp_path: Path) -> None:
    """It lies beside the study, the same for everybody who opens it."""
    key = alias_key(tmp_path)
    assert alias_key(tmp_path) == key
    assert len(key) == 32
    (tmp_path / "alias.key").write_text("not a key")
    with pytest.raises(Exception, match="does not hold the key"):
        alias_key(tmp_path)


def test_rows_of_few_accounts_keep_their_place_and_lose_their_numbers(company: CustomerBase, study: Study) -> None:
    """A band of four accounts is shown as one of under five, without what they pay."""
    naming = named(company, study, "alias", key=b"ours").naming
    frame = pd.DataFrame({"Band": ["low", "high"], "Accounts": [40, 4], "Revenue": [900.0, 77.0]})
    table = naming.table(as_table(frame))
    assert table.rows == [("low", "40", "900"), ("high", "under 5", "unknown")]
    drawn = naming.rows(pd.DataFrame({"accounts": [40, 4, 0], "value": [1.0, 2.0, 3.0]}))
    assert np.array_equal(drawn["accounts"], [40, 0])


def test_a_customer_called_like_a_plan_leaves_the_plan_its_name(company: CustomerBase, study: Study) -> None:
    """An ordinary word is no customer in a sentence, though the customer has its alias in every table."""
    accounts = company.accounts
    plan = str(accounts["plan"].dropna().iloc[-1])
    renamed = accounts["name"].astype(object)
    renamed.iloc[7] = plan
    base = CustomerBase.from_tables({"accounts": accounts.assign(name=renamed.astype("str")), "mrr": company.mrr})
    told = study.replaced(title=f"{plan} and more")
    assert named(base, told, "alias").study.title == told.title


def test_both_accounts_of_a_merger_have_their_aliases(company: CustomerBase, study: Study) -> None:
    """Who is part of whom is told of the same aliases as all else."""
    ids = company.accounts["account_id"].astype(str).tolist()[:2]
    tables = {name: company.table(name) for name in company.tables}
    tables["merges"] = pd.DataFrame({"account_id": ids[:1], "into": ids[1:]})
    base = CustomerBase.from_tables(tables, currency=company.currency)
    found = named(base, study, "alias", key=b"ours")
    (both,) = found.base.frames["merges"][["account_id", "into"]].to_numpy().tolist()
    assert both == found.base.accounts["account_id"].tolist()[:2]
    assert not set(both) & set(ids)


def test_full_names_change_nothing(company: CustomerBase, study: Study) -> None:
    """The study's own report is written from the customers as they are."""
    found = named(company, study)
    table = DataTable.of_rows((), ())
    assert found.base is company
    assert found.study is study
    assert found.naming.table(table).rows == table.rows


# --- Notebooks, what they hand out, and the pages of a workshop


@pytest.fixture
def session(company: CustomerBase, study: Study, tmp_path: Path, request: pytest.FixtureRequest) -> Session:
    """Return a session on a study that says how accounts are called."""
    (tmp_path / "studies").mkdir()
    return Session(tmp_path / "studies" / "acme", study.replaced(names=request.param), base=company, who="Ana")


def sent_to_the_page(widget: ipywidgets.Widget) -> str:
    """Return whatever a page holds of a panel: words, chart rows, lists to choose from, and the files behind links."""
    found, waiting = [], [widget]
    while waiting:
        each = waiting.pop()
        waiting += each.children if isinstance(each, ipywidgets.Box) else ()
        state = {key: value for key, value in each.get_state().items() if not key.startswith(("_esm", "_css"))}
        found.append(json.dumps(state, default=str, ensure_ascii=False))
    text = "\n".join(found)
    files = re.findall(r"href=\\?\"data:[^,]*;base64,([A-Za-z0-9+/=]+)", text)
    kept = re.sub(r";base64,[A-Za-z0-9+/=]+", "", text)
    return "\n".join((kept, *(base64.b64decode(each).decode("utf-8", "replace") for each in files)))


def named_in(text: str, company: CustomerBase) -> set[str]:
    """Return what in a text tells an account, and marks that were left in it."""
    there = [each for each in said_of(company) if each in text]  # told much sooner than as a word
    found = {each for each in there if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)}
    return found | set(re.findall(r"zq[ag]\d+q", text, re.IGNORECASE))


@pytest.mark.needs_stage("growth_desk")
@pytest.mark.parametrize("session", ["", "alias", "none"], indirect=True)
def test_the_growth_desk_names_nobody(session: Session, company: CustomerBase) -> None:
    """Its page, charts and tables, the list of alerts and the plan of an account it hands out; usually all by name."""
    panel = open_stage(session, "growth_desk")
    panel.look()
    desk, plan = panel.free["account"], panel.free["plan_files"]
    desk.refresh_words()
    if session.study.names == "none":
        with strict_callbacks(), pytest.raises(StudyError, match="by an alias"):
            plan.make()
    else:
        plan.make()
        assert plan.files.value.count("wb-download") == 4
    text = sent_to_the_page(ipywidgets.VBox([panel.page.widget, *(each.widget for each in panel.sections)]))
    if session.study.names == "":
        assert len(named_in(text, company)) > ACCOUNTS / 2
        return
    assert named_in(text, company) == set()
    assert bool(re.search(ALIAS, text)) == (session.study.names == "alias")
    if session.study.names == "none":
        assert desk.account.options == (("Choose one", None),)
        assert "no single account is shown" in text
    kept = session.folder.parent.parent / "plans"
    assert not kept.exists() or any(each in "".join(map(str, kept.iterdir())) for each in slugs(company))


def slugs(company: CustomerBase) -> list[str]:
    """Return what the files of accounts are called by their ids."""
    return [each.casefold() for each in company.accounts["account_id"]]


@pytest.mark.needs_stage("growth_desk")
@pytest.mark.parametrize("mode", ["alias", "none"])
def test_files_of_the_desk_name_nobody(company: CustomerBase, study: Study, tmp_path: Path, mode: str) -> None:
    """The lists of a month, pages for customers and joint plans; a page about nobody is refused."""
    asked: dict[str, Any] = {"names": mode, "alias_key": b"ours"}
    done = write_watch(company, study, tmp_path, tmp_path / "watch", **asked)
    files, some = list(done.files), list(company.accounts["account_id"].tail(3))
    if mode == "none":
        for write in (write_customer_pages, write_plans):
            with pytest.raises(StudyError, match="by an alias"):
                write(company, study, tmp_path / "other", accounts=some, **asked)
        assert all(len(each.read_text().splitlines()) == 1 for each in files if each.suffix == ".csv")
    else:
        files += write_customer_pages(company, study, tmp_path / "pages", accounts=some, **asked)
        files += write_plans(company, study, tmp_path / "plans", some, **asked)
        assert len(files) == 5 + 4 + 12
    for each in files:
        assert named_in(f"{each.name} {each.read_text()}", company) == set(), each.name


@pytest.mark.needs_stage("workshop")
@pytest.mark.parametrize("mode", ["", "full", "none"])
def test_a_room_names_nobody(company: CustomerBase, study: Study, tmp_path: Path, mode: str) -> None:
    """What phones, wall and facilitator are sent has an alias for whoever is spoken of; the study keeps the words."""
    folder = tmp_path / "study"
    study.replaced(names=mode).save(folder)
    account = company.accounts["account_id"].iloc[9]
    asked = study.chosen.scenario_id if study.chosen else ""

    async def held() -> tuple[str, set[str]]:
        opened = open_room(company, Study.load(folder), folder, scenario_id=asked, agenda_key="whole-redesign", port=0)
        room = opened.server.room
        role = room.agenda.roles[0] if room.agenda.roles else ""
        people = [room.ballots.join(room.ballots.link, f"P{number}", role) for number in range(6)]
        at = next(number for number, each in enumerate(room.agenda.exercises) if each.kind == "ideas")
        for _ in range(at + 1):
            await room.move("next", room.place.revision)
        await room.move("open", room.place.revision)
        said = [f"{CALLED} would leave", f"{account} asked, so did {FEW}"]
        room.ballots.save([SentAnswer(each, at, 1, said, 1) for each in people])
        for move in ("close", "reveal"):
            await room.move(move, room.place.revision)
        pages = [room.state_text(each).decode() for each in ("participant", "wall", "facilitator")]
        figures = [room.figure(each) for each in room._tickets.values()]
        await opened.server.stop()
        return "\n".join((*pages, *figures)), {each for vote in room.held.votes for each in named_in(vote, company)}

    text, kept = asyncio.run(held())
    assert {account, CALLED} <= kept
    assert "would leave" in text
    assert bool(named_in(text, company)) == (mode == "full")
    assert bool(re.search(ALIAS, text)) == (mode == "")


@pytest.mark.needs_stage("workshop")
@pytest.mark.parametrize("session", ["alias", "none"], indirect=True)
def test_what_a_workshop_hands_out_names_nobody(session: Session, company: CustomerBase) -> None:
    """The page for people elsewhere and the minutes, with a task about a customer; answers find their way back."""
    session.propose(session.study.replaced(title=f"For {CALLED}"))
    panel = open_stage(session, "workshop")
    task = decision_class("workshop").model_fields["actions"].annotation.__args__[0]
    panel.revise("to do", actions=(task(id="call", what=f"Call {CALLED}"),))
    panel.look()
    for each in panel.free.values():
        if hasattr(each, "make"):
            each.make.click()
    text = sent_to_the_page(ipywidgets.VBox([panel.page.widget, *(each.widget for each in panel.sections)]))
    assert "wb-download" in text
    assert named_in(text, company) - {CALLED, "Quillfeather"} == set()  # what is typed in a box is the team's own


@pytest.mark.parametrize("session", [""], indirect=True)
def test_one_choice_holds_for_whatever_leaves(session: Session, company: CustomerBase) -> None:
    """It is kept with the study; the panel's letters and record follow it, and so does the notebook's every word."""
    panel = open_panel(session)
    view = panel.files_view
    assert html.naming() is None
    view.names.value = "none"
    assert session.study.names == "none"
    assert Study.load(session.folder).names == "none"
    view.trail_it.click()
    assert named_in(sent_to_the_page(view.links), company) == set()
    view.names.value = "alias"
    view.trail_it.click()
    text = sent_to_the_page(view.links)
    assert named_in(text, company) == set()
    assert re.search(ALIAS, text)
    session.undo()
    assert session.study.names == "none"
