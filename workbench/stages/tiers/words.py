"""Tier design in sentences: prices and limits in words, key figures, cautions and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.formatting import (
    count,
    exact,
    exact_percent,
    metric_words,
    money,
    percent,
    priced,
    thousands,
)
from workbench.results import Caution, KeyFigure
from workbench.stages.needs import SAMPLED_FROM
from workbench.stages.offers import full_price_words, middle_of_ladder
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.stages.offers import TierDecision
    from workbench.stages.tiers.result import RecordedBillChange, TierResult

say = texts(__name__)

# --- The few numbers a reader looks at first

COMPARED = say("with_a_payment_on_record")


def tier_key_figures(result: TierResult) -> tuple[KeyFigure, ...]:
    """Return revenue against today, the middle, the spread, who pays more or less, and who is left out of that."""
    return (
        _revenue(result),
        _middle(result),
        _spread(result),
        *(_changes(result.change, result.evidence.billing_month) if result.change and result.change.accounts else ()),
        *_shock(result),
        _unserved(result),
        _not_compared(result),
    )


def _revenue(result: TierResult) -> KeyFigure:
    change, currency = result.change, result.evidence.currency
    if change is None or not change.accounts:
        return KeyFigure(
            "Revenue a month",
            result.revenue,
            currency,
            population=f"{count('account', sum(o.accounts for o in result.outcomes))} in a tier",
            note="Today's is not recorded." if change is None else say("no_account_can_be_compared"),
            held_against_today=True,
        )
    return KeyFigure(
        say("revenue_a_month_same_accounts"),
        change.new,
        currency,
        period=result.evidence.billing_month,
        population=f"{count('account', change.accounts)} {COMPARED}",
        change=change.new - change.today,
        digits=0,
        held_against_today=True,
        note=say("recorded_today_each_account_s", today=change.today, currency=currency, change=change.change),
    )


def _shock(result: TierResult) -> tuple[KeyFigure, ...]:
    """Return the share of accounts whose bill rises steeply, with the largest rise."""
    found = next((each for each in result.findings if each.rule_id == "T6" and each.measured is not None), None)
    if found is None:
        return ()
    line = exact_percent(result.rulebook.threshold("T6.rise").high or 0.0)
    return (
        KeyFigure(
            f"Bills up over {line}",
            found.measured,
            "percent",
            population=found.population,
            note=say("each_account_s_own_discount"),
        ),
    )


def _middle(result: TierResult) -> KeyFigure:
    public = [outcome for outcome in result.outcomes if outcome.tier.public and not outcome.tier.is_free]
    middle = [public[place] for place in middle_of_ladder([outcome.tier for outcome in public])]
    placed = sum(outcome.accounts for outcome in public)
    return KeyFigure(
        "In the middle",
        sum(outcome.accounts for outcome in middle) / placed if middle and placed else None,
        "percent",
        population=say("of_in_a_public_tier", placed=placed),
        note=", ".join(outcome.tier.name for outcome in middle),
    )


def _spread(result: TierResult) -> KeyFigure:
    finding = next(finding for finding in result.findings if finding.rule_id == "T4")
    return KeyFigure(say("top_price_over_entry_price"), finding.measured, "times", note=say("free_and_on_request_left"))


def _changes(change: RecordedBillChange, month: str) -> tuple[KeyFigure, ...]:
    low, middle, high = change.relative
    population = f"{count('account', change.accounts)} {COMPARED}"
    spread = say("from_to_for_nine_accounts", low=low, high=high)
    return (
        KeyFigure("Pay more", change.more / change.accounts, "percent", population=population, period=month),
        KeyFigure("Pay less", change.less / change.accounts, "percent", population=population, period=month),
        KeyFigure("Median bill change", middle, "percent", note=spread, period=month),
    )


def _unserved(result: TierResult) -> KeyFigure:
    missing = result.unplaced
    paid = say("paying_a_month_today", unserved_today=missing.unserved_today, currency=result.evidence.currency)
    return KeyFigure(
        "No tier serves",
        missing.unserved,
        "accounts" if missing.unserved != 1 else "account",
        population=f"of {thousands(len(result.evidence))} active",
        note=paid if missing.unserved and result.evidence.has_mrr else "",
    )


def _not_compared(result: TierResult) -> KeyFigure:
    served = sum(outcome.accounts for outcome in result.outcomes)
    lacking = result.not_compared
    return KeyFigure(
        "Cannot be compared",
        lacking,
        "accounts" if lacking != 1 else "account",
        population=say("of_in_a_tier", served=served),
        note=say("no_recorded_mrr_or_no") if lacking else "",
    )


# --- What a result on tiers warns about itself

_FEW = 30
Severity = Literal["note", "warning"]


def tier_cautions(
    result: TierResult, unbilled_metrics: tuple[str, ...], lifted: tuple[str, ...] = ()
) -> tuple[Caution, ...]:
    """Return the warnings, those about money and missing accounts first; `lifted` are limits add-ons sell more of."""
    told = (*_about_bills(result, unbilled_metrics), *_about_needs(result), *_about_add_ons(lifted))
    return tuple(Caution(text, severity) for text, severity in told)


def _about_bills(result: TierResult, unbilled_metrics: tuple[str, ...]) -> Iterator[tuple[str, Severity]]:
    currency = result.evidence.currency
    for metric in unbilled_metrics:
        words = metric_words(metric)
        yield (
            say("prices_grow_with_which_the", words=words),
            "warning",
        )
    if result.unplaced.unserved:
        paid = (
            say("which_pay_a_month_today", unserved_today=result.unplaced.unserved_today, currency=currency)
            if result.change
            else ""
        )
        who = count("account", result.unplaced.unserved)
        yield say("no_tier_serves_they_are", who=who, paid=paid), "warning"
    contracts = result.on_request & result.evidence.on_list.on_request
    if contracts.any():
        paid = money(float(np.nansum(result.evidence.mrr[contracts])), currency)
        who = count("account", int(contracts.sum()))
        yield (
            say("without_a_published_price_today", who=who, paid=paid),
            "note",
        )
    if fit_only := result.unplaced.on_request - int(contracts.sum()):
        who = count("account", fit_only)
        yield say("fit_only_a_tier_on", who=who), "warning"
    known_lack = result.unplaced.unknown_bill and not unbilled_metrics
    if known_lack:
        who = count("account", result.unplaced.unknown_bill)
        yield say("have_no_recorded_usage_of", who=who), "warning"
    for edge in result.edges:
        if edge.drops:
            before, after = priced(edge.bill_below, currency), priced(edge.bill_above, currency)
            place = f"At {exact(edge.limit)} {metric_words(edge.metric)}"
            fall = say("the_bill_falls_from_to", before=before, below=edge.below, after=after, above=edge.above)
            yield say("accounts_pay_less_by_using", place=place, fall=fall), "warning"
    if result.change and len(result.evidence) >= 2 * SAMPLED_FROM:
        yield say("quantiles_of_the_bill_change"), "note"


def _about_needs(result: TierResult) -> Iterator[tuple[str, Severity]]:
    evidence = result.evidence
    if len(evidence) < _FEW:
        yield say("only_shares_of_so_few", evidence=len(evidence)), "warning"
    placement = result.placement
    if placement is not None and placement.fit.unknown:
        who = count("account", placement.fit.unknown)
        yield say("have_no_recorded_usage_of_2", who=who), "note"
    if placement is not None and placement.fit.unchecked_metrics:
        names = ", ".join(sorted({_plain(metric) for metric in placement.fit.unchecked_metrics}))
        yield say("the_data_does_not_record", names=names), "warning"
    locked = [
        benefit.feature
        for benefit in evidence.benefits
        if benefit.included_for is not None and benefit.included_for < benefit.of_accounts
    ]
    if locked:
        told = count("feature", len(locked))
        why = say("not_in_every_plan_today", told=told)
        yield say("compare_the_share_among_accounts", why=why), "note"
    if result.sold_separately and evidence.used is not None:
        names = ", ".join(sorted(result.sold_separately))
        yield say("not_counted_as_needs_of", names=names), "note"


def _about_add_ons(lifted: tuple[str, ...]) -> Iterator[tuple[str, Severity]]:
    if lifted:
        names = ", ".join(metric_words(metric) for metric in lifted)
        why = say("an_add_on_sells_more", names=names)
        yield say("who_goes_beyond_is_in", why=why), "note"


def _plain(metric: str) -> str:
    return metric_words(metric.removeprefix("peak month of "))


# --- A decision on tiers and what follows from it, in one sentence


def summarise(decision: TierDecision, result: TierResult) -> str:
    """Return one sentence: the tiers with their prices, where accounts land, and revenue against today."""
    if not decision.tiers:
        return say("no_tiers_are_designed_yet")
    currency = result.evidence.currency
    offers = ", ".join(f"{tier.name} ({full_price_words(tier, currency)})" for tier in decision.tiers)
    shares = ", ".join(percent(outcome.share) for outcome in result.outcomes)
    text = say("they_hold_of_active_accounts", tiers=len(decision.tiers), offers=offers, shares=shares)
    change = result.change
    if change is not None and change.accounts:
        whole = change.paying == change.accounts
        who = f"{count('account', change.accounts)}{' that' if whole else f', of which {thousands(change.paying)}'}"
        text += say("and_bring_a_month_each", new=change.new, currency=currency, who=who, today=change.today)
    if result.unplaced.unserved:
        text += say("would_have_no_tier", unserved=result.unplaced.unserved)
    return text + "."
