"""How long `make test` takes as a whole, and its three slowest tests.

Measured once: it is no claim about the product but what a change has to wait for, and it goes with every change.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from measure import Row, milliseconds

ROOT = Path(__file__).resolve().parent.parent
SLOWEST = 3
SAID = 4_000  # characters of what failed checks said last
DURATION = re.compile(r"^([\d.]+)s (?:call|setup|teardown) +(.+)$", re.MULTILINE)
OUTCOME = re.compile(r"(\d+) passed")


def rows() -> list[Row]:
    """Run the checks and read what they say about themselves."""
    environment = {**os.environ, "PYTEST_ADDOPTS": f"--durations={SLOWEST}"}
    start = time.perf_counter()
    done = subprocess.run(["make", "test"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        print(done.stdout[-SAID:], done.stderr[-SAID:], flush=True)
    slowest = sorted(((float(took), test) for took, test in DURATION.findall(done.stdout)), reverse=True)[:SLOWEST]
    passed = sum(int(number) for number in OUTCOME.findall(done.stdout))
    what = f"`make test`, {passed:,} tests"
    whole = Row(what, milliseconds(seconds), "", "", "every check passes", done.returncode == 0)
    return [
        whole,
        *(
            Row(f"slowest test {place}: `{test}`", milliseconds(took), "", "")
            for place, (took, test) in enumerate(slowest, start=1)
        ),
    ]
