"""Published figures on pricing models beside what this company's own data shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import percent
from workbench.stages.claims import ClaimBeside, OwnFigure, claims_beside

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.comparison import Comparison
    from workbench.study import Scenario


def claims(base: CustomerBase, scenario: Scenario, comparison: Comparison) -> tuple[ClaimBeside, ...]:
    """Return every claim with the company's own figure; a replay by usage answers two of them, nobody reacting."""
    found = {"usage_retention": _retention(comparison), "usage_price_value": _price_value(comparison)}
    return claims_beside(base, scenario, {key: own for key, own in found.items() if own is not None})


def _retention(comparison: Comparison) -> OwnFigure | None:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.retention or usage.path.retention is None:
        return None
    more = usage.path.retention / recorded.retention - 1
    told = f"{percent(usage.path.retention)} against {percent(recorded.retention)} on record"
    return OwnFigure(value=more, unit="share", what=f"more net revenue retention by usage, nobody reacting ({told})")


def _price_value(comparison: Comparison) -> OwnFigure | None:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.value.estimate > 0:
        return None
    told = f"rank correlation {usage.path.value.estimate:.2f} against {recorded.value.estimate:.2f}"
    return OwnFigure(
        value=usage.path.value.estimate / recorded.value.estimate,
        unit="times",
        what=f"as closely as today's price follows value, on past usage ({told})",
    )
