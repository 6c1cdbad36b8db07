"""Refuse price books that contradict themselves, each with a sentence that says what to change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from workbench.errors import ChargeError
from workbench.pricing.decimals import HUNDRED_PERCENT, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.pricing.offers import BillingPeriod, Limit, Offer
    from workbench.pricing.price_book import PriceBook


def check_name(kind: str, name: object) -> None:
    """Refuse an empty name."""
    if not isinstance(name, str) or not name.strip():
        raise ChargeError(f"A {kind} has the name {name!r}.", "Give it a name people can read.")


def check_limit(limit: Limit) -> None:
    """Refuse a limit without a metric, or a negative one."""
    check_name("limit's metric", limit.metric)
    if limit.up_to is not None and limit.up_to < 0:
        raise ChargeError(
            f"The limit of {limit.metric} is {plain(limit.up_to)}, which is negative.",
            "Set it to zero or more, or leave it open.",
        )


def check_billing_period(period: BillingPeriod) -> None:
    """Refuse a billing period without length or with an impossible discount."""
    check_name("billing period", period.name)
    if isinstance(period.months, bool) or not isinstance(period.months, int) or period.months < 1:
        raise ChargeError(
            f"The billing period {period.name} lasts {period.months!r} months.", "Give whole months, one or more."
        )
    if not 0 <= period.discount_percent <= HUNDRED_PERCENT:
        raise ChargeError(
            f"The billing period {period.name} has a discount of {plain(period.discount_percent)}%.",
            "Choose a discount from 0 to 100.",
        )


def check_offer(kind: str, offer: Offer) -> None:
    """Refuse a plan or add-on with a negative fee, or with anything named twice."""
    check_name(kind, offer.name)
    where = f"The {kind} {offer.name}"
    if offer.base_fee is not None and offer.base_fee < 0:
        raise ChargeError(
            f"{where} has the base fee {plain(offer.base_fee)}, which is negative.",
            "Set it to zero or more, or leave it open for a price on request.",
        )
    for feature in offer.features:
        if not feature.strip():
            raise ChargeError(f"{where} has the feature {feature!r}.", "Name features by their text.")
    _refuse_twice(f"{where} names the feature", offer.features)
    _refuse_twice(f"{where} limits the metric", (limit.metric for limit in offer.limits))


def check_price_book(book: PriceBook) -> None:
    """Refuse a price book with a name used twice, or an offer that contains a feature nobody listed."""
    check_name("price book", book.name)
    check_name("price book's currency", book.currency)
    if not book.billing_periods:
        raise ChargeError(f"The price book {book.name} has no billing period.", "Add one, such as month.")
    _refuse_twice(f"The price book {book.name} has the plan", (plan.name for plan in book.plans))
    _refuse_twice(f"The price book {book.name} has the add-on", (add_on.name for add_on in book.add_ons))
    _refuse_twice(f"The price book {book.name} has the feature", (feature.name for feature in book.features))
    _refuse_twice(
        f"The price book {book.name} has the billing period", (period.name for period in book.billing_periods)
    )
    _check_features(book)


def find(kind: str, things: Sequence[Any], name: str) -> Any:  # noqa: ANN401 - plans, add-ons or periods
    """Return the thing of that name, or raise ChargeError listing the names there are."""
    for thing in things:
        if thing.name == name:
            return thing
    known = ", ".join(thing.name for thing in things) or "none"
    raise ChargeError(f"There is no {kind} {name!r}.", f"There is: {known}.")


def _check_features(book: PriceBook) -> None:
    known = {feature.name for feature in book.features}
    if not known:
        return
    offers: list[Offer] = [*book.plans, *book.add_ons]
    for offer in offers:
        missing = sorted(set(offer.features) - known)
        if missing:
            raise ChargeError(
                f"{offer.name} contains {', '.join(missing)}, which the price book {book.name} does not list.",
                "Add it to the features of the price book, or take it out.",
            )


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ChargeError(f"{what} {twice[0]} more than once.", "Keep one of them, or rename one.")
