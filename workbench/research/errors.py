"""The error of the research methods."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class ResearchError(WorkbenchError, ValueError):
    """Refuse a question that the answers of a survey, or the settings given, cannot settle."""
