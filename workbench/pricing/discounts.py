"""A discount policy: how far below the list a deal may be sold by its size and its term, and who may approve more."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.errors import ChargeError
from workbench.locales import minor_digits
from workbench.pricing.charge import Line, prorated, total_of
from workbench.pricing.price_book import Bill
from workbench.pricing.values import HUNDRED_PERCENT, ZERO, Document, Number, decimal_of, exactly, float_near, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.results import Floats

_WHOLE = Decimal(HUNDRED_PERCENT)


def _percent(value: Number, what: str) -> Decimal:
    found = decimal_of(value, what)
    if not 0 <= found <= HUNDRED_PERCENT:
        raise ChargeError(f"The {what} is {plain(found)}%.", "Choose from 0 to 100.")
    return found


@dataclass(frozen=True, slots=True)
class DiscountBand(Document):
    """The most that deals from a size on may get off.

    Parameters
    ----------
    from_list
        List price a month from which the band holds, itself included.
    most_percent
        The deepest discount in it, from 0 to 100.

    Raises
    ------
    ChargeError
        When the size is below zero, or the discount no percentage.

    Examples
    --------
    >>> from workbench.pricing import DiscountBand
    >>> DiscountBand(1000, "12.5").to_dict()
    {'from_list': '1000', 'most_percent': '12.5'}
    """

    from_list: Decimal
    most_percent: Decimal

    if TYPE_CHECKING:

        def __init__(self, from_list: Number, most_percent: Number) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "from_list", decimal_of(self.from_list, "size from which a discount band holds"))
        object.__setattr__(self, "most_percent", _percent(self.most_percent, "deepest discount of a band"))
        if self.from_list < 0:
            raise ChargeError(f"A discount band begins at {plain(self.from_list)}.", "Begin at 0 or more.")


@dataclass(frozen=True, slots=True)
class TermDiscount(Document):
    """What a deal may get off on top, for being bound so many months or longer.

    Parameters
    ----------
    months
        From which term on, in whole months.
    more_percent
        Percentage points added to what the size allows.

    Raises
    ------
    ChargeError
        When the term is no whole month, or the discount no percentage.

    Examples
    --------
    >>> from workbench.pricing import TermDiscount
    >>> TermDiscount(12, 5).more_percent
    Decimal('5')
    """

    months: int
    more_percent: Decimal

    if TYPE_CHECKING:

        def __init__(self, months: int, more_percent: Number) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "more_percent", _percent(self.more_percent, "discount for a term"))
        if isinstance(self.months, bool) or not isinstance(self.months, int) or self.months < 1:
            raise ChargeError(f"A term lasts {self.months!r} months.", "Give whole months, one or more.")


@dataclass(frozen=True, slots=True)
class Approval(Document):
    """Who has to approve a discount deeper than a percentage.

    Parameters
    ----------
    above_percent
        Discounts deeper than this need them; one just as deep does not.
    who
        A role, such as head of sales.

    Raises
    ------
    ChargeError
        When the discount is no percentage.

    Examples
    --------
    >>> from workbench.pricing import Approval
    >>> Approval(20, "head of sales").who
    'head of sales'
    """

    above_percent: Decimal
    who: str

    if TYPE_CHECKING:

        def __init__(self, above_percent: Number, who: str) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "above_percent", _percent(self.above_percent, "discount that needs approval"))


@dataclass(frozen=True, slots=True)
class DiscountPolicy(Document):
    """How far below the list a deal may be sold.

    The band of the largest size a deal reaches says what its size allows, the longest term it reaches what is added;
    no deal gets more than `most_percent` off. Below the first band nothing is allowed.

    Parameters
    ----------
    bands
        What each size allows.
    terms
        What is added for being bound.
    most_percent
        The deepest discount of all: the floor under prices is what is left.
    approvals
        Who may approve a discount that is deeper than so much.

    Raises
    ------
    ChargeError
        When two bands begin at one size, or two terms at one length.

    Examples
    --------
    >>> from workbench.pricing import Approval, DiscountBand, DiscountPolicy, TermDiscount
    >>> bands, terms = [DiscountBand(0, 5), DiscountBand(1000, 15)], [TermDiscount(12, 10)]
    >>> policy = DiscountPolicy(bands, terms, 20, [Approval(10, "sales manager")])
    >>> [str(policy.allowed_percent(size, months)) for size, months in ((999, 1), (1000, 1), (999, 12), (1000, 24))]
    ['5', '15', '15', '20']
    >>> str(policy.least("1249.99", 1)), policy.approver(12)
    ('1062.4915', 'sales manager')
    """

    bands: tuple[DiscountBand, ...] = ()
    terms: tuple[TermDiscount, ...] = ()
    most_percent: Decimal = _WHOLE
    approvals: tuple[Approval, ...] = ()
    _nested: ClassVar[Mapping[str, type[Document]]] = {
        "bands": DiscountBand, "terms": TermDiscount, "approvals": Approval,
    }  # fmt: skip

    if TYPE_CHECKING:

        def __init__(
            self,
            bands: Sequence[DiscountBand] = (),
            terms: Sequence[TermDiscount] = (),
            most_percent: Number = 100,
            approvals: Sequence[Approval] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "most_percent", _percent(self.most_percent, "deepest discount of all"))
        object.__setattr__(self, "bands", tuple(sorted(self.bands, key=lambda each: each.from_list)))
        object.__setattr__(self, "terms", tuple(sorted(self.terms, key=lambda each: each.months)))
        object.__setattr__(self, "approvals", tuple(sorted(self.approvals, key=lambda each: each.above_percent)))
        for what, starts in (
            ("discount bands begin at", [plain(each.from_list) for each in self.bands]),
            ("discounts are given for a term of", [str(each.months) for each in self.terms]),
        ):
            if twice := [each for each in starts if starts.count(each) > 1]:
                raise ChargeError(f"Two {what} {twice[0]}.", "Keep one of them.")

    def allowed_percent(self, list_price: Number, months: Number = 1) -> Decimal:
        """Return the deepest discount a deal may get, exactly, by its list price a month and the months it binds."""
        size, bound = decimal_of(list_price, "list price"), decimal_of(months, "term")
        by_size = next((each.most_percent for each in reversed(self.bands) if each.from_list <= size), ZERO)
        by_term = next((each.more_percent for each in reversed(self.terms) if each.months <= bound), ZERO)
        return min(self.most_percent, by_size + by_term)

    def least(self, list_price: Number, months: Number = 1) -> Decimal:
        """Return the least a deal may be sold at, exactly: no digit is rounded before an invoice is."""
        with exactly():
            left = (_WHOLE - self.allowed_percent(list_price, months)).scaleb(-2)
            return decimal_of(list_price, "list price") * left

    def approver(self, percent: Number) -> str:
        """Return who has to approve a discount, "" where nobody has to."""
        depth = _percent(percent, "discount")
        return next((each.who for each in reversed(self.approvals) if each.above_percent < depth), "")

    def allowed(self, listed: Floats, months: Floats | float = 1) -> Floats:
        """Return the deepest discount of many deals as shares; a list price of NaN allows nothing known: NaN.

        An unknown term counts as the shortest: nobody is given a discount for a promise that is not on record.
        """
        size = _stepped(listed, [each.from_list for each in self.bands], [each.most_percent for each in self.bands])
        bound = np.nan_to_num(np.broadcast_to(np.asarray(months, dtype=float), np.shape(listed)), nan=1.0)
        term = _stepped(bound, [Decimal(t.months) for t in self.terms], [each.more_percent for each in self.terms])
        found = np.minimum(size + term, float_near(self.most_percent.scaleb(-2)))
        return np.where(np.isnan(listed), np.nan, found)


def _stepped(values: Floats, starts: Sequence[Decimal], percents: Sequence[Decimal]) -> Floats:
    shares = np.array([0.0, *(float_near(each.scaleb(-2)) for each in percents)])
    return shares[np.searchsorted([float_near(each) for each in starts], values, side="right")]


def discounted(bill: Bill, percent: Number, why: str = "discount") -> Bill:
    """Return a bill with a discount on all of it as its last line, rounded half up to the currency's minor unit.

    Parameters
    ----------
    bill
        At list prices.
    percent
        What is taken off, from 0 to 100.
    why
        What the line says.

    Returns
    -------
    Bill
        Its lines sum exactly to its total.

    Raises
    ------
    ChargeError
        When the discount is no percentage.

    Examples
    --------
    >>> from workbench.pricing import Plan, PriceBook, discounted
    >>> print(discounted(PriceBook("list", "USD", [Plan("Team", "49.99")]).bill("Team", {}), "12.5").text())
    Team: base fee        49.99
    12.5% discount        -6.25
    Total per month, USD  43.74
    """
    rate = _percent(percent, "discount")
    if not rate:
        return bill
    off = prorated(bill.total, Fraction(rate) / HUNDRED_PERCENT, minor_digits(bill.currency))
    lines = (*bill.lines, Line(f"{plain(rate)}% {why}", -off, None, None, "discount"))
    return Bill(lines, total_of(lines), bill.currency, bill.period)
