"""Write frozen dataclasses as plain JSON values and read them back."""

from __future__ import annotations

from dataclasses import MISSING, fields
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from workbench.errors import ChargeError

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; ChargeError names the fields that are missing or not known."""
        if not hasattr(document, "items"):
            raise ChargeError(f"A {cls.__name__} needs named fields, not {document!r}.", "Write it as an object.")
        own = fields(cls)  # type: ignore[arg-type]  # as above
        known = [field.name for field in own]
        unknown = sorted(set(document) - set(known))
        if unknown:
            raise ChargeError(f"A {cls.__name__} has no field {', '.join(unknown)}.", f"It has {', '.join(known)}.")
        required = [
            field.name
            for field in own
            if field.default is MISSING and field.default_factory is MISSING and field.name not in document
        ]
        if required:
            raise ChargeError(f"This {cls.__name__} lacks {', '.join(required)}.", "Add the missing field.")
        values = dict(document)
        for field in own:  # null is an empty list, as other programs write one
            if field.name in values and str(field.type).startswith("tuple"):
                values[field.name] = _items(cls.__name__, field.name, values[field.name])
        for name, kind in cls._nested.items():
            if name in values:
                values[name] = tuple(item if isinstance(item, kind) else kind.from_dict(item) for item in values[name])
        return cls(**values)


def _items(kind: str, name: str, value: Any) -> tuple:  # noqa: ANN401 - any JSON value
    if isinstance(value, str | bytes) or not (value is None or hasattr(value, "__iter__")):
        raise ChargeError(f"The {name} of a {kind} are {value!r}.", "Write them as a list.")
    return () if value is None else tuple(value)


def _json(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [_json(item) for item in value]
    return value.to_dict() if isinstance(value, Document) else value
