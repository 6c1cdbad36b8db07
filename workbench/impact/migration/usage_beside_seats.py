"""A usage component beside per-seat plans, as something customers opt into and not as a replacement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.impact.migration.errors import MigrationError
from workbench.pricing import AddOn, Limit, Plan, PriceBook
from workbench.pricing.beyond import charge_beyond
from workbench.pricing.buyers import plans_that_may_buy
from workbench.pricing.decimals import decimal_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import ArrayLike

    from workbench.pricing.decimals import Number

_UNNAMED = ""


def opt_in_overage(
    price_book: PriceBook,
    metric: str,
    *,
    unit_price: Number,
    included: Number | None = None,
    kind: Literal["overage", "accelerator"] = "overage",
    block: Number = 0,
    block_price: Number = 0,
    most_per_month: Number | None = None,
    seats: str = "seats",
    name: str = "",
) -> PriceBook:
    """Return the price book with an opt-in usage component as add-on; its per-seat plans stay exactly as they are.

    Parameters
    ----------
    price_book
        One with at least one priced plan charged by `seats`, and none charged by `metric` yet.
    unit_price
        Per unit of the metric above what is included, per month.
    included
        Units a plan covers. None takes the plans' limits of the metric; where these differ, every limited plan gets
        an add-on of its own, named after it.
    kind
        "overage" costs nothing until more than the included units are used; an "accelerator" costs `block_price` a
        month for `block` more units, and `unit_price` beyond them.
    most_per_month
        A cap on the metered part of the bill.

    Raises MigrationError where there is no per-seat base, or the metric is billed already.
    """
    _check(price_book, metric, seats)
    if (kind == "accelerator") != (decimal_of(block, "block") > 0):
        raise MigrationError(
            f"An {kind} was asked for with a block of {block} units.",
            "An accelerator sells a block of units, an overage does not.",
        )
    title = name or f"{_words(metric).capitalize()} {kind}"
    add_ons = tuple(
        AddOn(
            title + (f" for {plan}" if plan else ""),
            block_price if kind == "accelerator" else 0,
            (charge_beyond(metric, unit_price=unit_price, included=units, block=block, maximum=most_per_month),),
            limits=(Limit(metric, None),),
            job=f"Go on beyond the included {_words(metric)} without changing plan",
        )
        for plan, units in _included(price_book, metric, included)
    )
    note = f"{title} is offered to those who want it; the plans are unchanged."
    whole = f"{price_book.name} with opt-in {_words(metric)}"
    return replace(
        price_book, name=whole, add_ons=(*price_book.add_ons, *add_ons), note=f"{price_book.note} {note}".strip()
    )


def who_would_opt_in(
    price_book: PriceBook, metric: str, account_ids: Sequence[str], quantity: ArrayLike, plans: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the add-ons on `metric` of the accounts that use more than is included, for a replay's `add_ons`.

    `quantity` is a typical month's, NaN unknown (left out); `plans` are the accounts' plans. It shows the most that
    could opt in: whether a customer does is its own choice.
    """
    offers = [each for each in price_book.add_ons if any(charge.metric == metric for charge in each.charges)]
    if not offers:
        raise MigrationError(f"No add-on of {price_book.name} is charged by {metric}.", "Build it with opt_in_overage.")
    used = np.asarray(quantity, dtype=np.float64)
    found: dict[str, tuple[str, ...]] = {}
    names = np.asarray(plans, dtype=object)
    for offer in offers:
        free = float(next(charge.free_units for charge in offer.charges if charge.metric == metric))
        here = (used > free) & np.isin(names, plans_that_may_buy(offer, price_book))
        for place in np.flatnonzero(here):
            account = str(account_ids[int(place)])
            found[account] = (*found.get(account, ()), offer.name)
    return found


def _check(book: PriceBook, metric: str, seats: str) -> None:
    if metric == seats:
        raise MigrationError(f"{metric} is what the plans charge by already.", "Choose a metric of usage.")
    if not any(charge.metric == seats for plan in book.priced_plans for charge in plan.charges):
        raise MigrationError(
            f"No priced plan of {book.name} charges by {seats}.",
            "An opt-in usage component stands beside per-seat plans; name the metric they charge by.",
        )
    for plan in book.plans:
        if any(charge.metric == metric for charge in plan.charges):
            raise MigrationError(
                f"The plan {plan.name} charges by {metric} already.", "An opt-in needs a metric that is not billed yet."
            )


def _included(book: PriceBook, metric: str, included: Number | None) -> list[tuple[str, Decimal]]:
    """Return the add-ons to make: the plan each is for (empty: any), and the units that plan covers."""
    if included is not None:
        return [(_UNNAMED, decimal_of(included, "included"))]
    limits = [(plan.name, most) for plan in book.plans if (most := _limit(plan, metric)) is not None]
    if not limits:
        raise MigrationError(
            f"No plan of {book.name} limits {metric}, so it is not known what is included.",
            "Say how many units are included.",
        )
    if len({most for _, most in limits}) == 1 and len(limits) == len(book.priced_plans):
        return [(_UNNAMED, limits[0][1])]
    return limits


def _limit(plan: Plan, metric: str) -> Decimal | None:
    return next((limit.up_to for limit in plan.limits if limit.metric == metric), None)


def _words(metric: str) -> str:
    return metric.replace("_", " ")
