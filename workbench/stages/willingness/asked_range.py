"""Prices found beyond those anybody was asked about: there nothing but the shape of the model speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.fees import fee_of
from workbench.formatting import exact_money, priced
from workbench.results import Caution
from workbench.stages.willingness.sources import NEEDS
from workbench.stages.willingness.survey_units import asked_per

if TYPE_CHECKING:
    from workbench.demand.search import PriceSearch
    from workbench.stages.willingness.outcome import WillingnessResult

_PRICES = {"choices": "price", "price ladder": "price", "price sensitivity": "too_expensive"}


def beyond_what_was_asked(result: WillingnessResult, search: PriceSearch) -> tuple[Caution, ...]:
    """Return a caution naming the tiers whose found price lies above every price of the survey, none elsewhere.

    Only prices for the same unit are compared; bills people pay today are no prices anybody was asked about.
    """
    if result.design is None or result.source not in _PRICES:
        return ()
    frame = result.answers.base.frames[NEEDS[result.source]]
    most, per = float(frame[_PRICES[result.source]].max()), asked_per(frame)
    plans = [plan for plan in result.design.book.plans if plan.name in search.searched and fee_of(plan).per == per]
    above = [
        f"{plan.name} at {priced(search.prices[plan.name], search.currency)}"
        for plan in plans
        if search.prices[plan.name] > most
    ]
    if not above:
        return ()
    return (
        Caution(
            f"{', '.join(above)}: nobody was asked about a price above {exact_money(most, search.currency)}, so what "
            "happens there rests on the model alone. Ask about such prices before using them."
        ),
    )
