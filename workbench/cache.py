"""A cache of values by what they were worked out from."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

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
