"""Run one command of the workbench in this process, and print what it took: CPU seconds, peak memory, its estimates.

Progress is told by the CPU clock, so that what else a machine does is not taken for a wrong estimate. Memory is that of
a plain install: pyarrow, which the extra `spark` brings, would hold texts in another way.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

sys.modules["pyarrow"] = None  # type: ignore[assignment]  # as where it is not installed

from workbench.cli import app  # noqa: E402 - after the line above
from workbench.progress import Progress, reported  # noqa: E402

EVERY = 0.05  # seconds between looks


def main(arguments: list[str]) -> None:
    """Run the command and print one line of JSON on stderr."""
    told: list[tuple[float, float, float | None]] = []

    def note(share: float, left: float | None, _: str) -> None:
        told.append((time.process_time(), share, left))

    progress, done = Progress(note, clock=time.process_time, started=0.0), threading.Event()

    def look() -> None:
        while not done.wait(EVERY):
            progress.tell()

    threading.Thread(target=look, daemon=True).start()
    try:
        with reported(progress):
            app(arguments, standalone_mode=False)
    finally:
        done.set()
        memory = next(
            int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
        )
        print(json.dumps({"cpu": time.process_time(), "bytes": memory * 1024, "told": told}), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
