"""Sentences for readers, kept as text beside the code that uses them and found by key.

A folder's sentences stand in its `text.toml`, in one section per module; another language is a second file beside it,
such as `text.de.toml`, in which a missing key falls back to the first. A sentence is a Jinja template: values stand in
double braces, where the functions of `workbench.formatting` write them with unit and plural. Jinja and TOML, because
the report's pages are Jinja already, TOML needs no library to be read, and both can be edited without a tool.
"""

from __future__ import annotations

import importlib
import tomllib
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FIRST_LANGUAGE = "en"
_language: ContextVar[str] = ContextVar("language", default=FIRST_LANGUAGE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have every sentence made inside in another language, where its text file has it.

    Parameters
    ----------
    language
        The code in the name of the text files, such as "de" for `text.de.toml`.
    """
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def texts(module: str) -> Callable[..., str]:
    """Return what says a module's sentences: ``say(key, **values)``.

    Parameters
    ----------
    module
        The module's own `__name__`. Its sentences are the section named like it in `text.toml` beside it.

    Raises
    ------
    KeyError
        When a sentence asked for is not in the file.
    """
    package, _, section = module.rpartition(".")

    def say(key: str, /, **values: Any) -> str:  # noqa: ANN401 - a template can write any value
        text = _sentence(package, section, key, _language.get())
        return _template(text).render(values) if "{" in text else text

    return say


def words(package: str, *path: str, default: str | None = None) -> str:
    """Return the words at a path of a folder's text, such as ``words("workbench.stages.tiers", "stage", "title")``.

    Raises
    ------
    KeyError
        When they are not in the file and no default is given.
    """
    for language in dict.fromkeys((_language.get(), FIRST_LANGUAGE)):
        found: Any = _folder(package, language)
        for name in path:
            found = found.get(name) if hasattr(found, "get") else None
        if isinstance(found, str):
            return found
    if default is None:
        raise KeyError(f"no words at {'.'.join(path)} in text.toml of {package}")
    return default


def sentences(package: str, language: str = FIRST_LANGUAGE) -> Mapping[str, Mapping[str, str]]:
    """Return a folder's sentences by module and key; where a language has no file, there are none."""
    home = importlib.import_module(package).__file__
    name = "text.toml" if language == FIRST_LANGUAGE else f"text.{language}.toml"
    path = Path(home or "").parent / name
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@cache
def _folder(package: str, language: str) -> Mapping[str, Mapping[str, str]]:
    return sentences(package, language)


@cache
def _sentence(package: str, section: str, key: str, language: str) -> str:
    for each in dict.fromkeys((language, FIRST_LANGUAGE)):
        if key in (said := _folder(package, each).get(section, {})):
            return said[key]
    raise KeyError(f"no sentence {key!r} in section [{section}] of text.toml in {package}")


@cache
def _template(text: str) -> Any:  # noqa: ANN401 - jinja2 has its own kind
    return _environment().from_string(text)


@cache
def _environment() -> Any:  # noqa: ANN401 - jinja2 has its own kind
    import jinja2  # noqa: PLC0415 - loaded with the first sentence that has a value in it

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701 - plain text; pages escape what they show
    writers = {name: getattr(formatting, name) for name in dir(formatting) if not name.startswith("_")}
    environment.globals |= {name: each for name, each in writers.items() if callable(each)} | {"fixed": format}
    return environment
