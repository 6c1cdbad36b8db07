"""Run every benchmark and write what was measured into benchmarks/RESULTS.md."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from measure import Row, machine, markdown

HERE = Path(__file__).parent
CHAPTERS = {
    "import_time": "Import",
    "amounts": "Billing a million quantities",
    "replay": "Replaying a large customer base",
    "migration": "From old prices to new ones, with what customers may do",
    "events": "From raw events to monthly usage",
    "report_time": "The whole report",
    "control_to_chart": "From a control to the redrawn chart, in JupyterLab",
}


def main(names: list[str]) -> int:
    """Run the chapters named (all of them without names); 1 when a target is missed."""
    chosen = names or list(CHAPTERS)
    parts, all_rows = [], []
    for name in chosen:
        module = importlib.import_module(name)
        print(f"{CHAPTERS[name]} ...", flush=True)
        rows: list[Row] = module.rows()
        table = markdown(rows)
        print(table, "\n", flush=True)
        parts.append(f"## {CHAPTERS[name]}\n\n{(module.__doc__ or '').strip()}\n\n{table}\n")
        all_rows += rows
    if not names:
        text = f"# Measured\n\nWritten by `make bench`. {machine()}\n\n" + "\n".join(parts)
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    return 1 if any(row.met is False for row in all_rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
