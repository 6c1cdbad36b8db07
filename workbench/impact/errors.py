"""What replay refuses, and why."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class ReplayError(WorkbenchError, ValueError):
    """Refuse a replay, a comparison or a bill that the data cannot support."""
