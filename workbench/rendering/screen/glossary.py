"""The glossary: one dictionary of terms, for help where a term stands and for a page of the documentation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

say = texts(__name__)

_HOME = Path(__file__).parent / "glossary.toml"
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the glossary.

    Parameters
    ----------
    key, name
        What it is called, in code and on the page.
    written
        How it is written on the screen, longest first.
    text
        What it means.
    """

    key: str
    name: str
    written: tuple[str, ...]
    text: str


@cache
def glossary() -> tuple[Term, ...]:
    """Return every term in the order of the alphabet."""
    read = tomllib.loads(_HOME.read_text(encoding="utf-8"))
    found = [
        Term(key, each["name"], tuple(sorted(each["written"], key=len, reverse=True)), each["text"])
        for key, each in read.items()
    ]
    return tuple(sorted(found, key=lambda term: term.name.casefold()))


def terms_in(page: str) -> dict[str, dict[str, str]]:
    """Return the terms that stand in some HTML, by key: how each is written there first, its name and meaning.

    Examples
    --------
    >>> sorted(terms_in("<p>The Gini of revenue is 0.7 in most draws.</p>"))
    ['draws', 'gini']
    """
    found: dict[str, dict[str, str]] = {}
    known, one_of = _written()
    for match in one_of.finditer(unescape(_TAGS.sub("\n", page))):
        term = known[match.group(0).casefold()]
        if term.key not in found:
            asked = say("what_is", name=term.name)
            found[term.key] = {"written": match.group(0), "name": term.name, "text": term.text, "asked": asked}
    return found


def glossary_lines() -> str:
    """Write the glossary as lines of Markdown, for the documentation."""
    return "\n".join(f"* **{each.name}**: {each.text}" for each in glossary())


@cache
def _written() -> tuple[Mapping[str, Term], re.Pattern[str]]:
    """Return the terms by how they are written, and what finds them in a text, the longest first."""
    known = {words.casefold(): term for term in glossary() for words in term.written}
    longest = sorted(known, key=len, reverse=True)
    return known, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
