"""Write frozen dataclasses as plain JSON values and read them back."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, Self

from workbench.errors import ChargeError

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
        items = listed(value, place)
        if name not in cls._nested:
            return items
        inner = cls._nested[name]
        return tuple(
            item if isinstance(item, inner) else inner.from_dict(item, f"{place}[{number}]")
            for number, item in enumerate(items)
        )


def listed(values: Any, what: str, kind: type = object) -> tuple[Any, ...]:  # noqa: ANN401 - refusing is the job
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
