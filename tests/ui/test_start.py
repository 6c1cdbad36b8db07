"""The start panel without a browser: studies opened, data checked, studies made."""

from __future__ import annotations

import base64
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from workbench.errors import WorkbenchError
from workbench.pages.data_intake import check_data, keep_files
from workbench.pages.start import open_panel
from workbench.rendering.session import open_study
from workbench.rendering.studies import known_studies
from workbench.rendering.widgets import FileBox, TakenFile
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = b"account_id,name,seats\na1,Harbour,4\na2,Ostrava,9\n"
MRR = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,120\na2,2024-02,80\n"
WRONG = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,=1+1\na9,2024-02,80\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with data of two accounts and a study of it."""
    monkeypatch.delenv("WORKBENCH_STUDY", raising=False)
    folder = tmp_path / "data" / "small"
    folder.mkdir(parents=True)
    (folder / "accounts.csv").write_bytes(ACCOUNTS)
    (folder / "mrr.csv").write_bytes(MRR)
    study = Study.new("small", "../../data/small", title="A small study", currency="EUR")
    study.save(tmp_path / "studies" / "small")
    return tmp_path


def test_today_is_shown_in_the_currency_of_the_study(workspace: Path) -> None:
    """Accounts, revenue of the last month and what is unknown are figures of the study's own data."""
    panel = open_panel(workspace)
    figures = {figure.label: figure for figure in panel.today_view.figures}
    assert figures["Accounts"].value == 2
    assert (figures["Monthly recurring revenue"].value, figures["Monthly recurring revenue"].unit) == (200, "EUR")
    assert figures["Revenue per paying account"].value == 100
    assert figures["Net revenue retention"].value is None
    assert "€200" in panel.today.static_html()
    assert "unknown" in panel.today.static_html()


def test_opening_a_study_changes_what_every_notebook_opens(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button writes down which study is open, and `open_study()` follows it."""
    Study.new("other", "../../data/small", title="Another").save(workspace / "studies" / "other")
    monkeypatch.chdir(workspace)
    panel = open_panel()
    assert panel.session.study.title == "Another"
    panel.studies_view.study.value = "small"
    panel.studies_view.apply.click()
    assert panel.session.study.title == "A small study"
    assert open_study().study.title == "A small study"
    assert [each.name for each in known_studies(workspace) if each.is_current] == ["small"]


def test_a_study_that_cannot_be_read_is_listed_with_its_trouble(workspace: Path) -> None:
    """A damaged study does not hide the others, and opening it says what is wrong."""
    broken = workspace / "studies" / "broken"
    broken.mkdir()
    (broken / "study.json").write_text("{", encoding="utf-8")
    listed = {each.name: each for each in known_studies(workspace)}
    assert "damaged" in listed["broken"].trouble
    assert listed["small"].trouble == ""
    panel = open_panel(workspace)
    panel.studies_view.study.value = "broken"
    panel.studies_view.apply.click()
    assert "damaged" in panel.studies_view.status.text


def test_a_workspace_without_studies_opens(tmp_path: Path) -> None:
    """Nothing is there yet: the panel says what to do instead of failing."""
    panel = open_panel(tmp_path)
    assert panel.session is None
    assert "no study yet" in panel.studies.static_html()
    panel.conclusion()


def test_every_problem_is_shown_in_place_and_can_be_taken_along(workspace: Path) -> None:
    """The table names file, row, column, value and remedy; the list saves as CSV in which no cell is a formula."""
    (workspace / "data" / "small" / "mrr.csv").write_bytes(WRONG)
    panel = open_panel(workspace)
    panel.data_view.path.value = "data/small"
    panel.data_view.apply.click()
    shown = panel.data.static_html()
    for text in ("mrr.csv", "=1+1", "a9", 'download="problems.csv"', ">3</td>"):
        assert text in shown
    assert panel.data_view.found.base is None
    saved = re.search(r'download="problems.csv" href="[^"]*;base64,([^"]+)"', shown)
    text = base64.b64decode(saved[1]).decode("utf-8-sig")
    assert len(text.splitlines()) == 1 + len(panel.data_view.found.problems)
    assert "'=1+1" in text


def test_data_that_reads_is_previewed(workspace: Path) -> None:
    """Tables, rows, columns, months, a currency nobody named, and files that were ignored are all said."""
    (workspace / "data" / "small" / "notes.md").write_text("x", encoding="utf-8")
    panel = open_panel(workspace)
    panel.data_view.path.value = "data/small"
    panel.data_view.apply.click()
    shown = panel.data.static_html()
    for text in ("2 accounts", "2024-01 to 2024-02", "does not name", "notes.md", "account_id, month, amount"):
        assert text in shown
    assert "No problems" in panel.data_view.status.text


def test_what_deserves_a_look_is_shown_beside_what_was_understood(workspace: Path) -> None:
    """A slip is shown with its row and what stands around it, a name in two spellings with the other one."""
    rows = [f"a1,2024-{month:02},{9e8 if month == 4 else month}\n" for month in range(1, 9)]
    text = "account_id,month,amount\n" + "".join(rows)
    (workspace / "data" / "small" / "mrr.csv").write_text(text, encoding="utf-8")
    (workspace / "data" / "small" / "features.csv").write_text("feature\nExport\nexport\n", encoding="utf-8")
    panel = open_panel(workspace)
    panel.data_view.path.value = "data/small"
    panel.data_view.apply.click()
    shown = panel.data.static_html()
    for text in ("Worth a look", "900000000", "2024-03: 3, 2024-05: 5", "&#x27;Export&#x27;", "No problems found"):
        assert text in shown + panel.data_view.status.text


def test_a_sign_of_several_currencies_is_settled_in_the_panel(workspace: Path) -> None:
    """Where the data has only a dollar sign the check asks which dollar, and the box beside it answers."""
    rows = "".join(f"a1,2024-0{month},9,$\n" for month in (1, 2, 3))
    (workspace / "data" / "small" / "mrr.csv").write_text("account_id,month,amount,currency\n" + rows, encoding="utf-8")
    panel = open_panel(workspace)
    panel.data_view.path.value = "data/small"
    panel.data_view.apply.click()
    assert "1 problem in 3 places" in panel.data_view.status.text
    panel.data_view.currency.value = "cad"
    panel.data_view.apply.click()
    panel.new_study_view.name.value = "dollars"
    panel.new_study_view.apply.click()
    assert panel.session.base.currency == "CAD"


def test_files_handed_over_are_kept_checked_and_made_a_study(workspace: Path) -> None:
    """A wrong file shows its problems, the corrected one takes its place, and the study made is the one open."""
    panel = open_panel(workspace)
    view, form = panel.data_view, panel.new_study_view
    view.name.value = "My Company"
    view.files.take([("accounts.csv", ACCOUNTS), ("mrr.csv", WRONG)])
    assert view.path.value == "data/my-company"
    assert len(view.found.problems) >= 2
    assert form.form.layout.display == "none"
    view.files.take([("mrr.csv", MRR)])
    assert form.form.layout.display == "flex"
    assert form.name.value == "my-company"
    form.apply.click()
    assert "currency" in panel.new_study_view.status.text
    form.title.value, form.currency.value, form.as_of.value = "Our prices", "GBP", "2024-01-31"
    form.apply.click()
    assert panel.session.study.title == "Our prices"
    assert (panel.session.base.currency, len(panel.session.base.months)) == ("GBP", 1)
    assert "£100" in panel.today.static_html()


def test_a_day_that_is_none_is_said(workspace: Path) -> None:
    """A mistyped day is a sentence, and no study is made."""
    panel = open_panel(workspace)
    panel.data_view.path.value = "data/small"
    panel.data_view.apply.click()
    form = panel.new_study_view
    form.name.value, form.currency.value, form.as_of.value = "next", "EUR", "31.12.2024"
    form.apply.click()
    assert "year-month-day" in panel.new_study_view.status.text
    assert not (workspace / "studies" / "next").exists()


@pytest.mark.parametrize("name", ["", "  ", "sample"])
def test_files_are_not_kept_where_they_must_not_be(tmp_path: Path, name: str) -> None:
    """The sample's folder and a missing name are refused, and nothing is written."""
    with pytest.raises(WorkbenchError):
        keep_files([TakenFile("accounts.csv", ACCOUNTS)], tmp_path, name)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["../../evil.csv", r"C:\temp\evil.csv", "/etc/evil.csv", "..evil.csv"])
def test_a_file_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    """Whatever path a file's name carries, the file lands in the folder of its data."""
    (kept,) = keep_files([TakenFile(name, ACCOUNTS)], tmp_path, "mine")
    assert kept == tmp_path / "data" / "mine" / "evil.csv"
    assert kept.read_bytes() == ACCOUNTS


def test_a_kind_of_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """One file that cannot be read keeps all of them out, and the kinds that can be read are named."""
    with pytest.raises(WorkbenchError, match=r"plan.pdf.*\.csv"):
        keep_files([TakenFile("accounts.csv", ACCOUNTS), TakenFile("plan.pdf", b"%PDF")], tmp_path, "mine")
    assert not (tmp_path / "data").exists()


def test_pieces_of_a_large_file_are_put_together() -> None:
    """Files arrive in pieces, in order; an upload begun anew forgets the one broken off."""
    taken: list[TakenFile] = []
    box = FileBox(taken.extend)
    box._heard(box, {"kind": "begin"}, [])
    box._heard(box, {"kind": "piece", "name": "old.csv"}, [b"broken off"])
    box._heard(box, {"kind": "begin"}, [])
    for name, piece in (("a.csv", b"ab"), ("a.csv", b"cd"), ("b.csv", b"")):
        box._heard(box, {"kind": "piece", "name": name}, [memoryview(piece)])
    box._heard(box, {"kind": "end"}, [])
    assert taken == [TakenFile("a.csv", b"abcd"), TakenFile("b.csv", b"")]


def test_empty_tables_never_replace_filled_ones(workspace: Path) -> None:
    """The templates come with their guide; once a table is filled, the panel says so and nothing is overwritten."""
    panel = open_panel(workspace)
    panel.template_view.folder.value = "data/blank"
    panel.template_view.apply.click()
    assert (workspace / "data" / "blank" / "accounts.csv").exists()
    with (workspace / "data" / "blank" / "accounts.csv").open("a") as table:
        table.write("A1\n")
    panel.template_view.apply.click()
    assert "is a table with rows" in panel.template_view.status.text
    assert "A1" in (workspace / "data" / "blank" / "accounts.csv").read_text()


def test_a_missing_folder_is_a_problem_in_the_table(tmp_path: Path) -> None:
    """A path that leads nowhere is reported like any other problem."""
    found = check_data(tmp_path / "nowhere")
    assert found.base is None
    assert "exists" in found.problems[0].expected


def test_data_that_has_gone_bad_does_not_break_the_panel(workspace: Path) -> None:
    """The study opens, and the place of today's figures lists what is wrong with its data."""
    (workspace / "data" / "small" / "mrr.csv").write_bytes(WRONG)
    panel = open_panel(workspace)
    assert panel.session is not None
    assert "can no longer be read" in panel.today.static_html()
    shutil.rmtree(workspace / "data" / "small")
    panel.open("small")
    assert "can no longer be read" in panel.today.static_html()
