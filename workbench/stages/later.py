"""Fields of results and figures that may come later: a function that is run when somebody first reads the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")
_REQUIRED: Any = object()


class _Promise:
    """What stands in a field until somebody reads it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def later(make: Callable[[], Value]) -> Value:
    """Return a stand-in for `make()`, for a field declared with `may_come_later`; readers see the value."""
    return cast("Value", _Promise(make))


def may_come_later(default: Any = _REQUIRED) -> Any:  # noqa: ANN401 - the field's own annotation says which
    """Declare a dataclass field that takes a value or `later(make)`; required without a default."""
    return _LaterField(default)


class _LaterField:
    """Keep a value, or make it when it is first read and keep it from then on."""

    def __init__(self, default: Any) -> None:  # noqa: ANN401 - any field
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, owner: type) -> Any:  # noqa: ANN401 - any field
        if instance is None:  # the dataclass asks for the default
            if self._default is _REQUIRED:
                raise AttributeError(self._name)
            return self._default
        fields = instance.__dict__
        value = fields[self._name]
        if isinstance(value, _Promise):
            value = fields[self._name] = value.make()
        return value

    def __set__(self, instance: object, value: object) -> None:
        instance.__dict__[self._name] = value
