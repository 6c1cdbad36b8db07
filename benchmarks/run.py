"""Run the benchmarks (all, or those named) and write what was measured into benchmarks/RESULTS.md.

Each chapter is run BENCH_RUNS times (3 unless told otherwise), each time in a process of its own; where its runs
differ, the middle value stands with the lowest and the highest beside it. `run.py --stale` measures nothing: it lists
the chapters that were measured on other code than there is now, and ends with 1 when there is one.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import staleness
from measure import Row, machine, markdown, together

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
CHAPTERS = {
    "import_time": "Import",
    "amounts": "Billing a million quantities",
    "report_time": "The whole report",
    "checks_time": "The whole of the checks",
    "load": "Loading a large company",
    "app_in_lab": "The app and the notebooks in JupyterLab",
    "notebook_length": "Screens and words of each notebook",
    "raw_exports": "A million raw rows of exports",
    "control_to_chart": "From a control to the redrawn chart, in JupyterLab",
    "wall": "From a control to the redrawn chart, on the wall",
    "impact_panel": "From a control to the chart in the impact panel, in Python",
    "replay": "Replaying a large customer base",
    "migration": "From old prices to new ones, with what customers may do",
    "forecast": "Revenue of the months ahead",
    "single_series": "Months ahead of single accounts",
    "recurring_revenue": "Recurring revenue, its figures and their intervals",
    "events": "From raw events to monthly usage",
    "price_sensitivity": "Van Westendorp's price points with intervals",
    "price_line": "Dragging a price line",
    "price_search": "Prices found, against a brute-force grid",
    "choice_models": "Models of choices",
    "workshop_room": "A workshop with 200 phones",
}
# Chapters that go with every change of the code, so that to call them out of date would say nothing.
OF_THE_DAY = {"checks_time"}
RUNS = 3
ONE_RUN = "--one-run"


def main(names: list[str]) -> int:
    """Run chapters and keep each as soon as it is measured; 1 when a target is missed."""
    missed = False
    for name in names or list(CHAPTERS):
        print(f"{CHAPTERS[name]} ...", flush=True)
        runs = 1 if name in OF_THE_DAY else int(os.environ.get("BENCH_RUNS", RUNS))
        with tempfile.TemporaryDirectory() as folder:
            notes = Path(folder)
            environment = os.environ if name in OF_THE_DAY else {**os.environ, **staleness.noting(notes)}
            rows = together([_one_run(name, "rows", environment) for _ in range(runs)])
            rows += _one_run(name, "once", environment)
            code = "" if name in OF_THE_DAY else f", code {staleness.keep(name, staleness.noted(notes))}"
        table = markdown(rows)
        print(table, "\n", flush=True)
        measured = f"{machine()} Runs: {runs}{code}."
        write_chapter(CHAPTERS[name], f"{_described(name)}\n\n{measured}\n\n{table}\n")
        missed |= any(row.met is False for row in rows)
    return 1 if missed else 0


def stale() -> int:
    """List the chapters that are out of date and why; 1 when there is one."""
    written = _written_chapters()
    reasons = {
        title: staleness.why_stale(name, written.get(title, ""))
        for name, title in CHAPTERS.items()
        if name not in OF_THE_DAY
    }
    for title, why in reasons.items():
        if why:
            print(f"Out of date: {title} ({why})")
    return 1 if any(reasons.values()) else 0


def one_run(name: str, part: str, path: str) -> int:
    """Measure one chapter once, in this process: its `rows`, or what it measures `once` whatever the number of runs."""
    measure = getattr(importlib.import_module(name), part, list)
    Path(path).write_text(json.dumps([asdict(row) for row in measure()]), encoding="utf-8")
    return 0


def write_chapter(title: str, text: str) -> None:
    """Put a chapter into the results in its place; the others stay as they were measured."""
    chapters = {**_written_chapters(), title: text}
    ordered = [f"## {each}\n\n{chapters[each].strip()}\n" for each in CHAPTERS.values() if each in chapters]
    head = (
        "# Measured\n\nWritten by `make bench`; each chapter names the machine, the versions and the code it was "
        "measured with.\nWhere its runs differ, the lowest and the highest stand in brackets; a target is met when "
        "every run meets it.\n"
    )
    RESULTS.write_text("\n".join([head, *ordered]), encoding="utf-8")


def _one_run(name: str, part: str, environment: dict[str, str]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, __file__, ONE_RUN, name, part, str(path)]
        subprocess.run(command, env=environment, check=True)
        return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _described(name: str) -> str:
    return ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""


def _written_chapters() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    parts = re.split(r"^## (.+)$", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--stale"]:
            sys.exit(stale())
        case ["--one-run", name, part, path]:
            sys.exit(one_run(name, part, path))
        case names:
            sys.exit(main(names))
