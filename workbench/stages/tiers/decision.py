"""What the team decides about tiers.

Names, prices, limits and features, the edits it makes, and the ladder they form.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from workbench.stages.contract import SetSoDecision, mark
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, fresh_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

ENTRY, MIDDLE, TOP = 0, 1, 2

# --- What the team decides about tiers: names, prices, limits and the features in each

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
    price: Annotated[Decimal | None, Setting(unit="currency", slider=True), Field(ge=0)] = None
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
    needs_months: Annotated[int, Setting(unit="months", step=1), Field(ge=1, le=24)] = 3
    minimum_uses: Annotated[int, Setting(unit="uses in the window", step=1), Field(ge=1)] = 3
    sold_separately: tuple[str, ...] = ()

    @property
    def how_needs_are_read(self) -> dict[str, int]:
        """Return the settings with which account-months read needs as these tiers do."""
        return {"needs_months": self.needs_months, "minimum_uses": self.minimum_uses}

    @property
    def tiers_as_text(self) -> str:
        """Return the tiers as text that is equal where they are."""
        return mark([each.model_dump(mode="json") for each in self.tiers])

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


# --- Changes a team makes to its tiers; each returns the new tiers and leaves the old ones as they are

MOST_TIERS = 5
SEPARATELY = "sold separately"
_STEP = Decimal("1.5")


def new_tier(decision: TierDecision) -> Tier:
    """Return one more tier for the top: everything of the last one, without limits, at a higher price."""
    tiers = decision.tiers
    name = _free_name({tier.name for tier in tiers})
    last = tiers[-1] if tiers else Tier(id="none", name="none")
    price = None if last.price is None else last.price * _STEP
    return last.replaced(
        id=fresh_id(name, {tier.id for tier in tiers}), name=name, price=price, limits={}, overage={}, public=True
    )


def tiers_with_limits(decision: TierDecision, metric: str, rows: Sequence[Sequence[float | None]]) -> tuple[Tier, ...]:
    """Return the tiers with new limits of one metric: a row per tier of (most included, price of each more).

    None for the first is no limit, None for the second no overage: usage beyond the limit needs a higher tier.
    """
    tiers = []
    for tier, (most, beyond) in zip(decision.tiers, rows, strict=True):
        limits = {name: value for name, value in tier.limits.items() if name != metric}
        overage = {name: value for name, value in tier.overage.items() if name != metric}
        if most is not None:
            limits[metric] = typed_decimal(most)
            if beyond is not None:
                overage[metric] = typed_decimal(beyond)
        tiers.append(tier.replaced(limits=limits, overage=overage))
    return tuple(tiers)


def features_by_column(decision: TierDecision) -> dict[str, tuple[str, ...]]:
    """Return for each feature the ids of the tiers that contain it, and whether it is sold separately."""
    names = dict.fromkeys(name for tier in decision.tiers for name in tier.features)
    names |= dict.fromkeys(decision.sold_separately)
    return {
        name: (
            *(tier.id for tier in decision.tiers if name in tier.features),
            *((SEPARATELY,) if name in decision.sold_separately else ()),
        )
        for name in names
    }


def with_features(decision: TierDecision, cells: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Return the fields `tiers` and `sold_separately` for a matrix of features by tier that somebody clicked in.

    Tiers build on each other: a feature switched on in a tier is on in all higher ones too, one switched off is off in
    all lower ones. A feature is in tiers or sold separately, never both; the latest click decides.
    """
    before = features_by_column(decision)
    order = [tier.id for tier in decision.tiers]
    kept: dict[str, list[str]] = {tier_id: [] for tier_id in order}
    separately = []
    for feature, now in cells.items():
        inside = _settled(order, frozenset(before.get(feature, ())), frozenset(now))
        if inside is None:
            separately.append(feature)
        else:
            for tier_id in inside:
                kept[tier_id].append(feature)
    outside = [name for name in decision.sold_separately if name not in cells]
    tiers = tuple(
        tier.replaced(features=(*kept[tier.id], *(name for name in tier.features if name not in cells)))
        for tier in decision.tiers
    )
    return {"tiers": tiers, "sold_separately": (*separately, *outside)}


def typed_decimal(number: float) -> Decimal:
    """Return the decimal a person typed."""
    return Decimal(str(number))


def _settled(order: Sequence[str], before: frozenset[str], now: frozenset[str]) -> tuple[str, ...] | None:
    """Return the tiers a feature ends up in after a click, None when it is sold separately."""
    added, removed = now - before, before - now
    if SEPARATELY in added:
        return None
    on = [tier_id in now for tier_id in order]
    switched_on = [place for place, tier_id in enumerate(order) if tier_id in added]
    switched_off = [place for place, tier_id in enumerate(order) if tier_id in removed]
    if switched_on:
        on = [is_on or place >= switched_on[0] for place, is_on in enumerate(on)]
    if switched_off:
        on = [is_on and place > switched_off[-1] for place, is_on in enumerate(on)]
    if SEPARATELY in now and not switched_on:
        return None
    return tuple(tier_id for tier_id, is_on in zip(order, on, strict=True) if is_on)


def _free_name(taken: Collection[str]) -> str:
    wanted = "Enterprise"
    number = 2
    while wanted in taken:
        wanted, number = f"Tier {len(taken) + number - 1}", number + 1
    return wanted


# --- The tiers as a ladder: which are priced, which is in the middle, what each adds to the one below


@dataclass(frozen=True, slots=True)
class LadderStep:
    """What a tier adds to the one below: features, and limits that are wider or gone (None means no limit)."""

    tier: str
    below: str | None
    features: tuple[str, ...]
    removed: tuple[str, ...]
    limits: tuple[tuple[str, Decimal | None], ...]


def ladder_steps(tiers: Sequence[Tier]) -> tuple[LadderStep, ...]:
    """Return what each tier adds to the one below it; the first adds everything it contains."""
    found = []
    for below, tier in zip((None, *tiers), tiers, strict=False):
        had = () if below is None else below.features
        wider = () if below is None else _wider(below, tier)
        found.append(
            LadderStep(
                tier=tier.name,
                below=None if below is None else below.name,
                features=tuple(name for name in tier.features if name not in had),
                removed=tuple(name for name in had if name not in tier.features),
                limits=wider,
            )
        )
    return tuple(found)


def middle_of_ladder(tiers: Sequence[Tier]) -> tuple[int, ...]:
    """Return the positions of the middle: neither the first nor the last public tier.

    Tiers that are not public stand on no pricing page; of two public tiers none is in the middle.
    """
    public = [index for index, tier in enumerate(tiers) if tier.public]
    return tuple(public[1:-1])


def recommended_tier(tiers: Sequence[Tier]) -> int | None:
    """Return the position of the one tier a pricing page marks: the middle, the lower one of two."""
    middle = middle_of_ladder(tiers)
    return middle[(len(middle) - 1) // 2] if middle else None


def _wider(below: Tier, tier: Tier) -> tuple[tuple[str, Decimal | None], ...]:
    """List the limits of the tier below that this one raises or drops, with the new limit."""
    wider = []
    for metric, limit in below.limits.items():
        now = tier.limits.get(metric)
        if now is None or now > limit:
            wider.append((metric, now))
    return tuple(wider)
