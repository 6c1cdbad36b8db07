"""Run every notebook in a fresh workspace and store the checked summaries anew; everything else is stored clean.

For maintainers, after a change that is meant to move a number: `python tests/notebooks/refresh.py [01 03 ...]`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from workbench.files import bundled
from workbench.workspace import make_workspace

CHECKED = "nbval-check-output"


def refresh(path: Path, workspace: Path) -> bool:
    """Run one notebook; return whether its stored text changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": workspace}}).execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate((each for each in notebook.cells if each.cell_type == "code"), start=1):
        cell.metadata.pop("execution", None)
        if CHECKED in cell.metadata.get("tags", []):
            cell.execution_count = number
            for output in cell.outputs:
                if "execution_count" in output:
                    output["execution_count"] = number
        else:
            cell.outputs = []
            cell.execution_count = None
    nbformat.write(notebook, path)
    return path.read_text(encoding="utf-8") != before


def main(wanted: list[str]) -> None:
    """Refresh the notebooks whose names begin with one of the numbers given, or all."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    for path in sorted(bundled("notebooks").glob("*.ipynb")):
        if wanted and not path.name.startswith(tuple(wanted)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            make_workspace(folder)
            changed = refresh(path, Path(folder))
        sys.stdout.write(f"{path.name}: {'changed' if changed else 'as it was'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
