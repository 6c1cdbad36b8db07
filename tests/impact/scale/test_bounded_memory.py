"""Events that do not fit are worked through on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COUNT = 5_000_000
# The peak is the one of this program's own memory: ru_maxrss starts at what the process that started it had reached.
PROGRAM = r"""
import json, re, sys
from pathlib import Path
from workbench.impact.events import events_to_months, open_engine
with open_engine("duckdb", memory=sys.argv[2], progress=False) as engine:
    counts = events_to_months(engine.read(Path(sys.argv[1])), keep=engine.keep).counts
peak = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1)) // 1024
print(json.dumps([counts.read, counts.counted, counts.copies, peak]))
"""


def test_five_million_events_with_ids_go_through_little_memory(tmp_path: Path) -> None:
    """With 200 MiB for the engine, less than the ids alone take, all events are counted, the rest being on disk."""
    path = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'event-' || md5((i - (i % 100 = 7)::int)::varchar) as event_id, "  # noqa: S608 - own text
            f"'A' || (i % 500) as account_id, timestamp '2024-01-01' + to_seconds(i % 30000000) as timestamp, "
            f"'calls' as metric, (i % 97)::double as quantity from range({COUNT}) numbers(i)) "
            f"to '{path}' (format parquet, row_group_size 20000)"
        )
    command = [sys.executable, "-c", PROGRAM, str(path), "200MiB"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read, counted, copies, peak = json.loads(done.stdout.strip().splitlines()[-1])
    assert (read, counted, copies) == (COUNT, COUNT - COUNT // 100, COUNT // 100)
    assert peak < 550  # MiB; without a bound it is about 850
