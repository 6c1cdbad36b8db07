"""Sentences kept as text: each one asked for is there with the values it writes, and none is left over."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from jinja2 import meta

from workbench.text import _environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.text import Sentence

ROOT = Path(__file__).parents[1]
HOMES = (*sorted(ROOT.glob("workbench/**/text.toml")), *sorted(ROOT.glob("examples/*/*/text.toml")))
BY_PATH = {"stage", "settings", "sections", "grids", "actions", "captions"}
"""Sections whose words a view or the list of stages reads by their path: no module says them."""


class Asked(NamedTuple):
    """One place where a module says a sentence: its keys, and the values it hands over, None where a mapping is."""

    line: int
    keys: tuple[str, ...]
    values: set[str] | None


def asked(module: Path) -> Iterator[Asked]:
    """Go through all a module says; where it works a key out, there are none."""
    for each in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "say" and each.args:
            names = [given.arg for given in each.keywords]
            values = None if None in names else {name for name in names if name is not None}
            yield Asked(each.lineno, tuple(_constants(each.args[0])), values)


def _constants(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.IfExp):
        yield from (*_constants(key.body), *_constants(key.orelse))
    elif isinstance(key, ast.Constant):
        yield str(key.value)


def written(sentence: Sentence) -> set[str]:
    """Return the values a sentence writes, and `n` where it has plural forms."""
    environment = _environment()
    forms, plural = ((sentence,), set()) if isinstance(sentence, str) else (sentence.values(), {"n"})
    found = (meta.find_undeclared_variables(environment.parse(form)) for form in forms)
    return set().union(plural, *found) - set(environment.globals)


def said(home: Path) -> dict[Path, Mapping[str, Sentence]]:
    """Return a folder's sentences by the module that says them."""
    told = tomllib.loads(home.read_text(encoding="utf-8"))
    modules = {section: home.parent / f"{section}.py" for section in told}
    return {modules[name]: section for name, section in told.items() if modules[name].exists() or name not in BY_PATH}


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.parent.name)
def test_each_sentence_asked_for_is_there_with_its_values(home: Path) -> None:
    """A key or a value missing on a rare branch would be a traceback on a day nobody tests."""
    told = said(home)
    for module in home.parent.glob("*.py"):
        for place in asked(module):
            for key in place.keys:
                where = f"{module.parent.name}/{module.name}, line {place.line}: {key}"
                assert key in told.get(module, {}), where
                assert place.values is None or place.values == written(told[module][key]), where


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.parent.name)
def test_no_sentence_is_left_over(home: Path) -> None:
    """What nobody says is deleted; a module that works keys out may mean any of its own."""
    for module, sentences in said(home).items():
        places = [*asked(module)]
        if all(place.keys for place in places):
            assert set(sentences) == {key for place in places for key in place.keys}, module.name
