"""What a large company takes: 12 months, 2 metrics, revenue and prices, as CSV files that `large_company` writes.

Each command runs in a process of its own: CPU seconds, and the peak of its memory by the kernel's count. The growth is
the exponent between the two sizes, in CPU seconds with the start taken off (the same command on 100 accounts).
Estimates are judged from a fifth of a run on: the share of its time in which time spent plus time said to be left is
within 30% of what it took in the end, on the CPU clock.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from large_company import write_company
from measure import Row

from workbench.customers import CustomerBase
from workbench.stages.contract import gather_evidence, record_all, with_starting_points
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START, SMALL, MIDDLE, LARGE, LARGEST = 100, 1_000, 10_000, 100_000, 1_000_000
GIGABYTES = 1e9
MOST_MEMORY = {"check": 6.0, "new": 6.0, "replay": 6.0, "report": 1.5}
SIZES = {"check": (LARGE, LARGEST), "new": (LARGE, LARGEST), "replay": (LARGE, LARGEST), "report": (MIDDLE, LARGE)}
MOST_GROWTH = 1.10
NEAR, FROM = 0.3, 0.2  # an estimate within 30% of the truth, judged from a fifth of the run on
MOST_OF_THE_RUN = 0.9


@dataclass(frozen=True)
class Run:
    """What one command took."""

    cpu: float
    gigabytes: float
    told: list[tuple[float, float, float | None]]

    @property
    def near(self) -> float:
        """Return the share of the time, from a fifth of the run on, in which the estimate was near the truth."""
        at = np.array([moment for moment, _, _ in self.told])
        total = np.array([np.nan if left is None else moment + left for moment, _, left in self.told])
        judged = np.linspace(FROM, 0.99, 400) * self.cpu
        said = total[np.maximum(np.searchsorted(at, judged, side="right") - 1, 0)]
        return float((np.abs(said / self.cpu - 1) <= NEAR).mean())


def rows() -> list[Row]:
    """Measure every command at its sizes."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_rows(Path(folder)))


def _rows(folder: Path) -> Iterator[Row]:
    companies = {size: write_company(folder / f"data-{size}", size) for size in (START, SMALL, MIDDLE, LARGE, LARGEST)}
    decide(companies[SMALL], folder / "decided")
    for command, (small, large) in SIZES.items():
        runs = {size: run(command, companies[size], folder) for size in (START, small, large)}
        growth = math.log((runs[large].cpu - runs[START].cpu) / (runs[small].cpu - runs[START].cpu), large / small)
        most = MOST_MEMORY[command]
        for size in (small, large):
            yield Row(
                f"`{command}`, {size:,} accounts",
                f"{runs[size].cpu:,.1f} s CPU, {runs[size].gigabytes:.2f} GB",
                f"{START} accounts: {runs[START].cpu:,.1f} s, {runs[START].gigabytes:.2f} GB",
                "",
                f"at most {most:g} GB" if size == large else "",
                runs[size].gigabytes <= most if size == large else None,
            )
        yield Row(
            f"`{command}`, growth from {small:,} to {large:,}", f"{growth:.2f}", "", "",
            f"exponent at most {MOST_GROWTH:.2f}", growth <= MOST_GROWTH,
        )  # fmt: skip
        for size in (small, large):
            yield Row(
                f"`{command}`, {size:,} accounts: time left within {NEAR:.0%}", f"{runs[size].near:.0%} of the time",
                "", "", f"at least {MOST_OF_THE_RUN:.0%}", runs[size].near >= MOST_OF_THE_RUN,
            )  # fmt: skip


def decide(data: Path, folder: Path) -> None:
    """Keep a study of a company in which every stage is decided as the data suggests."""
    base = CustomerBase.load(data)
    study = Study.new("large", data, currency="USD")
    evidence = gather_evidence(base)
    design = with_starting_points(base, study.designs[0], evidence=evidence)
    study = study.with_scenario(design)
    record_all(base, study, design.id, who="bench", when=datetime.now(UTC), evidence=evidence).save(folder)


def run(command: str, data: Path, folder: Path) -> Run:
    """Run a command on a company in a process of its own."""
    study = folder / f"{command}-{data.name}"
    if command in ("replay", "report"):
        decided = Study.load(folder / "decided")
        decided.replaced(data=decided.data.replaced(path=str(data))).save(study)
    arguments: dict[str, Callable[[], list[str]]] = {
        "check": lambda: [str(data)],
        "new": lambda: [str(study), "--data", str(data)],
        "replay": lambda: [str(study)],
        "report": lambda: [str(study), "-o", str(study / "report.html")],
    }
    script = Path(__file__).with_name("measured_command.py")
    done = subprocess.run(
        [sys.executable, str(script), command, *arguments[command]()], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} of {data.name} failed: {done.stderr}")
    found = json.loads(done.stderr.splitlines()[-1])
    return Run(found["cpu"], found["bytes"] / GIGABYTES, found["told"])
