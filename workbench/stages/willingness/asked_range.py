"""The prices people were asked about, or pay: beyond them nothing but the shape of the model speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from workbench.demand.fees import PER_ACCOUNT, fee_of
from workbench.demand.search.rules import typical
from workbench.formatting import exact_money, priced
from workbench.results import Caution
from workbench.stages.willingness.sources import NEEDS
from workbench.stages.willingness.standing import NOBODY_ASKED, why_not_known
from workbench.stages.willingness.survey_units import asked_per
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.pricing import AddOn, Plan
    from workbench.stages.willingness.outcome import WillingnessResult

Offer = TypeVar("Offer", "Plan", "AddOn")
_PRICES = {
    "choices": ("price", "price"),
    "price ladder": ("price", "price"),
    "price sensitivity": ("expensive", "too_expensive"),
}
_FEW = 0.05
_BELOW = 2 * 1.2
"""How far below the lowest price asked a found price may lie: half of it, read as usually overstated."""

Ends = tuple[float | None, float | None]


def asked_bounds(result: WillingnessResult) -> dict[str, Ends]:
    """Return how low and how high the price of each offer may be found, for tiers priced in the unit people named.

    At most the highest price of the survey, taken as overstated as it may be, or the highest that a plan of today has
    for that unit. An add-on is a part of what was asked about, whatever it is priced per: at typical quantities it
    costs no more than that.
    """
    asked = _asked(result)
    if asked is None or result.design is None:
        return {}
    low, high, per = asked
    today = result.design.sourced.today
    paid = [] if today is None else [fee_of(plan) for plan in today.priced_plans]
    most = max([high / result.decision.overstated_high, *(fee.amount for fee in paid if fee.per == per)])
    book, task = result.design.book, result.design.task
    found: dict[str, Ends] = {
        plan.name: (min(low / _BELOW, most), most) for plan in _priced(book.plans) if fee_of(plan).per == per
    }
    asked_units = typical(result.design.sourced.demand.customers.quantities((per,))[per]) if per != PER_ACCOUNT else 1.0
    for each in _priced(book.add_ons):
        units = typical(np.asarray(task.add_on_units[:, task.add_ons.index(each.name)]))
        found[each.name] = (None, most * asked_units / units)
    return found


def held_fixed(result: WillingnessResult) -> dict[str, float]:
    """Return the prices a search leaves as they are: of tiers whose unit nobody was asked about."""
    inside = asked_bounds(result)
    plans = () if result.design is None else result.design.book.plans
    return {each.name: fee_of(each).amount for each in _priced(plans) if each.name not in inside}


def why_not_searched(result: WillingnessResult) -> str:
    """Return why no prices can be recommended, whatever a search would find; "" where they can."""
    if result.design is None:
        return result.why_not
    if why := why_not_known(result.design.sourced):
        return why
    asked = _asked(result)
    if asked is None:
        return NOBODY_ASKED
    names = {plan.name for plan in result.design.book.plans}
    if not names & asked_bounds(result).keys():
        unit = PER_ACCOUNT if asked[2] == PER_ACCOUNT else one_unit(asked[2])
        return f"People were asked for prices per {unit}, and no tier is priced that way, so no prices are found."
    return ""


def beyond_what_was_asked(result: WillingnessResult, prices: Mapping[str, float] | None = None) -> tuple[Caution, ...]:
    """Return a caution naming the tiers whose price lies above every price of the survey, none elsewhere.

    `prices` by name stand in for the design's own. Only prices for the same unit are compared; bills people pay today
    are no prices anybody was asked about.
    """
    asked = _asked(result)
    if asked is None or result.design is None:
        return ()
    _, most, per = asked
    given = {} if prices is None else prices
    fees = {plan.name: fee_of(plan) for plan in result.design.book.plans}
    listed = {name: given.get(name, fee.amount) for name, fee in fees.items() if fee.per == per}
    above = [f"{name} at {priced(price, result.currency)}" for name, price in listed.items() if price > most]
    if not above:
        return ()
    return (
        Caution(
            f"{', '.join(above)}: nobody was asked about a price above {exact_money(most, result.currency)}, so what "
            "happens there rests on the model alone. Ask about such prices before using them."
        ),
    )


def _asked(result: WillingnessResult) -> tuple[float, float, str] | None:
    """Return the lowest and highest price of the survey behind a result, and what one buys; None without a survey."""
    if result.source not in _PRICES:
        return None
    frame = result.answers.base.frames[NEEDS[result.source]]
    lowest, highest = _PRICES[result.source]
    offered = frame[lowest][frame[lowest] > 0].dropna()  # choosing none costs nothing
    if lowest != highest:  # people named these prices themselves, so a few of them are of no weight
        ends = float(offered.quantile(_FEW)), float(frame[highest].dropna().quantile(1 - _FEW))
    else:
        ends = float(offered.min()), float(frame[highest].max())
    return *ends, asked_per(frame)


def _priced(offers: Iterable[Offer]) -> list[Offer]:
    return [each for each in offers if fee_of(each).amount > 0]


__all__ = ["asked_bounds", "beyond_what_was_asked", "held_fixed", "why_not_searched"]
