"""The limits a team sets for what new prices may do to customers and revenue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workbench.study.model import FrozenModel, Note

Share = Annotated[float, Field(ge=0, le=1)]
Rise = Annotated[float, Field(ge=0)]


class Guardrails(FrozenModel):
    """Limits a scenario must keep, all as shares (0.25 is 25%); None switches one off.

    `most_unexplained` judges no scenario but today's price list: where it leaves more of the recorded revenue
    unexplained, every comparison with it says so. The defaults are cautious starting points, not findings: `note` is
    the place for a team's own reason.
    """

    least_revenue_change: float | None = -0.02
    most_revenue_change: float | None = None
    steep_rise: Rise = 0.25
    most_accounts_above_steep_rise: Share | None = 0.10
    most_rise_in_top_ten: Rise | None = 0.20
    most_accounts_below_cost: Share | None = 0.05
    most_p95_rise: Rise | None = 0.40
    least_segment_change: float | None = -0.10
    most_unexplained: Share | None = 0.05
    note: Note = ""
