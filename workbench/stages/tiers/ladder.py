"""The tiers as a ladder: which are priced, which is in the middle, what each adds to the one below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from workbench.stages.tiers.decision import Tier


@dataclass(frozen=True, slots=True)
class Step:
    """What a tier adds to the one below: features, and limits that are wider or gone (None means no limit)."""

    tier: str
    below: str | None
    features: tuple[str, ...]
    removed: tuple[str, ...]
    limits: tuple[tuple[str, Decimal | None], ...]


def steps(tiers: Sequence[Tier]) -> tuple[Step, ...]:
    """Return what each tier adds to the one below it; the first adds everything it contains."""
    found = []
    for below, tier in zip((None, *tiers), tiers, strict=False):
        had = () if below is None else below.features
        wider = () if below is None else _wider(below, tier)
        found.append(
            Step(
                tier=tier.name,
                below=None if below is None else below.name,
                features=tuple(name for name in tier.features if name not in had),
                removed=tuple(name for name in had if name not in tier.features),
                limits=wider,
            )
        )
    return tuple(found)


def middle_tiers(tiers: Sequence[Tier]) -> tuple[int, ...]:
    """Return the positions of the middle: neither the first nor the last public tier.

    Tiers that are not public stand on no pricing page; of two public tiers none is in the middle.
    """
    public = [index for index, tier in enumerate(tiers) if tier.public]
    return tuple(public[1:-1])


def recommended_tier(tiers: Sequence[Tier]) -> int | None:
    """Return the position of the one tier a pricing page marks: the middle, the lower one of two."""
    middle = middle_tiers(tiers)
    return middle[(len(middle) - 1) // 2] if middle else None


def _wider(below: Tier, tier: Tier) -> tuple[tuple[str, Decimal | None], ...]:
    """List the limits of the tier below that this one raises or drops, with the new limit."""
    wider = []
    for metric, limit in below.limits.items():
        now = tier.limits.get(metric)
        if now is None or now > limit:
            wider.append((metric, now))
    return tuple(wider)
