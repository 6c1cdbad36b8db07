"""Every public name says what it takes, gives and refuses, and shows it in an example that runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import inspect
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest

import workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(workbench.__file__).parent
SURFACES = (
    "pricing",
    "demand",
    "demand.search",
    "impact",
    "impact.migration",
    "impact.uncertainty",
    "impact.events",
    "research",
    "customers",
    "customers.intake",
    "study",
    "rules",
    "forecast",
    "growth",
    "workshop",
    "report.desk",
    "report.slides",
    "growth.desk",
    "growth.triggers",
    "growth.programme",
    "market",
    "report",
)
# What a section is called, in the order of the numpydoc standard.
SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "See Also", "Notes", "References", "Examples")
# Examples that need an extra: skipped without it, unless it is required.
NEEDS = {"research.fit_hierarchical": "numpyro", "research.HierarchicalModel": "numpyro"}
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def public_names() -> Iterator[tuple[str, Any]]:
    """Yield every documented public name with what it stands for: constants and types cannot carry a docstring."""
    seen: set[int] = set()
    for surface in SURFACES:
        stub = (PACKAGE / surface.replace(".", "/") / "__init__.pyi").read_text(encoding="utf-8")
        module = importlib.import_module(f"workbench.{surface}")
        for name in re.findall(r"import \w+ as (\w+)", stub):
            yield from _once(f"{surface}.{name}", getattr(module, name), seen)
    for name in workbench.__all__:
        yield from _once(name, getattr(workbench, name), seen)


def _once(name: str, thing: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any public name
    if (inspect.isclass(thing) or inspect.isfunction(thing)) and id(thing) not in seen:
        seen.add(id(thing))
        yield name, thing


def sections(docstring: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring by title, in the order in which they stand."""
    parts = re.split(rf"^({'|'.join(SECTIONS)})\n-{{3,}}$", inspect.cleandoc(docstring), flags=re.MULTILINE)
    return dict(zip(parts[1::2], (text.strip("\n") for text in parts[2::2]), strict=True))


def entries(section: str) -> dict[str, str]:
    """Return what a section says about each name; a line such as "low, high" names several."""
    parts = re.split(r"^(?=\S)", section, flags=re.MULTILINE)
    found = (part.partition("\n") for part in parts if part.strip())
    return {name.strip("* "): text.strip() for head, _, text in found for name in head.split(" : ")[0].split(",")}


def complaints(thing: Any) -> list[str]:  # noqa: ANN401 - any public name
    """Return what the docstring of a public name owes a reader; nothing where it says everything."""
    docstring = inspect.getdoc(thing) if thing.__doc__ else ""
    if not docstring:
        return ["has no docstring"]
    found = sections(docstring)
    owed = _owed_by_class(thing, found) if inspect.isclass(thing) else _owed_by_function(thing, found)
    shown = doctest.DocTestParser().get_examples(found.get("Examples", ""))
    if not shown:
        owed.append("has no example")
    elif not any(example.want for example in shown):
        owed.append("has an example that checks nothing")
    owed += [f"shows an error of Python's: {each.exc_msg}" for each in shown if not _is_ours(each.exc_msg)]
    if list(found) != [title for title in SECTIONS if title in found]:
        owed.append(f"has its sections in the order {', '.join(found)}")
    empty = [name for title in ("Parameters", "Attributes", "Returns", "Raises") for name in _unsaid(found, title)]
    return owed + [f"says nothing about {name}" for name in empty]


def _is_ours(error: str | None) -> bool:
    """Tell whether an example that ends in an error shows one of the package, with what to do."""
    return error is None or error.startswith("workbench.")


def _unsaid(found: dict[str, str], title: str) -> list[str]:
    says = entries(found.get(title, ""))
    return [name for name, text in says.items() if not text]


def _owed_by_function(thing: Any, found: dict[str, str]) -> list[str]:  # noqa: ANN401 - a function
    taken = {name.strip("*") for name in inspect.signature(thing).parameters}
    named = set(entries(found.get("Parameters", "")))
    owed = [f"does not say what {name} is" for name in sorted(taken - named)]
    owed += [f"documents {name}, which it does not take" for name in sorted(named - taken)]
    gives = inspect.unwrap(thing).__annotations__.get("return")
    if str(gives) != "None" and not {"Returns", "Yields"} & set(found):
        owed.append("does not say what it returns")
    return owed + _unnamed_errors(found)


def _owed_by_class(thing: Any, found: dict[str, str]) -> list[str]:  # noqa: ANN401 - a class
    fields = {name for name in _fields(thing) if not name.startswith("_")}
    named = set(entries(found.get("Parameters", ""))) | set(entries(found.get("Attributes", "")))
    owed = [f"does not say what {name} is" for name in sorted(fields - named)]
    known = fields | set(dir(thing)) | set(inspect.signature(thing).parameters)
    owed += [f"documents {name}, which it does not have" for name in sorted(named - known)]
    return owed + _unnamed_errors(found)


def _fields(thing: Any) -> set[str]:  # noqa: ANN401 - a class
    """Return the fields written down in a class and in those it is made from, within the package."""
    written = [kind for kind in thing.__mro__ if kind.__module__.startswith(("workbench.", thing.__module__))]
    bodies = [tree.body for kind in written for tree in ast.parse(inspect.getsource(kind)).body if _is_class(tree)]
    return {
        node.target.id
        for body in bodies
        for node in body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and "ClassVar" not in ast.unparse(node.annotation)
    }


def _is_class(tree: ast.stmt) -> TypeGuard[ast.ClassDef]:
    return isinstance(tree, ast.ClassDef)


def _unnamed_errors(found: dict[str, str]) -> list[str]:
    return [f"raises {name!r}, which is no error" for name in entries(found.get("Raises", "")) if "Error" not in name]


NAMES = dict(public_names())


def test_every_surface_of_the_package_is_held_to_it() -> None:
    """A new folder with a public surface joins the law, or is a stage or a command."""
    stubs = {".".join(path.relative_to(PACKAGE).parts[:-1]) for path in PACKAGE.glob("*/**/__init__.pyi")}
    assert {name for name in stubs if name.split(".")[0] not in {"stages", "cli"}} == set(SURFACES)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_takes_gives_and_refuses(name: str) -> None:
    """Parameters or attributes one by one, what comes back, and an example with a checked result."""
    assert complaints(NAMES[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_public_name_hold(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example of the name, and of its methods, gives what it says; files it writes lie in a folder of its own."""
    if name in NEEDS and not importlib.util.find_spec(NEEDS[name]):
        (pytest.fail if os.environ.get("WORKBENCH_BAYES_REQUIRED") == "1" else pytest.skip)(f"needs {NEEDS[name]}")
    monkeypatch.chdir(tmp_path)
    thing = NAMES[name]
    said: list[str] = []
    for test in doctest.DocTestFinder(recurse=inspect.isclass(thing)).find(thing, name, globs={}):
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert not said, "".join(said)


def _silent(amount: float) -> float:
    """Return twice the amount."""
    return 2 * amount


def _wrong(amount: float) -> float:
    """Return twice the amount.

    Examples
    --------
    >>> 1 + 1
    2

    Parameters
    ----------
    quantity
        Of another function.

    """
    return 2 * amount


def _said(amount: float) -> float:
    """Return twice the amount.

    Parameters
    ----------
    amount
        Per month.

    Returns
    -------
    float
        Per two months.

    Examples
    --------
    >>> 1 + 1
    2

    """
    return 2 * amount


class _Half:
    """A half that is not said.

    Examples
    --------
    >>> _ = 1

    """

    amount: float


@pytest.mark.parametrize(
    ("thing", "owed"),
    [
        (_said, []),
        (_silent, ["does not say what amount is", "does not say what it returns", "has no example"]),
        (
            _wrong,
            [
                "does not say what amount is",
                "documents quantity, which it does not take",
                "does not say what it returns",
                "has its sections in the order Examples, Parameters",
            ],
        ),
        (_Half, ["does not say what amount is", "has an example that checks nothing"]),
    ],
)
def test_the_law_tells_what_is_missing(thing: Any, owed: list[str]) -> None:  # noqa: ANN401 - functions and a class
    """The checker finds what a docstring lacks, and nothing in one that says everything."""
    assert complaints(thing) == owed


def test_an_example_that_does_not_hold_is_found() -> None:
    """A wrong result is told, so the examples cannot pass by being skipped."""
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert "Expected:\n    3\nGot:\n    2\n" in "".join(said)
