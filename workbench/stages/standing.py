"""A scenario's money on its study's basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.impact import account_months
from workbench.impact.standing import standing
from workbench.stages.price_book import price_book
from workbench.stages.price_book import today as list_of_today
from workbench.stages.tiers.decision import TierDecision
from workbench.study.basis import MONTHS_OF_BASIS

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.impact.standing import Standing
    from workbench.study import Scenario, Study


def scenario_standing(base: CustomerBase, study: Study, scenario: Scenario) -> tuple[Standing | None, str]:
    """Return a scenario's money on the study's basis; None and why where nothing can be billed."""
    if not base.has("usage"):
        return None, "What customers would pay cannot be said without the table usage."
    needs = scenario.decision(TierDecision).how_needs_are_read
    months = min(MONTHS_OF_BASIS[study.basis], len(base.months))
    try:
        rows = account_months(
            base, months=months, needs_months=needs["needs_months"], minimum_uses=needs["minimum_uses"]
        )
        todays_list = list_of_today(base) if base.has("plans") else None
        book = todays_list if scenario.kind == "baseline" else price_book(base, scenario)
        return standing(rows, book, todays_list), ""
    except WorkbenchError as error:
        return None, str(error)
