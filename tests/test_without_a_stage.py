"""Deleting a stage's folder leaves everything else working, and what a study decided with it stays in the study."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.stages import STAGES
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
OWN = [each.key for each in STAGES if each.package == f"workbench.stages.{each.key}"]
# What still reaches into a stage from outside: module and stage. It only gets shorter.
REACHES_IN: set[tuple[str, str]] = set()
DELETABLE = [key for key in OWN if key not in {stage for _, stage in REACHES_IN}]
# For each stage it is told of, a copy of the process, which has loaded what the workbench needs and nothing of its own,
# imports as if the folder were not there, works a small company out, builds its report, and saves its study.
PROGRAM = """
import json, os, sys
from importlib.abc import MetaPathFinder
from pathlib import Path
import babel.numbers, jinja2, numpy, pandas, pydantic, scipy.optimize, scipy.stats

for line in sys.stdin:
    gone, _, place = line.strip().partition(" ")
    if not (child := os.fork()):
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
folder = Path(place)
os.dup2(os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT), 2)
assert not [each for each in sys.modules if each.startswith("workbench")]


class Gone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == gone or name.startswith(gone + "."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Gone())
import pandas as pd
from workbench.customers import CustomerBase
from workbench.report import gather_content, report_html
from workbench.report.results_document import results_of
from workbench.stages.contract import STAGES, evaluate_scenario, with_starting_points
from workbench.study import Study

months = [f"2024-{month:02d}-01" for month in range(1, 13)]
ids = [f"a{number}" for number in range(12)]
every = [(account, month, 10 * place + 5) for place, account in enumerate(ids) for month in months]
base = CustomerBase.from_tables({
    "accounts": pd.DataFrame({"account_id": ids, "segment": ["small", "large"] * 6, "plan": "Pro", "seats": 5}),
    "mrr": pd.DataFrame([{"account_id": a, "month": m, "amount": 2 * q, "currency": "USD"} for a, m, q in every]),
    "usage": pd.DataFrame([{"account_id": a, "month": m, "metric": "calls", "quantity": q} for a, m, q in every]),
    "plans": pd.DataFrame({"plan": ["Pro"], "base_fee": [20.0], "currency": "USD"}),
})
study = Study.load(folder)
before = study.designs[0].stages
design = with_starting_points(base, study.designs[0])
study = study.with_scenario(design)
outcomes = evaluate_scenario(base, study, design)
content = gather_content(base, study)
page, results = report_html(content), results_of(content)
study.save(folder)
kept = Study.load(folder).designs[0].stages
(folder / "found.json").write_text(json.dumps({
    "stages": [each.key for each in STAGES],
    "evaluated": [each.stage.key for each in outcomes],
    "kept": {key: kept[key] == before[key] for key in before},
    "results": sorted(results["stages"]),
    "offers": [each["name"] for each in results["offers"]],
    "page": page.count("<section"),
}))
"""
TIERS = [{"id": "s", "name": "Small", "price": "20"}, {"id": "l", "name": "Large", "price": "60"}]
ADD_ONS = [{"id": "x", "name": "Export", "price": "5", "job": "Take data along"}]
DECIDED = {"tiers": {"tiers": TIERS}, "add_ons": {"add_ons": ADD_ONS}}


def imported(path: Path) -> set[str]:
    """Return the stages a module imports from, at the top, for types only or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{each.name}" for each in node.names] if node.module == "workbench.stages" else []
            found |= {name.split(".")[2] for name in (node.module, *names) if name.startswith("workbench.stages.")}
        elif isinstance(node, ast.Import):
            found |= {each.name.split(".")[2] for each in node.names if each.name.startswith("workbench.stages.")}
    return found & set(OWN)


def test_nothing_reaches_into_a_stage() -> None:
    """What others need of a stage stands below all of them, or is asked for by the stage's key."""
    found = {
        (path.relative_to(PACKAGE).as_posix(), stage)
        for path in PACKAGE.rglob("*.py")
        for stage in imported(path)
        if PACKAGE / "stages" / stage not in path.parents
    }
    assert found == REACHES_IN


@pytest.fixture(scope="module")
def program() -> Iterator[subprocess.Popen[str]]:
    """Start the program; told of a stage and a folder, it says how that ended."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("stage", DELETABLE)
def test_everything_else_works_without_it(program: subprocess.Popen[str], stage: str, tmp_path: Path) -> None:
    """All other stages are found and evaluated, the report is built, and the study keeps all it decided."""
    Study.new("small", "data").save(tmp_path)
    document = json.loads((tmp_path / "study.json").read_text())
    document["scenarios"][1]["stages"] = DECIDED
    (tmp_path / "study.json").write_text(json.dumps(document))
    assert program.stdin is not None
    assert program.stdout is not None
    print(f"workbench.stages.{stage} {tmp_path}", file=program.stdin, flush=True)
    ended = program.stdout.readline().strip()
    assert ended == "0", (tmp_path / "stderr").read_text()
    found = json.loads((tmp_path / "found.json").read_text())
    others = [each.key for each in STAGES if each.key != stage]
    assert found["stages"] == found["evaluated"] == others
    assert found["results"] == sorted(each.key for each in STAGES if each.designs and each.key != stage)
    assert all(found["kept"].values()), found["kept"]
    assert found["offers"] == ["Small", "Large", "Export"], "the offers decided are billed whoever made them"
    assert found["page"] > len(others)
