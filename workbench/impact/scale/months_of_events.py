"""Raw events to monthly usage, in one way that every engine runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw

from workbench.impact.scale.event_columns import standard
from workbench.impact.scale.event_copies import every_one, without_copies
from workbench.impact.scale.event_counts import EventCounts, counts_of
from workbench.impact.scale.event_rules import EventRules
from workbench.impact.scale.event_verdicts import left_out
from workbench.impact.scale.keeping import Keep, fetched, keep_frame, row_count

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

MONTH = "1mo"
DEFAULT = EventRules()


@dataclass(frozen=True, slots=True, eq=False)
class EventMonths:
    """Monthly usage made of events, and what became of every event.

    `usage` is a frame of the engine the events are on: account_id, month (its first day), metric, quantity, events.
    """

    usage: Any = field(repr=False)
    counts: EventCounts

    def table(self) -> pd.DataFrame:
        """Return the monthly usage as a pandas DataFrame in the form of the table `usage`, sorted."""
        usage = nw.from_native(self.usage).lazy().select("account_id", "month", "metric", "quantity")
        found = fetched(usage)
        found = found.astype({"account_id": "str", "metric": "str", "month": "datetime64[us]", "quantity": "float64"})
        return found.sort_values(["account_id", "month", "metric"], ignore_index=True)


def events_to_months(events: IntoFrame, rules: EventRules = DEFAULT, *, keep: Keep = keep_frame) -> EventMonths:
    """Return monthly usage per account and metric, and the number of events counted and left out.

    Parameters
    ----------
    events
        A pandas or Spark DataFrame, a DuckDB relation or an ibis table: account_id, timestamp, metric, quantity and
        perhaps event_id and received_at. Times with a zone are moved to UTC, those without are taken as UTC.
    rules
        What counts, and in which month.
    keep
        How a frame is worked out; an `Engine` gives one that shows progress.

    """
    frame = standard(events)
    received = "received_at" in frame.collect_schema().names()
    wrong = left_out(frame, rules)
    rows = without_copies(frame, rules, keep) if rules.copies == "once" else every_one(frame, rules)
    numbers = {"events": nw.len()}
    if received:
        # Counted, not added up: databases add whole numbers in ones of 16 bytes, which takes its time.
        numbers["late"] = nw.col("late").count()
    usage = (
        _in_months(rows, rules, received=received)
        .group_by("account_id", "month", "metric")
        .agg(nw.col("quantity").sum().alias("quantity"), *(number.alias(name) for name, number in numbers.items()))
    )
    usage = keep(usage.with_columns(nw.col(*numbers).cast(nw.Int64)), "Adding up months")
    sums = fetched(usage.select(nw.col(*numbers).sum())).fillna(0)
    kept, *late = (int(sums[name].iloc[0]) for name in numbers)
    counts = counts_of(wrong, rules, read=row_count(frame), kept=kept, late=late[0] if late else None)
    return EventMonths(usage.select("account_id", "month", "metric", "quantity", "events").to_native(), counts)


def _in_months(rows: nw.LazyFrame, rules: EventRules, *, received: bool) -> nw.LazyFrame:
    """Add the `month` an event counts in and, where receipt is known, `late`, which is missing unless the event is."""
    month = nw.col("timestamp").dt.truncate(MONTH).cast(nw.Datetime("us"))
    if not received:
        return rows.with_columns(month.alias("month"))
    # Received after the end of the month and the days of grace: that many days earlier was a later month still.
    deadline = nw.col("received_at").dt.offset_by(f"-{rules.grace_days}d").dt.truncate(MONTH).cast(nw.Datetime("us"))
    late = nw.when(deadline > month).then(nw.lit(1))
    if rules.late == "month received":
        moved = nw.col("received_at").dt.truncate(MONTH).cast(nw.Datetime("us"))
        month = nw.when(deadline > month).then(moved).otherwise(month)
    return rows.with_columns(month.alias("month"), late.alias("late"))
