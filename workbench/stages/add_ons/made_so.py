"""Which rules on add-ons a starting point was made to meet, and whether it still stands as it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rules.checks.services import MARK_UP
from workbench.stages.set_so import key_of, mark

if TYPE_CHECKING:
    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.add_ons.decision import AddOnDecision


def marks(decision: AddOnDecision, core: CorePlan) -> dict[str, str]:
    """Return a mark per rule and add-on of what makes it hold: name, price against the core, timing, features chosen.

    That few customers use a feature is why it was chosen, so A5 holds by construction for it.
    """
    found = {"A4": mark([each.id for each in decision.add_ons])}
    for each in decision.add_ons:
        found |= {
            key_of("A1", each.name): mark(each.name),
            key_of("A2", each.name): mark(each.price, each.price_per, core.price, core.price_per),
            key_of("A3", each.name): mark(each.tenure_days, each.usage_metric, each.usage_at_least),
        }
        found |= {key_of("A5", feature): mark(feature) for feature in each.features}
    if decision.services is not None:
        found[key_of("A6", MARK_UP)] = mark(decision.services.margin)
    return found
