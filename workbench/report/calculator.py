"""One offline page in which a customer or a salesperson sees what usage costs, today and under new prices."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.customers.needs import profile
from workbench.errors import StudyError, WorkbenchError
from workbench.files import write_text
from workbench.formatting import capitalised, exact, exact_money, metric_words
from workbench.locales import NO_CURRENCY, in_its_locale
from workbench.outputs import PAGE, check_output
from workbench.pricing.price_book import plans_that_may_buy
from workbench.pricing.price_curve import one_two_five, two_digits
from workbench.pricing.values import decimal_near, decimal_of, exactly, plain
from workbench.report.content import reported_scenario
from workbench.report.offline_page import (
    Brand,
    currency_data,
    numbers_script,
    page_html,
    page_script,
    page_templates,
    page_text,
)
from workbench.stages.price_book import list_of_today, price_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, BillingPeriod, Offer, PriceBook
    from workbench.pricing.values import Number
    from workbench.study.document import Study

# --- What the usage calculator is told

_FIRST_METRIC = "seats"
_USUAL_MOST = Decimal(1000)
_MARGIN = 2  # a slider goes on to twice the largest number the price books name


def calculator_data(today: PriceBook | None, new: PriceBook, start: Mapping[str, Number]) -> dict[str, Any]:
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


# --- One offline page in which a customer or a salesperson sees what usage costs, today and under new prices

FOLDER = "calculator"
ARITHMETIC = ("charge", "bill", "fit", "landmarks")
"""The scripts that hold the arithmetic beside the shared numbers, in their order; they need no page."""
SCREEN = ("words", "usage", "books", "cards", "chart", "growth", "page")
DEFAULT_TITLE = "What it will cost"


def calculator_html(
    today: PriceBook | None,
    new: PriceBook,
    *,
    brand: Brand | None = None,
    title: str = DEFAULT_TITLE,
    note: str = "",
    start: Mapping[str, Number] | None = None,
) -> str:
    """Return the usage calculator as one HTML document.

    The page bills in the exact decimals and the order of `Charge.lines`, loads nothing and sends nothing: its content
    security policy lets its own scripts run and nothing else. The same arguments give the same text, byte for byte.

    Parameters
    ----------
    today, new
        The price books to compare, in one currency; `today` None shows the new prices alone. Only public plans are
        shown.
    brand
        Name, colours and logo at the head of the page.
    title, note
        The heading, and a sentence under it, such as how long the prices hold.
    start
        The quantity each metric begins with; the price books suggest one where it is left out.

    Returns
    -------
    str
        The document.

    Examples
    --------
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> from workbench.report import calculator_html
    >>> plan = Plan("Team", 20, [Charge("seats", "per_unit", unit_price=9)])
    >>> page = calculator_html(None, PriceBook("list", "USD", [plan]), title="What Team costs")
    >>> "<h1>What Team costs</h1>" in page, "default-src 'none'" in page
    (True, True)
    """
    data = calculator_data(today, new, start or {})
    books = [("New prices" if today else "Prices", new), *([("Today's prices", today)] if today else [])]
    heading = {"title": title, "note": note, "currency": new.currency, "currency_named": new.currency != NO_CURRENCY}
    filters = {"metric": metric_label, "price": exact_money, "quantity": exact, "add_ons_shown": add_ons_shown}
    page_templates(FOLDER).filters.update(filters)
    return page_html(FOLDER, brand, calculator_script(), data, {"page": data, "books": books, **heading})


def calculator_script(*, arithmetic_only: bool = False) -> str:
    """Return the page's script, or the part of it that bills and needs no page."""
    if arithmetic_only:
        return "\n".join([numbers_script(), *(page_text(FOLDER, f"{name}.js") for name in ARITHMETIC)])
    return page_script(FOLDER, (*ARITHMETIC, *SCREEN))


# --- Write the usage calculator of a study: today's prices from its data, new ones from a scenario


@in_its_locale
def write_calculator(
    base: CustomerBase,
    study: Study,
    path: Path | str,
    *,
    scenario_id: str | None = None,
    brand: Brand | None = None,
    title: str = "",
    note: str = "",
    with_today: bool = True,
    inputs: Iterable[Path | None] = (),
    force: bool = False,
) -> Path:
    """Write the calculator of a scenario (the chosen one, else the first design) and return the file's path.

    Without a list of today's prices the page shows the new ones alone. It begins at what the middle account uses. The
    data and further `inputs` are never replaced.

    Parameters
    ----------
    base
        The customers.
    study
        The scenarios.
    path
        Where to write.
    scenario_id
        Whose prices; the chosen one, else the first design, when None.
    brand
        Name, colours and logo at the head of the page.
    title, note
        The heading, and a sentence under it.
    with_today
        Show today's bill beside the new one; a customer may be better served without.
    inputs
        Files that are never replaced.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    StudyError
        When the scenario offers nothing yet.
    FileError
        For a file that is there and was not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> from workbench.report import write_calculator
    >>> write_calculator(base, Study.new("acme", "data"), "calculator.html")
    Traceback (most recent call last):
        ...
    workbench.errors.StudyError: ...
    """
    file = Path(path)
    check_output(file, *PAGE, inputs=(base.place, *inputs), force=force)
    scenario = reported_scenario(study, scenario_id)
    new = price_book(base, scenario)
    if not new.public_plans:
        raise StudyError(
            f"The scenario {scenario.name!r} offers no plan yet.", "Decide on tiers or a price curve, or name another."
        )
    current = list_of_today(base)
    compared = current if with_today and current.public_plans and scenario.kind != "baseline" else None
    start = usual_quantities(base, [new, current])
    text = calculator_html(compared, new, brand=brand, title=title or DEFAULT_TITLE, note=note, start=start)
    return write_text(file, text)


def usual_quantities(base: CustomerBase, books: list[PriceBook]) -> dict[str, Decimal]:
    """Return the median of the active accounts per metric of the books: two digits, whole where all quantities are."""
    known = profile(base).quantities
    found = {name: values[np.isfinite(values)] for name, values in known.items() if name in metric_names(books)}
    return {name: _middle(values) for name, values in found.items() if values.size}


def _middle(values: NDArray[np.float64]) -> Decimal:
    median = float(np.median(values))
    return two_digits(np.ceil(median) if np.array_equal(values, np.rint(values)) else median)
