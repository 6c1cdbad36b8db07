"""A stage of one's own, installed beside the workbench: its own tests pass, and nothing else knows it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "discount_policy"


def with_it_installed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with the example as an installed package."""
    installed = folder / "discount_policy-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: discount-policy\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[workbench.stages]\ndiscount_policy = discount_policy\n")
    paths = os.pathsep.join(map(str, (EXAMPLE, folder, ROOT)))
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_example_stage_is_found_and_shown_everywhere(tmp_path: Path) -> None:
    """As an installed package the stage is in the sequence, its panel, the report and the workbook."""
    tests = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(EXAMPLE / "tests"))
    done = with_it_installed(tmp_path, *tests)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("first", ["workbench.stages", "workbench.stages.price_book", "workbench.cli"])
def test_the_example_stage_is_found_whatever_is_imported_first(tmp_path: Path, first: str) -> None:
    """It imports parts of the workbench that know the stages; nobody imported it before, as tests of its own do."""
    asked = f"import {first}; from workbench.stages import STAGES; print([each.key for each in STAGES])"
    done = with_it_installed(tmp_path, "-c", asked)
    assert "'discount_policy'" in done.stdout, done.stderr


def test_the_example_stage_has_nothing_wrong_by_the_command(tmp_path: Path) -> None:
    """The command that its author runs finds it and has nothing to say."""
    command = (
        "import sys; from workbench.cli import main; sys.argv = ['workbench', 'stages', 'discount_policy']; main()"
    )
    done = with_it_installed(tmp_path, "-c", command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Nothing is wrong with discount_policy")


def test_a_stage_is_six_files() -> None:
    """Decision, evidence, evaluation, suggestion, view and text make a stage; nothing else lies in its folder."""
    files = {each.name for each in (EXAMPLE / "discount_policy").iterdir() if each.is_file()}
    six = {"decision.py", "evidence.py", "evaluation.py", "suggestion.py", "view.py", "text.toml"}
    assert files - {"__init__.py"} == six


def test_nothing_else_names_the_example() -> None:
    """The package, its tests and its notebooks have no line about the example."""
    others = [
        *(ROOT / "workbench").rglob("*.py"),
        *(ROOT / "workbench").rglob("*.toml"),
        *(ROOT / "notebooks").glob("*"),
    ]
    assert not [each for each in others if "discount_policy" in each.read_text(encoding="utf-8")]
