"""What a migration refuses, and why."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class MigrationError(WorkbenchError, ValueError):
    """Refuse bills, a policy or an offer from which no way to new prices can be worked out."""
