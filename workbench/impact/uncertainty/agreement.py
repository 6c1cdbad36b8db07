"""What ranges and paths must agree on before they are simulated together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import exact
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, about_nobody
from workbench.impact.uncertainty.errors import UncertaintyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.impact.uncertainty.behaviour import Behaviour
    from workbench.impact.uncertainty.statistics import Statistics

_NOBODY = (0.0, 0.0)


def agreed(behaviour: Behaviour, scenarios: Mapping[str, Statistics]) -> Behaviour:
    """Return the behaviour with the new customers that the scenarios' paths were made with.

    Raises UncertaintyError where a range is about a segment without accounts, or where new customers differ.
    """
    segments = next(iter(scenarios.values())).segments
    for each in about_nobody(behaviour.assumptions, segments):
        raise UncertaintyError(
            f"{each.label} ({each.id}) is about a segment in which no account is.",
            f"There is: {', '.join(segments)}.",
        )
    assumed = behaviour.range_for(NEW_CUSTOMERS, "")
    wanted = {name: each.new_customers for name, each in scenarios.items() if each.new_customers != _NOBODY}
    if (assumed.low, assumed.high) != _NOBODY:
        wanted["the assumptions"] = (assumed.low, assumed.high)
    if len(set(wanted.values())) > 1:
        told = "; ".join(f"{exact(low)} to {exact(high)} in {name}" for name, (low, high) in wanted.items())
        raise UncertaintyError(
            f"New customers a month differ: {told}.", "Assume the same for all scenarios, so that prices decide."
        )
    return behaviour.with_ranges(new_customers=next(iter(wanted.values()), _NOBODY))
