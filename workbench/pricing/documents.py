"""Write frozen dataclasses as plain JSON values and read them back."""

from __future__ import annotations

from dataclasses import MISSING, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import ChargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

_Thing = TypeVar("_Thing")


def to_document(thing: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return JSON values for a frozen dataclass: decimals as text, defaults left out, tuples as lists."""
    if isinstance(thing, Decimal):
        return str(thing)
    if isinstance(thing, (tuple, list)):
        return [to_document(item) for item in thing]
    if hasattr(thing, "__dataclass_fields__"):
        return {
            field.name: to_document(getattr(thing, field.name))
            for field in fields(thing)
            if field.default is MISSING or getattr(thing, field.name) != field.default
        }
    return thing


def from_document(kind: type[_Thing], document: Mapping[str, Any], nested: Mapping[str, type] | None = None) -> _Thing:
    """Build a `kind` from JSON values; `nested` names the fields that hold lists of other documents."""
    if not hasattr(document, "items"):
        raise ChargeError(f"A {kind.__name__} needs named fields, not {document!r}.", "Write it as an object.")
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise ChargeError(f"A {kind.__name__} has no field {', '.join(unknown)}.", f"It has {', '.join(known)}.")
    required = [
        field.name
        for field in fields(kind)  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING and field.name not in document
    ]
    if required:
        raise ChargeError(f"This {kind.__name__} lacks {', '.join(required)}.", "Add the missing field.")
    values = dict(document)
    for name, inner in (nested or {}).items():
        if name in values:
            values[name] = tuple(
                item if isinstance(item, inner) else inner.from_dict(item)  # type: ignore[attr-defined]
                for item in values[name]
            )
    return kind(**values)
