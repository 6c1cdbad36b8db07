"""Whether a name says what an add-on does, and what it could be called instead."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

from workbench.formatting import capitalised

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS = tomllib.loads(files("workbench.rules").joinpath("name_words.toml").read_text(encoding="utf-8"))
RANK_WORDS = frozenset(_LISTS["rank"])
CATEGORY_WORDS = frozenset(_LISTS["category"])
_FILLERS = frozenset(_LISTS["fillers"])
_LONGEST_NAME = 60
_MOST_WORDS = 7


def vague_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that say nothing about the job, in order."""
    return tuple(word for word in _words(name) if word in RANK_WORDS or word in CATEGORY_WORDS)


def is_specific(name: str) -> bool:
    """Tell whether at least one word of a name says which job is done."""
    return any(word not in RANK_WORDS | CATEGORY_WORDS | _FILLERS for word in _words(name))


def suggested_name(name: str, *, job: str = "", features: Sequence[str] = ()) -> str:
    """Return a name built from what the add-on contains, else from its job; "" when neither says enough.

    Where the vague name has one category word ("Advanced analytics"), it stays as the last word.
    """
    named = [_plain(feature) for feature in features if is_specific(_plain(feature))]
    if named:
        kept = " and ".join(named[:2]) if len(named[0]) + len(named[-1]) <= _LONGEST_NAME else named[0]
        return capitalised(_with_category(kept, name) if len(named) == 1 else kept)
    words = re.split(r"[.;:,(\n]", _plain(job))[0].split()[:_MOST_WORDS]
    text = " ".join(words).removeprefix("to ").removeprefix("To ")
    return capitalised(text) if is_specific(text) else ""


def _with_category(text: str, vague_name: str) -> str:
    categories = [word for word in _words(vague_name) if word in CATEGORY_WORDS and word != "addon"]
    has_noun_already = any(word in CATEGORY_WORDS for word in _words(text))
    return text if has_noun_already or len(categories) != 1 else f"{text} {categories[0]}"


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("add-on", "addon")
    return re.findall(r"[^\W_]+", plain)


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split())
