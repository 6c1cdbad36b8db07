"""Sentences for readers, kept as text beside the code that uses them and found by key.

A folder's sentences stand in its `text.toml`, in one section per module; another language is a second file beside it,
such as `text.de.toml` or `text.de_CH.toml`, in which a missing key falls back to the one before and last to
`text.toml`. The language is that of the locale spoken (`workbench.locales.speaking`). A sentence is a Jinja template:
values stand in double braces, where the functions of `workbench.formatting` write them with unit and plural. Jinja and
TOML, because the report's pages are Jinja already, TOML needs no library to be read, and both can be edited without a
tool.

A sentence that depends on a number is a table of its plural forms, chosen by the argument `n`:
``taken = {one = "{{ thousands(n) }} answer is left out.", other = "{{ thousands(n) }} are left out."}``. The forms are
those of Unicode's plural rules (zero, one, two, few, many, other) as far as the language has them; a form that is not
given is written like `other`.
"""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench import formatting
from workbench.locales import HOUSE_LOCALE, plural_form, spoken_locale

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

Sentence: TypeAlias = "str | Mapping[str, str]"
"""One text, or a text for each plural form."""


def texts(module: str) -> Callable[..., str]:
    """Return what says a module's sentences: ``say(key, **values)``.

    Parameters
    ----------
    module
        The module's own `__name__`. Its sentences are the section named like it in `text.toml` beside it.

    Raises
    ------
    KeyError
        When a sentence asked for is not in the file, or has plural forms and is given no `n` to choose among them.
    """
    package, _, section = module.rpartition(".")

    def say(key: str, /, **values: Any) -> str:  # noqa: ANN401 - a template can write any value
        return _written(*_sentence(package, section, key, spoken_locale()), values)

    return say


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a folder's text with all that is said of it, part by part: a figure with its title and reading.

    Every part stands in the language spoken as far as that has it.
    """

    parts: Mapping[str, tuple[Any, str]]

    def said(self, part: str, values: Mapping[str, Any]) -> str:
        """Return one part written with its values, "" where the entry has none."""
        return _written(*self.parts[part], values) if part in self.parts else ""

    def lines(self, part: str, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the sentences of a part that is a list; those that come to nothing are left out."""
        listed, language = self.parts.get(part, ((), HOUSE_LOCALE))
        return tuple(line for each in listed if (line := _written(each, language, values)))

    def all(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return every part: words written with their values, numbers as they stand."""
        words = (str, dict)
        return {
            name: self.said(name, values) if isinstance(part, words) else part for name, (part, _) in self.parts.items()
        }


def entry(package: str, section: str, key: str) -> Entry:
    """Return what a folder's text says of one thing, in the section of its kind.

    Parameters
    ----------
    package
        The folder.
    section
        The kind of thing, such as "figures".
    key
        Its name there. What stands there as a text alone, or in plural forms, is its part "text".

    Raises
    ------
    KeyError
        When the text says nothing of it.
    """
    return _entry(package, section, key, spoken_locale())


@cache
def _entry(package: str, section: str, key: str, locale: str) -> Entry:
    parts: dict[str, tuple[Any, str]] = {}
    for language in reversed(_languages(locale)):
        found: Any = sentences(package, language).get(section, {}).get(key, {})
        stated = {"text": found} if isinstance(found, str) or "other" in found else found
        parts |= {name: (part, language) for name, part in stated.items()}
    if not parts:
        raise KeyError(f"no entry {key!r} in section [{section}] of text.toml in {package}")
    return Entry(parts)


def _written(text: Sentence, language: str, values: Mapping[str, Any]) -> str:
    """Return a sentence with its values, in the plural form its number asks for."""
    if not isinstance(text, str):
        text = text.get(plural_form(values["n"], language), text["other"])
    if "{" not in text:
        return text
    try:
        return _template(text)(values)
    except Exception as error:
        if lacking := lacking_values(text, values):
            has = f"the sentence {text!r} writes {', '.join(lacking)}; its values are {', '.join(values) or 'none'}"
            raise KeyError(has) from error
        raise


def lacking_values(text: str, given: Collection[str]) -> list[str]:
    """Return the names a sentence writes that are neither among the values given nor functions it may call."""
    from jinja2 import meta  # noqa: PLC0415 - loaded with the first sentence that has a value in it

    environment = template_environment()
    return sorted(meta.find_undeclared_variables(environment.parse(text)) - set(environment.globals) - set(given))


def words_at(package: str, *path: str, default: str | None = None) -> str:
    """Return the words at a path of a folder's text, such as ``words("workbench.stages.tiers", "stage", "title")``.

    Raises
    ------
    KeyError
        When they are not in the file and no default is given.
    """
    for language in _languages(spoken_locale()):
        found: Any = sentences(package, language)
        for name in path:
            found = found.get(name) if hasattr(found, "get") else None
        if isinstance(found, str):
            return found
    if default is None:
        lacking = f"no words at {'.'.join(path)} in text.toml of {package}"
        if (noted := _noted.get()) is None:
            raise KeyError(lacking)
        noted[lacking] = None
        return path[-1]
    return default


_noted: ContextVar[dict[str, None] | None] = ContextVar("words_that_are_lacking", default=None)


@contextmanager
def noting_lacking_words() -> Iterator[Mapping[str, None]]:
    """Note words that are not at their path, one after the other, where otherwise the first would be refused."""
    noted: dict[str, None] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


@cache
def sentences(package: str, language: str = HOUSE_LOCALE) -> Mapping[str, Mapping[str, Sentence]]:
    """Return a folder's sentences by module and key; where a language has no file, there are none."""
    home = importlib.import_module(package).__file__
    name = "text.toml" if language == HOUSE_LOCALE else f"text.{language}.toml"
    path = Path(home or "").parent / name
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _languages(locale: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((locale, locale.partition("_")[0], HOUSE_LOCALE)))


@cache
def _sentence(package: str, section: str, key: str, locale: str) -> tuple[Sentence, str]:
    """Return a sentence and the language it was found in: the locale's, else the first one."""
    for each in _languages(locale):
        if key in (said := sentences(package, each).get(section, {})):
            return said[key], each
    raise KeyError(f"no sentence {key!r} in section [{section}] of text.toml in {package}")


@cache
def _template(text: str) -> Callable[[Mapping[str, Any]], str]:
    """Return what writes a sentence with its values."""
    return simple_sentence(text) or template_environment().from_string(text).render


def simple_sentence(text: str) -> Callable[[Mapping[str, Any]], str] | None:
    """Return what writes a sentence of values by name and what a function of formatting makes of them; else None.

    Two in three are so simple. They are written as Jinja would write them, which takes longer to read one than to
    write it a hundred times: to read those of a report took it a second.
    """
    pieces: list[Any] = _WRITES.split(text)
    with suppress(SyntaxError):  # a name that is a word of Python's
        read = [ast.parse(each, mode="eval").body for each in pieces[1::2]] if _PLAIN.fullmatch(text) else []
        if read and {type(node) for tree in read for node in ast.walk(tree)} <= _SIMPLE:
            pieces[1::2] = read
            known = {"none": None, "true": True, "false": False, **template_environment().globals}

            def write(values: Mapping[str, Any]) -> str:
                given = {**known, **values}
                return "".join([each if isinstance(each, str) else str(_value(each, given)) for each in pieces])

            return write
    return None


def _value(node: Any, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever a sentence is given
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return known[node.id]
    given = {each.arg: _value(each.value, known) for each in node.keywords}
    return _value(node.func, known)(*[_value(each, known) for each in node.args], **given)


_WRITES = re.compile(r"\{\{ ([^{}]+) \}\}")
_PLAIN = re.compile(r"(?:[^{\\\r]|\{\{ [a-z_]+(?:\([\w ,.='%]*\))? \}\})*")
_SIMPLE = {ast.Name, ast.Load, ast.Call, ast.keyword, ast.Constant}


@cache
def template_environment() -> Any:  # noqa: ANN401 - jinja2 has its own kind
    """Return what reads the templates of sentences, with the functions they may call."""
    import jinja2  # noqa: PLC0415 - loaded with the first sentence that has a value in it

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701 - plain text; pages escape what they show
    writers = {name: getattr(formatting, name) for name in dir(formatting) if not name.startswith("_")}
    environment.globals |= {name: each for name, each in writers.items() if callable(each)} | {
        "fixed": formatting.in_format
    }
    return environment
