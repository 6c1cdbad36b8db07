"""The command line does what the notebooks do, and ends problems with a sentence."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.stages import STAGES
from workbench.study import Study
from workbench.workspace import sample_folder

ROOT = Path(__file__).parent.parent


def in_a_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def workbench(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has loaded already what a process of its own would load again."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["workbench", *map(str, arguments)])
        if cwd is not None:
            patch.chdir(cwd)
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(list(arguments), code, out.getvalue(), err.getvalue())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a small folder of good data."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id,segment\na,small\nb,large\n")
    (folder / "mrr.csv").write_text("account_id,month,amount\na,2024-01,10\na,2024-02,12\nb,2024-01,90\nb,2024-02,95\n")
    return folder


def test_good_data_passes_the_check(data: Path) -> None:
    """What was understood is shown, and the exit code is 0."""
    done = in_a_process("check", data)
    assert done.returncode == 0, done.stderr
    assert "No problems found." in done.stdout


def test_every_problem_is_listed_and_the_exit_code_is_three(data: Path) -> None:
    """File, row and value of each problem stand in its line."""
    with (data / "mrr.csv").open("a") as file:
        file.write("c,2024-02,5\nb,2024-13,1\na,2024-02,-4\n")
    done = workbench("check", data)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 4 + 2, done.stdout
    for expected in ("mrr.csv", "'c'", "2024-13", "-4"):
        assert expected.strip("'") in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_template_is_written_and_its_guide_explains_the_columns(tmp_path: Path) -> None:
    """The template holds one file for each table and a guide."""
    done = workbench("template", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "accounts.csv").exists()
    assert any(path.suffix == ".md" for path in (tmp_path / "mine").iterdir())


@pytest.mark.slow
def test_a_folder_of_data_becomes_a_study_and_a_report(data: Path, tmp_path: Path) -> None:
    """Two tables are enough to walk the whole sequence; what was decided is kept, and a second run decides nothing."""
    report, results = tmp_path / "report.html", tmp_path / "results.json"
    done = in_a_process("run", data, "-o", report, "--json", results)
    assert done.returncode == 0, done.stderr
    study = tmp_path / "report-study"
    assert f"The study is in {study}." in done.stdout
    assert report.stat().st_size > 500_000
    first = (report.read_bytes(), results.read_bytes(), (study / "study.json").read_bytes())
    again = workbench("run", data, "-o", report, "--json", results)
    assert again.returncode == 0, again.stderr
    assert (report.read_bytes(), results.read_bytes(), (study / "study.json").read_bytes()) == first
    assert workbench("replay", study, "--recorded").returncode == 0


@pytest.mark.needs_stage("model_fit")
def test_what_a_run_decides_is_one_step_that_can_be_undone(data: Path, tmp_path: Path) -> None:
    """A study in which somebody decided a stage keeps that; all the rest is recorded in one revision."""
    from workbench.stages.model_fit.decision import ModelFitDecision  # noqa: PLC0415 - where the stage is installed

    place = tmp_path / "studies" / "mine"
    assert workbench("new", place, "--data", data).returncode == 0
    before = Study.load(place)
    decided = before.designs[0].with_decision(ModelFitDecision(model="tiered"))
    before = before.with_scenario(decided).save(place)
    done = workbench("run", place, "-o", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    after = Study.load(place)
    assert after.revision == before.revision + 1
    assert after.designs[0].decision(ModelFitDecision) == decided.decision(ModelFitDecision)
    assert "model_fit" not in {each.stage for each in after.decisions}
    assert {each.stage for each in after.decisions} == {stage.key for stage in STAGES if stage.designs} - {"model_fit"}


def test_another_day_leaves_the_study_as_it_is(data: Path, tmp_path: Path) -> None:
    """A look at an earlier day records nothing, and says so."""
    place = tmp_path / "mine"
    assert workbench("new", place, "--data", data).returncode == 0
    held = (place / "study.json").read_bytes()
    done = workbench("run", place, "--as-of", "2024-01-31", "-o", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    assert "speaks of another day" in done.stdout
    assert (place / "study.json").read_bytes() == held


def test_a_place_with_a_study_of_other_data_is_refused(data: Path, tmp_path: Path) -> None:
    """Results of one company never end up in the study of another."""
    other = shutil.copytree(data, tmp_path / "other")
    place = tmp_path / "mine"
    assert workbench("new", place, "--data", other).returncode == 0
    done = workbench("run", data, "--study", place, "-o", tmp_path / "report.html")
    assert done.returncode == 4
    assert "a study of other data" in done.stderr


@pytest.mark.slow
def test_the_sample_runs_from_end_to_end(tmp_path: Path) -> None:
    """One command walks the sequence on the sample company and says what was decided and found."""
    done = workbench("run", "--sample", "-o", tmp_path / "report.html", "--xlsx", tmp_path / "report.xlsx")
    assert done.returncode == 0, done.stderr
    for part in ("Decisions", "Value metric:", "Competitive anchoring:", "Findings that ask for attention", "Cautions"):
        assert part in done.stdout
    assert (tmp_path / "report.xlsx").exists()


def test_a_missing_study_is_a_sentence(tmp_path: Path) -> None:
    """Naming a folder without a study ends with what to do, not with a traceback."""
    done = in_a_process("report", tmp_path / "nothing", "-o", tmp_path / "report.html")
    assert done.returncode == 4
    assert "no study" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sample_data_itself_passes_the_check(tmp_path: Path) -> None:
    """The bundled company is good data by the same measure as anybody's."""
    copy = tmp_path / "sample"
    shutil.copytree(sample_folder(), copy)
    done = workbench("check", copy)
    assert done.returncode == 0, done.stdout


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A folder where a file should go, or a place below a file, ends in a sentence that names it."""
    (tmp_path / "taken").write_text("a file")
    for arguments in (
        ("template", tmp_path / "taken" / "mine"),
        ("questionnaire", "choice", "--example", "--design", tmp_path / "taken" / "choice.json"),
    ):
        done = workbench(*arguments)
        assert done.returncode == 4, done.stdout
        assert str(tmp_path / "taken") in done.stderr
        assert "Traceback" not in done.stderr


def test_a_plan_that_the_price_list_lacks_is_named_by_the_check(data: Path) -> None:
    """A misspelt plan passes, for it may be an old one, but not in silence."""
    (data / "plans.csv").write_text("plan,base_fee\nTeam,10\n")
    (data / "accounts.csv").write_text("account_id,plan\na,Team\nb,Taem\n")
    done = workbench("check", data)
    assert done.returncode == 0, done.stderr
    assert "'Taem'" in done.stdout


def test_the_currency_nobody_named_is_said_and_can_be_named(data: Path, tmp_path: Path) -> None:
    """Dollars are assumed aloud; a currency given counts, unless the data names its own."""
    assert "USD" in workbench("new", tmp_path / "dollars", "--data", data, cwd=tmp_path).stdout
    done = workbench("new", tmp_path / "euros", "--data", data, "--currency", "eur", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"currency": "EUR"' in (tmp_path / "euros" / "study.json").read_text()
    rows = (data / "mrr.csv").read_text().splitlines()
    (data / "mrr.csv").write_text("\n".join([f"{rows[0]},currency", *(f"{row},GBP" for row in rows[1:])]))
    done = workbench("new", tmp_path / "pounds", "--data", data, "--currency", "eur", cwd=tmp_path)
    assert "GBP" in done.stdout
    assert '"currency": "GBP"' in (tmp_path / "pounds" / "study.json").read_text()


def test_a_report_that_cannot_be_written_is_refused_before_it_is_worked_out(data: Path, tmp_path: Path) -> None:
    """A folder in the place of the page, and an Excel file under another name, are told at once."""
    workbench("new", tmp_path / "mine", "--data", data, cwd=tmp_path)
    done = workbench("report", tmp_path / "mine", "-o", tmp_path)
    assert (done.returncode, "is a folder" in done.stderr) == (4, True)
    done = workbench("report", tmp_path / "mine", "-o", tmp_path / "page.html", "--xlsx", tmp_path / "page.txt")
    assert (done.returncode, "End it in .xlsx" in done.stderr) == (4, True)
    assert not list(tmp_path.glob("page.*"))


def test_every_kind_of_ending_has_an_exit_code_of_its_own(data: Path, tmp_path: Path) -> None:
    """A crossed guardrail, a usage error, bad data, another trouble and a fault of the program are told apart."""
    assert workbench("check", data, "--nothing").returncode == 2
    for missing in (("replay", tmp_path / "nothing"), ("check", tmp_path / "nothing")):
        assert workbench(*missing).returncode == 4
    for option, value in (("--currency", "xx"), ("--as-of", "2023-02-30")):
        done = workbench("new", tmp_path / "wrong", "--data", data, option, value)
        assert (done.returncode, value in done.stderr) == (2, True)
    for option, value in (("--engine", "foo"), ("--memory", "lots"), ("--late", "soon")):
        done = workbench("replay", tmp_path / "wrong", "--events", data, option, value)
        assert (done.returncode, value in done.stderr) == (2, True)
    fault = "import workbench.cli.commands as c; c.app = lambda: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", fault], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "ZeroDivisionError" in done.stderr
    workbench("new", tmp_path / "mine", "--data", data, cwd=tmp_path)
    (tmp_path / "events.csv").write_text("account_id,when\na,2024-01-01\n")
    (tmp_path / "events.parquet").write_text("no Parquet")
    for name in ("events.csv", "events.parquet"):
        assert workbench("replay", tmp_path / "mine", "--events", tmp_path / name).returncode == 3
    (data / "mrr.csv").write_text("account_id,month,amount\na,2024-01,abc\n")
    for arguments in (("check", data), ("replay", tmp_path / "mine"), ("new", tmp_path / "other", "--data", data)):
        assert workbench(*arguments, cwd=tmp_path).returncode == 3
    said = workbench("--help").stdout
    for code in range(1, 6):
        assert str(code) in said.split("Exit codes:")[1]


def test_states_remarks_and_the_trail_come_from_the_command_line(data: Path, tmp_path: Path) -> None:
    """A scenario is proposed and approved, other data opens it again, and everything is written for an auditor."""
    study = tmp_path / "study"
    assert workbench("new", study, "--data", data).returncode == 0
    assert "draft" in workbench("state", study).stdout
    refused = workbench("state", study, "--to", "approved", "--by", "Ben", "--because", "Fine.")
    assert refused.returncode == 4
    assert "has to be proposed first" in refused.stderr
    for to, by in (("proposed", "Ana"), ("approved", "=Ben")):
        assert workbench("state", study, "--to", to, "--by", by, "--because", "Ready.").returncode == 0
    assert "approved by =Ben" in workbench("state", study).stdout
    assert workbench("comment", study, "tiers", "Too many?", "--by", "Cy").returncode == 0
    unknown = workbench("comment", study, "nowhere", "What?", "--by", "Cy")
    assert unknown.returncode == 4
    assert "It has: " in unknown.stderr
    sheet, document = tmp_path / "audit.csv", tmp_path / "audit.json"
    for path in (sheet, document, document):
        assert workbench("log", study, "-o", path).returncode == 0
    assert '"\'=Ben"' in sheet.read_text("utf-8-sig")  # no spreadsheet runs it
    trail = json.loads(document.read_text())["trail"]
    assert [row["kind"] for row in trail] == ["decision", "decision", "comment"]
    held = json.loads((study / "study.json").read_text())
    held["basis"] = "mean of the last twelve months"
    (study / "study.json").write_text(json.dumps(held))
    assert "draft again: it was approved by =Ben" in workbench("state", study).stdout
