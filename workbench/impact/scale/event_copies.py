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

_TIMES = "times"
_RECEIVED = "received_or_happened"


def every_one(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Return the events that count as they are, each as often as it was sent."""
    return events.filter(counts(rules)).drop("event_id", strict=False)


def without_copies(events: nw.LazyFrame, rules: EventRules, keep: Keep) -> nw.LazyFrame:
    """Return the events that count, with one row for all copies of one."""
    if not _has(events, "event_id"):
        return _alike(events, rules)
    keyed = with_keys(events)
    found = keyed.group_by(KEY).agg(nw.len().alias(_TIMES))
    found = keep(found.filter((nw.col(_TIMES) > 1) | nw.col(KEY).is_null()), "Looking for copies of events")
    twice = found.filter(~nw.col(KEY).is_null()).select(KEY)
    keys, without_id = _count(found), _count(found.filter(nw.col(KEY).is_null()))
    parts, rest = [], keyed
    if keys > without_id:
        several = keyed.join(twice, on=KEY, how="semi").drop(KEY).filter(counts(rules))
        # Worked out now, the few that were copied do not share the engine's memory with the adding up of all others.
        parts.append(keep(_first_received(several), "Sorting the copies"))
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
    received = nw.coalesce("received_at", "timestamp") if _has(several, "received_at") else nw.col("timestamp")
    # What follows the time of receipt only makes the choice the same everywhere when copies differ.
    order = [_RECEIVED, "timestamp", "quantity", "metric", "account_id"]
    return several.with_columns(received.alias(_RECEIVED)).unique("event_id", keep="first", order_by=order)


def _alike(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Make one row of events that agree in everything but a missing id."""
    return every_one(events, rules).unique()


def _has(frame: nw.LazyFrame, name: str) -> bool:
    return name in frame.collect_schema().names()


def _count(frame: nw.LazyFrame) -> int:
    return int(fetched(frame.select(nw.len().alias("rows")))["rows"].iloc[0])
