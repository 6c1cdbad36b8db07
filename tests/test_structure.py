"""The code keeps its shape: which way imports point, and what stays light."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
# Lower layers first. A module may import from its own layer and from those before it.
LAYERS = (
    {"errors", "results", "locales", "formatting", "text", "files", "tables", "cache", "progress"},
    {"pricing", "customers", "outputs", "stats"},
    {"study", "forecast"},
    {"impact", "demand", "research", "growth", "market", "rules", "workshop"},
    {"stages"},
    {"rendering", "pages", "report", "workspace", "cli"},
)
MOST_MODULES_IN_A_FOLDER = 12
LONGEST_MODULE = 800
MEDIAN_LENGTH = (200, 400)
MOST_FILES = 384  # on the way to 180
MOST_CODE_LINES = 77_100  # on the way to 40,000
# What every stage names alike, because the workbook asks each for the same things.
CONTRACT_NAMES = {"Decision", "gather", "evaluate", "suggest", "reads", "summarise", "figures", "open_panel"}
SCREEN_LIBRARIES = ("ipywidgets", "altair", "IPython", "anywidget")
SCREEN_FILES = ("panel", "charts", "figures", "view")
SCREEN_FOLDERS = {"rendering", "pages", "report", "cli"}
SCREEN_MODULES = {"stages/figure.py"}


def source_files() -> list[Path]:
    """List the package's modules."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file, read once for all laws."""
    return ast.parse(path.read_text())


@pytest.fixture(scope="module", autouse=True)
def _forget_trees() -> Iterator[None]:
    """Let go of the syntax trees: millions of small objects would slow every collection of garbage after this file."""
    yield
    parsed.cache_clear()


def part_of(path: Path) -> str:
    """Name the part of the package a file belongs to: `workbench/pricing/charge.py` is pricing."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer_of(part: str) -> int:
    """Return the layer a part belongs to."""
    return next(index for index, layer in enumerate(LAYERS) if part in layer)


def imported_parts(path: Path) -> set[str]:
    """List the parts of the package a file imports, wherever in the file it does."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("workbench."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {n.name.split(".")[1] for n in node.names if n.name.startswith("workbench.")}
    return found


def draws_on_screen(path: Path) -> bool:
    """Tell whether a file is one of those that may use widgets and charts."""
    inside = path.relative_to(PACKAGE)
    return is_screen_file(path) or inside.parts[0] in SCREEN_FOLDERS or inside.as_posix() in SCREEN_MODULES


def is_screen_file(path: Path) -> bool:
    """Tell whether a file of a stage is its view, its panel or its charts."""
    return path.parent.parent.name == "stages" and path.name.startswith(SCREEN_FILES)


def test_imports_never_point_back() -> None:
    """A module imports from its own layer or a lower one; only a stage's screen files may reach up to rendering."""
    assert [
        f"{path.relative_to(ROOT)} imports workbench.{part}, which is above it"
        for path in source_files()
        if path != PACKAGE / "__init__.py"
        for part in sorted(imported_parts(path))
        if layer_of(part) > layer_of(part_of(path)) and not (part == "rendering" and is_screen_file(path))
    ] == []


def code_lines(path: Path) -> int:
    """Count the lines that hold code: no docstrings, no comments, no blank lines."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said: set[int] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            said.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - said)


def test_no_folder_holds_more_modules_than_one_sees_at_a_glance() -> None:
    """At most twelve modules lie in a folder, beside its `__init__`."""
    folders = Counter(path.parent for path in source_files() if path.name != "__init__.py")
    assert {str(f.relative_to(ROOT)): n for f, n in folders.items() if n > MOST_MODULES_IN_A_FOLDER} == {}


def test_a_module_holds_one_concept_whole() -> None:
    """No module passes 800 lines, and half of them have between 200 and 400: neither crumbs nor heaps."""
    lengths = {p: len(p.read_text().splitlines()) for p in source_files()}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > LONGEST_MODULE} == {}
    assert MEDIAN_LENGTH[0] <= median(n for p, n in lengths.items() if p.name != "__init__.py") <= MEDIAN_LENGTH[1]


def test_one_person_can_carry_it() -> None:
    """The package stays within its number of files and of lines of code."""
    assert len(source_files()) <= MOST_FILES
    assert sum(code_lines(path) for path in source_files()) <= MOST_CODE_LINES


def module_name(path: Path) -> str:
    """Return a file's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_between_modules() -> dict[str, set[str]]:
    """Return what each module imports of the package, at the top, for types only or inside a function."""
    names = {module_name(path) for path in source_files()}
    found: dict[str, set[str]] = {}
    for path in source_files():
        imported: set[str] = set()
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module in names:
                inside = {f"{node.module}.{each.name}" for each in node.names}
                imported |= (inside & names) or {node.module}
            elif isinstance(node, ast.Import):
                imported |= {each.name for each in node.names} & names
        found[module_name(path)] = imported - {module_name(path)}
    return found


def test_no_imports_run_in_a_circle() -> None:
    """The modules can be put in an order in which each imports only earlier ones, imports for types included."""
    try:
        tuple(TopologicalSorter(imports_between_modules()).static_order())
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def surface_names() -> dict[str, dict[str, str]]:
    """Return, per module, the names a folder shows of it and which folder does: what its stub says."""
    shown: dict[str, dict[str, str]] = {}
    for stub in sorted(PACKAGE.glob("*/**/__init__.pyi")):  # the package's own shows a few of them again
        folder = ".".join(stub.parent.relative_to(ROOT).parts)
        for node in parsed(stub).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {each.name: folder for each in node.names if each.asname in (None, each.name)}
                shown.setdefault(f"{folder}.{node.module}", {}).update(names)
    return shown


def test_tests_import_what_folders_show() -> None:
    """A test takes a name from the folder that shows it, so that modules can move inside without touching tests."""
    shown = surface_names()
    assert len(shown) > 50
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno} from {shown[node.module][each.name]} import {each.name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module in shown
        for each in node.names
        if each.name in shown[node.module]
    ] == []


def test_a_public_name_is_defined_once() -> None:
    """No two modules define a function or a class of the same public name, a stage's contract aside."""
    homes: dict[str, set[str]] = {}
    for path in source_files():
        for node in parsed(path).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name[0] != "_":
                homes.setdefault(node.name, set()).add(module_name(path))
    assert {name: at for name, at in homes.items() if len(at) > 1 and name not in CONTRACT_NAMES} == {}


WRITING_CALLS = {"write_text", "write_bytes", "to_excel", "to_parquet", "mkdir", "touch", "symlink_to", "hardlink_to"}
MOVING_CALLS = {"copy", "copy2", "copyfile", "copytree", "move", "rename", "replace", "link", "makedirs", "open"}


def writes_a_file(call: ast.Call) -> bool:
    """Tell whether a call makes, fills, copies or moves a file, as far as its name and arguments say."""
    is_function = isinstance(call.func, ast.Name)
    name = call.func.id if is_function else getattr(call.func, "attr", "")
    owner = "" if is_function else ast.unparse(getattr(call.func, "value", call.func))
    named = [each.value for each in call.keywords if each.arg == "mode"]
    first = call.args[0] if call.args else None
    modes = [each.value for each in [*call.args[int(is_function) :][:1], *named] if isinstance(each, ast.Constant)]
    return (
        (name == "open" and any(set(str(mode)) & set("wxa+") for mode in modes))
        or (owner in ("os", "shutil") and name in MOVING_CALLS)
        or (not is_function and name in WRITING_CALLS)
        # Of text, tables and panels these take two arguments, named ones, or are their own.
        or (
            name in ("rename", "replace")
            and owner != "self"
            and bool(first)
            and len(call.args) == 1
            and not call.keywords
        )
        or (name == "to_csv" and bool(first))  # without a place it returns text
        or (name == "save" and owner == "book" and ast.unparse(first) != "content")  # which is in memory
    )


def test_one_module_writes_files() -> None:
    """Whatever is written goes through `workbench/files.py`, so that it is atomic and its failures are sentences.

    A browser prints into a temporary file given by it; `write_bytes` and the like called as functions are its own.
    """
    marks = PACKAGE / "report" / "files.py"  # adds a mark to the temporary file it was given
    assert [
        f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call)[:80]}"
        for path in source_files()
        if path != PACKAGE / "files.py"
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call) and writes_a_file(call) and not (path == marks and "printed" in ast.unparse(call))
    ] == []


def test_the_search_for_writing_finds_it() -> None:
    """Each way of writing a file is found, and what only looks like it is not."""
    writing = (
        "open('a', 'w')",
        "p.open('xb')",
        "p.write_text('')",
        "f.to_csv(p)",
        "shutil.copyfile(a, b)",
        "p.rename(q)",
    )
    harmless = ("open('a')", "p.open('rb')", "s.replace('a', 'b')", "f.to_csv(index=False)", "replace(self, a=1)")
    assert [writes_a_file(ast.parse(text).body[0].value) for text in writing] == [True] * len(writing)
    assert [writes_a_file(ast.parse(text).body[0].value) for text in harmless] == [False] * len(harmless)


def test_the_core_works_without_screen_libraries() -> None:
    """Everything but the screen files imports with the widget and chart libraries absent."""
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in source_files()
        if not draws_on_screen(path)
    ]
    program = (
        "import sys, importlib\n"
        f"for name in {SCREEN_LIBRARIES!r}: sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_no_heavy_library() -> None:
    """`import workbench` loads neither widgets, charts, databases nor the scientific stack's heavy parts."""
    heavy = ("ipywidgets", "altair", "duckdb", "pandera", "scipy", "IPython", "vl_convert")
    program = f"import workbench, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SENTENCES_STAND_APART_IN = ("stages", "rules", "rendering", "pages", "report")
MOST_WORDS_IN_CODE = 4
# What programs read: a font list, vega expressions, a style sheet.
FOR_PROGRAMS = ("sans-serif", "datum.", "@media", ".wb-offer {")


def sentences_in_code(source: str) -> list[tuple[int, str]]:
    """Return the strings of more than four words, with their lines: no docstrings, and no messages of errors."""
    tree = ast.parse(source)
    left_out: set[int] = set()
    for node in ast.walk(tree):
        raised = isinstance(node, (ast.Raise, ast.Assert)) or (
            isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")
        )
        if raised or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            left_out |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(each) for each in ast.walk(node) if each is not node}
    found = []
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = " ".join(each.value for each in node.values if isinstance(each, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        said = re.sub(r"<[^>]*>", " ", text)
        if " " in said.strip() and not any(mark in text for mark in FOR_PROGRAMS):
            words = re.findall(r"(?<![\w-])[A-Za-z][A-Za-z']*(?![\w-]*[=:({\[.;])", said)
            found += [(node.lineno, text)] if len(words) > MOST_WORDS_IN_CODE else []
    return found


def test_sentences_stand_in_text_files() -> None:
    """Stages, rules and whatever shows them hold no sentence in code: each stands in a text file, found by key."""
    told = {
        f"{path.relative_to(ROOT)}:{line}": text
        for folder in SENTENCES_STAND_APART_IN
        for path in (PACKAGE / folder).rglob("*.py")
        for line, text in sentences_in_code(path.read_text())
    }
    assert told == {}


def test_the_search_for_sentences_finds_them() -> None:
    """A plain sentence and one with a value are found; a docstring, an error and a short label are not."""
    shown = "def f(n):\n    return f'{n} of them pay nothing at all', 'This is a whole sentence here.'"
    sentence = "This is a whole sentence here."
    kept = f"def f():\n    '{sentence}'\n    raise StudyError('{sentence}')"
    assert len(sentences_in_code(shown)) == 2
    assert sentences_in_code(kept) == sentences_in_code("x = 'four words at most'") == []
