"""Large inputs: what is read in blocks is what is read at once, and a command says how far it is and can be stopped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase, text_files
from workbench.customers.text_files import read_text_file
from workbench.customers.validate import read_table
from workbench.demand.choice_task import Repeated

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = {
    "plain": ["5", "0.25", "1e3", "-0", "n/a", "", "+7.50"],
    "with commas": ["5", "0,5", "1234,75", "-", "7,5"],
    "with thousands": ["5", '"1,000.5"', "2.5"],
    "in doubt": ["5", '"1,234"', "7"],
    "with signs": ["5", "$7", "abc"],
    "huge": ["5", "1e15", "123456789012345678", "1e999"],
}
WRITTEN = [(",", "\n"), (";", "\r\n"), ("\t", "\r")]
ROWS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 6), st.booleans()), min_size=1, max_size=30)


def company(folder: Path, rows: list[tuple[str, int, bool]], cells: list[str], delimiter: str, ending: str) -> Path:
    """Write a company of three accounts with usage as drawn; a row may be followed by an empty line."""
    folder.mkdir(exist_ok=True)
    (folder / "accounts.csv").write_text("account_id\nA\nB\nC\n")
    months = pd.date_range("2020-01-01", periods=len(rows), freq="MS").strftime("%Y-%m")
    lines = ["account_id,month,metric,quantity".replace(",", delimiter)]
    for month, (account, cell, gap) in zip(months, rows, strict=True):
        lines.append(delimiter.join((account, month, "jobs", cells[cell % len(cells)])))
        lines += [delimiter * 3] if gap else []
    (folder / "usage.csv").write_bytes(ending.join(lines).encode())
    return folder


def understood(folder: Path) -> object:
    """Return everything that is read of a company's usage: its problems, its cells and their lines."""
    source = read_text_file(folder / "usage.csv", "usage")
    read = [read_table(raw) for raw in source.tables]
    return source.problems, [(each.problems, each.frame.to_csv(), each.lines.tolist()) for each in read]


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, cells=st.sampled_from(list(NUMBERS.values())), written=st.sampled_from(WRITTEN))
def test_blocks_read_as_the_whole(
    rows: list[tuple[str, int, bool]],
    cells: list[str],
    written: tuple[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A file cut into many blocks says the same, to the line of every problem, as one that is a single block."""
    delimiter, ending = written
    if delimiter == ",":
        cells = [f'"{cell}"' if "," in cell and '"' not in cell else cell for cell in cells]
    folder = company(tmp_path_factory.mktemp("company"), rows, cells, delimiter, ending)
    whole = understood(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "BLOCK", 40)
        assert understood(folder) == whole


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, cells=st.sampled_from(list(NUMBERS.values())))
def test_floats_read_at_once_are_what_the_texts_say(
    rows: list[tuple[str, int, bool]], cells: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Columns that become floats block by block hold what reading every text on its own gives."""
    folder = company(tmp_path_factory.mktemp("company"), rows, cells, ";", "\n")
    quick = understood(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "LARGEST", -1.0)  # every column is kept as texts
        assert understood(folder) == quick


@given(st.integers(1, 5), st.integers(1, 4), st.data())
def test_what_repeats_reads_as_the_array_it_stands_for(customers: int, draws: int, data: st.DataObject) -> None:
    """Any rows and columns of a repeated table are those of the whole."""
    import numpy as np  # noqa: PLC0415 - only here

    values = np.arange(customers * 3, dtype=np.float32).reshape(customers, 3)
    table, whole = Repeated(values, draws), np.repeat(values, draws, axis=0)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    places = np.array(data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)), dtype=int)
    for rows in (slice(start, stop), slice(None), slice(None, None, 2), places, whole[:, 0] > 3):
        assert (table[rows] == whole[rows]).all()
        assert (table[rows, 1] == whole[rows, 1]).all()
    assert table.shape == whole.shape
    assert (np.asarray(table) == whole).all()


def test_a_command_stopped_from_the_keyboard_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is no fault: one sentence, its own exit code, no traceback."""

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(CustomerBase, "load", stopped)
    done = CliRunner().invoke(app, ["check", str(tmp_path), "--progress"])
    assert done.exit_code == 130
    assert done.output.strip().splitlines()[-1].strip() == "Stopped before it was done, as asked with Ctrl-C."
    assert "Traceback" not in done.output


def test_progress_shows_a_share_and_a_time_left_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar is on stderr alone and says percent and time; a pipe gets none unless it asks."""
    monkeypatch.setattr("workbench.cli.progress_bar.SHORT", 0.0)
    folder = company(tmp_path / "data", [("A", 0, False)] * 12, ["5"], ",", "\n")
    asked = CliRunner().invoke(app, ["check", str(folder), "--progress"])
    silent = CliRunner().invoke(app, ["check", str(folder)])
    assert re.search(r"\d+% \|.*left", asked.stderr)
    assert silent.stderr == ""
    assert asked.stdout == silent.stdout
    assert "No problems found." in silent.stdout
