"""From raw events to monthly usage: one million to a hundred million events, beside SQL written by hand, and on Spark.

Each event has an id, an account (100,000 of them), a time in one year, one of three metrics, a quantity and a time of
receipt; 1% are copies, some lack an account, are negative, of an unknown metric or late. Both sides apply the same
rules, count what they leave out and run on DuckDB with the same settings (4 GiB, two threads, spilling to disk). The
SQL by hand is the fastest of three: the usual one, which numbers the rows of every event id, one that first looks for
the ids that occur twice, and one that does so by their hashes. Every run is a process of its own; its peak is the
memory of that process and its children. Sizes up to ten million are run three times in turn, and the shortest run
counts; beyond them the usual way, which is the slowest by far and takes minutes, is left out.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import psutil
from measure import Row, milliseconds

from workbench.impact.events import EventRules, events_to_months, open_engine
from workbench.impact.events.event_log import fetched

MILLION = 1_000_000
SIZES = tuple(int(float(size) * MILLION) for size in os.environ.get("BENCH_EVENTS_MILLIONS", "1 10 100").split())
SPARK_SIZES = tuple(size for size in SIZES if size <= 10 * MILLION)
REPEATED, REPEATS = 10 * MILLION, 3  # sizes up to the first are measured so many times
SLOWEST = "numbering every id"
IN_ONE_FILE = 10 * MILLION
MEMORY = "4GiB"
MOST_MEMORY, MOST_EXPONENT, MOST_OVERHEAD = 6.0, 1.05, 1.15
GIB = 2**30
METRICS = ("calls", "rows", "seats")
RULES = EventRules(METRICS)

EVENTS = """
    select
        'ev-' || printf('%016x', hash(k)) as event_id,
        case when hash(k + 1) % 1000 > 0 then 'A' || printf('%06d', (hash(k + 2) % 100000)::bigint) end as account_id,
        timestamp '2024-01-01' + to_microseconds((hash(k + 3) % 31536000000000)::bigint) as timestamp,
        case (hash(k + 4) % 2000)::int when 0 then 'tests' else
            case (hash(k + 5) % 3)::int when 0 then 'calls' when 1 then 'rows' else 'seats' end end as metric,
        (((hash(k + 6) % 1000000)::bigint - 1000) / 100)::double as quantity,
        timestamp '2024-01-01' + to_microseconds((hash(k + 3) % 31536000000000)::bigint)
            + to_seconds((hash(k + 7) % 432000)::bigint) as received_at
    from (select case when i % 100 = 7 then i - 1 else i end as k from range({first}, {last}) numbers(i))
"""

GOOD = f"""
    account_id <> '' and timestamp is not null and quantity between 0 and 1.7e308 and metric in {METRICS}
"""
MONTHS = """
    select account_id, date_trunc('month', timestamp) as month, metric, sum(quantity) as quantity, count(*) as events,
        count(*) filter (date_trunc('month', received_at - interval 3 day) > date_trunc('month', timestamp)) as late
    from once group by all
"""
FIRST = "row_number() over (partition by event_id order by coalesce(received_at, timestamp), timestamp, quantity) = 1"
COUNTS = """
    select count(*), count(*) filter (coalesce(account_id, '') = ''), count(*) filter (timestamp is null),
        count(*) filter (quantity is null), count(*) filter (quantity < 0),
        count(*) filter (metric not in {metrics}) from events
"""
BY_HAND = {
    SLOWEST: (
        (
            f"create temp table months as with good as (select * from events where {GOOD}), "  # noqa: S608 - own text
            f"once as (select * from good where event_id is null union all "
            f"select * from good where event_id is not null qualify {FIRST}) {MONTHS}"
        ),
    ),
    "looking for ids that occur twice": (
        (
            "create temp table twice as select event_id from events where event_id is not null "
            "group by event_id having count(*) > 1"
        ),
        (
            f"create temp table months as with good as (select * from events where {GOOD}), "  # noqa: S608 - own text
            f"once as (select * from good anti join twice using (event_id) union all "
            f"select * from good semi join twice using (event_id) qualify {FIRST}) {MONTHS}"
        ),
    ),
    "looking for hashes of ids that occur twice": (
        (
            "create temp table twice as select hash(event_id) as key from events where event_id is not null "
            "group by key having count(*) > 1"
        ),
        (
            f"create temp table months as with good as (select *, hash(event_id) as key from events where {GOOD}), "  # noqa: S608 - own text
            f"once as (select * from good anti join twice using (key) union all "
            f"select * from good semi join twice using (key) qualify {FIRST}) {MONTHS}"
        ),
    ),
}


def write_events(folder: Path, count: int) -> None:
    """Write Parquet files of up to ten million events each; DuckDB makes them row by row, holding none."""
    folder.mkdir()
    with duckdb.connect() as database:
        database.execute("set preserve_insertion_order = false")
        database.execute("set enable_progress_bar = false")
        for number, first in enumerate(range(0, count, IN_ONE_FILE)):
            rows = EVENTS.format(first=first, last=min(first + IN_ONE_FILE, count))
            database.execute(f"copy ({rows}) to '{folder / f'{number:03}.parquet'}' (format parquet)")


def ours(engine: str, folder: Path) -> dict[str, Any]:
    """Turn the events into months with an engine."""
    with open_engine(engine, memory=MEMORY, progress=False) as opened:
        start = time.perf_counter()
        months = events_to_months(opened.read(folder), RULES, keep=opened.keep)
        seconds = time.perf_counter() - start
        total = fetched(nw.from_native(months.usage).lazy().select(nw.col("quantity").sum()))["quantity"].iloc[0]
    return {"seconds": seconds, "counted": months.counts.counted, "total": float(total)}


def by_hand(way: str, folder: Path) -> dict[str, Any]:
    """Do the same with SQL written by hand."""
    with open_engine("duckdb", memory=MEMORY, progress=False) as opened:
        database = opened.connection
        database.execute(f"create view events as from read_parquet('{folder}/*.parquet')")
        start = time.perf_counter()
        for statement in BY_HAND[way]:
            database.execute(statement)
        database.execute(COUNTS.format(metrics=METRICS)).fetchall()
        database.execute("select sum(late) from months").fetchall()
        seconds = time.perf_counter() - start
        counted, total = database.execute("select sum(events), sum(quantity) from months").fetchone()
    return {"seconds": seconds, "counted": int(counted), "total": total}


def measured(sides: list[tuple[str, str]], folder: Path, repeats: int) -> list[dict[str, Any]]:
    """Run each side in a process of its own, in turn and several times; return its shortest time, largest peak in GiB.

    In turn, and the shortest, because what else the machine does only ever adds to a run of many seconds.
    """
    runs: list[list[dict[str, Any]]] = [[] for _ in sides]
    for _ in range(repeats):
        for (kind, name), done in zip(sides, runs, strict=True):
            done.append(_one_run(kind, name, folder))
    return [
        {
            **done[0],
            "seconds": min(run["seconds"] for run in done),
            "peak": max(run["peak"] for run in done),
        }
        for done in runs
    ]


def _one_run(kind: str, name: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, kind, name, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent) as process:
        peak = _peak(process)
        text = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{name} on {folder} ended with {process.returncode}")
    return {**json.loads(text.strip().splitlines()[-1]), "peak": peak / GIB}


def _peak(process: subprocess.Popen[str]) -> int:
    """Watch the memory of a process and its children until it ends."""
    root, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            family = [root, *root.children(recursive=True)]
            peak = max(peak, sum(each.memory_info().rss for each in family))
        except psutil.NoSuchProcess:  # a child ended between the two looks
            continue
        time.sleep(0.05)
    return peak


def exponent(times: dict[int, float]) -> float:
    """Return the slope of log time over log size."""
    points = [(math.log(size), math.log(seconds)) for size, seconds in times.items()]
    x, y = (statistics.fmean(values) for values in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def rows() -> list[Row]:
    """Measure every size on DuckDB and by hand, and the smaller ones on Spark."""
    found: list[Row] = []
    times: dict[str, dict[int, float]] = {"duckdb": {}, "by hand": {}, "spark": {}}
    spark = importlib.util.find_spec("pyspark") is not None
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            folder = Path(temporary) / str(size)
            write_events(folder, size)
            repeats = REPEATS if size <= REPEATED else 1
            ways = [way for way in BY_HAND if way != SLOWEST or size <= REPEATED]
            sides = [("ours", "duckdb"), *(("by hand", way) for way in ways)]
            mine, *others = measured(sides, folder, repeats)
            hand = dict(zip(ways, others, strict=True))
            _agree(mine, *hand.values())
            best = min(hand, key=lambda way: hand[way]["seconds"])
            times["duckdb"][size], times["by hand"][size] = mine["seconds"], hand[best]["seconds"]
            found += _lines(size, mine, hand, best)
            if spark and size in SPARK_SIZES:
                other = measured([("ours", "spark")], folder, 1)[0]
                _agree(mine, other)
                times["spark"][size] = other["seconds"]
                words = f"the same on Spark, local; peak {other['peak']:.1f} GiB"
                against = f"DuckDB: {milliseconds(mine['seconds'])}"
                found.append(
                    Row(words, milliseconds(other["seconds"]), against, f"{other['seconds'] / mine['seconds']:.1f}x")
                )
            for path in folder.iterdir():
                path.unlink()
    if len(SIZES) > 1:
        found.append(_growth(times))
    if not spark:
        found.append(Row("Spark", "not measured", "Spark is not installed (`make setup-spark`)", ""))
    return found


def _lines(size: int, mine: dict[str, Any], hand: dict[str, dict[str, Any]], best: str) -> list[Row]:
    ratio = mine["seconds"] / hand[best]["seconds"]
    others = "; ".join(f"{way}: {milliseconds(run['seconds'])}" for way, run in hand.items())
    words = f"{size / MILLION:,.0f} million events to months"
    # A run of a second or two is mostly start; the overhead is judged where there is something to do.
    target = (f"at most {MOST_OVERHEAD:g}x the fastest", ratio <= MOST_OVERHEAD) if size >= REPEATED else ("", None)
    peak = mine["peak"]
    return [
        Row(words, milliseconds(mine["seconds"]), f"SQL by hand, {others}", f"{ratio:.2f}x", *target),
        Row(
            f"memory for {size / MILLION:,.0f} million",
            f"{peak:.1f} GiB",
            f"SQL by hand: {hand[best]['peak']:.1f} GiB",
            f"{peak / hand[best]['peak']:.2f}x",
            f"at most {MOST_MEMORY:g} GiB",
            peak <= MOST_MEMORY,
        ),
    ]


def _growth(times: dict[str, dict[int, float]]) -> Row:
    mine, hand = exponent(times["duckdb"]), exponent(times["by hand"])
    span = f"{SIZES[0] / MILLION:,.0f} to {SIZES[-1] / MILLION:,.0f} million"
    target = f"exponent at most {MOST_EXPONENT}"
    return Row(
        f"growth from {span}", f"exponent {mine:.3f}", f"SQL by hand: {hand:.3f}", "", target, mine <= MOST_EXPONENT
    )


def _agree(first: dict[str, Any], *others: dict[str, Any]) -> None:
    for other in others:
        if other["counted"] != first["counted"] or not math.isclose(other["total"], first["total"], rel_tol=1e-9):
            raise ValueError(f"the two ways disagree, so their times cannot be compared: {first} and {other}")


if __name__ == "__main__":
    side, which, place = sys.argv[1:]
    print(json.dumps((ours if side == "ours" else by_hand)(which, Path(place))))
