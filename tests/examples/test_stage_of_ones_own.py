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


def test_the_example_stage_is_found_and_shown_everywhere(tmp_path: Path) -> None:
    """As an installed package the stage is in the sequence, its panel, the report and the workbook."""
    installed = tmp_path / "discount_policy-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: discount-policy\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[workbench.stages]\ndiscount_policy = discount_policy\n")
    paths = os.pathsep.join(map(str, (EXAMPLE, tmp_path, ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(EXAMPLE / "tests")],
        env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


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
