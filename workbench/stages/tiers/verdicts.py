"""The findings on rules T1 to T4 for a set of tiers and where accounts land in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rules.checks.tiers import middle_share, number_of_tiers, step_up, top_to_entry
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rules import Finding, Rulebook
    from workbench.stages.tiers.decision import Tier
    from workbench.stages.tiers.outcome import TierOutcome
    from workbench.stages.tiers.step_up import StepUp


def tier_findings(
    outcomes: Sequence[TierOutcome], ups: Sequence[StepUp], currency: str, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the findings on the number of tiers, the middle, each step up and the spread of prices."""
    tiers = [outcome.tier for outcome in outcomes]
    public = [outcome for outcome in outcomes if outcome.tier.public]
    units = {tier.name: _unit(tier) for tier in tiers}
    known = set(units.values())
    return (
        number_of_tiers([outcome.tier.name for outcome in public], rulebook=rulebook),
        middle_share({outcome.tier.name: outcome.accounts for outcome in public}, rulebook=rulebook),
        *_steps(tiers, ups, rulebook),
        top_to_entry(
            {tier.name: tier.price for tier in tiers},
            units=units,
            currency=currency,
            per=f"per {known.pop()} and month" if len(known) == 1 else "",
            rulebook=rulebook,
        ),
    )


def _steps(tiers: Sequence[Tier], ups: Sequence[StepUp], rulebook: Rulebook) -> tuple[Finding, ...]:
    """Judge each step on what the accounts of that very tier make of it."""
    if not ups:
        return step_up([(tier.name, tier.features) for tier in tiers], {}, rulebook=rulebook)
    findings: list[Finding] = []
    for below, tier, up in zip(tiers, tiers[1:], ups, strict=False):
        benefit = {added.feature: None if added.share is None else added.share.estimate for added in up.added}
        pair = [(below.name, below.features), (tier.name, tier.features)]
        findings += step_up(pair, benefit, larger_limits={tier.name: bool(up.step.limits)}, rulebook=rulebook)
    return tuple(findings)


def _unit(tier: Tier) -> str:
    return per_words(tier.price_per).removeprefix("per ")
