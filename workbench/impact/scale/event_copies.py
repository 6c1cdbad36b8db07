"""Copies of events, counted once.

Most events have no copy. So the engine first looks for the few ids that occur more than once, reading nothing but the
ids and comparing their short keys, and only the events with these keys are sorted by id; the others pass by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from workbench.impact.scale.event_keys import KEY, nameless, with_keys
from workbench.impact.scale.event_verdicts import counts
from workbench.impact.scale.keeping import fetched

if TYPE_CHECKING:
    from workbench.impact.scale.event_rules import EventRules
    from workbench.impact.scale.keeping import Keep

TIMES_FOUND = "times"
_RECEIVED = "received_or_happened"


def every_one(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Return the events that count as they are, each found once."""
    good = events.filter(counts(rules))
    return good.drop("event_id", strict=False).with_columns(nw.lit(1, nw.Int64).alias(TIMES_FOUND))


def without_copies(events: nw.LazyFrame, rules: EventRules, keep: Keep) -> nw.LazyFrame:
    """Return the events that count with one row for all copies of one, and in `times` how many there were."""
    if "event_id" not in events.collect_schema().names():
        return _alike(events, rules)
    keyed = with_keys(events)
    found = keyed.group_by(KEY).agg(nw.len().alias(TIMES_FOUND))
    found = keep(found.filter((nw.col(TIMES_FOUND) > 1) | nw.col(KEY).is_null()), "Looking for copies of events")
    twice = found.filter(~nw.col(KEY).is_null()).select(KEY)
    keys, without_id = _count(found), _count(found.filter(nw.col(KEY).is_null()))
    parts, rest = [], keyed
    if keys > without_id:
        several = keep(keyed.join(twice, on=KEY, how="semi").drop(KEY), "Reading the copies")
        parts.append(_first_received(several.filter(counts(rules))))
        rest = rest.join(twice, on=KEY, how="anti")
    rest = rest.drop(KEY)
    if without_id:
        parts.append(_alike(rest.filter(nameless()), rules))
        rest = rest.filter(~nameless())
    single = every_one(rest, rules)
    names = single.collect_schema().names()
    return nw.concat([single, *(part.select(*names) for part in parts)]) if parts else single


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


def _alike(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Make one row of events that agree in everything but a missing id."""
    rows = events.filter(counts(rules)).drop("event_id", strict=False)
    found = rows.group_by(*rows.collect_schema().names()).agg(nw.len().alias(TIMES_FOUND))
    return found.with_columns(nw.col(TIMES_FOUND).cast(nw.Int64))


def _count(frame: nw.LazyFrame) -> int:
    return int(fetched(frame.select(nw.len().alias("rows")))["rows"].iloc[0])
