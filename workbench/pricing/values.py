"""Exact values.

What people type as decimals and fractions, and frozen documents that are written as JSON and read back.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from workbench.errors import ChargeError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# --- Write frozen dataclasses as plain JSON values and read them back

_AS_OBJECT = "Write it as an object."
_PLAIN_KINDS = {"str": ((str, "a text"),), "bool": ((bool, "true or false"),)}


class Document:
    """What the frozen dataclasses share that are kept as JSON; `_nested` names the fields that hold lists of others."""

    __slots__ = ()
    _nested: ClassVar[Mapping[str, type[Document]]] = MappingProxyType({})

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: decimals as text, defaults left out, tuples as lists."""
        return {
            field.name: _json(getattr(self, field.name))
            for field in fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
            if field.default is MISSING or getattr(self, field.name) != field.default
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], place: str = "") -> Self:
        """Read what `to_dict` wrote; ChargeError names the place of what is missing, not known or of the wrong kind.

        `place` is where the document stands in a larger one, such as plans[0]. A list that is null counts as left out.
        """
        if not isinstance(document, Mapping):
            raise ChargeError(f"{_at(place)}A {cls.__name__} needs named fields, not {shown(document)}.", _AS_OBJECT)
        own = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]  # every subclass is a dataclass
        if unknown := sorted(str(name) for name in document if name not in own):
            raise ChargeError(
                f"{_at(place)}A {cls.__name__} has no field {', '.join(unknown)}.", f"It has {', '.join(own)}."
            )
        values = {name: each for name, each in document.items() if each is not None or not _is_list(own[name].type)}
        required = [
            field.name
            for field in own.values()
            if field.default is MISSING and field.default_factory is MISSING and field.name not in values
        ]
        if required:
            raise ChargeError(f"{_at(place)}This {cls.__name__} lacks {', '.join(required)}.", "Add the missing field.")
        for name, value in values.items():
            values[name] = cls._read_field(name, str(own[name].type), value, f"{place}.{name}" if place else name)
        try:
            return cls(**values)
        except ChargeError as error:
            raise ChargeError(_at(place) + error.message, error.advice) from error

    @classmethod
    def _read_field(cls, name: str, kind: str, value: Any, place: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a field, lists of documents read; ChargeError for one of another kind than the field."""
        for expected, words in _PLAIN_KINDS.get(kind, ()):
            if not isinstance(value, expected):
                raise ChargeError(f"{_at(place)}{shown(value)} is not {words}.", f"Write {words}.")
        if not _is_list(kind):
            return value
        items = tuple_of(value, place)
        if name not in cls._nested:
            return items
        inner = cls._nested[name]
        return tuple(
            item if isinstance(item, inner) else inner.from_dict(item, f"{place}[{number}]")
            for number, item in enumerate(items)
        )


def tuple_of(values: Any, what: str, kind: type = object) -> tuple[Any, ...]:  # noqa: ANN401 - refusing is the job
    """Return the values as a tuple; ChargeError when they are no list, or one of them is of another kind."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise ChargeError(f"{what} is {shown(values)}, which is not a list.", "Write a list, [ ] when it is empty.")
    found = tuple(values)
    for place, value in enumerate(found):
        if not isinstance(value, kind):
            raise ChargeError(f"{what}[{place}] is {shown(value)}, not a {kind.__name__}.", f"Give a {kind.__name__}.")
    return found


def shown(value: object) -> str:
    """Write a value for a message, a long one cut."""
    if isinstance(value, float | Decimal) and math.isnan(value):
        return "a missing number"
    try:
        return reprlib.repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        return "a number of thousands of digits"


def _is_list(kind: object) -> bool:
    return str(kind).startswith("tuple")


def _at(place: str) -> str:
    return f"{place}: " if place else ""


def _json(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Decimal | Fraction):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [_json(item) for item in value]
    return value.to_dict() if isinstance(value, Document) else value


# --- Turn what people type into exact decimals and fractions, and do the sums without rounding

Number = int | float | str | Decimal
Ratio = Number | Fraction
"""A number, or a fraction such as \"1/60\"."""
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED_PERCENT = 100  # discounts and rates in documents are percentages, as on a price list
# Every number a float can hold fits in; what is larger, or has more places, is no price and no quantity.
_MOST_DIGITS = 400
# Sums of products of a quantity, a price and a discount have fewer digits than this, so nothing is rounded.
_EXACT = Context(prec=20 * _MOST_DIGITS)
_ENDLESS = Context(prec=28, rounding=ROUND_HALF_UP)


def exactly() -> AbstractContextManager[Context]:
    """Open a block in which decimal sums and products keep every digit."""
    return localcontext(_EXACT)


def decimal_of(value: Any, what: str) -> Decimal:  # noqa: ANN401 - refusing the wrong kinds is the job
    """Return a finite decimal, or raise ChargeError naming `what` and the value.

    Floats are read the way they print (0.1 is one tenth), because number boxes deliver floats.
    """
    if isinstance(value, bool):
        raise ChargeError(f"The {what} is {value}, which is a yes/no value.", "Give a number such as 12.50.")
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except (InvalidOperation, ValueError):  # ValueError: a whole number of thousands of digits
        raise ChargeError(
            f"The {what} is {shown(value)}, which is not a number.", "Give a number such as 12.50."
        ) from None
    if not found.is_finite():
        raise ChargeError(f"The {what} is {value}, which is not a finite number.", "Give a number, or leave it out.")
    if found.adjusted() > _MOST_DIGITS or found.as_tuple().exponent < -2 * _MOST_DIGITS:  # type: ignore[operator]  # finite
        raise ChargeError(
            f"The {what} is {shown(str(value))}, which has more digits than any price or quantity.",
            "Give a number such as 12.50.",
        )
    return found or abs(found)  # there is no minus nothing


def decimal_or_none(value: Any, what: str) -> Decimal | None:  # noqa: ANN401 - as above
    """Return a finite decimal, or None when nothing was given."""
    return None if value is None else decimal_of(value, what)


def decimal_near(value: Fraction) -> Decimal:
    """Return a fraction as a decimal: exactly where it ends as one, otherwise to 28 digits."""
    if value.denominator == 1:
        return Decimal(value.numerator)
    twos = (value.denominator & -value.denominator).bit_length() - 1
    rest, fives = value.denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return _ENDLESS.divide(Decimal(value.numerator), Decimal(value.denominator))
    places = max(twos, fives)
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places, _EXACT)


def float_near(value: Fraction | Decimal) -> float:
    """Return the float nearest to a number, infinity for one beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


class Factor(Fraction):
    """An exact factor, written as a decimal where it ends as one and as a fraction otherwise: 0.001, 1/60."""

    def __str__(self) -> str:
        """Write the factor so that reading it gives the same one."""
        found = decimal_near(self)
        return plain(found) if Fraction(found) == self else f"{self.numerator}/{self.denominator}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:  # noqa: ANN401 - as pydantic calls it
        """Let a study keep a factor as text."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a study knows pydantic

        return core_schema.no_info_plain_validator_function(
            lambda value: factor_of(value, "unit factor"), serialization=core_schema.to_string_ser_schema()
        )


AS_MEASURED = Factor(1)


def factor_of(value: Any, what: str) -> Factor:  # noqa: ANN401 - refusing the wrong kinds is the job
    """Return an exact factor from a number, or from a fraction such as 1/60; ChargeError names `what` and the value."""
    if isinstance(value, Fraction):
        return Factor(value)
    above, bar, below = value.partition("/") if isinstance(value, str) else (value, "", "")
    parts = [Fraction(decimal_of(part, what)) for part in (above, below if bar else 1)]
    if not parts[1]:
        raise ChargeError(f"The {what} is {value!r}, which is not a fraction.", "Write it like 1/60.")
    return Factor(parts[0] / parts[1])


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1E+3 becomes 1000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
