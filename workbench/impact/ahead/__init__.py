"""Revenue of the months ahead: usage forecast account by account, and billed by the engine that bills the past."""

from workbench.impact.ahead.lists import PricesAhead
from workbench.impact.ahead.revenue import HORIZON, BackTestMonth, RevenueAhead, revenue_ahead

__all__ = ["HORIZON", "BackTestMonth", "PricesAhead", "RevenueAhead", "revenue_ahead"]
