"""What accounts pay as a share of list prices: a discount somebody has today is taken to stay under other prices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.fees import fee_of, metrics_of, units_and_usage
from workbench.formatting import count, percent
from workbench.impact.realised import share_of_list
from workbench.results import Caution

if TYPE_CHECKING:
    from workbench.demand.customers import Customers
    from workbench.pricing import PriceBook

_LEAST, _SAME = 0.3, 0.005
"""A bill under three tenths of list is more likely another offer than a discount; half a percent is rounding.

Demand asks what an account would pay for an offer as listed, so neither an offer unlike it nor what is paid beyond the
list may scale its prices; a replay and a forecast carry on what is paid, whatever it is for, and take every share.
"""


def with_own_discounts(customers: Customers, price_book: PriceBook) -> tuple[Customers, tuple[Caution, ...]]:
    """Return the customers with the share of today's list prices each pays, and a note on it.

    Who is on no priced plan, has no known bill, pays more than list or under three tenths of it counts as paying list.
    """
    if customers.plan is None or customers.paid is None:
        return customers, ()
    listed = np.full(len(customers), np.nan)
    quantities = customers.quantities(metrics_of(price_book))
    for plan in price_book.priced_plans:
        units, usage = units_and_usage(plan, quantities, len(customers))
        listed = np.where(customers.plan == plan.name, fee_of(plan).amount * units + usage, listed)
    share = share_of_list(customers.paid, listed, least=_LEAST, most=1 - _SAME)
    discounted = share < 1
    if not discounted.any():
        return customers, ()
    off = 1 - customers.paid[discounted].sum() / listed[discounted].sum()
    note = Caution(
        f"{count('account', int(discounted.sum()))} of {len(customers)} pay {percent(float(off))} less than list, and "
        "are taken to keep their own discount under any prices.",
        "note",
    )
    return replace(customers, realised=share), (note,)
