"""What RESULTS.md claims: several runs as one line, and which chapters were measured on other code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import staleness  # noqa: E402 - its folder is named above
from measure import Row, spread, together  # noqa: E402

PACKAGE = {
    "workbench/__init__.py": '"""A package."""\n',
    "workbench/bill.py": '"""Bills."""\n\n\ndef bill(units):\n    """Bill."""\n    return units * 2  # double\n',
    "workbench/page.py": "PAGE = 1\n",
    "workbench/templates/page.html": "<p></p>",
    "benchmarks/chapter.py": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import workbench.bill'], check=True)\n"
    ),
}


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["2.6 ms", "2.9 ms", "2.7 ms"], "2.7 ms (2.6 to 2.9)"),
        (["SQL: 1,189.22 ms", "SQL: 900.00 ms", "SQL: 1,200.00 ms"], "SQL: 1,189.22 ms (900.00 to 1,200.00)"),
        (["379.7x faster", "182.0x faster", "400.1x faster"], "379.7x (182.0 to 400.1) faster"),
        (["1,000 accounts: 1 ms"] * 3, "1,000 accounts: 1 ms"),
        (["a: 1 s; b: 5 s", "a: 2 s; b: 5 s", "a: 3 s; b: 5 s"], "a: 2 s (1 to 3); b: 5 s"),
        (["9,999.00 ms", "10.1 s"], "9,999.00 ms / 10.1 s"),
        (["R is not installed here"] * 2, "R is not installed here"),
    ],
)
def test_runs_are_written_with_their_spread(texts: list[str], written: str) -> None:
    """Numbers that differ stand as the middle one with lowest and highest; what is the same stands once."""
    assert spread(texts) == written


def test_a_target_is_met_when_every_run_meets_it() -> None:
    """One run in three that misses it is said in the line."""
    runs = [[Row("a", f"{value} s", "", "", "at most 2 s", value <= 2)] for value in (1, 2, 3)]
    (row,) = together(runs)
    assert row.cells() == ("a", "2 s (1 to 3)", "", "", "at most 2 s (missed in 1 of 3 runs)", "not met")
    assert together(runs[:2])[0].met
    assert together([[Row("a", "1", "", "")]])[0].met is None


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small project, in place of this one."""
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(staleness, "ROOT", tmp_path)
    monkeypatch.setattr(staleness, "NOTES", tmp_path / "benchmarks" / "measured_code.json")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def measured(project: Path) -> str:
    """Run the chapter, keep what it loaded, and return its text in the results."""
    notes = project / "notes"
    notes.mkdir()
    command = [sys.executable, str(project / "benchmarks" / "chapter.py")]
    subprocess.run(command, env=os.environ | staleness.noting(notes), cwd=project, check=True)
    return f"Runs: 3, code {staleness.keep('chapter', staleness.noted(notes))}."


def test_a_chapter_is_out_of_date_when_what_its_children_loaded_has_changed(project: Path) -> None:
    """Code and templates of loaded packages count; comments, docstrings and modules never loaded do not."""
    text = measured(project)
    assert set(staleness.kept()["chapter"]) == {
        "benchmarks/chapter.py",
        "workbench/__init__.py",
        "workbench/bill.py",
    }
    assert staleness.why_stale("chapter", text) == ""
    bill = project / "workbench" / "bill.py"
    bill.write_text('"""Bills, in other words."""\ndef bill(units):\n    # twice\n    return units * 2\n')
    (project / "workbench" / "page.py").write_text("PAGE = 2\n")
    assert staleness.why_stale("chapter", text) == ""
    bill.write_text("def bill(units):\n    return units * 3\n")
    assert staleness.why_stale("chapter", text) == "changed since: workbench/bill.py"
    bill.unlink()
    (project / "workbench" / "templates" / "page.html").write_text("<b></b>")
    assert staleness.why_stale("chapter", text) == "changed since: workbench/__init__.py, workbench/bill.py"


def test_a_chapter_that_says_nothing_of_its_code_is_out_of_date(project: Path) -> None:
    """Never measured, measured without noting the code, or with another code than is kept: each says so."""
    text = measured(project)
    assert staleness.why_stale("chapter", "") == "never measured"
    assert "nothing says" in staleness.why_stale("chapter", "Runs: 3.")
    assert "nothing says" in staleness.why_stale("another", text)


def test_the_list_ends_with_1_when_a_chapter_is_out_of_date() -> None:
    """`make bench-stale` measures nothing, and its exit code says whether it listed anything."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run.py"), "--stale"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    assert all(line.startswith("Out of date: ") for line in done.stdout.splitlines())
