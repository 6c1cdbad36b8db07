"""Every notebook runs from top to bottom in a fresh workspace, and its checked summary comes out the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.files import bundled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.workspace import Workspace

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted(bundled("notebooks").glob("*.ipynb"))
SANITISE = """
[memory addresses]
regex: 0x[0-9a-fA-F]+
replace: 0xADDRESS
"""


@pytest.fixture(scope="session")
def workspace(make_sample_workspace: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as `make lab` leaves it."""
    folder = tmp_path_factory.mktemp("workspace")
    make_sample_workspace(folder)
    (folder / "sanitise.cfg").write_text(SANITISE)
    return folder


class Checked(NamedTuple):
    """What the notebook checker said: how each cell of each notebook ended, and everything it printed."""

    cells: dict[str, list[str]]
    printed: str


@pytest.fixture(scope="session")
def checked(workspace: Path) -> Checked:
    """Return what the checker says of every notebook and of two more, run by one checker, each on a kernel of its own.

    `right.ipynb` and `wrong.ipynb` are the cell at the end of a notebook, with its marks, that prints what was stored,
    without the work before it; in the second the stored text has another digit.
    """
    notebook = nbformat.read(NOTEBOOKS[1], as_version=4)
    cell = code_cells(notebook)[-1]
    shown = cell.outputs[0]["data"]
    notebook.cells, text = [cell], shown["text/plain"]
    cell.source = f"from IPython.display import display; display({{'text/plain': {text!r}}}, raw=True)"
    nbformat.write(notebook, workspace / "right.ipynb")
    digit = next(character for character in text if character.isdigit())
    shown["text/plain"] = text.replace(digit, str((int(digit) + 1) % 10), 1)
    nbformat.write(notebook, workspace / "wrong.ipynb")
    names = [*(path.name for path in NOTEBOOKS), "right.ipynb", "wrong.ipynb"]
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    command += ["--nbval-cell-timeout=180", "--nbval-sanitize-with=sanitise.cfg", "--rootdir=.", *names]
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    ended = re.findall(r"^([A-Z]+) (\S+\.ipynb)::", done.stdout, re.MULTILINE)
    cells = {name: [outcome for outcome, at in ended if at == name] for name in names}
    return Checked(cells, done.stdout + done.stderr)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the cells that are run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_and_its_summary_holds(checked: Checked, path: Path) -> None:
    """No cell fails, and the summary at the end reads as stored."""
    cells = code_cells(nbformat.read(path, as_version=4))
    assert cells
    assert checked.cells[path.name] == ["PASSED"] * len(cells), checked.printed[-8000:]


def test_the_checker_fails_when_a_stored_number_is_wrong(checked: Checked) -> None:
    """A summary changed by one digit is caught, so a pass above means something; unchanged it passes."""
    assert (checked.cells["right.ipynb"], checked.cells["wrong.ipynb"]) == (["PASSED"], ["FAILED"]), checked.printed


def test_a_summary_follows_its_panel(make_sample_workspace: Callable[[Path], Workspace], tmp_path: Path) -> None:
    """What the last cell showed is that of the decision as it is now, not as it was when the cell ran."""
    opened = 'from workbench import open_stage, open_study\npanel = open_stage(open_study(), "annual_terms")'
    sources = (opened, "panel.conclusion()", "panel.revise(discount=0.25)\npanel.flush()")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources])
    make_sample_workspace(tmp_path)
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    (shown,) = notebook.cells[1].outputs
    assert "A year in advance gets 25% off" in shown["data"]["text/plain"]
    assert notebook.cells[2].outputs == []
