"""What the benchmarks share: repeated timing, the machine's description, and a table to write."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SHORT = 10  # seconds; longer times are read in seconds
LIBRARIES = ("numpy", "pandas", "duckdb", "narwhals", "altair", "ipywidgets", "jupyterlab", "anywidget")


@dataclass(frozen=True)
class Row:
    """One line of the results: what was measured, against what, and the target if there is one."""

    what: str
    ours: str
    against: str
    ratio: str
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the line, with the verdict in words."""
        verdict = {None: "", True: "met", False: "not met"}[self.met]
        return (self.what, self.ours, self.against, self.ratio, self.target, verdict)


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
UNIT = re.compile(r"(?:%|x\b| ?(?:ms|s|GiB|MB)\b)?")


def together(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """Return the lines of several runs of a chapter as one: middle values, and lowest to highest where they differ.

    A target is met when it is met in every run.
    """
    found = []
    for rows in zip(*runs, strict=True):
        cells = zip(*((row.what, row.ours, row.against, row.ratio) for row in rows), strict=True)
        verdicts = [row.met for row in rows]
        met = None if None in verdicts else all(verdicts)
        missed = f" (missed in {verdicts.count(False)} of {len(rows)} runs)" if met is False and len(rows) > 1 else ""
        found.append(Row(*map(spread, cells), f"{rows[0].target}{missed}", met))
    return found


def spread(texts: Sequence[str]) -> str:
    """Write texts that differ in their numbers as one: `2.6 ms` and `2.9 ms` and `2.7 ms` as `2.7 ms (2.6 to 2.9)`."""
    if len(set(texts)) == 1:
        return texts[0]
    frames = {NUMBER.sub("0", text) for text in texts}
    if len(frames) > 1:  # other words or units: one beside the other
        return " / ".join(texts)
    places = zip(*(NUMBER.findall(text) for text in texts), strict=True)
    before, *after = NUMBER.split(texts[0])
    written = [before]
    for numbers, words in zip(places, after, strict=True):
        ordered = sorted(numbers, key=lambda number: float(number.replace(",", "")))
        unit = UNIT.match(words)[0]
        differ = f" ({ordered[0]} to {ordered[-1]})" if len(set(ordered)) > 1 else ""
        written += [ordered[len(ordered) // 2], unit, differ, words[len(unit) :]]
    return "".join(written)


def median_seconds(action: Callable[[], object], repeats: int = 15, warm_up: int = 2) -> float:
    """Return the median time of an action in seconds."""
    for _ in range(warm_up):
        action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def milliseconds(seconds: float) -> str:
    """Write a time."""
    return f"{seconds * 1000:,.2f} ms" if seconds < SHORT else f"{seconds:,.1f} s"


def compared(what: str, ours: float, theirs: tuple[str, float], *, at_most: float | None = None) -> Row:
    """Return a line that compares two times; `at_most` is the largest ratio that meets the target."""
    name, seconds = theirs
    ratio = ours / seconds
    target = "" if at_most is None else f"at most {at_most:g}x"
    met = None if at_most is None else ratio <= at_most
    return Row(what, milliseconds(ours), f"{name}: {milliseconds(seconds)}", f"{ratio:.2f}x", target, met)


def faster(what: str, ours: float, theirs: tuple[str, float], *, at_least: float | None = None) -> Row:
    """Return a line that says how many times faster we are than something slower."""
    name, seconds = theirs
    ratio = seconds / ours
    target = "" if at_least is None else f"at least {at_least:g}x faster"
    met = None if at_least is None else ratio >= at_least
    return Row(what, milliseconds(ours), f"{name}: {milliseconds(seconds)}", f"{ratio:,.1f}x faster", target, met)


def markdown(rows: Iterable[Row]) -> str:
    """Return the lines as a Markdown table."""
    header = ("What", "Ours", "Against", "Ratio", "Target", "")
    lines = [header, ("---",) * len(header), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Describe the machine and the versions a result was measured with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {versions}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
