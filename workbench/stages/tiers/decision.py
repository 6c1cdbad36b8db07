"""What the team decides about tiers.

Names, prices, limits and features, the edits it makes, and the ladder they form.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.stages.offers import Tier, TierDecision, typed_decimal
from workbench.study.model import fresh_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

ENTRY, MIDDLE, TOP = 0, 1, 2

# --- What the team decides about tiers: names, prices, limits and the features in each

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


def _wider(below: Tier, tier: Tier) -> tuple[tuple[str, Decimal | None], ...]:
    """List the limits of the tier below that this one raises or drops, with the new limit."""
    wider = []
    for metric, limit in below.limits.items():
        now = tier.limits.get(metric)
        if now is None or now > limit:
            wider.append((metric, now))
    return tuple(wider)
