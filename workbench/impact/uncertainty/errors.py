"""What a simulation of behaviour refuses, and why."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class UncertaintyError(WorkbenchError, ValueError):
    """Refuse ranges, scenarios or questions from which no honest range of outcomes follows."""
