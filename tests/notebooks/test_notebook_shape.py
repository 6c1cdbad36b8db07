"""Notebooks are short cells of calls between prose: a reader sees the work, not the plumbing."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import nbformat
import pytest

from workbench.pages.lab import MARK

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 12
MEDIAN_CELL = 3


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def lines_of(cell: nbformat.NotebookNode) -> list[str]:
    """Return the lines of a cell that say something."""
    return [line for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_there_are_notebooks() -> None:
    """The sequence is there, numbered in the order it is walked."""
    numbers = [path.name.partition("_")[0] for path in NOTEBOOKS]
    assert numbers == sorted(set(numbers))
    assert {"00", "01", "02", "03", "03b", "04", "05", "07"} <= set(numbers)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_define_nothing(path: Path) -> None:
    """The median cell has at most three lines, none more than twelve, and none defines a function or class."""
    lengths = [len(lines_of(cell)) for cell in code_cells(path)]
    assert statistics.median(lengths) <= MEDIAN_CELL
    assert max(lengths) <= LONGEST_CELL
    for cell in code_cells(path):
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_stands_before_every_code_cell(path: Path) -> None:
    """No two code cells follow each other, and no notebook opens with code."""
    kinds = [cell.cell_type for cell in nbformat.read(path, as_version=4).cells]
    assert kinds[0] == "markdown"
    assert all(kinds[index - 1] == "markdown" for index, kind in enumerate(kinds) if kind == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_clean(path: Path) -> None:
    """Only the checked summary keeps its output; no widget state, no pictures, ids and kernel set."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"
    assert MARK in notebook.metadata, "without its mark, a notebook neither runs when opened nor leads on"
    for cell in code_cells(path):
        checked = "nbval-check-output" in cell.metadata.get("tags", [])
        assert checked or not cell.outputs, f"cell {cell.id} keeps an output"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_ends_with_a_checked_summary(path: Path) -> None:
    """The last code cell prints a text that the notebook run compares with the stored one."""
    last = code_cells(path)[-1]
    assert "nbval-check-output" in last.metadata.get("tags", [])
    assert last.outputs
    assert last.execution_count, "without its count, the checker takes the cell for one that never ran"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_shipped_cells_can_be_neither_edited_nor_deleted(path: Path) -> None:
    """A slip of the hand takes no panel and no prose away; cells of one's own can be added between them."""
    for cell in nbformat.read(path, as_version=4).cells:
        assert (cell.metadata.get("editable"), cell.metadata.get("deletable")) == (False, False), cell.id
