"""The cheapest plan where add-ons can do what a plan cannot: go beyond a limit, or bring a feature the plan lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.add_ons_owned import add_ons_owned
from workbench.impact.billing import add_add_ons, bill_plans
from workbench.pricing.buyers import plans_that_may_buy
from workbench.pricing.placement import NO_PLAN, UNKNOWN_COST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.pricing import AddOn, PriceBook

    Floats = NDArray[np.float64]


def with_what_add_ons_allow(book: PriceBook, add_ons: Iterable[AddOn] | None = None) -> PriceBook:
    """Return the price book with plans that hold whoever they can hold together with add-ons.

    Those are all that have a price, or the ones given.
    """
    sold = [add_on for add_on in book.add_ons if add_on.priced] if add_ons is None else tuple(add_ons)
    if not sold:
        return book
    inside = _inside(book)
    plans = []
    for plan in book.plans:
        own = [add_on for add_on in sold if plan.name in plans_that_may_buy(add_on, book)]
        free = {metric for add_on in own for metric in _sets_free(add_on)}
        brought = [name for add_on in own for name in add_on.features if name in inside]
        limits = tuple(limit for limit in plan.limits if limit.metric not in free)
        plans.append(replace(plan, limits=limits, features=tuple(dict.fromkeys((*plan.features, *brought)))))
    return replace(book, plans=tuple(plans), features=())


def owners_by_what_it_allows(
    book: PriceBook, account_ids: NDArray[np.object_], owned: Mapping[str, Iterable[str]]
) -> Iterator[tuple[PriceBook, NDArray[np.intp]]]:
    """Go through the places of accounts whose own add-ons allow the same, each with the price book this makes theirs.

    `owned` names each account's add-ons. One that sets no limit free and brings no feature of a plan makes no
    difference; one on request does, for who has it.
    """
    inside = _inside(book)
    able = {each.name: each for each in book.add_ons if _sets_free(each) or inside & set(each.features)}
    groups: dict[frozenset[str], list[int]] = {}
    for place, account in enumerate(account_ids):
        groups.setdefault(frozenset(able.keys() & set(owned.get(account, ()))), []).append(place)
    for names, places in groups.items():
        yield with_what_add_ons_allow(book, [able[name] for name in sorted(names)]), np.array(places, dtype=np.intp)


def add_ons_decide(book: PriceBook) -> bool:
    """Tell whether what an account pays for add-ons depends on its plan, so that it counts in the choice of one."""
    inside = _inside(book)
    return any(
        add_on.priced and (inside & set(add_on.features) or len(plans_that_may_buy(add_on, book)) < len(book.plans))
        for add_on in book.add_ons
    )


def cheapest_with_add_ons(
    book: PriceBook, rows: AccountMonths, pattern: NDArray[np.uint32], billed: Callable[[str], Floats]
) -> tuple[NDArray[np.intp], Floats]:
    """Return each row's cheapest plan, the add-ons it would need there counted, and the bill of the plan alone.

    `pattern` tells which plans can hold a row, one bit per plan. A plan on request holds who fits into no other.
    """
    index, best, bills = (
        np.full(len(rows), NO_PLAN, dtype=np.intp),
        np.full(len(rows), np.inf),
        np.full(len(rows), np.nan),
    )
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            continue
        everywhere = np.full(len(rows), place, dtype=np.intp)
        own = bill_plans(book, everywhere, billed)
        total = add_add_ons(book, add_ons_owned(book, rows, everywhere, "by need", billed), billed, own)
        total = np.where(np.isnan(total), UNKNOWN_COST, total)
        better = _holds(pattern, place) & (total < best)
        best[better], bills[better], index[better] = total[better], own[better], place
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            index[_holds(pattern, place) & (index < 0)] = place
    return index, bills


def _inside(book: PriceBook) -> set[str]:
    return {name for plan in book.plans for name in plan.features}


def _sets_free(add_on: AddOn) -> set[str]:
    return {limit.metric for limit in add_on.limits if limit.up_to is None}


def _holds(pattern: NDArray[np.uint32], place: int) -> NDArray[np.bool_]:
    return pattern & np.uint32(1 << place) != 0
