"""Sentences kept as text: each one asked for is there with the values it writes, and none is left over."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from jinja2 import meta

from workbench.text import simple_sentence, template_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
HOMES = (*sorted(ROOT.glob("workbench/**/text.toml")), *sorted(ROOT.glob("examples/*/*/text.toml")))
BY_PATH = {
    "stage",
    "settings",
    "sections",
    "grids",
    "actions",
    "captions",
    "items",
    "pages",
    "missing",
    "kept",
    "customers",
}
"""Sections whose words a view or the list of stages reads by their path: no module says them."""
READERS = {"entry", "words_at"}
"""What reads words by their path: the section is the second argument."""


MAKERS = {
    "texts": ("", set()),
    "key_figure_maker": ("key_figures", {"interval", "change", "unit", "period", "population"}),
    "caution_maker": ("cautions", set()),
    "finding_maker": ("findings", {"measured", "affected"}),
    "figure_maker": ("figures", {"key", "height", "signature", "notes"}),
}
"""What returns a function that says something: the section it says it from ("": the module's own), and its settings."""

OF_EVERY_CHECK = {"subject", "told", "band", "line"}
"""What `judge` gives every sentence of a rule's check."""
Named = dict[str, list[ast.expr]]
"""What a function calls by a name of its own."""


class Asked(NamedTuple):
    """One place where a module says something: where from, the keys, the values, and whether a mapping holds more.

    The sentences of a rule's check are given the same values (`shared`): each writes some, all of them together all.
    """

    line: int
    section: str
    keys: tuple[str, ...]
    values: set[str]
    has_more: bool
    shared: bool = False


def asked(module: Path) -> Iterator[Asked]:
    """Go through all a module says; where it works a key out, there are none."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    makers = {"say": MAKERS["texts"], **dict(_makers(tree))}
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in makers and each.args:
            section, settings = makers[each.func.id]
            names = {given.arg for given in each.keywords}
            values = {name for name in names if name is not None} - settings
            yield Asked(each.lineno, section or module.stem, tuple(_constants(each.args[0], {})), values, None in names)
    for function in tree.body:
        named = _assigned(function)
        for each in ast.walk(function):
            if isinstance(each, ast.Call) and ast.unparse(each.func) == "judge":
                yield _judged(each, named, module.stem)


def _judged(call: ast.Call, named: Named, section: str) -> Asked:
    """Read what a check says: the sentences of its evidence, and that of its remedy unless the rule is met."""
    given = {each.arg: each.value for each in call.keywords}
    keys, status = [*_constants(call.args[1], named)], given.get("status")
    if "remedy" in given:
        keys += _constants(given["remedy"], named)
    elif not (isinstance(status, ast.Constant) and status.value == "ok"):
        told = named.get(ast.unparse(call.args[1]), [call.args[1]])
        firsts = [each.elts[0] if isinstance(each, ast.Tuple) else each for each in told]
        keys += [f"{key}_remedy" for first in firsts for key in _constants(first, named)]
    values = set().union(*(_keys_of(each, named) for each in call.args[2:]))
    return Asked(call.lineno, section, tuple(key for key in keys if key), values, has_more=False, shared=True)


def _assigned(function: ast.AST) -> Named:
    found: Named = {}
    for each in ast.walk(function):
        if isinstance(each, ast.Assign | ast.AnnAssign | ast.AugAssign) and each.value is not None:
            target, value = each.targets[0] if isinstance(each, ast.Assign) else each.target, each.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            for name, one in zip(target.elts, value.elts, strict=True) if several else [(target, value)]:
                found.setdefault(ast.unparse(name), []).append(one)
    return found


def _keys_of(values: ast.expr, named: Named) -> set[str]:
    """Return the keys of a mapping that is written out, has a name or is joined of such."""
    if isinstance(values, ast.Dict):
        return {str(key.value) for key in values.keys if isinstance(key, ast.Constant)}
    if isinstance(values, ast.BinOp):
        return _keys_of(values.left, named) | _keys_of(values.right, named)
    return set().union(*(_keys_of(each, named) for each in named.get(ast.unparse(values), [])))


def _makers(tree: ast.Module) -> Iterator[tuple[str, tuple[str, set[str]]]]:
    """Go through the names at the top of a module that say something: ``say = texts(__name__)``, or several at once."""
    for each in tree.body:
        if not isinstance(each, ast.Assign):
            continue
        names, values = (getattr(part, "elts", [part]) for part in (each.targets[0], each.value))
        for name, value in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and isinstance(value, ast.Call) and ast.unparse(value.func) in MAKERS:
                yield name.id, MAKERS[ast.unparse(value.func)]


def _constants(key: ast.expr, named: Named) -> Iterator[str]:
    if isinstance(key, ast.IfExp):
        yield from (*_constants(key.body, named), *_constants(key.orelse, named))
    elif isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.Tuple | ast.Name):
        for each in key.elts if isinstance(key, ast.Tuple) else named.get(key.id, []):
            yield from _constants(each, named)


def written(sentence: object) -> set[str]:
    """Return the values a sentence writes, those of all parts of a thing, and `n` where there are plural forms."""
    if isinstance(sentence, dict):
        return set().union({"n"} if "other" in sentence else (), *map(written, sentence.values()))
    if isinstance(sentence, list):
        return set().union(*map(written, sentence))
    environment = template_environment()
    found = meta.find_undeclared_variables(environment.parse(sentence)) if isinstance(sentence, str) else set()
    return found - set(environment.globals)


def said(home: Path) -> dict[str, Mapping[str, Any]]:
    """Return what a folder says, by the module that says it or the kind of thing it is said of."""
    told = tomllib.loads(home.read_text(encoding="utf-8"))
    kept = BY_PATH | {name for module in home.parent.glob("*.py") for name in _read_by_path(module)}
    return {name: each for name, each in told.items() if (home.parent / f"{name}.py").exists() or name not in kept}


def _read_by_path(module: Path) -> Iterator[str]:
    for each in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in READERS:
            yield from (part.value for part in each.args[1:2] if isinstance(part, ast.Constant))


class Anything:
    """A value that can be written, asked for parts and called, and says what was done with it."""

    def __init__(self, said: str) -> None:
        self._said = said

    def __str__(self) -> str:
        return f"<{self._said}>"

    def __getattr__(self, name: str) -> Anything:
        return Anything(f"{self._said}.{name}")

    def __call__(self, *given: object, **named: object) -> Anything:
        """Say what it was called with."""
        return Anything(f"{self._said} of {[str(each) for each in given]} and {dict(sorted(named.items()))!s}")

    __repr__ = __str__


def each_text(told: object) -> Iterator[str]:
    """Go through all texts of a file."""
    if isinstance(told, str):
        yield told
    else:
        for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
            yield from each_text(each)


def test_a_sentence_read_without_jinja_is_written_as_jinja_writes_it() -> None:
    """Names, functions and their settings mean the same; most sentences are so simple, the others are left alone."""
    environment, simple = template_environment(), 0
    every = [
        each for home in HOMES for each in each_text(tomllib.loads(home.read_text(encoding="utf-8"))) if "{" in each
    ]
    for text in every:
        if (read := simple_sentence(text)) is not None:
            simple += 1
            values = {name: Anything(name) for name in written(text) | set(environment.globals)}
            assert read(values) == environment.from_string(text).render(values), text
    assert simple > len(every) / 2


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{{ a }} of {{ b.c }}, {{ thousands(n) }} {{ count('month', n, plural='moons') }}", {"b": {"c": None}}),
        ("{{ percent(0.5, 1, signed=True) }}{{ number(2.50) }} 50% # of } it\n", {}),
        ("{{ percent(share, signed=true) }} {{ n }}{# said to nobody #}", {"share": 0.25}),
        ("{{ n }} {{ none }} {{ 'a' ~ a }} {{ a|upper }} {{ -n }} {{ n + 1 }} {% if n %}{{ n }}{% endif %}", {}),
        ("{{ 'more\\tless' }}{{ n }}", {}),
        ("{{ class }} of {{ n }}", {"class": "first"}),
    ],
)
def test_whatever_stands_in_braces_means_what_it_means_to_jinja(text: str, values: dict[str, Any]) -> None:
    """Where reading without Jinja would read something else, Jinja reads it."""
    given = {"a": "x", "n": 2000, **values}
    read = simple_sentence(text) or template_environment().from_string(text).render
    assert read(given) == template_environment().from_string(text).render(given)


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.parent.name)
def test_each_sentence_asked_for_is_there_with_its_values(home: Path) -> None:
    """A key or a value missing on a rare branch would be a traceback on a day nobody tests."""
    told = said(home)
    for module in home.parent.glob("*.py"):
        for place in asked(module):
            for key in place.keys:
                where = f"{module.parent.name}/{module.name}, line {place.line}: {key}"
                assert key in told.get(place.section, {}), where
                asked_for = written(told[place.section][key])
                if place.shared:
                    assert asked_for <= place.values | OF_EVERY_CHECK, where
                else:
                    assert place.values <= asked_for if place.has_more else place.values == asked_for, where
            if place.shared:
                together = set().union(*(written(told[place.section][key]) for key in place.keys))
                assert place.values <= together, f"{module.name}, line {place.line}"


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.parent.name)
def test_no_sentence_is_left_over(home: Path) -> None:
    """What nobody says is deleted; a module that works keys out may mean any of its own."""
    places = [place for module in home.parent.glob("*.py") for place in asked(module)]
    for section, sentences in said(home).items():
        here = [place for place in places if place.section == section]
        if all(place.keys for place in here):
            assert set(sentences) == {key for place in here for key in place.keys}, section
