"""The code keeps its shape: which way imports point, and what stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
# Lower layers first. A module may import from its own layer and from those before it.
LAYERS = (
    {
        "errors",
        "input_files",
        "files",
        "results",
        "formatting",
        "wording",
        "cells",
        "written_numbers",
        "lazy",
        "bundle",
        "recent",
        "tolerances",
        "progress",
        "expected",
    },
    {"pricing", "customers", "outputs", "spreadsheet"},
    {"study", "study_data", "forecast"},
    {"impact", "demand", "research", "growth", "market", "rules"},
    {"stages", "sample"},
    {"ui", "report", "workspace", "cli"},
)
SCREEN_LIBRARIES = ("ipywidgets", "altair", "IPython", "anywidget")
SCREEN_FILES = {"panel.py", "charts.py"}
SCREEN_FOLDERS = {"ui", "report", "cli"}
SCREEN_MODULES = {"stages/figure.py", "stages/chart_style.py"}


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
    is_chart = path.name in SCREEN_FILES or path.name.startswith("charts_")
    return is_chart or inside.parts[0] in SCREEN_FOLDERS or inside.as_posix() in SCREEN_MODULES


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_never_point_back(path: Path) -> None:
    """A module imports from its own layer or a lower one; only a stage's screen files may reach up to ui."""
    if path == PACKAGE / "__init__.py":
        return
    here = layer_of(part_of(path))
    for part in imported_parts(path):
        allowed = layer_of(part) <= here or (part == "ui" and path.name in SCREEN_FILES)
        assert allowed, f"{path.relative_to(ROOT)} imports workbench.{part}, which is above it"


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_stay_small(path: Path) -> None:
    """One concept a module: no file passes 400 lines, so that each can be read in one sitting."""
    assert len(path.read_text().splitlines()) <= 400


def test_most_modules_are_under_200_lines() -> None:
    """Nine modules in ten stay under 200 lines."""
    lengths = [len(path.read_text().splitlines()) for path in source_files()]
    assert sum(length < 200 for length in lengths) >= 0.9 * len(lengths)


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
    inside_written = path == PACKAGE / "report" / "pdf.py"  # adds a mark to the temporary file it was given
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
