"""What the team decides about competitive anchoring: whom to compare with, at which usage, and what sets us apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_serializer

from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.study import FrozenModel, StageDecision

if TYPE_CHECKING:
    from pydantic import SerializerFunctionWrapHandler

OfferKey = tuple[str, str]
"""Vendor and offer, which together name a competitor's price."""


class UsageProfile(FrozenModel):
    """A customer to compare prices for: how much of each metric it uses in a month."""

    id: str
    name: str = Field(min_length=1, max_length=60)
    quantities: dict[str, float] = Field(default_factory=dict)
    features: tuple[str, ...] = ()


class Differentiation(FrozenModel):
    """What sets our offer apart from the reference in one customer's eyes, as a monthly worth from low to high.

    Negative worth means the reference is better there. The worth is for each `per`: "account" (the same for every
    customer), a metric (each seat, each gigabyte: times what the profile uses), or anything else counted, such as
    "report", times the number in `counts` by profile id. Nothing in `per` is an older study that did not say: the worth
    counts once per account, and a caution asks for what drives it.
    """

    id: str
    label: str = Field(min_length=1, max_length=120)
    low: float
    high: float
    profile: str = ""
    per: str = Field(default="", max_length=60)
    counts: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # An item without a driver is written as it always was, so that nothing seems to differ.
        document: dict[str, Any] = write(self)
        return {key: value for key, value in document.items() if value or key not in {"per", "counts"}}

    def quantity(self, profile: UsageProfile) -> float | None:
        """Return how many units of its driver a profile has; None where nobody has said."""
        if self.per in {"", PER_ACCOUNT}:
            return 1.0
        return profile.quantities.get(self.per, self.counts.get(profile.id))


class ExchangeRate(FrozenModel):
    """How many units of the study's currency one unit of another is worth, as a range, with the day it was read."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)
    as_of: str = ""


class AnchoringDecision(StageDecision):
    """The comparison a scenario stands on.

    `vendors` empty means every vendor in the data. `set_aside` names offers (vendor, offer) that are not comparable,
    such as free plans. `add_on_matches` maps the id of an add-on of ours to the competitors' offers that do its job.
    `reference` is the offer a customer would take instead of ours; `reference_prices` holds a monthly price by
    profile id that the team typed in its place. `value_profile` is the profile whose economic value is shown.
    `stale_after_days` marks old prices. `rates` converts other currencies; without a rate a price in another currency
    is counted but not compared.
    """

    stage: ClassVar[str] = "anchoring"

    profiles: tuple[UsageProfile, ...] = ()
    vendors: tuple[str, ...] = ()
    set_aside: tuple[OfferKey, ...] = ()
    add_on_matches: dict[str, tuple[OfferKey, ...]] = Field(default_factory=dict)
    reference: OfferKey | None = None
    reference_prices: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    value_profile: str = ""
    differentiation: tuple[Differentiation, ...] = ()
    stale_after_days: int = Field(default=180, ge=1)
    rates: dict[str, ExchangeRate] = Field(default_factory=dict)
    position: str = Field(default="", max_length=400)
