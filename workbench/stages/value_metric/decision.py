"""What the team decides about the value metric: which one, how it was weighed, and the price curve on it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from workbench.pricing import Charge
from workbench.stages.set_so import SetSoDecision
from workbench.study import FrozenModel

CRITERIA: dict[str, str] = {
    "growth": "Grows inside accounts",
    "predictability": "Predictable month to month",
    "success": "Moves with customer success",
    "breadth": "Used across the customer base",
    "spread": "Not concentrated in a few accounts",
    "cost": "Moves with the cost to serve",
    "wanted": "Customers want more of it (team score)",
    "visible": "Customers can see and compute it (team score)",
    "measured": "Customers measure success by it (team score)",
}

SHORT_CRITERIA: dict[str, str] = {
    **CRITERIA,
    "breadth": "Used by most accounts",
    "spread": "Spread over many accounts",
    "wanted": "Team: customers want it",
    "visible": "Team: seen and computed",
    "measured": "Team: measure of success",
}
"""The criteria where there is little room, as in a chart."""

DEFAULT_WEIGHTS: dict[str, float] = {
    "growth": 3.0,
    "predictability": 2.0,
    "success": 4.0,
    "breadth": 1.0,
    "spread": 1.0,
    "cost": 1.0,
    "wanted": 3.0,
    "visible": 2.0,
    "measured": 3.0,
}


class TeamScores(FrozenModel):
    """The team's marks from 1 (no) to 5 (fully) for what data cannot tell; None means not scored yet."""

    wanted: int | None = Field(default=None, ge=1, le=5)
    visible: int | None = Field(default=None, ge=1, le=5)
    measured: int | None = Field(default=None, ge=1, le=5)


class ValueMetricDecision(SetSoDecision):
    """The value metric chosen for a scenario, with scores, weights and the price curve.

    `added` names candidates the team wants to discuss although no data measures them. `weights` are relative
    (they need not add up); `weight_doubt` says how far each may be off when the ranking's certainty is computed:
    0.5 lets a weight of 2 vary between 1 and 3. `revenue_target` is what the price curve should earn in a month (None:
    what the active accounts pay today), `included_units` what everybody may use before it is charged, and
    `has_spending_cap` and `has_calculator` whether customers get them (None: not said yet).
    """

    stage: ClassVar[str] = "value_metric"

    metric: str | None = None
    added: tuple[str, ...] = ()
    scores: dict[str, TeamScores] = Field(default_factory=dict)
    weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    weight_doubt: float = Field(default=0.5, ge=0, le=1)
    target_ratio: float = Field(default=6.5, gt=1, lt=10)
    revenue_target: float | None = Field(default=None, gt=0)
    included_units: Decimal = Field(default=Decimal(0), ge=0)
    charge: Charge | None = None
    has_spending_cap: bool | None = None
    has_calculator: bool | None = None
