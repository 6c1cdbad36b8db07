"""The error of the demand model."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class DemandError(WorkbenchError, ValueError):
    """Refuse a question about demand that the data or the numbers given cannot answer."""
