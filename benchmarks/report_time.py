"""How long the whole report takes: `workbench run --sample` in a fresh process, its parts, and the size of the page.

The command is started anew each time and does all that a first run does: load the sample company, propose and record
five stages, replay every bill, search prices, draw, and write. CPU is that of the process and its threads. The parts
run one after another in one process, so that what one has worked out the next does not work out again. The slowest
functions are those with the most time of their own, seen in one more run under a profiler, which slows everything.
"""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Row, median_seconds, milliseconds

LARGEST = 2_000_000
SLOWEST = 3
PROGRAM = "from workbench.cli import main; main()"


def rows() -> list[Row]:
    """Measure the whole in a process of its own, then loading, deciding and writing."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        wall, cpu = whole([], page)
        parts = _parts(Path(folder))
        size = page.stat().st_size
    return [
        Row("`workbench run --sample`, fresh process", milliseconds(wall), "", ""),
        Row("the same, CPU", milliseconds(cpu), "", ""),
        *parts,
        Row("size of the report", f"{size / 1e6:.2f} MB", "", "", "under 2 MB", size < LARGEST),
    ]


def once() -> list[Row]:
    """Name the slowest functions of a run under a profiler."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "run.prof"
        wall, _ = whole(["-m", "cProfile", "-o", str(profile)], Path(folder) / "report.html")
        seen = pstats.Stats(str(profile)).stats
    slowest = sorted(seen.items(), key=lambda each: -each[1][2])[:SLOWEST]
    return [
        Row(
            f"slowest function {place}: `{_named(*where)}`", milliseconds(own), f"of {milliseconds(wall)}, profiled", ""
        )
        for place, (where, (_, _, own, _, _)) in enumerate(slowest, start=1)
    ]


def whole(before: list[str], page: Path) -> tuple[float, float]:
    """Return the seconds, by the clock and of CPU, that a fresh process takes to write the sample's report."""
    program = page.parent / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *before, str(program), "run", "--sample", "-o", str(page)])
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not page.exists():
        raise RuntimeError(f"the report was not written, exit code {process.returncode}")
    return wall, used.ru_utime + used.ru_stime


def _parts(folder: Path) -> list[Row]:
    from workbench.report import write_report  # noqa: PLC0415 - after the whole, which is to start from nothing
    from workbench.workspace import sample_base, sample_folder, sample_study  # noqa: PLC0415

    def once_timed(action: object) -> float:
        return median_seconds(action, repeats=1, warm_up=0)

    loading = once_timed(sample_base)
    base = sample_base()
    deciding = once_timed(lambda: sample_study(base, sample_folder()))
    study = sample_study(base, sample_folder())
    writing = once_timed(lambda: write_report(base, study, folder / "part.html"))
    again = once_timed(lambda: write_report(base, study, folder / "part.html"))
    return [
        Row("load the sample company", milliseconds(loading), "", ""),
        Row("propose and record all five stages", milliseconds(deciding), "", ""),
        Row("write its report", milliseconds(writing), "", ""),
        Row("write it again, the same study in the same process", milliseconds(again), "", ""),
    ]


def _named(file: str, line: int, name: str) -> str:
    """Name a function by the end of its path: `workbench/pricing/arrays.py:40 amounts`."""
    parts = Path(file).parts
    at = next((place for place, part in enumerate(parts) if part in {"workbench", "site-packages"}), len(parts) - 2)
    path = "/".join(part for part in parts[at:] if part != "site-packages")
    return f"{path}:{line} {name}" if line else name
