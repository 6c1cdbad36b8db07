"""Every notebook runs from top to bottom in a fresh workspace, and its checked summary comes out the same."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest

from workbench.files import bundled
from workbench.workspace import make_workspace

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = sorted(bundled("notebooks").glob("*.ipynb"))
SANITISE = """
[memory addresses]
regex: 0x[0-9a-fA-F]+
replace: 0xADDRESS
"""


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as `make lab` leaves it."""
    folder = tmp_path_factory.mktemp("workspace")
    make_workspace(folder)
    (folder / "sanitise.cfg").write_text(SANITISE)
    return folder


def run_checker(folder: Path, notebook: str) -> subprocess.CompletedProcess[str]:
    """Run the notebook checker on one notebook, in the folder it lies in."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    command += ["--nbval-cell-timeout=180", "--nbval-sanitize-with=sanitise.cfg", "--rootdir=.", notebook]
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_a_notebook_runs_and_its_summary_holds(workspace: Path, name: str) -> None:
    """No cell fails, and the summary at the end reads as stored."""
    done = run_checker(workspace, name)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_the_checker_fails_when_a_stored_number_is_wrong(workspace: Path) -> None:
    """A summary changed by one digit is caught, so a pass above means something."""
    notebook = nbformat.read(NOTEBOOKS[1], as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    text = cells[-1].outputs[0]["text"]
    digit = next(character for character in text if character.isdigit())
    cells[-1].outputs[0]["text"] = text.replace(digit, str((int(digit) + 1) % 10), 1)
    nbformat.write(notebook, workspace / "wrong.ipynb")
    assert run_checker(workspace, "wrong.ipynb").returncode == 1
