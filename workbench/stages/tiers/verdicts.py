"""The findings on rules T1 to T4 for a set of tiers and where accounts land in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.rules.checks.tier_prices import top_to_entry
from workbench.rules.checks.tiers import middle_share, number_of_tiers, step_up
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.rules import Finding, Rulebook
    from workbench.stages.tiers.decision import Tier
    from workbench.stages.tiers.outcome import TierOutcome
    from workbench.stages.tiers.step_up import StepUp

_ABOUT_ACCOUNTS = {"T2", "T3"}


def tier_findings(
    outcomes: Sequence[TierOutcome], ups: Sequence[StepUp], currency: str, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the findings on the number of tiers, the middle, each step up and the spread of prices."""
    tiers = [outcome.tier for outcome in outcomes]
    public = [outcome for outcome in outcomes if outcome.tier.public]
    units = {tier.name: _unit(tier) for tier in tiers if tier.price}
    known = set(units.values())
    return (
        number_of_tiers([outcome.tier.name for outcome in public], rulebook=rulebook),
        # A share of customers in the middle is one of those who pay: a free plan has no place on the ladder.
        middle_share({o.tier.name: o.accounts for o in public if not o.tier.is_free}, rulebook=rulebook),
        *_steps([tier for tier in tiers if not tier.on_request], ups, rulebook),
        top_to_entry(
            {tier.name: tier.price for tier in tiers},
            units=units,
            currency=currency,
            per=f"per {known.pop()} and month" if len(known) == 1 else "",
            rulebook=rulebook,
        ),
    )


def with_accounts(findings: Sequence[Finding], accounts_in: Callable[[str], tuple[str, ...]]) -> tuple[Finding, ...]:
    """Return the findings with the accounts behind those on the middle and on steps that are not met.

    `accounts_in` gives the accounts in a tier by its name.
    """

    def named(finding: Finding) -> Finding:
        if finding.rule_id not in _ABOUT_ACCOUNTS or finding.status not in {"watch", "breach"}:
            return finding
        return replace(finding, affected=tuple(one for tier in finding.affected for one in accounts_in(tier)))

    return tuple(named(finding) for finding in findings)


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
