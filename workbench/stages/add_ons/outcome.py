"""What follows for one add-on: its price against the core plan, who is eligible, who would buy, what it brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.rules.checks.names import is_specific, suggested_name
from workbench.stages.add_ons.gate import Eligibility, condition_words, eligibility
from workbench.stages.add_ons.interest import AttachRange, Interest, attach_range, interest_in
from workbench.stages.add_ons.revenue import full_revenue, revenue_range, typical_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.results import Interval
    from workbench.rules import Threshold
    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.add_ons.tier_places import TierPlaces


@dataclass(frozen=True, eq=False)
class AddOnOutcome:
    """One add-on and what follows from it.

    `price` is the price a month in the unit of the add-on; for one that bills usage, that of a typical eligible
    account. `core_price` is the price of the core plan in the unit of the add-on and `bounds` the prices that meet the
    rule; None when unknown. `attach` is the range the data suggests, None when it says nothing. `full` is the monthly
    revenue if every eligible account bought, `revenue` the part its attach range makes of it. `also_in` maps
    features to the tiers that contain them too.
    """

    choice: AddOnChoice
    price: float | None
    core_price: float | None
    bounds: tuple[float, float] | None
    eligibility: Eligibility
    condition: str
    interest: Interest | None
    attach: AttachRange | None
    full: float | None
    revenue: Interval | None
    also_in: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """Return the add-on's name."""
        return self.choice.name

    @property
    def price_share(self) -> float | None:
        """Return the price over that of the core plan in the same unit, None when unknown."""
        return self.price / self.core_price if self.core_price and self.price is not None else None

    @property
    def better_name(self) -> str:
        """Return a name that says the job where the chosen one does not; empty otherwise or when nothing says it."""
        choice = self.choice
        if is_specific(choice.name):
            return ""
        return suggested_name(choice.name, job=choice.job, features=choice.features)

    @property
    def attach_is_from_data(self) -> bool:
        """Tell whether the attach range in use is the one the data suggests, to the percent it is shown in."""
        if self.attach is None:
            return False
        own, found = (self.choice.attach_low, self.choice.attach_high), (self.attach.low, self.attach.high)
        return all(abs(left - right) < 0.0051 for left, right in zip(own, found, strict=True))  # noqa: PLR2004 - half a percent


def outcome_of(
    evidence: AddOnEvidence, choice: AddOnChoice, core: CorePlan, places: TierPlaces, band: Threshold
) -> AddOnOutcome:
    """Return what follows from one add-on."""
    interest = interest_in(evidence, choice.features)
    gate = eligibility(evidence, choice, places.with_all_of(choice.features))
    full = full_revenue(evidence, choice, gate.now) if gate.usage_recorded else None
    return AddOnOutcome(
        choice=choice,
        price=typical_price(evidence, choice, gate.now),
        core_price=core.price_in(choice.price_per),
        bounds=core.bounds(choice.price_per, band),
        eligibility=gate,
        condition=condition_words(evidence, choice),
        interest=interest,
        attach=attach_range(interest, gate.now if gate.usage_recorded else None),
        full=full,
        revenue=revenue_range(choice, full),
        also_in={name: found for name in choice.features if (found := places.containing(name))},
    )
