"""What replay refuses, and why."""

from __future__ import annotations

from workbench.errors import UnreadableDataError, WorkbenchError


class ReplayError(WorkbenchError, ValueError):
    """Refuse a replay, a comparison or a bill that the data cannot support."""


class EventDataError(ReplayError, UnreadableDataError):
    """Refuse an event log that cannot be read as it stands."""
