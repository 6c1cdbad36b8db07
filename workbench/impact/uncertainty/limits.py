"""How likely a scenario is to cross a limit once customers react."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.uncertainty.simulation import Simulation
    from workbench.study import Guardrails


def chances_of_missing(simulation: Simulation, name: str, guardrails: Guardrails) -> pd.DataFrame:
    """Return guardrail, subject (a segment or empty), limit and chance (share of draws in which it is crossed).

    Covered are the limits on revenue, against the same customers under today's prices over all months. Limits on
    bills do not depend on how customers react; a replay answers those. A draw that stands on a limit keeps it.
    """
    totals = simulation.totals(name)
    rows: list[tuple[str, str, float, float]] = []
    if (least := guardrails.least_revenue_change) is not None:
        rows.append(("Least change of revenue", "", least, _below(totals.change, least)))
    if (most := guardrails.most_revenue_change) is not None:
        rows.append(("Most change of revenue", "", most, _below(-totals.change, -most)))
    if (least := guardrails.least_segment_change) is not None:
        rows += [
            ("Least change of a segment", segment, least, _below(change, least))
            for segment, change in totals.segment_change.items()
        ]
    return pd.DataFrame(rows, columns=["guardrail", "subject", "limit", "chance"])


def _below(change: NDArray[np.float64], limit: float) -> float:
    return float(np.mean(change < limit - LAST_DIGITS))
