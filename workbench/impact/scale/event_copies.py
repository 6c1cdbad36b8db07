"""Copies of events, counted once.

Most events have no copy. So the engine first looks for the few ids that occur more than once, reading nothing but the
ids, and only the events with these ids are sorted; the others pass by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from workbench.impact.scale.event_verdicts import COUNTED
from workbench.impact.scale.keeping import fetched

if TYPE_CHECKING:
    from workbench.impact.scale.keeping import Keep

TIMES_FOUND = "times"
_RECEIVED = "received_or_happened"


def every_one(events: nw.LazyFrame) -> nw.LazyFrame:
    """Return the events as they are, each found once."""
    return events.drop("event_id", strict=False).with_columns(nw.lit(1, nw.Int64).alias(TIMES_FOUND))


def without_copies(events: nw.LazyFrame, judged: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    """Return judged events with one row for all copies of an event, and in `times` how many there were.

    `events` are the same events before judgement. Events that do not count have no copies, and stay as they are.
    """
    if "event_id" not in events.collect_schema().names():
        return _alike(judged)
    found = events.group_by("event_id").agg(nw.len().alias(TIMES_FOUND))
    found = keep(found.filter((nw.col(TIMES_FOUND) > 1) | nw.col("event_id").is_null()), "Looking for copies of events")
    kinds = fetched(found.select(nw.len().alias("ids"), nw.col("event_id").count().alias("known"))).iloc[0]
    some_twice, some_without_id = kinds["known"] > 0, kinds["known"] < kinds["ids"]
    counts, has_id = nw.col("verdict") == COUNTED, ~nw.col("event_id").is_null()
    parts = []
    if some_twice:
        twice = found.filter(has_id).select("event_id")
        several = keep(judged.join(twice, on="event_id", how="semi"), "Reading the copies")
        judged = judged.join(twice, on="event_id", how="anti")
        parts.append(_first_received(several))
    if some_without_id:
        parts.append(_alike(judged.filter(counts & ~has_id)))
        judged = judged.filter(~counts | has_id)
    rest = every_one(judged)
    if not parts:
        return rest
    names = rest.collect_schema().names()
    return nw.concat([rest, *(part.select(*names) for part in parts)])


def _first_received(several: nw.LazyFrame) -> nw.LazyFrame:
    """Keep of events that share an id the one received first; a time of receipt unknown is the time it happened."""
    names = several.collect_schema().names()
    received = nw.coalesce("received_at", "timestamp") if "received_at" in names else nw.col("timestamp")
    times = several.group_by("event_id").agg(nw.len().alias(TIMES_FOUND))
    times = times.with_columns(nw.col(TIMES_FOUND).cast(nw.Int64))
    # What follows the time of receipt only makes the choice the same everywhere when copies differ.
    order = [_RECEIVED, "timestamp", "quantity", "metric", "account_id"]
    first = several.with_columns(received.alias(_RECEIVED)).unique("event_id", keep="first", order_by=order)
    return first.drop(_RECEIVED).join(times, on="event_id", how="inner").drop("event_id")


def _alike(judged: nw.LazyFrame) -> nw.LazyFrame:
    """Make one row of events that agree in everything but a missing id."""
    rows = judged.drop("event_id", strict=False)
    found = rows.group_by(*rows.collect_schema().names()).agg(nw.len().alias(TIMES_FOUND))
    return found.with_columns(nw.col(TIMES_FOUND).cast(nw.Int64))
