"""Forecasts of companies whose future is known: a few of each kind (all of them: `make worlds`)."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
from growing_companies import KINDS, company
from judge_forecasts import judge

SEEDS = (500, 501)


def test_ranges_hold_and_medians_are_near() -> None:
    """Of two companies of each kind ranges of 90% hold most of what came a year and two ahead."""
    cases = [case for kind in KINDS for seed in SEEDS for case in judge(company(kind, seed), 24, draws=300)[0]]
    assert np.mean([case.inside for case in cases]) >= 0.8
    for name, most in (("usage", 0.25), ("seats", 0.12)):
        errors = [abs(case.error) for case in cases if case.list == name and case.horizon == 12]
        assert np.mean(errors) <= most


def test_worlds_know_nothing_of_the_workbench() -> None:
    """A company with known truth imports nothing of what it judges."""
    worlds = sorted(Path(__file__).parent.glob("*_companies.py"))
    assert worlds
    for world in worlds:
        nodes = ast.walk(ast.parse(world.read_text()))
        imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [line for line in imports if "workbench" in line or "judge" in line]
