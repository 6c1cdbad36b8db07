"""A full disk, a forbidden place and a file that must stay end a command in a sentence, and nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.cli import main
from workbench.errors import FileError
from workbench.outputs import PDF_MARK, save_workbook
from workbench.pages.data_intake import keep_files
from workbench.rendering.studies import new_study
from workbench.report import files as report_files
from workbench.report import write_report
from workbench.study import Study
from workbench.workspace import load_base, write_template

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

OURS = '<meta name="generator" content="pricing-design-workbench">'
TABLES = {
    "accounts.csv": "account_id,segment\na,small\nb,large\n",
    "mrr.csv": "account_id,month,amount\na,2024-01,10\na,2024-02,12\nb,2024-01,90\nb,2024-02,95\n",
    "usage.csv": "account_id,month,metric,quantity\na,2024-01,seats,1\na,2024-02,seats,2\nb,2024-02,seats,9\n",
    "plans.csv": "plan,base_fee,metric,unit_price\nTeam,10,seats,9\n",
}
METHOD = "price-ladder"
ANSWER = "respondent,price,accepted\nR1,10,1\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with data, a study of it, a questionnaire's design and a folder of answers."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "data").mkdir()
    for name, text in TABLES.items():
        (folder / "data" / name).write_text(text)
    new_study(folder / "study", folder / "data")
    assert run("questionnaire", METHOD, "--design", folder / "design.json", "--example") == 0
    (folder / "answers").mkdir()
    (folder / "answers" / "survey_price_ladder.csv").write_text(ANSWER)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder to write in."""
    return Path(shutil.copytree(made, tmp_path / "place"))


def run(*arguments: str | Path) -> int:
    """Run a command in this process and return its exit code."""
    before, sys.argv = sys.argv, ["workbench", *map(str, arguments)]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0


def commands(place: Path, to: Path, *further: str) -> dict[str, tuple[str | Path, ...]]:
    """Return each quick command that writes, with a place to write to."""
    return {
        "calculator": ("calculator", place / "study", "--scenario", "baseline", "-o", to / "page.html", *further),
        "questionnaire": (
            "questionnaire", METHOD, "--design", place / "design.json", "-o", to / "page.html", *further,
        ),
        "example": ("questionnaire", METHOD, "--example", "--design", to / "new.json", *further),
        "answers": ("answers", place / "answers", "-o", to, *further),
        "template": ("template", to, *further),
        "new": ("new", to / "mine", "--data", place / "data"),
    }  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk that is full but for a page of ours and one block; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be made by root")
    (disk / "page.html").write_text(OURS)
    (disk / "filler").write_bytes(bytes(1))
    with (disk / "filler").open("ab", buffering=0) as filler:
        while True:
            try:
                filler.write(bytes(4096))
            except OSError:
                break
    yield disk
    subprocess.run(["/bin/umount", "-l", disk], check=True)


@pytest.mark.parametrize("command", ["calculator", "questionnaire", "example", "answers", "template", "new"])
def test_a_full_disk_is_said_and_what_was_there_stays(
    place: Path, full_disk: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """The sentence names the file and the disk; the page that was there is whole, and nothing half is left."""
    before = content(full_disk)
    assert run(*commands(place, full_disk)[command]) == 4
    said = capsys.readouterr().err
    assert "the disk is full" in said
    assert str(full_disk) in said
    assert "Traceback" not in said
    after = content(full_disk)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "writing-" in name]


def test_a_full_disk_for_what_is_printed_is_said_too(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command whose lines go to a file on a full disk ends in a sentence: that error names no file."""

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys.stdout, "write", full)
    assert run("check", place / "data") == 4
    assert "The output cannot be written: No space left on device" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can act as another person")
def test_a_forbidden_place_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another person's folder is named with its owner; a disk that can only be read is said to be one."""
    closed = Path(tempfile.mkdtemp())
    closed.chmod(0o755)
    child = os.fork()
    if not child:
        try:
            os.seteuid(65534)
            os._exit(0 if _refused(closed) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "ro", "tmpfs", closed], check=True)
    try:
        for command in ("calculator", "questionnaire", "example", "answers", "template"):
            assert run(*commands(place, closed)[command]) == 4
            assert "can only be read" in capsys.readouterr().err, command
    finally:
        subprocess.run(["/bin/umount", closed], check=True)
        closed.rmdir()


def _refused(folder: Path) -> bool:
    try:
        write_template(folder)
    except FileError as error:
        return f"not allowed in {folder}, which belongs to root" in str(error)
    return False


def test_studies_tables_and_inputs_are_never_replaced(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under any name and through any link, even with --force: every byte of study, data and inputs stays."""
    (place / "study.html").symlink_to(place / "study" / "study.json")
    (place / "table.html").symlink_to(place / "data" / "accounts.csv")
    (place / "design.html").symlink_to(place / "design.json")
    before = content(place)
    study, design = place / "study", place / "design.json"
    for arguments in (
        ("calculator", study, "-o", study / "study.json"),
        ("calculator", study, "-o", place / "study.html"),
        ("calculator", study, "-o", place / "data" / "accounts.csv"),
        ("calculator", study, "-o", place / "table.html"),
        ("report", study, "-o", place / "table.html"),
        ("report", study, "-o", place / "r.html", "--pdf", place / "data" / "accounts.csv"),
        ("report", study, "-o", place / "r.html", "--xlsx", study / "study.json"),
        ("run", study, "-o", study / "history" / "00000001.json"),
        ("questionnaire", METHOD, "--design", design, "-o", design),
        ("questionnaire", METHOD, "--design", design, "-o", place / "design.html"),
        ("questionnaire", METHOD, "--example", "--design", study / "study.json"),
        ("answers", place / "answers", "-o", place / "answers"),
        ("template", place / "data"),
    ):
        assert run(*arguments, "--force") == 4, arguments
        assert "Traceback" not in capsys.readouterr().err
        assert content(place) == before, arguments


def test_another_companys_tables_survive_force(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No command that knows nothing of a table puts a design, fewer answers or a workbook in its place."""
    other = Path(shutil.copytree(place / "data", place / "other"))
    (other / "survey_price_ladder.csv").write_text(ANSWER + "R2,20,0\nR3,10,1\n")
    pd.read_csv(other / "usage.csv").to_excel(other / "usage.xlsx", index=False)
    save_workbook({"Sheet1": pd.read_csv(other / "usage.csv")}, place / "data" / "use.xlsx")
    before = content(place)
    for arguments in (
        ("questionnaire", METHOD, "--example", "--design", other / "usage.csv"),
        ("answers", place / "answers", "-o", other),
        ("report", place / "study", "-o", place / "r.html", "--xlsx", other / "usage.xlsx"),
        ("report", place / "study", "-o", place / "r.html", "--xlsx", place / "data" / "use.xlsx"),
        ("report", place / "study", "-o", place / "r.html", "--xlsx", place / "data" / "r.xlsx"),
    ):
        assert run(*arguments, "--force") in (3, 4), arguments
        assert "Traceback" not in capsys.readouterr().err
        assert content(place) == before, arguments


def test_what_the_workbench_did_not_write_needs_force(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused with what to do; with --force replaced; from then on it is the workbench's own."""
    mine = place / "mine"
    mine.mkdir()
    files = {
        "calculator": "page.html", "questionnaire": "page.html", "example": "new.json",
        "answers": "survey_price_ladder.csv", "template": "COLUMN_GUIDE.md",
    }  # fmt: skip
    for command, name in files.items():
        (mine / name).write_text("something of mine\n")
        assert run(*commands(place, mine)[command]) == 4, command
        assert "--force" in capsys.readouterr().err
        assert (mine / name).read_text() == "something of mine\n"
        assert run(*commands(place, mine, "--force")[command]) == 0, command
        assert "something of mine" not in (mine / name).read_text(encoding="utf-8")
        if command != "example":  # which people go on to edit
            assert run(*commands(place, mine)[command]) == 0, command
        (mine / name).unlink()
        for rest in mine.iterdir():
            rest.unlink()


def test_a_report_is_refused_before_it_is_worked_out_and_again_before_it_is_written(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that comes into being meanwhile is as safe as one that was there; PDF and workbook are looked at too."""
    study = Study.load(place / "study")
    base = load_base(study, place / "study")
    for kind in ("html", "pdf", "xlsx"):
        (place / f"r.{kind}").write_bytes(b"mine")
        with pytest.raises(FileError, match="not written by the workbench"):
            write_report(base, study, place / "r.html", pdf=place / "r.pdf", xlsx=place / "r.xlsx")
        (place / f"r.{kind}").unlink()
    (place / "r.pdf").write_bytes(b"%PDF%%EOF" + PDF_MARK)

    def slowly(*_arguments: object, **_named: object) -> None:
        (place / "r.html").write_text("mine")

    monkeypatch.setattr(report_files, "gather_content", slowly)
    monkeypatch.setattr(report_files, "results_of", lambda _content: {})
    monkeypatch.setattr(report_files, "report_html", lambda *_given, **_named: OURS)
    with pytest.raises(FileError, match="not written by the workbench"):
        write_report(base, study, place / "r.html")
    assert (place / "r.html").read_text() == "mine"


def test_a_file_handed_over_again_keeps_the_earlier_one(tmp_path: Path) -> None:
    """The new table takes its place, the earlier one lies in a folder that no table is read from."""

    class Taken:
        name = "mrr.csv"

        def __init__(self, content: bytes) -> None:
            self.content = content

    for text in (b"first", b"first", b"second", b"third"):
        keep_files([Taken(text)], tmp_path, "mine")
    assert content(tmp_path / "data" / "mine") == {
        "mrr.csv": b"third",
        "replaced/mrr-1.csv": b"first",
        "replaced/mrr-2.csv": b"second",
    }
