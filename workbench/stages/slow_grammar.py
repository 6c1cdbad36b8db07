"""Put off a grammar that altair's checks load, build for two seconds and never use."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

NAME = "rfc3987_syntax"


class _WhenAsked(ModuleType):
    """Stand for the grammar of internationalised addresses until somebody asks it something."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(NAME)
        self.__spec__ = spec
        self.__path__ = list(spec.submodule_search_locations or ())  # what an import looks at is no question yet

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the library has
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        built = importlib.import_module(NAME)
        self.__dict__.update(vars(built))  # for those who took this module before
        return getattr(built, name)

    def is_valid_syntax(self, term: str, text: str) -> bool:
        """Tell whether a text follows a term of the grammar, as the library itself does."""
        return bool(self.__getattr__("is_valid_syntax")(term, text))


def put_off() -> None:
    """Let the grammar be built on first use; altair checks charts with jsonschema, which builds it when imported.

    See https://github.com/python-jsonschema/jsonschema/issues/1428. Whoever checks such addresses with jsonschema gets
    the same answers. Nothing happens where the grammar is not installed, or loaded already.
    """
    spec = None if NAME in sys.modules else importlib.util.find_spec(NAME)
    if spec is not None:
        sys.modules[NAME] = _WhenAsked(spec)
