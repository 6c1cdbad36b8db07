"""The code keeps its shape: which way imports point, and what stays light."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
# Lower layers first. A module may import from its own layer and from those before it.
LAYERS = (
    {"errors", "results", "formatting", "text", "files", "tables", "cache", "lazy", "progress"},
    {"pricing", "customers", "outputs", "stats"},
    {"study", "forecast"},
    {"impact", "demand", "research", "growth", "market", "rules"},
    {"stages"},
    {"rendering", "pages", "report", "workspace", "cli"},
)
MOST_MODULES_IN_A_FOLDER = 12
LONGEST_MODULE = 800
MEDIAN_LENGTH = (200, 400)
MOST_FILES = 244  # on the way to 180
MOST_CODE_LINES = 55_000  # on the way to 40,000
# What every stage names alike, because the workbook asks each for the same things.
CONTRACT_NAMES = {"Decision", "gather", "evaluate", "suggest", "summarise", "figures", "open_panel"}
SCREEN_LIBRARIES = ("ipywidgets", "altair", "IPython", "anywidget")
SCREEN_FILES = ("panel", "charts", "figures")
SCREEN_FOLDERS = {"rendering", "pages", "report", "cli"}
SCREEN_MODULES = {"stages/figure.py"}


def source_files() -> list[Path]:
    """List the package's modules."""
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """Name the part of the package a file belongs to: `workbench/pricing/charge.py` is pricing."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer_of(part: str) -> int:
    """Return the layer a part belongs to."""
    return next(index for index, layer in enumerate(LAYERS) if part in layer)


def imported_parts(path: Path) -> set[str]:
    """List the parts of the package a file imports, wherever in the file it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
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
    """Tell whether a file of a stage is its panel or its charts."""
    return path.name.startswith(SCREEN_FILES)


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_never_point_back(path: Path) -> None:
    """A module imports from its own layer or a lower one; only a stage's screen files may reach up to rendering."""
    if path == PACKAGE / "__init__.py":
        return
    here = layer_of(part_of(path))
    for part in imported_parts(path):
        allowed = layer_of(part) <= here or (part == "rendering" and is_screen_file(path))
        assert allowed, f"{path.relative_to(ROOT)} imports workbench.{part}, which is above it"


def code_lines(source: str) -> int:
    """Count the lines that hold code: no docstrings, no comments, no blank lines."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            said.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
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
    assert sum(code_lines(path.read_text()) for path in source_files()) <= MOST_CODE_LINES


def module_name(path: Path) -> str:
    """Return a file's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_between_modules() -> dict[str, set[str]]:
    """Return what each module imports of the package, at the top, for types only or inside a function."""
    names = {module_name(path) for path in source_files()}
    found: dict[str, set[str]] = {}
    for path in source_files():
        imported: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
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


def test_a_public_name_is_defined_once() -> None:
    """No two modules define a function or a class of the same public name, a stage's contract aside."""
    homes: dict[str, set[str]] = {}
    for path in source_files():
        for node in ast.parse(path.read_text()).body:
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


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_one_module_writes_files(path: Path) -> None:
    """Whatever is written goes through `workbench/files.py`, so that it is atomic and its failures are sentences.

    A browser prints into a temporary file given by it; `write_bytes` and the like called as functions are its own.
    """
    if path == PACKAGE / "files.py":
        return
    inside_written = path == PACKAGE / "report" / "files.py"  # adds a mark to the temporary file it was given
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    writing = [
        call for call in calls if writes_a_file(call) and not (inside_written and "printed" in ast.unparse(call))
    ]
    assert not [f"{path.name}:{call.lineno} {ast.unparse(call)[:80]}" for call in writing]


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
