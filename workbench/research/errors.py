"""The error of the research methods."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class ResearchError(WorkbenchError, ValueError):
    """Refuse a question that the answers of a survey, or the settings given, cannot settle.

    Examples
    --------
    >>> from workbench.research import asked_prices
    >>> asked_prices([10, 20])
    Traceback (most recent call last):
        ...
    workbench.research.errors.ResearchError: ...
    """
