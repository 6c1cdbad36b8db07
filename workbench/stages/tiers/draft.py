"""A draft of three tiers while it is computed, and what to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, exact, money, number, percent
from workbench.results import Caution
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.tiers.levels import MIDDLE
from workbench.stages.tiers.price_levels import STEEP_RISE, WIDE_SPREAD
from workbench.stages.tiers.words import per_words
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.rules import Rulebook
    from workbench.stages.tiers.beside_the_ladder import FreeTier
    from workbench.stages.tiers.evidence import TierEvidence
    from workbench.stages.tiers.feature_sorting import SortedFeatures
    from workbench.stages.tiers.levels import Levels
    from workbench.stages.tiers.price_levels import PriceLevels

_FEW = 30
_OFF_TARGET = 0.05


@dataclass(frozen=True, eq=False)
class Draft:
    """The parts of a draft: the limited metric, features in levels, prices, and the revenue aimed at.

    `target` is None where no revenue is known or set; `is_own_target` tells a target set by the team from today's MRR.
    `free` is today's free plan, where somebody is on one.
    """

    evidence: TierEvidence
    metric: str | None
    features: SortedFeatures
    levels: Levels
    prices: PriceLevels | None
    target: float | None
    is_own_target: bool
    free: FreeTier | None = None

    def reasons(self) -> tuple[str, ...]:
        """Return in sentences why the draft looks as it does."""
        return tuple(self._reasons())

    def cautions(self, rulebook: Rulebook) -> tuple[Caution, ...]:
        """Return what to know before using the draft."""
        return tuple(self._cautions(rulebook))

    def _reasons(self) -> Iterator[str]:
        if self.metric and self.levels.limits is not None:
            low, high = (exact(limit) for limit in self.levels.limits)
            words = metric_words(self.metric)
            yield f"Limits of {low} and {high} {words} lie at round numbers near quantiles of real usage."
        entry, middle, top = (percent(share) for share in self.levels.shares)
        yield f"Needs put {entry} of accounts in the entry tier, {middle} in the middle and {top} in the top."
        if self.prices is not None:
            month = self.evidence.billing_month
            goal = "the revenue aimed at" if self.is_own_target else f"the MRR recorded for {month}"
            brings = money(self.prices.revenue, self.evidence.currency)
            if self.metric and self.prices.shape.price_per not in {self.metric, PER_ACCOUNT}:
                grown = f"prices that grow with {metric_words(self.metric)} would move most bills by half or more"
                yield f"Prices stay {per_words(self.prices.shape.price_per)} for now, because {grown}."
            yield (
                f"Prices {per_words(self.prices.shape.price_per)} are scaled to {goal}, each account's own discount "
                f"kept: they bring {brings} a month. Of the shapes that do, this one moves the fewest bills up by more "
                f"than {percent(STEEP_RISE)}, and by the least."
            )
        if self.free is not None and self.free.is_kept:
            held = count("account", int(self.free.holds.sum()))
            yield f"The free plan {self.free.tier.name} stays as it is today; {held} fit into it."
        contracts = int(self.evidence.on_list.on_request.sum())
        if contracts:
            yield f"{count('account', contracts)} without a published price today keep a tier on request."

    def _cautions(self, rulebook: Rulebook) -> Iterator[Caution]:
        band = rulebook.threshold("T2")
        if len(self.evidence) < _FEW:
            who = count("active account", len(self.evidence))
            yield Caution(f"Only {who}: quantiles and shares of so few can mislead.")
        if self.metric is None:
            yield Caution("No usage is recorded that could be limited: the tiers differ by features alone.")
        if self.evidence.used is None:
            yield Caution(
                "Feature use is not recorded: features are sorted by must-have and area, not by who uses them."
            )
        if band.status(self.levels.shares[MIDDLE]) != "ok":
            yield Caution(
                f"The needs in the data put {percent(self.levels.shares[MIDDLE])} of accounts in the middle tier; "
                f"{band.in_words()} was aimed at and could not be reached with round limits."
            )
        for name, share in zip(("entry", "middle", "top"), self.levels.shares, strict=True):
            if share == 0:
                yield Caution(f"No account's needs end in the {name} tier: the data give no reason to have it.")
        if self.free is not None and not self.free.is_kept:
            losing = count("account", int((self.evidence.plan == self.free.tier.name).sum()))
            yield Caution(
                f"The free plan {self.free.tier.name} is not in the draft: {count('account', self.free.paying_inside)} "
                f"that pay today would fit into it. {losing} lose it, unless it is limited further and put back."
            )
        if self.features.sold_separately:
            yield self._sold_separately()
        yield from self._about_prices()

    def _about_prices(self) -> Iterator[Caution]:
        currency, prices = self.evidence.currency, self.prices
        if not self.target:
            yield Caution("No MRR is recorded and no revenue is aimed at, so the prices are left open.")
        elif prices is None:
            yield Caution("No account has a bill that could be scaled, so the prices are left open.")
        else:
            if abs(prices.revenue / self.target - 1) > _OFF_TARGET:
                got, wanted = money(prices.revenue, currency), money(self.target, currency)
                yield Caution(f"Round prices bring {got} a month, not the {wanted} aimed at.")
            if np.isfinite(prices.spread) and prices.spread > WIDE_SPREAD:
                yield Caution(
                    "Three tiers cannot follow today's bills: for half of the accounts the new bill and today's differ "
                    f"by a factor of {number(1 + prices.spread, 1)} or more. See who, before deciding."
                )

    def _sold_separately(self) -> Caution:
        names = self.features.sold_separately
        text = f"Left to add-ons, because few accounts of any size use them: {', '.join(names)}."
        used = feature_columns(self.evidence, names)
        if used is not None:
            text += f" {count('account', int(used.any(axis=1).sum()))} would need one of them."
        return Caution(text, "note")


def feature_columns(evidence: TierEvidence, names: tuple[str, ...]) -> NDArray[np.bool_] | None:
    """Return who uses the named features, accounts x names in their order; None where use is not recorded."""
    if evidence.used is None:
        return None
    place = {name: column for column, name in enumerate(evidence.feature_names)}
    return evidence.used[:, [place[name] for name in names]]
