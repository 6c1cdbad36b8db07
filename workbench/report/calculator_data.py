"""What the usage calculator is told: the offers as they are billed, the metrics asked for, the billing periods."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.formatting import capitalised
from workbench.pricing.buyers import plans_that_may_buy
from workbench.pricing.decimals import decimal_near, decimal_of, exactly, plain
from workbench.pricing.round_numbers import one_two_five
from workbench.report.offline import currency_data
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.pricing import AddOn, BillingPeriod, Charge, PriceBook
    from workbench.pricing.decimals import Number
    from workbench.pricing.offers import Offer

_FIRST_METRIC = "seats"
_USUAL_MOST = Decimal(1000)
_MARGIN = 2  # a slider goes on to twice the largest number the price books name


def page_data(today: PriceBook | None, new: PriceBook, start: Mapping[str, Number]) -> dict[str, Any]:
    """Return the JSON document the page's script reads; decimals are text, so that no digit is lost.

    Plans that are not public are left out. Raises WorkbenchError when there is nothing to show, or when the price
    books are in different currencies.
    """
    books = [new] if today is None else [new, today]
    if any(book.currency != new.currency for book in books):
        currencies = " and ".join(book.currency for book in books)
        raise WorkbenchError(f"The price books are in {currencies}.", "Compare price books in one currency.")
    return {
        "currency": currency_data(new.currency),
        "names": {"new": "New prices" if today else "Your bill", "today": "Today's prices"},
        "metrics": [_metric(books, name, start.get(name)) for name in metric_names(books)],
        "features": features_asked(books),
        "periods": periods(books),
        "new": book_data(new),
        "today": None if today is None else book_data(today),
    }


def metric_label(metric: str) -> str:
    """Return a metric's name the way a customer reads it: data_processed becomes "Data processed"."""
    words = metric_words(metric)
    return capitalised(words)


def metric_names(books: list[PriceBook]) -> list[str]:
    """Return every metric that is charged for or limited, seats first, then in the order of the books."""
    found: dict[str, None] = {}
    for book in books:
        for offer in _offers(book):
            found |= dict.fromkeys(charge.metric for charge in offer.charges)
            found |= dict.fromkeys(limit.metric for limit in offer.limits if limit.up_to is not None)
    return sorted(found, key=lambda name: name != _FIRST_METRIC)


def features_asked(books: list[PriceBook]) -> list[dict[str, str]]:
    """Return the features worth asking for: those that some plan, today or new, does not contain."""
    plans = [set(plan.features) for book in books for plan in book.public_plans]
    common = set.intersection(*plans) if plans else set()
    found: dict[str, dict[str, str]] = {}
    for book in books:
        described = {feature.name: feature for feature in book.features}
        for offer in _offers(book):
            for name in offer.features:
                if name in common or name in found:
                    continue
                feature = described.get(name)
                found[name] = {
                    "name": name,
                    "area": feature.area if feature else "",
                    "description": feature.description if feature else "",
                }
    return list(found.values())


def periods(books: list[PriceBook]) -> list[dict[str, Any]]:
    """Return the billing periods to choose from, shortest first, with the terms of each book (None: not sold so).

    A book that lacks a period is paid in its own longest one that goes into it a whole number of times.
    """
    named: dict[int, BillingPeriod] = {}
    for book in books:
        for period in book.billing_periods:
            named.setdefault(period.months, period)
    sides = ("new", "today")[: len(books)]
    return [
        {
            "name": period.name,
            "months": months,
            **{side: _terms(book, months) for side, book in zip(sides, books, strict=True)},
        }
        for months, period in sorted(named.items())
    ]


def _terms(book: PriceBook, months: int) -> dict[str, Any] | None:
    fitting = [period for period in book.billing_periods if months % period.months == 0]
    if not fitting:
        return None
    best = max(fitting, key=lambda period: period.months)
    return {"months": months, "discount_percent": plain(best.discount_percent)}


def book_data(book: PriceBook) -> dict[str, Any]:
    """Return the offers of a price book for the page; `plans` of an add-on names those that may buy it."""
    if not book.public_plans:
        raise WorkbenchError(
            f"The price book {book.name} has no public plan.", "Decide on tiers or a price curve first."
        )
    return {
        "plans": [plan.to_dict() for plan in book.public_plans],
        "add_ons": [add_on.to_dict() | {"plans": _buyers(add_on, book)} for add_on in add_ons_shown(book)],
    }


def add_ons_shown(book: PriceBook) -> list[AddOn]:
    """Return the add-ons that a public plan may buy; one that is for a hidden plan stays as hidden as the plan."""
    return [add_on for add_on in book.add_ons if _buyers(add_on, book)]


def _buyers(add_on: AddOn, book: PriceBook) -> list[str]:
    able = plans_that_may_buy(add_on, book)
    return [plan.name for plan in book.public_plans if plan.name in able]


def _offers(book: PriceBook) -> tuple[Offer, ...]:
    return (*book.public_plans, *add_ons_shown(book))


def _metric(books: list[PriceBook], name: str, start: Number | None) -> dict[str, str]:
    offers = [offer for book in books for offer in _offers(book)]
    landmarks = [number for offer in offers for number in _landmarks(offer, name) if number > 0]
    begin = None if start is None else decimal_of(start, f"start of {name}")
    top = max([*landmarks, *([] if begin is None else [10 * begin])], default=_USUAL_MOST / _MARGIN)
    high = max(float(top) * _MARGIN, 10)
    most = one_two_five(high, high * 10)[0]
    lowest = min([Decimal(1), *landmarks])
    least = Decimal(1).scaleb(min(0, lowest.adjusted()))
    quantity = _usual_start(landmarks) if begin is None else begin
    return {
        "name": name,
        "label": metric_label(name),
        "words": metric_words(name),
        "start": plain(quantity),
        "least": plain(max(least, most.scaleb(-6))),
        "most": plain(most),
    }


def _usual_start(landmarks: list[Decimal]) -> Decimal:
    """Return a modest quantity to begin with where nobody named one: half of the first number the books name."""
    if not landmarks:
        return Decimal(10)
    half = min(landmarks) / 2
    return half.to_integral_value() if half >= 1 else half


def _landmarks(offer: Offer, metric: str) -> Iterator[Decimal]:
    for limit in offer.limits:
        if limit.metric == metric and limit.up_to is not None:
            yield limit.up_to
    for charge in offer.charges:
        if charge.metric == metric:
            yield from _counted(charge)


def _counted(charge: Charge) -> Iterator[Decimal]:
    bounds = [band.up_to for band in charge.bands if band.up_to is not None]
    if charge.package_size is not None:
        bounds.append(charge.package_size)
    with exactly():
        inner = [bound + charge.free_units for bound in bounds] or [charge.free_units]
    for bound in inner:
        yield decimal_near(Fraction(bound) / charge.unit_factor)
