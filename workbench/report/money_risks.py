"""What could go wrong, measured in money: who watches it, and what would show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.formatting import count, percent
from workbench.impact.standing import STEEP
from workbench.stages.add_ons.evaluation import AddOnResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.impact.standing import Standing
    from workbench.report.content import ReportContent
    from workbench.report.result_figure import ResultFigure

_SHOWN = 3
NOBODY = "nobody named yet"


def money_risks(content: ReportContent, figures: Mapping[str, ResultFigure]) -> list[dict[str, Any]]:
    """Return the three largest risks by the monthly money at stake, each with its owner and its trigger."""
    owner = content.study.chosen.who if content.study.chosen is not None else NOBODY
    found = [] if content.standing is None else [*_in_bills(content.standing), *_ahead(figures), *_in_features(content)]
    largest = sorted((risk for risk in found if risk["money"] > 0), key=lambda risk: -risk["money"])[:_SHOWN]
    return [{**risk, "owner": owner} for risk in largest]


def _risk(money_at_stake: float, text: str, trigger: str) -> dict[str, Any]:
    return {"money": money_at_stake, "text": text, "trigger": trigger}


def _in_bills(stands: Standing) -> Iterator[dict[str, Any]]:
    steep = stands.rises_above(STEEP)
    paid, net = float(np.nansum(stands.paid[steep])), float(np.nansum(stands.net[steep]))
    if steep.any():
        even = (net - paid) / net
        yield _risk(
            paid,
            f"paid by {count('account', int(steep.sum()))} whose bills would rise by more than {percent(STEEP)}, and "
            "who may leave.",
            f"Customers with more than {percent(even)} of this revenue give notice: then the rise brings nothing.",
        )
    falls = stands.compared & (stands.change < 0)
    given = -float(stands.change[falls].sum())
    if given > 0:
        yield _risk(
            given,
            f"less from {count('account', int(falls.sum()))} for what they use today.",
            "The first invoices under the new list come to less than that list says.",
        )
    if stands.without_list_price > 0:
        yield _risk(
            stands.without_list_price,
            "paid without a list price: the new list is taken as it stands for it, without a discount.",
            "The first renewal of such a contract is closed below the new list.",
        )
    if stands.not_billed > 0:
        yield _risk(
            stands.not_billed,
            "paid by customers for whom the new list has no bill.",
            "A plan for them is not decided before the launch.",
        )


def _in_features(content: ReportContent) -> Iterator[dict[str, Any]]:
    result = next((each.result for each in content.outcomes if isinstance(each.result, AddOnResult)), None)
    if result is not None and result.losing.any():
        yield _risk(
            float(np.nansum(result.evidence.needs.mrr[result.losing])),
            f"paid by {count('account', int(result.losing.sum()))} that use a feature their new tier lacks, and would "
            "have to buy it or go without.",
            "More of them turn the add-on down than buy it in the first quarter.",
        )


def _ahead(figures: Mapping[str, ResultFigure]) -> Iterator[dict[str, Any]]:
    after, before = figures["revenue.after_reactions.12_months"], figures["revenue.today_ahead.12_months"]
    if after.value is not None and before.value is not None and after.value < before.value:
        gap = before.value - after.value
        yield _risk(
            gap,
            "less than today's list would bring a year on.",
            "Revenue under the new list stays below the forecast of today's for two months.",
        )
