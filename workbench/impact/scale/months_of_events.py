"""Raw events to monthly usage, in one way that every engine runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw

from workbench.impact.scale.event_columns import standard
from workbench.impact.scale.event_copies import every_one, without_copies
from workbench.impact.scale.event_counts import EventCounts, counts_of
from workbench.impact.scale.event_rules import EventRules
from workbench.impact.scale.event_verdicts import verdicts
from workbench.impact.scale.keeping import Keep, fetched, keep_frame

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
    names = frame.collect_schema().names()
    found = verdicts(frame, rules)
    rows = without_copies(frame, rules, keep) if rules.copies == "once" else every_one(frame, rules)
    rows = _in_months(rows, rules, received="received_at" in names)
    usage = rows.group_by("account_id", "month", "metric").agg(
        nw.col("quantity").sum().alias("quantity"),
        nw.len().alias("events"),
        nw.col("late").sum().alias("late"),
    )
    usage = keep(usage.with_columns(nw.col("events", "late").cast(nw.Int64)), "Adding up months")
    sums = fetched(usage.select(nw.col("events", "late").sum())).fillna(0)
    kept, late = (int(sums[name].iloc[0]) for name in ("events", "late"))
    counts = counts_of(found, rules, kept=kept, late=late if "received_at" in names else None)
    return EventMonths(usage.select("account_id", "month", "metric", "quantity", "events").to_native(), counts)


def _in_months(rows: nw.LazyFrame, rules: EventRules, *, received: bool) -> nw.LazyFrame:
    """Add the `month` an event counts in and whether it is `late` (1) or not (0)."""
    month = nw.col("timestamp").dt.truncate(MONTH).cast(nw.Datetime("us"))
    if not received:
        return rows.with_columns(month.alias("month"), nw.lit(0).alias("late"))
    # Received after the end of the month and the days of grace: that many days earlier was a later month still.
    deadline = nw.col("received_at").dt.offset_by(f"-{rules.grace_days}d").dt.truncate(MONTH).cast(nw.Datetime("us"))
    late = nw.when(deadline > month).then(nw.lit(1)).otherwise(nw.lit(0))
    if rules.late == "month received":
        moved = nw.col("received_at").dt.truncate(MONTH).cast(nw.Datetime("us"))
        month = nw.when(deadline > month).then(moved).otherwise(month)
    return rows.with_columns(month.alias("month"), late.alias("late"))
