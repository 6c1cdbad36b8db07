"""Revenue of the months ahead: usage forecast account by account, and billed by the engine that bills the past."""

from workbench.impact.ahead.lists import PricesAhead
from workbench.impact.ahead.past_reactions import LEAVING, MOVING_DOWN, PastReaction, past_reactions
from workbench.impact.ahead.price_moves import REACTION_MONTHS
from workbench.impact.ahead.record import record_of
from workbench.impact.ahead.revenue import HORIZON, BackTestPoint, RevenueAhead, revenue_ahead

__all__ = [
    "HORIZON",
    "LEAVING",
    "MOVING_DOWN",
    "REACTION_MONTHS",
    "BackTestPoint",
    "PastReaction",
    "PricesAhead",
    "RevenueAhead",
    "past_reactions",
    "record_of",
    "revenue_ahead",
]
