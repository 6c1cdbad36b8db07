"""The stages on a wall: moved by section, following the study, and calling no account by its name."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from workbench.cli import main
from workbench.errors import StudyError, WorkbenchError
from workbench.pages.app import START, app_steps
from workbench.pages.present import server
from workbench.pages.present.presenter import Presenter, PresenterBar, open_presenter, presented_steps
from workbench.pages.present.unnamed import UnnamedSession, keep_names_inside
from workbench.rendering.html import script, stylesheet
from workbench.rendering.section import static_html
from workbench.rendering.session import Session
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.workspace import Workspace

NAME = "Quillfeather & Sons"


@pytest.fixture
def wall(session: Session) -> Iterator[Presenter]:
    """Return a wall on a small study."""
    made = Presenter(session)
    yield made
    made.close()


# --- Where a room goes


def test_the_room_walks_the_notebooks_from_01_to_07() -> None:
    """Every stage of the sequence in the order of its notebooks; the start, the workshop and the desk stay away."""
    keys = [each.key for each in presented_steps()]
    assert keys == [each.key for each in app_steps() if "01" <= each.notebook[:2] <= "07"]
    assert START not in keys


def test_next_goes_through_the_sections_of_a_stage_and_on_to_the_next(wall: Presenter) -> None:
    """Section by section, over the end of a stage, and back over its beginning to the last section before."""
    first, second = [each.key for each in presented_steps()][:2]
    count = wall.bar.place["sections"]
    for at in range(count):
        assert (wall.bar.place["stage"], wall.bar.place["section"]) == (first, at)
        wall.move("next")
    assert (wall.bar.place["stage"], wall.bar.place["section"]) == (second, 0)
    wall.move("back")
    assert (wall.bar.place["stage"], wall.bar.place["section"]) == (first, count - 1)


def test_only_what_the_room_visits_is_built_and_the_ends_hold(wall: Presenter) -> None:
    """Home is the first section of all and End the last; beyond them nothing happens."""
    assert set(wall.panels) == {presented_steps()[0].key}
    wall.move("back")
    assert wall.bar.place["section"] == 0
    wall.move("last")
    last = wall.bar.place
    assert last["stage"] == presented_steps()[-1].key
    assert last["section"] == last["sections"] - 1
    wall.move("next")
    assert wall.bar.place == last
    wall.move("first")
    assert (wall.bar.place["stage"], wall.bar.place["section"]) == (presented_steps()[0].key, 0)
    assert len(wall.panels) == 2


@pytest.mark.needs_stage("value_metric")
def test_a_stage_out_of_view_works_nothing_out(wall: Presenter, session: Session) -> None:
    """What is not on the wall waits, and catches up when the room comes back."""
    first, second = [each.key for each in presented_steps()][:2]
    wall.go(second)
    panel: Any = wall.panels[first]
    before = panel.result
    session.propose(session.scenario.with_decision(panel.stage.module.Decision(metric="seats")), "Another metric")
    assert panel.result is before
    wall.go(first)
    assert panel.decision.metric == "seats"


def test_what_the_page_asks_for_moves_the_room(wall: Presenter) -> None:
    """A message moves, or goes to a stage of the list; anything else is not heard."""
    second = presented_steps()[1].key
    wall._heard(wall.bar, {"go": second, "section": 0}, [])
    assert wall.bar.place["stage"] == second
    wall._heard(wall.bar, {"move": "next"}, [])
    assert wall.bar.place["section"] == 1
    for nonsense in ({"go": "no stage", "section": 0}, {"move": "sideways"}, {"run": "import os"}, {}):
        wall._heard(wall.bar, nonsense, [])
        assert wall.bar.place["section"] == 1


def test_a_stage_that_cannot_be_built_says_so_in_its_place(wall: Presenter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room reads why, and can go on."""

    def broken(*_: object) -> None:
        raise StudyError("Nothing to show.", "Do this.")

    monkeypatch.setattr("workbench.pages.present.presenter.panel_of", broken)
    second = presented_steps()[1]
    wall.go(second.key)
    assert wall.bar.place["title"] == second.title
    assert "Nothing to show. Do this." in wall._slides[second.key].status.value
    wall.move("next")
    assert wall.bar.place["stage"] == presented_steps()[2].key


def test_the_wall_takes_in_what_the_facilitator_changes_elsewhere(wall: Presenter, session: Session) -> None:
    """A scenario added in a notebook is on the wall at the next look."""
    elsewhere = Session(session.folder, base=session.base)
    time.sleep(0.01)
    elsewhere.duplicate_scenario("Proposal of the room")
    assert len(session.study.designs) == 1
    wall.look()
    assert [each.name for each in session.study.designs][-1] == "Proposal of the room"


def test_files_are_written_at_the_desk(wall: Presenter) -> None:
    """The last step shows everything but the form that writes the report."""
    wall.move("last")
    titles = wall._slides[presented_steps()[-1].key].titles
    panel: Any = wall.panels[presented_steps()[-1].key]
    assert set(titles) == {each.title for each in panel.sections} - {panel.report.title}


# --- The page


def test_each_key_that_moves_is_heard_and_controls_keep_theirs() -> None:
    """The script hears the keys of the list, and leaves those of a control in use to it."""
    heard = script("presenter")
    for key, way in {
        "ArrowRight": "next", "PageDown": "next", "ArrowLeft": "back", "PageUp": "back", "Home": "first", "End": "last"
    }.items():  # fmt: skip
        assert f'{key}: "{way}"' in heard
    assert 'key === "d"' in heard
    for control in ("input", "select", "textarea", "[role=slider]", "[role=tab]"):
        assert control in re.search(r'OWN_KEYS = "(.*)"', heard)[1].split(", ")
    assert ".wb-present" in stylesheet("presenter")


def test_the_page_names_no_other_server_and_its_kernel_runs_no_code() -> None:
    """Template and policy reach nothing beyond this server; a page may only speak with the widgets there are."""
    for path in server.TEMPLATE.iterdir():
        assert not re.search(r"https?://|//cdn", path.read_text()), path
    policy = server.HEADERS["Content-Security-Policy"]
    assert "http" not in policy
    assert "connect-src 'self'" in policy
    asked = server.ASKED
    assert not {"execute_request", "shutdown_request", "inspect_request", "input_reply"} & set(asked)


def test_the_notebook_of_the_page_is_one_cell_that_opens_the_study(tmp_path: Path) -> None:
    """A folder with quotes in its name is passed on whole."""
    odd = tmp_path / 'it\'s "ours"'
    (cell,) = server.page_notebook(odd, "none").cells
    called: list[tuple] = []
    module = SimpleNamespace(open_presenter=lambda *given: called.append(given))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "workbench.pages.present.presenter", module)
        exec(cell.source, {})  # noqa: S102 - the cell of the page
    assert called == [(str(odd.resolve()), "none")]


def test_without_voila_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and the exit code of what can be put right."""
    Study.new("acme", "data").save(tmp_path)
    monkeypatch.setattr(server.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(WorkbenchError, match="Voila, which is not installed") as raised:
        server.start_presenter(tmp_path, names="alias")
    assert "make setup-workshop" in raised.value.advice
    monkeypatch.setattr(sys, "argv", ["workbench", "present", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 4
    assert "setup-workshop" in capsys.readouterr().err


def test_an_address_of_another_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What this machine cannot listen on is a usage error."""
    Study.new("acme", "data").save(tmp_path)
    monkeypatch.setattr(sys, "argv", ["workbench", "present", str(tmp_path), "--share", "192.0.2.7"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "no address of this machine" in capsys.readouterr().err


def test_what_is_wrong_with_the_study_is_said_on_the_wall(tmp_path: Path) -> None:
    """No traceback for the room."""
    assert "There is no study" in open_presenter(tmp_path / "nothing").value


# --- Names


@pytest.fixture
def named_base(base: CustomerBase) -> CustomerBase:
    """Return five accounts, one of which is called by a name that is easy to find."""
    accounts = base.frames["accounts"].copy()
    accounts["name"] = [NAME, "Lighthouse Works", "Ferry Lines", "Bright Harbour", "Old Mill"]
    return replace(base, frames=MappingProxyType({**base.frames, "accounts": accounts}))


@pytest.fixture
def unnamed(tmp_path: Path, study: Study, named_base: CustomerBase) -> UnnamedSession:
    """Return a session for the wall on a study that speaks of an account."""
    study.replaced(title=f"Prices for {NAME}").save(tmp_path)
    return UnnamedSession(tmp_path, "alias", base=named_base)


def test_nothing_shown_carries_a_name_and_the_file_keeps_it(unnamed: UnnamedSession) -> None:
    """What is decided on the wall is saved among the names; what was not touched stays to the letter."""
    before = Study.load(unnamed.folder)
    assert NAME not in unnamed.study.model_dump_json()
    assert "Account " in unnamed.naming.text(unnamed.study.title)
    unnamed.duplicate_scenario("Proposal of the room")
    after = Study.load(unnamed.folder)
    assert after.title == before.title == f"Prices for {NAME}"
    assert after.designs[-1].name == "Proposal of the room"
    assert "zqa" not in after.model_dump_json()
    assert after.baseline == before.baseline


def test_a_text_written_beside_a_name_is_saved_with_the_name(unnamed: UnnamedSession) -> None:
    """A sentence that gained words on the wall speaks of the same account in the file."""
    unnamed.keep(unnamed.study.replaced(title=unnamed.study.title + ", and what comes after"))
    kept = Study.load(unnamed.folder).title
    assert kept.endswith(", and what comes after")
    assert "zqa" not in kept


def test_what_others_save_meanwhile_comes_in_without_names(unnamed: UnnamedSession, named_base: CustomerBase) -> None:
    """A change at the desk that names an account is shown by its alias, and both changes are kept."""
    desk = Session(unnamed.folder, base=named_base)
    desk.keep(desk.study.replaced(currency="EUR", title=f"Ask {NAME} first"))
    unnamed.duplicate_scenario("Of the wall")
    assert NAME not in unnamed.study.model_dump_json()
    assert unnamed.study.currency == "EUR"
    kept = Study.load(unnamed.folder)
    assert (kept.title, kept.currency, kept.designs[-1].name) == (f"Ask {NAME} first", "EUR", "Of the wall")


def test_other_data_than_at_the_start_is_not_read(unnamed: UnnamedSession) -> None:
    """New data has names that nobody has put marks on: the wall asks to be started again."""
    changed = unnamed.study.data.model_copy(update={"path": "elsewhere"})
    unnamed.study = unnamed.study.replaced(data=changed)
    with pytest.raises(StudyError, match="other data") as raised:
        _ = unnamed.base
    assert "start it again" in raised.value.advice


class Kernel:
    """What of a kernel the messages go through."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.session = SimpleNamespace(send=self.send)
        self.shell_handlers = {kind: lambda *_: None for kind in ("comm_open", "comm_msg")}

    def send(self, _stream: str, message: object, content: object = None) -> None:
        """Keep what would be sent."""
        self.sent.append((message, content))


def test_every_message_of_the_kernel_carries_aliases(unnamed: UnnamedSession) -> None:
    """However a message is sent, and however deep a mark stands in it, as key or as value, in capitals or not."""
    kernel = Kernel()
    keep_names_inside(kernel, unnamed.naming)
    mark = next(iter(unnamed.naming.aliases))
    alias = unnamed.naming.aliases[mark]
    content = {"data": {"state": {mark: [f"<td>{mark.upper()}</td>", 3, None, (mark,)]}}}
    kernel.session.send("iopub", "comm_msg", content)
    kernel.session.send("iopub", {"msg_type": "display_data", "content": content})
    for message, sent in kernel.sent:
        found = json.dumps(sent if sent is not None else message["content"])
        assert "zqa" not in found.casefold()
        assert found.count(alias) == 3


def test_chance_is_drawn_for_the_names_while_a_control_moves(unnamed: UnnamedSession) -> None:
    """A number on the wall is the one of the notebook: marks draw as the names behind them."""
    from workbench.stats import lot_of  # noqa: PLC0415 - the one law about seeds here

    kernel, found = Kernel(), []
    mark = next(iter(unnamed.naming.aliases))
    kernel.shell_handlers = {kind: lambda *_: found.append(lot_of(mark)) for kind in ("comm_open", "comm_msg")}
    keep_names_inside(kernel, unnamed.naming)
    kernel.shell_handlers["comm_msg"]("stream", "ident", {})
    assert found == [lot_of(unnamed.naming.name_behind(mark))]
    assert found != [lot_of(mark)]


@pytest.mark.slow
@pytest.mark.needs_stage("tiers")
def test_no_name_of_the_sample_is_on_the_wall_and_its_figures_are_those_of_the_notebook(
    make_sample_workspace: Callable[[Path], Workspace], tmp_path: Path
) -> None:
    """No id and no name of an account in what a page can be sent, and equal figures, where accounts are listed."""
    folder = make_sample_workspace(tmp_path).sample
    plain = Session(folder)
    hidden = UnnamedSession(folder, "alias")
    ids = set(plain.base.accounts["account_id"].astype(str))
    names = {str(each) for each in plain.base.accounts.get("name", ()) if str(each) != "<NA>"}
    with hidden.naming.drawing():
        wall = Presenter(hidden)
        for each in presented_steps():
            if each.key not in {"value_metric", "impact", "expansion"}:
                continue
            wall.go(each.key)
            for at in range(wall.bar.place["sections"]):
                wall.go(each.key, at)
            panel: Any = wall.panels[each.key]
            shown = hidden.naming.text("".join(static_html(section) for section in panel.sections))
            there = [name for name in ids | names if name in shown]  # told much sooner than as a word
            assert not [name for name in there if re.search(rf"\b{re.escape(name)}\b", shown)], each.key
            if hasattr(panel, "figures_shown"):
                from workbench.rendering.declared import open_stage  # noqa: PLC0415 - as a notebook does

                ours = open_stage(plain, each.key).figures_shown
                assert [(f.label, f.value) for f in panel.figures_shown] == [(f.label, f.value) for f in ours]
        wall.close()


def test_a_bar_carries_no_more_than_it_needs() -> None:
    """Its style sheet is sent once, with the one bar there is."""
    assert len(PresenterBar._css) < 40_000
