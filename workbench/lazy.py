"""Public names that load when first used, so that importing a package costs next to nothing."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
