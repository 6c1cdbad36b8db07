"""What replay refuses, and why."""

from __future__ import annotations

from workbench.errors import UnreadableDataError, WorkbenchError


class ReplayError(WorkbenchError, ValueError):
    """Refuse a replay, a comparison or a bill that the data cannot support.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Plan, PriceBook
    >>> replay(base, PriceBook("list", "USD", [Plan("Team", 20)]), months=("2025-01", "2025-02"))
    Traceback (most recent call last):
        ...
    workbench.impact.errors.ReplayError: ...
    """


class EventDataError(ReplayError, UnreadableDataError):
    """Refuse an event log that cannot be read as it stands."""
