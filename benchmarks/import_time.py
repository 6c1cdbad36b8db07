"""How long `import workbench` takes, beside importing pandas alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from measure import Row, compared

REPEATS = 11


def rows() -> list[Row]:
    """Measure each import in a fresh interpreter, alternating so that a busy moment hits both."""
    programs = {
        "pandas": "import pandas",
        "package": "import workbench",
        "names": "from workbench import Charge, CustomerBase, PriceBook, Study",
        "session": "from workbench import open_study",
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(REPEATS):
        for name, program in programs.items():
            times[name].append(_seconds(program))
    medians = {name: statistics.median(values) for name, values in times.items()}
    alone = ("`import pandas`", medians["pandas"])
    return [
        compared("`import workbench`", medians["package"], alone, at_most=1.5),
        compared("the names a script uses (charges, customer base, study)", medians["names"], alone),
        compared("what a notebook's first cell imports (widgets included)", medians["session"], alone),
    ]


def _seconds(program: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - start
