"""What the team decides about competitive anchoring: whom to compare with, at which usage, and what sets us apart."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from workbench.study import FrozenModel, StageDecision


class UsageProfile(FrozenModel):
    """A customer to compare prices for: how much of each metric it uses in a month."""

    id: str
    name: str = Field(min_length=1, max_length=60)
    quantities: dict[str, float] = Field(default_factory=dict)
    features: tuple[str, ...] = ()


class Differentiation(FrozenModel):
    """What sets our offer apart from the reference in one customer's eyes, as a monthly worth from low to high.

    Negative worth means the reference is better there.
    """

    id: str
    label: str = Field(min_length=1, max_length=120)
    low: float
    high: float
    profile: str = ""


class ExchangeRate(FrozenModel):
    """How many units of the study's currency one unit of another is worth, as a range, with the day it was read."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)
    as_of: str = ""


class AnchoringDecision(StageDecision):
    """The comparison a scenario stands on.

    `vendors` empty means every vendor in the data. `reference` is the offer (vendor, offer) a customer would take
    instead of ours. `stale_after_days` marks old prices. `rates` converts other currencies; without a rate a
    price in another currency is counted but not compared.
    """

    stage: ClassVar[str] = "anchoring"

    profiles: tuple[UsageProfile, ...] = ()
    vendors: tuple[str, ...] = ()
    reference: tuple[str, str] | None = None
    differentiation: tuple[Differentiation, ...] = ()
    stale_after_days: int = Field(default=365, ge=1)
    rates: dict[str, ExchangeRate] = Field(default_factory=dict)
    position: str = Field(default="", max_length=400)
