"""Evaluate a set of tiers: where accounts land, what they pay, and which of the rules T1 to T8 that meets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import metric_words, percent
from workbench.results import HALF_A_CENT, LAST_DIGITS, Caution
from workbench.rules.packaging import (
    Asked,
    bill_shock,
    contracts,
    free_plan,
    middle_share,
    number_of_tiers,
    revenue_kept,
    step_up,
    top_to_entry,
)
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.contract import LazyTables, caution_maker, key_figure_maker, later, said_so
from workbench.stages.needs import SAMPLED_FROM, TierEvidence, evidence_for
from workbench.stages.needs import gather as gather_needs
from workbench.stages.offers import (
    AddOnDecision,
    TierDecision,
    ValueMetricDecision,
    full_price_words,
    middle_of_ladder,
    per_words,
)
from workbench.stages.placing import PEAK, assign, tier_marks
from workbench.stages.tiers import tables
from workbench.stages.tiers.result import (
    StepUp,
    TierResult,
    Unplaced,
    edges,
    recorded_bill_change,
    step_ups,
    tier_outcomes,
    unplaced,
    users_per_tier,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.pricing.placement import Placement
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.offers import AddOnChoice, Tier
    from workbench.stages.placing import TierAssignment
    from workbench.stages.tiers.result import TierOutcome
    from workbench.study.model import Scenario

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)
Decision, gather = TierDecision, gather_needs

# --- The findings on rules T1 to T4 for a set of tiers and where accounts land in them

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


# --- The findings on what tiers do to the customers of today: rules T5 to T8

_NAMED_UP_TO = 50_000
"""Findings name their accounts up to this many; beyond it they name the tiers."""


def moves_of_today(result: TierResult) -> tuple[Finding, ...]:
    """Return what the tiers do to revenue, bills, free plans and contracts of today; nothing before there are tiers."""
    if not result.decision.tiers:
        return ()
    return (_kept(result), _shock(result), *_free(result), *_on_request(result))


def _kept(result: TierResult) -> Finding:
    change = result.change
    known = change is not None and change.accounts > 0
    return revenue_kept(
        change.new if change is not None and known else None, change.today if change is not None and known else None,
        accounts=change.accounts if change is not None else 0, paying=change.paying if change is not None else None,
        month=result.evidence.billing_month, currency=result.evidence.currency, rulebook=result.rulebook,
    )  # fmt: skip


def _shock(result: TierResult) -> Finding:
    """Judge the rises of all accounts with both bills; to pay at all after paying nothing is a steep rise too."""
    paid, bill = result.evidence.mrr, result.net_bill
    both = np.isfinite(paid) & np.isfinite(bill)
    line = result.rulebook.threshold("T6.rise").high or 0.0
    steep = both & (bill > paid * (1 + line + LAST_DIGITS) + HALF_A_CENT * (paid == 0))
    rise = np.divide(bill, paid, out=np.full(paid.shape, np.nan), where=both & (paid > 0)) - 1
    paying = steep & (paid > 0)
    order = np.argsort(-np.where(steep, np.nan_to_num(rise, nan=np.inf), -np.inf), kind="stable")[: int(steep.sum())]
    return bill_shock(
        int(steep.sum()) if both.any() else None, int(both.sum()),
        largest=float(np.nanmax(rise[paying])) if paying.any() else None, paid_today=float(paid[steep].sum()),
        rise=float((bill - paid)[steep].sum()),
        affected=[str(each) for each in result.evidence.account_ids[order]] if paid.size <= _NAMED_UP_TO else (),
        free=int((both & (paid == 0)).sum()), month=result.evidence.billing_month, currency=result.evidence.currency,
        rulebook=result.rulebook,
    )  # fmt: skip


def _free(result: TierResult) -> tuple[Finding, ...]:
    """Judge the free plan of today; nothing where there is none or nobody is on it."""
    found = result.evidence.on_list
    if not found.free.any():
        return ()
    asked = found.free & ~(np.nan_to_num(result.bill, nan=np.inf) == 0)
    bills = result.net_bill[asked]
    known = bills[np.isfinite(bills)]
    names = [plan.name for plan in found.free_plans if (result.evidence.plan == plan.name).any()]
    typical = float(np.median(known)) if known.size else float("nan")
    told = Asked(int(asked.sum()), int(found.free.sum()), typical, float(known.sum()) if known.size else float("nan"))
    return (
        free_plan(
            names,
            told,
            has_free_tier=any(tier.is_free for tier in result.decision.tiers),
            currency=result.evidence.currency,
            rulebook=result.rulebook,
        ),
    )


def _on_request(result: TierResult) -> tuple[Finding, ...]:
    """Judge the accounts without a published price today; nothing where there are none."""
    on_it = result.evidence.on_list.on_request
    if not on_it.any():
        return ()
    paid = result.evidence.mrr[on_it]
    return (
        contracts(
            int(on_it.sum()),
            float(np.nansum(paid)) if np.isfinite(paid).any() else None,
            custom=[tier.name for tier in result.decision.tiers if tier.on_request],
            currency=result.evidence.currency,
            rulebook=result.rulebook,
        ),
    )


# --- What a reader looks at first, and what a result warns about itself

_FEW = 30


def tier_key_figures(result: TierResult) -> Iterator[KeyFigure]:
    """Yield revenue against today, the middle, the spread, who pays more or less, and who is left out of that."""
    change, found, currency = result.change, result.evidence, result.evidence.currency
    compared = change is not None and change.accounts > 0
    month, served = found.billing_month, sum(each.accounts for each in result.outcomes)
    if change is not None and compared:
        whole = change.new - change.today
        yield tell("revenue", change.new, change=whole, unit=currency, period=month, told=change, currency=currency)
    else:
        yield tell("revenue_alone", result.revenue, unit=currency, served=served, has_mrr=change is not None)
    public = [each for each in result.outcomes if each.tier.public and not each.tier.is_free]
    middle = [public[place] for place in middle_of_ladder([each.tier for each in public])]
    placed = sum(each.accounts for each in public)
    share = sum(each.accounts for each in middle) / placed if middle and placed else None
    yield tell("middle", share, placed=placed, names=[each.tier.name for each in middle])
    by_rule = {each.rule_id: each for each in result.findings}
    yield tell("spread", by_rule["T4"].measured)
    if change is not None and compared:
        for key, value in (("pay_more", change.more), ("pay_less", change.less)):
            yield tell(key, value / change.accounts, period=month, accounts=change.accounts)
        low, median, high = change.relative
        yield tell("bill_change", median, period=month, low=low, high=high)
    steep = by_rule.get("T6")
    if steep is not None and steep.measured is not None:
        line = result.rulebook.threshold("T6.rise").high or 0.0
        yield tell("steep", steep.measured, population=steep.population, line=line)
    lost, lacking = result.unplaced, result.not_compared
    yield tell(
        "unserved", lost.unserved, accounts=lost.unserved, active=len(found), today=lost.unserved_today,
        has_mrr=found.has_mrr, currency=currency,
    )  # fmt: skip
    yield tell("not_compared", lacking, accounts=lacking, served=served)


def tier_cautions(
    result: TierResult, unbilled_metrics: tuple[str, ...], lifted: tuple[str, ...] = ()
) -> Iterator[Caution]:
    """Yield the warnings, those about money and missing accounts first; `lifted` are limits add-ons sell more of."""
    found, lost, currency = result.evidence, result.unplaced, result.evidence.currency
    for metric in unbilled_metrics:
        yield warn("metric_not_recorded", metric=metric)
    if lost.unserved:
        yield warn("unserved", accounts=lost.unserved, today=lost.unserved_today, currency=currency, told=result.change)
    contracts_ = result.on_request & found.on_list.on_request
    held = int(contracts_.sum())
    if held:
        yield warn("contracts", accounts=held, paid=float(np.nansum(found.mrr[contracts_])), currency=currency)
    if fit_only := lost.on_request - held:
        yield warn("on_request", accounts=fit_only)
    if lost.unknown_bill and not unbilled_metrics:
        yield warn("bill_unknown", accounts=lost.unknown_bill)
    for edge in result.edges:
        if edge.drops:
            yield warn("bill_falls", edge=edge, currency=currency)
    if result.change and len(found) >= 2 * SAMPLED_FROM:
        yield warn("quantiles_of_a_part")
    yield from _about_needs(result)
    if lifted:
        yield warn("lifted", names=[metric_words(metric) for metric in lifted])


def _about_needs(result: TierResult) -> Iterator[Caution]:
    found, placement = result.evidence, result.placement
    if len(found) < _FEW:
        yield warn("few_accounts", accounts=len(found))
    if found.uses_counted != found.minimum_uses:
        yield warn("yes_or_no", uses=found.minimum_uses)
    if placement is not None and placement.fit.unknown:
        yield warn("limit_unknown", accounts=placement.fit.unknown)
    if placement is not None and placement.fit.unchecked_metrics:
        plain = {metric_words(each.removeprefix(PEAK)) for each in placement.fit.unchecked_metrics}
        yield warn("limit_not_recorded", names=sorted(plain))
    locked = [each for each in found.benefits if each.included_for is not None and each.included_for < each.of_accounts]
    if locked:
        yield warn("locked", features=len(locked))
    if result.sold_separately and found.used is not None:
        yield warn("sold_separately", names=sorted(result.sold_separately))


def summarise(decision: TierDecision, result: TierResult) -> str:
    """Return one sentence: the tiers with their prices, where accounts land, and revenue against today."""
    currency = result.evidence.currency
    offers = [f"{tier.name} ({full_price_words(tier, currency)})" for tier in decision.tiers]
    shares = [percent(each.share) for each in result.outcomes]
    told = {"told": result.change, "unserved": result.unplaced.unserved}
    return say("summary", offers=offers, shares=shares, currency=currency, **told)


# --- What follows from a set of tiers: where accounts land, what they pay, and which rules that meets


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,  # noqa: ARG001 - every stage takes one; nothing here is drawn at random
    evidence: TierEvidence | None = None,
) -> TierResult:
    """Return what follows from the tiers of a scenario.

    Every active account goes to the cheapest tier whose limits allow for its peak month and whose features include
    those it needs; features sold separately or in one of the scenario's add-ons are no need of a tier. Bills are those
    of tiers alone, made of each account's latest month and compared with its recorded MRR. What an add-on costs decides
    whether somebody takes it to stay within a smaller tier, so a limit an add-on lifts holds here, and a caution says
    so; a replay weighs the two. With evidence at hand a price change takes milliseconds.
    """
    decision = scenario.decision(TierDecision)
    found = evidence_for(base, decision, evidence)
    add_ons = scenario.decision(AddOnDecision).add_ons
    separately = frozenset(decision.sold_separately).union(*(choice.features for choice in add_ons))
    chosen = scenario.decision(ValueMetricDecision).metric
    if not decision.tiers:
        return _without_tiers(decision, found, rulebook, separately, chosen)
    assignment = assign(found, decision, separately)
    placement = assignment.place(decision, found.currency)
    contracts = int((found.on_list.on_request & np.isfinite(found.paid)).sum()) if assignment.keeps_contracts else 0
    outcomes = tier_outcomes(decision.tiers, placement, assignment, assignment.unbilled_metrics)
    result = TierResult(
        decision=decision, evidence=found, rulebook=rulebook, placement=placement, outcomes=outcomes,
        compared=int(assignment.comparable[np.isfinite(placement.group_bill)].sum()) + contracts,
        change=later(lambda: recorded_bill_change(found.paid, result.net_bill)) if found.has_mrr else None,
        unplaced=unplaced(placement, assignment), step_ups=later(lambda: _step_ups(result, placement, assignment)),
        edges=later(lambda: edges(decision.tiers, found.typical)), sold_separately=separately, value_metric=chosen,
        findings=later(lambda: _findings(result)), key_figures=later(lambda: tuple(tier_key_figures(result))),
        cautions=later(lambda: tuple(tier_cautions(result, assignment.unbilled_metrics, _lifted(decision, add_ons)))),
        tables=later(lambda: LazyTables(tables.tier_table_makers(result))), basis=found.basis, missing=found.missing,
    )  # fmt: skip
    return result


def _lifted(decision: TierDecision, add_ons: Iterable[AddOnChoice]) -> tuple[str, ...]:
    """Return the metrics some tier limits and some add-on sells more of."""
    limited = {metric for tier in decision.tiers for metric in tier.limits if metric not in tier.overage}
    sold = {each.usage_charge.metric for each in add_ons if each.usage_charge is not None}
    return tuple(sorted(limited & sold))


def _step_ups(result: TierResult, placement: Placement, assignment: TierAssignment) -> tuple[StepUp, ...]:
    tiers, found = result.decision.tiers, result.evidence
    return step_ups(
        tiers, [outcome.accounts for outcome in result.outcomes],
        users_per_tier(placement.group_plan, assignment.users, len(tiers)), found.feature_names,
        requests={benefit.feature: benefit.requests or 0 for benefit in found.benefits}, areas=found.areas,
    )  # fmt: skip


def _findings(result: TierResult) -> tuple[Finding, ...]:
    found = tier_findings(result.outcomes, result.step_ups, result.evidence.currency, result.rulebook)
    found = (*found, *moves_of_today(result))
    found = said_so(found, result.decision.held_by(tier_marks(result.decision, result.evidence)))
    return with_accounts(found, result.accounts_in) if len(result.evidence) <= _NAMED_UP_TO else found


def _without_tiers(
    decision: TierDecision, found: TierEvidence, rulebook: Rulebook, separately: frozenset[str], chosen: str | None
) -> TierResult:
    """Return the result of a scenario that has no tiers yet: what accounts need, and nothing about prices."""
    result = TierResult(
        decision=decision, evidence=found, rulebook=rulebook, placement=None, outcomes=(), compared=0, change=None,
        unplaced=Unplaced(0, 0.0, 0, 0), step_ups=(), edges=(), sold_separately=separately, value_metric=chosen,
        findings=tier_findings((), (), found.currency, rulebook), cautions=(warn("no_tiers"),),
        tables=later(lambda: LazyTables(tables.tier_table_makers(result))), basis=found.basis, missing=found.missing,
    )  # fmt: skip
    return result
