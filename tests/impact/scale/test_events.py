"""Events to months: the same rules, counts and sums on every engine."""

from __future__ import annotations

import datetime as dt
import importlib.util
from typing import TYPE_CHECKING

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from workbench.impact import ReplayError
from workbench.impact.events import EventRules, events_to_months, metering, open_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import ibis

    from workbench.impact.events import Engine, EventMonths

pytestmark = pytest.mark.slow

KNOWN = EventRules(metrics=("calls", "rows"))
JANUARY, FEBRUARY = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")


def sums(months: EventMonths) -> dict[tuple[str, pd.Timestamp, str], float]:
    """Return the monthly usage by account, month and metric."""
    table = months.table()
    return dict(
        zip(zip(table["account_id"], table["month"], table["metric"], strict=True), table["quantity"], strict=True)
    )


def check_messy(months: EventMonths) -> None:
    """Check counts and sums of the messy log against those counted by hand."""
    counts = months.counts
    assert (counts.read, counts.counted, counts.copies, counts.late) == (21, 9, 3, 1)
    assert dict(counts.left_out) == {
        "no account": 1,
        "no time, or none that can be read": 3,
        "no quantity, or none that can be read": 3,
        "negative quantity": 1,
        "unknown metric": 1,
        "a quantity over 1,000,000,000,000,000, which no number holds exactly": 0,
    }
    assert counts.read == counts.counted + counts.copies + sum(counts.left_out.values())
    assert dict(counts.unknown_metrics) == {"pings": 1}
    assert any("quantities as 1250.5" in sentence for sentence in counts.sentences())
    expected = {
        ("a", JANUARY, "calls"): 5.5 + 8 + 3,
        ("a", FEBRUARY, "calls"): 10,
        ("b", JANUARY, "rows"): 3 + 4,
        ("b", FEBRUARY, "rows"): 100 + 1 + 2,
    }
    assert sums(months) == pytest.approx(expected, rel=1e-9)


def test_every_engine_counts_a_messy_log_as_by_hand(engine: Engine, messy_csv: Path) -> None:
    """Late, copied, empty, negative, unreadable and unknown events are counted alike, and sums agree."""
    check_messy(events_to_months(engine.read(messy_csv), KNOWN, keep=engine.keep))


def test_an_ibis_table_is_counted_like_the_others(ibis_backend: ibis.BaseBackend, messy_csv: Path) -> None:
    """A warehouse behind ibis gives the same counts and sums."""
    with open_engine("pandas", progress=False) as engine:
        frame = engine.read(messy_csv)
    ibis_backend.con.register("given", frame)
    ibis_backend.con.execute("create table events as from given")
    check_messy(events_to_months(ibis_backend.table("events"), KNOWN))


def test_late_events_count_in_the_month_received_when_asked(engine_in_process: Engine, messy_csv: Path) -> None:
    """The late event moves to February, nothing else does, and the counts stay."""
    engine = engine_in_process
    rules = EventRules(metrics=("calls", "rows"), late="month received")
    months = events_to_months(engine.read(messy_csv), rules, keep=engine.keep)
    assert months.counts.late == 1
    assert sums(months)["b", JANUARY, "rows"] == pytest.approx(3)
    assert sums(months)["b", FEBRUARY, "rows"] == pytest.approx(107)


def test_parquet_gives_what_csv_gives(engine: Engine, messy_csv: Path, tmp_path: Path) -> None:
    """The same events with real times and numbers, times with a zone among them, count the same."""
    with open_engine("pandas", progress=False) as reader:
        frame = reader.read(messy_csv)
    frame["received_at"] = frame["received_at"].dt.tz_localize("UTC")
    path = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")  # only how it is shown
        connection.from_df(frame).write_parquet(str(path))
    check_messy(events_to_months(engine.read(path), KNOWN, keep=engine.keep))


def test_without_ids_only_events_alike_in_everything_are_copies(engine_in_process: Engine) -> None:
    """Two rows that agree count once, one that differs in anything counts as well."""
    engine = engine_in_process
    frame = pd.DataFrame(
        {
            "account_id": ["a", "a", "a", "b", "c"],
            "timestamp": pd.to_datetime(["2024-03-01"] * 5).astype("datetime64[us]"),
            "metric": ["calls"] * 5,
            "quantity": [1.0, 1.0, 2.0, 1.0, np.nan],
        }
    )
    months = events_to_months(engine.table(frame), keep=engine.keep)
    assert (months.counts.counted, months.counts.copies, months.counts.late) == (3, 1, None)
    assert list(months.table()["quantity"]) == [3.0, 1.0]
    assert "unknown" in " ".join(months.counts.sentences())
    every = events_to_months(engine.table(frame), EventRules(copies="every one"), keep=engine.keep)
    assert (every.counts.counted, every.counts.copies) == (4, None)


def test_random_logs_agree_between_engines_and_a_loop(engine: Engine) -> None:
    """A log drawn at random, a fifth of it copies, sums to what a plain Python loop makes of it, to 1e-9."""
    rng = np.random.default_rng(3)
    count = 4_000
    start, span = np.datetime64("2024-01-01", "us"), 200 * 86_400_000_000
    times = start + rng.integers(0, span, count).astype("timedelta64[us]")
    frame = pd.DataFrame(
        {
            "event_id": rng.integers(0, 3_000, count).astype(str),
            "account_id": rng.integers(0, 40, count),
            "timestamp": times,
            "metric": rng.choice(["calls", "rows", "seats"], count),
            "quantity": np.round(rng.lognormal(0, 4, count) * rng.choice([1, 1, 1, -1], count), 6),
            "received_at": times + rng.integers(0, 40 * 86_400_000_000, count).astype("timedelta64[us]"),
        }
    )
    rules = EventRules(("calls", "rows"), grace_days=2, late="month received")
    expected, late = by_loop(frame, rules)
    months = events_to_months(engine.table(frame), rules, keep=engine.keep)
    assert months.counts.late == late
    assert sums(months) == pytest.approx(expected, rel=1e-9)


def test_ids_that_share_a_key_stay_events_of_their_own(
    engine_in_process: Engine, messy_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys only say which ids to compare: with one key for many ids and none, everything is counted as before."""
    keyed = []

    def the_same(events: nw.LazyFrame) -> nw.LazyFrame:
        keyed.append(events.with_columns(nw.lit("e").alias(metering.KEY)))
        return keyed[-1]

    monkeypatch.setattr(metering, "with_keys", the_same)
    check_messy(events_to_months(engine_in_process.read(messy_csv), KNOWN, keep=engine_in_process.keep))
    assert len(keyed) == 1


def by_loop(frame: pd.DataFrame, rules: EventRules) -> tuple[dict[tuple[str, pd.Timestamp, str], float], int]:
    """Apply the rules row by row."""
    found: dict[tuple[str, pd.Timestamp, str], float] = {}
    seen, late = set(), 0
    order = ["received_at", "timestamp", "quantity", "metric", "account_id"]
    for row in frame.sort_values(order).itertuples():
        if row.quantity < 0 or row.metric not in rules.metrics or row.event_id in seen:
            continue
        seen.add(row.event_id)
        month = row.timestamp.to_period("M")
        closed = (month + 1).to_timestamp() + dt.timedelta(days=rules.grace_days)
        if row.received_at >= closed:
            late += 1
            month = row.received_at.to_period("M")
        key = (str(row.account_id), month.to_timestamp(), row.metric)
        found[key] = found.get(key, 0) + row.quantity
    return found, late


HEADER, PLAIN = b"account_id,timestamp,metric,quantity\n", b"a,2024-01-05,calls,1\n"
MANY = 25_000  # rows; more than an engine looks at to guess how a file is written


def test_quotes_are_read_wherever_they_begin(engine: Engine, tmp_path: Path) -> None:
    """A value in quotes is the same in the last row of a long log as in the first, a separator inside included."""
    file = tmp_path / "events.csv"
    file.write_bytes(HEADER + PLAIN * MANY + b'"b, ""the"" second",2024-01-05,"calls","7"\n')
    months = events_to_months(engine.read(file), EventRules(copies="every one"))
    assert sums(months) == {("a", JANUARY, "calls"): MANY, ('b, "the" second', JANUARY, "calls"): 7}


@pytest.mark.parametrize("before", [1, MANY])
@pytest.mark.parametrize("row", [b"a,2024-01-05,calls,1,2,3\n", b"a,2024-01-05,calls,\xe4\n"], ids=["longer", "latin"])
def test_a_row_that_cannot_be_read_is_refused(
    engine_in_process: Engine, tmp_path: Path, row: bytes, before: int
) -> None:
    """A row of another length or encoding, early or late, ends in a sentence on how a log is written."""
    file = tmp_path / "events.csv"
    file.write_bytes(HEADER + PLAIN * before + row + PLAIN)
    with pytest.raises(ReplayError, match=r"cannot be read: .*UTF-8"):
        events_to_months(engine_in_process.read(file)).table()


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.csv", bytes(range(256))), ("a.parquet", b"PAR?")])
def test_a_file_that_is_no_log_is_refused(engine_in_process: Engine, tmp_path: Path, name: str, content: bytes) -> None:
    """An empty file, or one that holds something else, ends in a sentence."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReplayError, match=r"cannot be read|have no column account_id"):
        events_to_months(engine_in_process.read(tmp_path / name))


@pytest.mark.parametrize(
    ("row", "values"), [(b"a,2024-01-05\n", "2 values"), (b"a,2024-01-05,calls,1,2\n", "5 values")]
)
def test_the_row_that_stops_duckdb_is_named(tmp_path: Path, row: bytes, values: str) -> None:
    """Where the engine only says that it cannot tell how the file is written, the row is looked for."""
    file = tmp_path / "events.csv"
    file.write_bytes(HEADER + PLAIN * 3 + row + PLAIN)
    with open_engine("duckdb") as engine, pytest.raises(ReplayError, match=f"row 5 has {values}, the header 4"):
        events_to_months(engine.read(file)).table()


def test_parts_of_a_log_without_a_byte_are_passed_over(engine_in_process: Engine, tmp_path: Path) -> None:
    """A folder may hold an empty part; one with nothing else is said to be empty."""
    (tmp_path / "part-0.csv").write_bytes(b"")
    with pytest.raises(ReplayError, match="it is empty"):
        engine_in_process.read(tmp_path)
    (tmp_path / "part-1.csv").write_bytes(HEADER + PLAIN)
    months = events_to_months(engine_in_process.read(tmp_path), EventRules(copies="every one"))
    assert sums(months) == {("a", JANUARY, "calls"): 1}


def test_a_damaged_file_stops_spark_with_a_sentence(spark: Engine, tmp_path: Path) -> None:
    """What Spark says of a file that is no Parquet does not reach the user as it is."""
    (tmp_path / "a.parquet").write_bytes(b"PAR?")
    with pytest.raises(ReplayError, match="The engine stopped"):
        spark.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="metric"), "no column metric"),
        (lambda frame: frame.assign(timestamp="2024-01-01"), "timestamp"),
        (lambda frame: frame.assign(account_id=1.5), "account_id"),
        (lambda frame: frame.assign(quantity="many"), "quantity"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused_by_name(
    change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    """A column that is missing or of the wrong type is named, with what it should be."""
    frame = pd.DataFrame({"account_id": ["a"], "timestamp": [JANUARY], "metric": ["calls"], "quantity": [1.0]})
    with pytest.raises(ReplayError, match=words):
        events_to_months(change(frame))


def test_a_database_in_another_time_zone_is_refused() -> None:
    """DuckDB keeps one zone for all times with a zone; when it is not UTC, months would be wrong."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        events = connection.sql(
            "select 'a' account_id, timestamptz '2024-01-31 23:00' as timestamp, 'x' metric, 1 quantity"
        )
        with pytest.raises(ReplayError, match="UTC"):
            events_to_months(events)


def test_rules_that_make_no_sense_are_refused() -> None:
    """Unknown words, no metric and negative grace raise an error that lists what is possible."""
    for settings in ({"late": "never"}, {"copies": "twice"}, {"metrics": ()}, {"grace_days": -1}):
        with pytest.raises(ReplayError, match=r"Choose|Name"):
            EventRules(**settings)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
@pytest.mark.parametrize("memory", ["lots", "4 apples", "0GiB", ""])
def test_an_amount_of_memory_that_is_none_is_refused(engine: str, memory: str) -> None:
    """Before anything starts, the error quotes what was written and shows how to write it."""
    if engine == "spark" and not importlib.util.find_spec("pyspark"):
        pytest.skip("Spark is not installed")
    with pytest.raises(ReplayError, match=rf"'{memory}' is no amount of memory.*4GiB"):
        open_engine(engine, memory=memory)


def test_frames_given_are_never_changed(messy_csv: Path) -> None:
    """The DataFrame of the caller is the same before and after."""
    with open_engine("pandas", progress=False) as engine:
        frame = engine.read(messy_csv)
    before = frame.copy(deep=True)
    events_to_months(frame, KNOWN)
    pd.testing.assert_frame_equal(frame, before)
