"""What a result on tiers warns about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.formatting import count, exact, money, priced
from workbench.results import Caution
from workbench.stages.tiers.bill_change import SAMPLED_FROM
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.stages.tiers.evaluation import TierResult

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
            f"Prices grow with {words}, which the data does not record: the bills of those tiers are unknown.",
            "warning",
        )
    if result.unplaced.unserved:
        paid = f", which pay {money(result.unplaced.unserved_today, currency)} a month today" if result.change else ""
        who = count("account", result.unplaced.unserved)
        yield f"No tier serves {who}{paid}. They are listed, and their revenue is not counted.", "warning"
    contracts = result.on_request & result.evidence.on_list.on_request
    if contracts.any():
        paid = money(float(np.nansum(result.evidence.mrr[contracts])), currency)
        who = count("account", int(contracts.sum()))
        yield (
            f"{who} without a published price today keep a contract: taken to pay the {paid} a month they pay.",
            "note",
        )
    if fit_only := result.unplaced.on_request - int(contracts.sum()):
        who = count("account", fit_only)
        yield f"{who} fit only a tier on request, whose price is unknown: their revenue is not counted.", "warning"
    known_lack = result.unplaced.unknown_bill and not unbilled_metrics
    if known_lack:
        who = count("account", result.unplaced.unknown_bill)
        yield f"{who} have no recorded usage of a charged metric: their bills are unknown.", "warning"
    for edge in result.edges:
        if edge.drops:
            before, after = priced(edge.bill_below, currency), priced(edge.bill_above, currency)
            place = f"At {exact(edge.limit)} {metric_words(edge.metric)}"
            fall = f"the bill falls from {before} ({edge.below}) to {after} ({edge.above})"
            yield f"{place} {fall}: accounts pay less by using more.", "warning"
    if result.change and len(result.evidence) >= 2 * SAMPLED_FROM:
        yield "Quantiles of the bill change are read from an evenly spaced part of the accounts.", "note"


def _about_needs(result: TierResult) -> Iterator[tuple[str, Severity]]:
    evidence = result.evidence
    if len(evidence) < _FEW:
        yield f"Only {count('active account', len(evidence))}: shares of so few can mislead.", "warning"
    placement = result.placement
    if placement is not None and placement.fit.unknown:
        who = count("account", placement.fit.unknown)
        yield f"{who} have no recorded usage of a limited metric: limits kept them out of no tier.", "note"
    if placement is not None and placement.fit.unchecked_metrics:
        names = ", ".join(sorted({_plain(metric) for metric in placement.fit.unchecked_metrics}))
        yield f"The data does not record {names}: these limits could not be checked.", "warning"
    locked = [
        benefit.feature
        for benefit in evidence.benefits
        if benefit.included_for is not None and benefit.included_for < benefit.of_accounts
    ]
    if locked:
        told = count("feature", len(locked))
        why = f"{told} not in every plan today: use understates who would benefit"
        yield f"{why}. Compare the share among accounts whose plan includes them, and the requests.", "note"
    if result.sold_separately and evidence.used is not None:
        names = ", ".join(sorted(result.sold_separately))
        yield f"Not counted as needs of a tier, because they are sold separately: {names}.", "note"


def _about_add_ons(lifted: tuple[str, ...]) -> Iterator[tuple[str, Severity]]:
    if lifted:
        names = ", ".join(metric_words(metric) for metric in lifted)
        why = f"An add-on sells more {names} than a tier includes, but tiers stand alone here"
        yield f"{why}: who goes beyond is in a larger tier, or in none. The replay weighs the add-on.", "note"


def _plain(metric: str) -> str:
    return metric_words(metric.removeprefix("peak month of "))
