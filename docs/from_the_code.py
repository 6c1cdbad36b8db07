"""What the package says about itself when the site is built: its public names, its columns, its imports."""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from import_picture import picture
from pydantic import BaseModel
from typer.testing import CliRunner

from workbench.cli import app as commands
from workbench.rendering.screen.glossary import glossary_lines
from workbench.rules import RULEBOOK
from workbench.stages import STAGES

if TYPE_CHECKING:
    from types import ModuleType

    from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
# How panels are drawn, and how commands are read, is no library to write scripts with.
NOT_FOR_SCRIPTS = ("cli", "pages", "rendering", "ui", "widgets")
LONGEST_VALUE = 100  # characters of a value that its page still shows


def surfaces() -> list[str]:
    """List every folder of the package that says which of its names are public, the package itself first."""
    folders = [path.parent.relative_to(ROOT) for path in sorted(PACKAGE.rglob("__init__.py"))]
    modules = [".".join(folder.parts) for folder in folders if folder.parts[1:2] not in [(n,) for n in NOT_FOR_SCRIPTS]]
    return [name for name in modules if public_names(importlib.import_module(name))]


def public_names(module: ModuleType) -> list[str]:
    """List the names a folder makes public: written out in `__all__`, or those it loads late."""
    late = vars(module).get("__dir__", list)
    return sorted(vars(module).get("__all__") or late())


def public_value(module: ModuleType, name: str) -> object:
    """Return what a public name stands for, also where a module of the same name was imported first."""
    value = getattr(module, name)
    return module.__getattr__(name) if inspect.ismodule(value) and "__getattr__" in vars(module) else value


def homes() -> dict[int, str]:
    """Say, for every public object, the one folder on whose page it is described: the innermost that has it."""
    found: dict[int, str] = {}
    for surface in sorted(surfaces(), key=lambda name: -name.count(".")):
        module = importlib.import_module(surface)
        for name in public_names(module):
            found.setdefault(id(public_value(module, name)), surface)
    return found


def api_page(surface: str, home_of: dict[int, str]) -> str:
    """Write the page of one folder: its classes, functions and values, and links to what is described elsewhere."""
    module = importlib.import_module(surface)
    parts: dict[str, list[str]] = {"Classes": [], "Functions": [], "Values": []}
    elsewhere = []
    for name in public_names(module):
        value = public_value(module, name)
        home = home_of[id(value)]
        if home != surface:
            elsewhere.append(f"* :py:obj:`{home}.{name}`")
        elif inspect.isclass(value):
            parts["Classes"].append(f".. autoclass:: {surface}.{name}\n")
            if value.__name__ != name:  # a name that all stages share for a class of their own
                parts["Classes"].append(f".. autoclass:: {value.__module__}.{value.__name__}\n   :no-index:\n")
        elif inspect.isroutine(value):
            parts["Functions"].append(f".. autofunction:: {surface}.{name}\n")
        else:
            is_plain = isinstance(value, str | int | float | tuple) and len(repr(value)) <= LONGEST_VALUE
            shown = "" if is_plain else "   :no-value:\n"
            parts["Values"].append(f".. autodata:: {surface}.{name}\n{shown}")
    lines = [surface, "=" * len(surface), "", inspect.getdoc(module) or "", ""]
    for title, entries in parts.items():
        if entries:
            lines += [title, "-" * len(title), "", *entries]
    if elsewhere:
        lines += ["Described elsewhere", "-------------------", "", *elsewhere, ""]
    return "\n".join(lines)


def write_api(folder: Path) -> None:
    """Write one page for each folder with public names, and the page that lists them."""
    folder.mkdir(parents=True)
    home_of = homes()
    for surface in surfaces():
        (folder / f"{surface}.rst").write_text(api_page(surface, home_of))
    short = {surface: surface.removeprefix("workbench.") for surface in surfaces()}
    said = {surface: (inspect.getdoc(importlib.import_module(surface)) or "").splitlines()[0] for surface in short}
    listed = [f"* :doc:`{short[surface]} <{surface}>`: {said[surface]}" for surface in short]
    hidden = [f"   {short[surface]} <{surface}>" for surface in short]
    (folder / "index.rst").write_text(
        "\n".join([*API_INDEX, *listed, "", ".. toctree::", "   :hidden:", "", *hidden, ""])
    )


API_INDEX = (
    "API reference",
    "=============",
    "",
    "Public names, folder by folder, from the docstrings in the code. What is not listed here may change at any time.",
    "",
)


def column_guide() -> str:
    """Return the guide to tables and columns as the command `workbench template` writes it, from its first table on."""
    with tempfile.TemporaryDirectory() as folder:
        done = CliRunner().invoke(commands, ["template", folder])
        if done.exit_code:
            raise RuntimeError(f"workbench template failed: {done.output}")
        (guide,) = Path(folder).glob("*.md")
        text = guide.read_text(encoding="utf-8")
    tables = re.sub(r"^## (\w+)$", r"### `\1`", text[text.index("\n## ") :], flags=re.MULTILINE)
    return "## Every table and column\n" + re.sub(r"^\| (?!column )(\w+) \|", r"| `\1` |", tables, flags=re.MULTILINE)


def rule_tables() -> str:
    """Return the rulebook as one table for each stage, from the rules as they are declared."""
    lines = []
    for each in STAGES:
        rules = [rule for rule in RULEBOOK.rules.values() if rule.stage == each.key]
        lines += [f"## {each.title}", "", "| | Rule | Met | From |", "|---|---|---|---|"]
        for rule in rules:
            met = f"{rule.threshold.label}: {rule.threshold.with_owner()}" if rule.threshold.label else "by judgement"
            lines.append(
                f"| {rule.id} | **{rule.title}**. {rule.sentence} | {met} | {rule.source.partition(' (')[0]} |"
            )
        lines.append("")
    return "\n".join(lines)


def write_pages(app: Sphinx) -> None:
    """Write everything that comes from the code anew."""
    folder = Path(app.srcdir) / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    write_api(folder / "api")
    parts = folder / "parts"
    parts.mkdir()
    (parts / "columns.md").write_text(column_guide(), encoding="utf-8")
    (parts / "glossary.md").write_text(glossary_lines(), encoding="utf-8")
    (parts / "rules.md").write_text(rule_tables(), encoding="utf-8")
    (parts / "imports.svg").write_text(picture(PACKAGE, set(surfaces())), encoding="utf-8")


def without_borrowed_text(
    _app: Sphinx, what: str, _name: str, value: object, _options: object, lines: list[str]
) -> None:
    """Drop what only describes the type of a value (a dict, a number), and let a closing paragraph be a note.

    Text after a list of parameters belongs to no parameter; numpydoc calls it Notes.
    """
    if what == "data" and "\n".join(lines).strip() == (inspect.getdoc(type(value)) or "").strip():
        lines.clear()
    headed = False
    for at in range(1, len(lines)):
        headed = headed or bool(re.fullmatch(r"-{4,}", lines[at]))
        is_text = lines[at].endswith((".", ",")) or " " in lines[at].strip()
        if headed and not lines[at - 1] and lines[at][:1].strip() and is_text:
            lines[at:at] = ["Notes", "-----"]
            return


def plain_signature(
    _app: Sphinx, what: str, _name: str, value: object, _options: object, signature: str | None, returned: str | None
) -> tuple[str | None, str | None] | None:
    """Leave out the signature of documents, whose fields are listed, and dots for a default without a text."""
    if what == "class" and isinstance(value, type) and issubclass(value, BaseModel):
        return "", returned
    return signature and re.sub(r"= ?<[^<>]*>", "= ...", signature), returned


def with_fields(_app: Sphinx, what: str, _name: str, value: object, _options: object, lines: list[str]) -> None:
    """List the fields of a document with kind, bounds, default and description, as they are declared."""
    if what != "class" or not (isinstance(value, type) and issubclass(value, BaseModel)):
        return
    lines += ["", "Fields:", ""]
    for name, field in value.model_fields.items():
        kind = re.sub(r"[\w.]+\.(?=\w)|<class '|'>", "", str(field.annotation))
        bounds = [
            f"{sign} {limit}"
            for part in field.metadata
            for key, sign in BOUNDS
            if (limit := getattr(part, key, None)) is not None
        ]
        default = "" if field.is_required() or field.default_factory else f"; {field.default!r} unless given"
        described = f": {field.description}" if field.description else ""
        lines.append(f"* ``{name}`` ({', '.join([kind, *bounds])}{default}){described}")
    lines.append("")


BOUNDS = (("gt", "above"), ("ge", "from"), ("lt", "below"), ("le", "up to"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for any."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-signature", plain_signature)
    app.connect("autodoc-process-docstring", without_borrowed_text, priority=100)  # before numpydoc is read
    app.connect("autodoc-process-docstring", with_fields, priority=900)  # after it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
