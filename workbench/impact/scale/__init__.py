"""Usage where it is: raw events to monthly usage and its bills, on pandas, DuckDB, Spark or a warehouse."""

from __future__ import annotations

from workbench.impact.scale.engine_bills import replay_frame
from workbench.impact.scale.engines import Engine, open_engine
from workbench.impact.scale.event_counts import EventCounts
from workbench.impact.scale.event_rules import EventRules
from workbench.impact.scale.months_of_events import EventMonths, events_to_months

__all__ = ["Engine", "EventCounts", "EventMonths", "EventRules", "events_to_months", "open_engine", "replay_frame"]
