"""Run the benchmarks (all, or those named) and write what was measured into benchmarks/RESULTS.md."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

from measure import Row, machine, markdown

RESULTS = Path(__file__).parent / "RESULTS.md"
CHAPTERS = {
    "import_time": "Import",
    "amounts": "Billing a million quantities",
    "report_time": "The whole report",
    "load": "Loading a large company",
    "control_to_chart": "From a control to the redrawn chart, in JupyterLab",
    "impact_panel": "From a control to the chart in the impact panel, in Python",
    "replay": "Replaying a large customer base",
    "migration": "From old prices to new ones, with what customers may do",
    "events": "From raw events to monthly usage",
    "price_sensitivity": "Van Westendorp's price points with intervals",
    "price_line": "Dragging a price line",
    "price_search": "Prices found, against a brute-force grid",
    "choice_models": "Models of choices",
}


def main(names: list[str]) -> int:
    """Run chapters and keep each as soon as it is measured; 1 when a target is missed."""
    missed = False
    for name in names or list(CHAPTERS):
        module = importlib.import_module(name)
        print(f"{CHAPTERS[name]} ...", flush=True)
        rows: list[Row] = module.rows()
        table = markdown(rows)
        print(table, "\n", flush=True)
        write_chapter(CHAPTERS[name], f"{(module.__doc__ or '').strip()}\n\n{machine()}\n\n{table}\n")
        missed |= any(row.met is False for row in rows)
    return 1 if missed else 0


def write_chapter(title: str, text: str) -> None:
    """Put a chapter into the results in its place; the others stay as they were measured."""
    chapters = {**_written_chapters(), title: text}
    ordered = [f"## {each}\n\n{chapters[each].strip()}\n" for each in CHAPTERS.values() if each in chapters]
    head = (
        "# Measured\n\nWritten by `make bench`; each chapter names the machine and the versions it was measured with.\n"
    )
    RESULTS.write_text("\n".join([head, *ordered]), encoding="utf-8")


def _written_chapters() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    parts = re.split(r"^## (.+)$", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
