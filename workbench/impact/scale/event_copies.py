"""Copies of events, counted once.

Most events have no copy. So the engine first looks for the few ids that occur more than once, reading nothing but the
ids and comparing their short keys, and only the events with these keys are sorted by id; the others pass by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from workbench.impact.scale.event_keys import KEY, nameless, with_keys
from workbench.impact.scale.event_verdicts import counts
from workbench.impact.scale.keeping import row_count

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
    rest = with_keys(events)
    named = nw.when(~nameless()).then(nw.col(KEY)).alias(KEY)
    found = rest.select(named).group_by(KEY).agg(nw.len().alias(_TIMES))
    found = keep(found.filter((nw.col(_TIMES) > 1) | nw.col(KEY).is_null()), "Looking for copies of events")
    twice = found.filter(~nw.col(KEY).is_null()).select(KEY)
    keys, without_id = row_count(found), row_count(found.filter(nw.col(KEY).is_null()))
    parts = []
    if without_id:
        parts.append(_alike(rest.filter(nameless()).drop(KEY), rules))
        rest = rest.filter(~nameless())
    if keys > without_id:
        # Fetched before they are looked at, and sorted before all others are added up: rules are then tried on the few
        # that were copied, and these do not share the engine's memory with the others.
        several = keep(rest.join(twice, on=KEY, how="semi").drop(KEY), "Fetching the copies")
        parts.append(keep(_first_received(several.filter(counts(rules))), "Sorting the copies"))
        rest = rest.join(twice, on=KEY, how="anti")
    single = every_one(rest.drop(KEY), rules)
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
