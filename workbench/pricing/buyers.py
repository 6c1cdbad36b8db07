"""Which plans an add-on is sold with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.pricing.offers import AddOn
    from workbench.pricing.price_book import PriceBook


def plans_that_may_buy(add_on: AddOn, book: PriceBook) -> tuple[str, ...]:
    """Return the plans an add-on is for: the one it is named after ("Calls overage for Team"), or all."""
    return tuple(name for name in book.plan_names if add_on.name.endswith(f" for {name}")) or book.plan_names
