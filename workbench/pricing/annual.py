"""Paying by the year: the year's bill, the switch from paying by the month, and what who leaves early is paid back."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from workbench.errors import ChargeError
from workbench.locales import minor_digits
from workbench.pricing.charge import Line, days_between, prorated, share_of_period, total_of
from workbench.pricing.price_book import Bill, BillingPeriod, Plan, bill_offer
from workbench.pricing.values import ZERO, Document, Number, decimal_of, plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

RefundRule = Literal["none", "unused days", "used months at the monthly price"]
REFUND_RULES: tuple[RefundRule, ...] = RefundRule.__args__  # type: ignore[attr-defined]
YEAR_OF_MONTHS = 12


@dataclass(frozen=True, slots=True)
class AnnualTerms(Document):
    """What who pays a year in advance gets off, and what is paid back to who leaves before it is over.

    Parameters
    ----------
    discount_percent
        What twelve months paid at once get off, from 0 to 100.
    refund
        "none": the year is due. "unused days": the share of the days that are left. "used months at the monthly
        price": what is left of the payment once every month begun is charged as if it were paid by the month, so that
        nobody keeps the discount of a year for less.

    Raises
    ------
    ChargeError
        When the discount is no percentage, or the rule is not known.

    Examples
    --------
    >>> from workbench.pricing import AnnualTerms
    >>> AnnualTerms("16.5").period
    BillingPeriod(name='year', months=12, discount_percent=Decimal('16.5'))
    """

    discount_percent: Decimal
    refund: RefundRule = "none"

    if TYPE_CHECKING:

        def __init__(self, discount_percent: Number, refund: RefundRule = "none") -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "discount_percent", self.period.discount_percent)
        if self.refund not in REFUND_RULES:
            raise ChargeError(f"{self.refund!r} is no rule on refunds.", f"Choose one of: {', '.join(REFUND_RULES)}.")

    @property
    def period(self) -> BillingPeriod:
        """Return the year as a billing period of a price book."""
        return BillingPeriod("year", YEAR_OF_MONTHS, self.discount_percent)

    def refund_due(self, paid: Number, monthly: Number, start: dt.date, day: dt.date, *, digits: int = 2) -> Decimal:
        """Return what is paid back of a year to who leaves on a day of it, rounded half up.

        `paid` is what the year cost, `monthly` what a month costs who pays by the month, `start` the first day of the
        year and `day` the first on which the customer is none any more. It is never below nothing, nor more than paid.

        >>> import datetime as dt
        >>> from workbench.pricing import AnnualTerms
        >>> from workbench.pricing.annual import REFUND_RULES
        >>> start, left = dt.date(2025, 1, 1), dt.date(2025, 7, 15)
        >>> [str(AnnualTerms(10, rule).refund_due(1080, 100, start, left)) for rule in REFUND_RULES]
        ['0.00', '503.01', '380.00']
        """
        end = _later(start, YEAR_OF_MONTHS)
        amount, nothing = decimal_of(paid, "payment of the year"), ZERO.quantize(Decimal(1).scaleb(-digits))
        unused = share_of_period(day, end, days_between(start, end))
        if self.refund == "none":
            return nothing
        if self.refund == "unused days":
            return prorated(amount, unused, digits)
        begun = next(count for count in range(YEAR_OF_MONTHS + 1) if _later(start, count) >= day)
        used = decimal_of(monthly, "price of a month") * begun
        return max(nothing, prorated(amount - used, Fraction(1), digits))


def bill_for_a_year(offer: Plan, quantities: Mapping[str, Number], terms: AnnualTerms, currency: str = "USD") -> Bill:
    """Return the exact bill of twelve months in advance, rounded half up to the currency's minor unit by a last line.

    Parameters
    ----------
    offer, quantities
        The plan, and the monthly quantity of each metric it charges for.
    terms
        What a year paid at once gets off.
    currency
        What amounts are in.

    Returns
    -------
    Bill
        The itemised bill.

    Raises
    ------
    ChargeError
        When the offer is on request, or a quantity it charges for is not given.

    Examples
    --------
    >>> from workbench.pricing import AnnualTerms, Plan, bill_for_a_year
    >>> str(bill_for_a_year(Plan("Team", 100), {}, AnnualTerms(10)).total)
    '1080.00'
    """
    return _rounded(bill_offer(offer, quantities, terms.period, currency))


def bill_of_switch(monthly: Bill, yearly: Bill, start: dt.date, day: dt.date, end: dt.date) -> Bill:
    """Return the bill on the day a customer who has paid a month in advance switches to the year.

    Parameters
    ----------
    monthly, yearly
        The bill of the month that is running, and of the year that begins on the day of the switch.
    start, day, end
        First day of that month, day of the switch, first day of the next month: the day of the switch is the year's.

    Returns
    -------
    Bill
        The year, less the days of the month that are paid already.

    Raises
    ------
    ChargeError
        When the switch is not within the month, or the bills are in two currencies.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.pricing import AnnualTerms, Plan, PriceBook, bill_for_a_year, bill_of_switch
    >>> team, days = Plan("Team", 30), [dt.date(2024, 4, day) for day in (1, 11)] + [dt.date(2024, 5, 1)]
    >>> year = bill_for_a_year(team, {}, AnnualTerms(10))
    >>> print(bill_of_switch(PriceBook("list", "USD", [team]).bill("Team", {}), year, *days).text())
    Team: base fee                            360
    Team: 10% off for paying by the year      -36
    paid already: 20 of 30 days of the month  -20
    Total per year, USD                       304
    """
    if monthly.currency != yearly.currency:
        raise ChargeError(
            f"The month is billed in {monthly.currency}, the year in {yearly.currency}.", "Bill both in one currency."
        )
    days = days_between(start, end)
    left = share_of_period(day, end, days)
    if day < start:
        raise ChargeError(f"The switch on {day} is before the month begins on {start}.", "Give a day within the month.")
    off = prorated(monthly.total, left, minor_digits(yearly.currency))
    text = f"paid already: {days_between(day, end)} of {days} days of the month"
    lines = (*yearly.lines, Line(text, -off, None, None, "discount"))
    return Bill(lines, total_of(lines), yearly.currency, yearly.period)


def _later(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, the last of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, YEAR_OF_MONTHS)
    year, month = day.year + year, month + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def _rounded(bill: Bill) -> Bill:
    """Return a bill whose total has no digit below the currency's minor unit."""
    total = prorated(bill.total, Fraction(1), minor_digits(bill.currency))
    if total == bill.total:
        return bill
    text = f"rounded to {plain(Decimal(1).scaleb(-minor_digits(bill.currency)))} {bill.currency}"
    lines = (*bill.lines, Line(text, total - bill.total, None, None, "discount"))
    return Bill(lines, total_of(lines), bill.currency, bill.period)
