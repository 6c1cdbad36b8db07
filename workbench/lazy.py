"""What is late or once only: public names that load when first used, and values kept from when they were made."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(LRUCache[Key, Value]):
    """Values by what they were worked out from, so many at most; the one asked for longest ago goes first."""

    def once(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept under a key; made when it is new, or was forgotten because others came since."""
        if key in self:
            return self[key]
        self[key] = value = make()
        return value


def lazy_names(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package whose public names live in other modules.

    `homes` maps each public name to "module" or, where it has another name there, "module:name".
    """

    def load(name: str) -> Any:  # noqa: ANN401 - a public name can be any object
        if name not in homes:
            raise AttributeError(f"{package!r} has no attribute {name!r}; it has {', '.join(sorted(homes))}")
        module, _, attribute = homes[name].partition(":")
        value = getattr(importlib.import_module(module), attribute or name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted(homes)

    return load, names
