"""Revenue of the months ahead: usage forecast account by account, and billed by the engine that bills the past."""

from workbench.impact.ahead.lists import PricesAhead
from workbench.impact.ahead.revenue import HORIZON, BackTestPoint, RevenueAhead, revenue_ahead

__all__ = ["HORIZON", "BackTestPoint", "PricesAhead", "RevenueAhead", "revenue_ahead"]
