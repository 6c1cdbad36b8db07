"""A workspace is ready to work in, and never takes away what somebody did in it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest

from workbench.customers.afterwards import everything_on_record
from workbench.errors import StudyError
from workbench.files import bundled
from workbench.pages.lab import free_port
from workbench.stages import STAGES
from workbench.study import Study
from workbench.workspace import APP_NOTEBOOK, START_NOTEBOOK, make_workspace, sample_base, sample_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh workspace."""
    return make_workspace(tmp_path_factory.mktemp("work") / "space").folder


def test_a_workspace_holds_every_notebook_the_data_and_the_study(folder: Path) -> None:
    """Everything a first session needs is there."""
    assert {path.name for path in folder.glob("*.ipynb")} == {p.name for p in bundled("notebooks").glob("*.ipynb")}
    study_folder = folder / "studies" / "sample"
    study = Study.load(study_folder)
    assert (study.data.located(study_folder) / "accounts.csv").exists()


def test_every_stage_of_the_sample_study_is_decided_and_on_record(folder: Path) -> None:
    """A reader of the sample sees a complete record, each line with evidence, findings and a reason."""
    study = Study.load(folder / "studies" / "sample")
    design = study.designs[0]
    for stage in (each for each in STAGES if each.designs):
        assert design.decided(stage.key)
        record = next(each for each in study.decisions if each.stage == stage.key)
        assert record.reason
        assert record.evidence
        assert record.findings


def test_the_design_stages_know_nothing_of_the_time_after_the_move() -> None:
    """The sample is loaded as it stood before the move: no later month is visible."""
    assert str(sample_base().months[-1].date()) == "2024-12-01"
    assert len(sample_base(whole_history=True).months) == 42


def test_everything_on_record_of_the_sample_is_what_its_files_hold() -> None:
    """Kept from the first reading, it is the same table by table, and the base itself knows no more for it."""
    base, whole = sample_base(), sample_base(whole_history=True)
    kept = everything_on_record(base)
    assert kept.frames.keys() == whole.frames.keys()
    assert all(kept.frames[name].equals(whole.frames[name]) for name in whole.frames)
    assert (len(base.months), len(kept.months)) == (24, 42)


def test_making_a_workspace_twice_keeps_what_was_done(folder: Path) -> None:
    """A changed notebook and a changed study stay as they are."""
    notebook = folder / START_NOTEBOOK
    notebook.write_text("mine")
    study_file = folder / "studies" / "sample" / "study.json"
    before = study_file.read_bytes()
    assert make_workspace(folder).added == ()
    assert notebook.read_text() == "mine"
    assert study_file.read_bytes() == before


def test_a_deleted_notebook_comes_back(folder: Path) -> None:
    """What is missing is added again."""
    (folder / "01_value_metric.ipynb").unlink()
    assert make_workspace(folder).added == ("01_value_metric.ipynb",)


def test_a_half_copy_of_the_sample_is_completed(folder: Path) -> None:
    """Tables cut in two, empty and missing come back; one that somebody changed or keeps as another kind is theirs."""
    data = folder / "data" / "sample"
    whole = {path.name: path.read_bytes() for path in sample_folder().iterdir()}
    (data / "mrr.csv").write_bytes(whole["mrr.csv"][:65_536])
    (data / "usage.parquet").write_bytes(whole["usage.parquet"][:100_000])
    (data / "outcomes.csv").write_bytes(b"")
    (data / "plans.csv").unlink()
    (data / "features.csv").rename(data / "features.txt")
    (data / "requests.csv").write_text("feature,account_id\nmine,a\n")
    added = make_workspace(folder).added
    assert added == ("data/sample (completed: mrr.csv, outcomes.csv, plans.csv, usage.parquet)",)
    changed = {
        name for name, content in whole.items() if not (data / name).exists() or (data / name).read_bytes() != content
    }
    assert changed == {"features.csv", "requests.csv"}
    assert make_workspace(folder).added == ()


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    """A path that is a file is refused with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="Name a folder"):
        make_workspace(tmp_path / "file")


def test_a_busy_port_is_left_alone() -> None:
    """Another server on the wished port does not stop the lab from starting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) != taken.getsockname()[1]


@pytest.mark.browser
def test_the_lab_command_starts_and_prints_its_address(tmp_path: Path) -> None:
    """`workbench lab` answers at the address it prints, keeps its secret off every command line, stops when told to."""
    # Tests begun in the background of a shell pass on that an interrupt is ignored.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-u", "-c", listening + "from workbench.cli import main; main()"]
    command += ["lab", str(tmp_path / "space"), "--no-browser", "--port", "8933"]
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    lab = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        line = next(line for line in lab.stdout if line.startswith("JupyterLab: "))
        address = line.split(": ", 1)[1].strip()
        assert APP_NOTEBOOK in address
        assert _answers(address)
        token = address.split("token=")[1]
        kernels = address.split("/lab/")[0] + f"/api/kernels?token={token}"
        with urllib.request.urlopen(kernels, data=b"", timeout=60) as answer:  # noqa: S310 - our own address
            assert answer.status == 201
        lines = command_lines(lab.pid)
        assert [line for line in lines if "jupyterlab" in line]
        assert [line for line in lines if "ipykernel" in line]
        assert [line for line in lines if token in line] == []
    finally:
        lab.send_signal(signal.SIGINT)
        assert lab.wait(timeout=60) == 0


def command_lines(pid: int) -> list[str]:
    """Return what everybody on the machine may read of a process and of all it has started."""
    started = psutil.Process(pid)
    return [" ".join(each.cmdline()) for each in (started, *started.children(recursive=True))]


def _answers(address: str, seconds: float = 40) -> bool:
    """Tell whether a server answers at an address within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
                return answer.status == 200
        except OSError:
            time.sleep(0.2)
    return False
