"""Whether tiers give customers a choice and a way up (rules T1 to T3)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import finding, interval_in_words, listed
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.shares import wilson
from workbench.rules.threshold import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.rules.finding import Finding
    from workbench.rules.rulebook import Rule

_FEWEST_FOR_A_MIDDLE = 3


def number_of_tiers(public: Sequence[str], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the number of tiers on the pricing page (T1); `public` names them."""
    rule = rulebook["T1"]
    if not public:
        return finding(rule, "unknown", "No public tier is set.", remedy="Add the tiers of the offer.", measured=None)
    too_few = rule.low is not None and len(public) < rule.low
    how = "Add a tier" if too_few else "Merge tiers or sell one of them on request"
    return finding(
        rule,
        rule.threshold.status(len(public)),
        f"{formatting.count('public tier', len(public))}: {listed(public, most=8)}.",
        remedy=f"{how}, so that {rule.threshold.in_words()} are on the pricing page.",
        measured=len(public),
        affected=public,
    )


def middle_tiers(tiers: Sequence[str]) -> tuple[str, ...]:
    """Return which tiers are the middle: all but the first and the last, none with fewer than three tiers.

    With three tiers that is the second; with four the two inner ones together, because the rule's share
    describes where customers land between an entry and a top tier.
    """
    return tuple(tiers[1:-1]) if len(tiers) >= _FEWEST_FOR_A_MIDDLE else ()


def middle_share(counts: Mapping[str, int], *, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge the share of customers in the middle (T2); `counts` gives accounts per tier, smallest tier first.

    The share itself decides, because it counts every account that could be placed; its interval says how far the
    next customers could move it. See `middle_tiers` for which tiers count.
    """
    rule, total = rulebook["T2"], sum(counts.values())
    middle = middle_tiers(tuple(counts))
    if not middle or total == 0:
        why = (
            "Nobody is placed in a tier."
            if middle
            else f"With {formatting.count('tier', len(counts))} there is no middle."
        )
        need = "Load accounts with usage, so that they can be placed." if middle else "Design three or four tiers."
        return finding(rule, "unknown", why, remedy=need, affected=middle)
    inside, band = sum(counts[name] for name in middle), rule.threshold
    share = wilson(inside, total)
    estimate = inside / total
    which = f"the middle tier {middle[0]}" if len(middle) == 1 else f"the inner tiers {listed(middle)} together"
    return finding(
        rule,
        rule.threshold.status(estimate),
        f"{inside:,} of {formatting.count('account', total)} land in {which}: "
        f"{interval_in_words(share, 'share', band) if share else written(estimate, 'share', band)}.",
        remedy=_move_the_middle(rule, estimate, total, which),
        measured=estimate,
        affected=middle,
        population=f"{formatting.count('account', total)} placed in a tier",
    )


def step_up(
    tiers: Sequence[tuple[str, Sequence[str]]],
    benefit: Mapping[str, float | None],
    *,
    larger_limits: Mapping[str, bool] | None = None,
    rulebook: Rulebook = RULEBOOK,
) -> tuple[Finding, ...]:
    """Judge for every tier above the first whether it adds something its customers value (T3).

    `tiers` are (name, all features) from smallest to largest; `benefit` is the share of the customers a feature is
    meant for who value it, None where unknown; `larger_limits` says which tiers raise a limit over the
    one below. A tier that only raises limits is on watch.
    """
    rule = rulebook["T3"]
    findings = []
    seen: set[str] = set(tiers[0][1]) if tiers else set()
    for name, features in tiers[1:]:
        new = [feature for feature in features if feature not in seen]
        seen.update(features)
        findings.append(_step(rule, name, new, benefit, raises=bool((larger_limits or {}).get(name))))
    if not findings:
        evidence = f"{formatting.count('tier', len(tiers))}: there is no step to judge."
        return (finding(rule, "unknown", evidence, remedy="Design at least two tiers."),)
    return tuple(findings)


def _step(rule: Rule, name: str, new: Sequence[str], benefit: Mapping[str, float | None], *, raises: bool) -> Finding:
    shares = {feature: benefit.get(feature) for feature in new}
    valued = {feature: share for feature, share in shares.items() if share is not None and share > 0}
    unknown = [feature for feature, share in shares.items() if share is None or math.isnan(share)]
    status = rule.threshold.status(len(valued))
    if status != "ok" and unknown and rule.threshold.status(len(valued) + len(unknown)) == "ok":
        status = "unknown"
    elif status != "ok" and raises:
        status = "watch"
    named = [
        f"{feature} ({formatting.percent(share)})" for feature, share in sorted(valued.items(), key=lambda kv: -kv[1])
    ]
    parts = [
        f"{name} adds {formatting.count('feature', len(new))} to the tier below",
        f"; valued by those it is for: {listed(named)}" if named else "",
        f"; benefit unknown: {listed(unknown)}" if unknown else "",
        "; it raises limits" if raises else "",
    ]
    need = rule.threshold.in_words()
    remedy = (
        f"Load feature use or a feature survey, to learn whether customers of {name} value {listed(unknown)}."
        if status == "unknown"
        else f"Move features into {name} that its customers value ({need}); analytics, API access and integrations are "
        "the usual gates."
    )
    return finding(
        rule, status, "".join(parts) + ".", remedy=remedy, measured=len(valued), subject=name, affected=(name,)
    )


def _move_the_middle(rule: Rule, share: float, total: int, which: str) -> str:
    goal = rule.threshold.nearest(share)
    accounts = max(1, math.ceil(abs(goal - share) * total - 1e-9))
    direction = "into" if share < goal else "out of"
    return (
        f"Move limits or features so that about {formatting.count('account', accounts)} go {direction} {which}, to "
        f"reach {written(goal, 'share')}."
    )
