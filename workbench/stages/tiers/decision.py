"""What the team decides about tiers: names, prices, limits and the features in each."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - pydantic reads the type when the class is made
from typing import ClassVar

from pydantic import Field

from workbench.stages.set_so import SetSoDecision
from workbench.study import FrozenModel

PER_ACCOUNT = "account"


class Tier(FrozenModel):
    """One tier of the offer.

    `price` is per month (None: price on request) and for each `price_per`: "account" or the name of a metric such
    as seats. `limits` maps a metric to the most that is included; a metric that is absent is not limited. Where
    `overage` names a price for a limited metric, usage beyond the limit is billed per unit instead of
    needing a higher tier. `features` lists everything the tier contains, not only what it adds.
    """

    id: str
    name: str = Field(min_length=1, max_length=80)
    price: Decimal | None = Field(default=None, ge=0)
    price_per: str = PER_ACCOUNT
    limits: dict[str, Decimal] = Field(default_factory=dict)
    overage: dict[str, Decimal] = Field(default_factory=dict)
    features: tuple[str, ...] = ()
    public: bool = True

    @property
    def is_free(self) -> bool:
        """Tell whether the tier costs nothing."""
        return self.price == 0

    @property
    def on_request(self) -> bool:
        """Tell whether the price is not published."""
        return self.price is None


class TierDecision(SetSoDecision):
    """The tiers of a scenario from the smallest to the largest, and how an account's needs are read.

    An account needs a feature when it used it at least `minimum_uses` times in the last `needs_months` months.
    `sold_separately` names features left to add-ons: no tier has to contain them to serve an account.
    """

    stage: ClassVar[str] = "tiers"

    tiers: tuple[Tier, ...] = ()
    needs_months: int = Field(default=3, ge=1, le=24)
    minimum_uses: int = Field(default=3, ge=1)
    sold_separately: tuple[str, ...] = ()

    @property
    def how_needs_are_read(self) -> dict[str, int]:
        """Return the settings with which account-months read needs as these tiers do."""
        return {"needs_months": self.needs_months, "minimum_uses": self.minimum_uses}

    def tier(self, tier_id: str) -> Tier:
        """Return the tier with this id."""
        for tier in self.tiers:
            if tier.id == tier_id:
                return tier
        raise KeyError(tier_id)

    def with_tier(self, changed: Tier) -> TierDecision:
        """Return the decision with one tier replaced by its changed version (same id)."""
        tiers = tuple(changed if tier.id == changed.id else tier for tier in self.tiers)
        return self.replaced(tiers=tiers)
