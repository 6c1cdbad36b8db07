"""A short key for the id of every event.

Ids are long, and a hundred million of them do not fit into the memory a database is given; their hashes of eight bytes
do. A key never decides: it only says which few events have to be compared by their whole ids.
"""

from __future__ import annotations

import narwhals as nw

KEY = "id_key"


def with_keys(events: nw.LazyFrame) -> nw.LazyFrame:
    """Return the events with an `id_key` that is the same for the same id; of events without an id it says nothing.

    Two ids may share a key. Only DuckDB hashes: for the others it saved nothing that could be measured, or they have no
    hash to ask for, so there the key is the id.
    """
    if events.implementation == nw.Implementation.DUCKDB:
        return nw.from_native(events.to_native().project(f"*, hash(event_id) as {KEY}")).lazy()
    return events.with_columns(nw.col("event_id").alias(KEY))


def nameless() -> nw.Expr:
    """Return whether an event has no id."""
    return nw.col("event_id").is_null() | (nw.col("event_id") == "")
