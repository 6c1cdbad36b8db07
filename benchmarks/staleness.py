"""Which chapters were measured on other code than there is now.

What a chapter measures is not listed by hand, which forgets, nor followed from its imports, which miss what is loaded
by name and take in what is never run: while it is measured, every Python process it starts notes which files of the
project it has loaded (`noting/sitecustomize.py`). measured_code.json keeps those files with a hash each, RESULTS.md
a short hash of them all. Comments, docstrings and layout do not count; templates, scripts and styles beside a loaded
module do.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
NOTES = Path(__file__).parent / "measured_code.json"
NOTING = Path(__file__).parent / "noting"
# What a module reads that lies elsewhere.
READS = {"workbench/sample.py": ROOT / "data" / "sample"}
_NOT_MEASURED = ("benchmarks/run.py", "benchmarks/staleness.py", "benchmarks/noting/")
_FOLDERS = ("workbench/", "benchmarks/", "tests/browser/lab_driver.py")
DIGITS = 12


def noting(folder: Path) -> dict[str, str]:
    """Return the environment in which every Python process notes what it loads into a folder."""
    paths = [str(NOTING), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(each for each in paths if each)
    return {"BENCH_NOTES": str(folder), "BENCH_ROOT": str(ROOT), "PYTHONPATH": path}


def noted(folder: Path) -> dict[str, str]:
    """Return what was loaded while it was noted into a folder, each file with its hash."""
    files = {Path(line) for note in folder.glob("*.txt") for line in note.read_text(encoding="utf-8").splitlines()}
    names = {file.relative_to(ROOT).as_posix() for file in files if file.is_relative_to(ROOT)}
    measured = {name for name in names if name.startswith(_FOLDERS) and not name.startswith(_NOT_MEASURED)}
    return hashes(measured)


def hashes(names: Iterable[str]) -> dict[str, str]:
    """Return the hash of each file of the project; an empty one where it is gone."""
    return {name: _hash(ROOT / name) for name in sorted(names)}


def code_of(files: dict[str, str]) -> str:
    """Return one short hash of all that a chapter measures."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:DIGITS]


def keep(chapter: str, files: dict[str, str]) -> str:
    """Keep what a chapter measured, and return its short hash."""
    NOTES.write_text(json.dumps({**kept(), chapter: files}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return code_of(files)


def kept() -> dict[str, dict[str, str]]:
    """Return the files each chapter was measured with, and their hashes then."""
    return json.loads(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else {}


def why_stale(chapter: str, text: str) -> str:
    """Return why a chapter of RESULTS.md is out of date, in words; nothing when it is not."""
    files = kept().get(chapter)
    if not text:
        return "never measured"
    if not files or f"code {code_of(files)}" not in text:
        return "nothing says which code it was measured on"
    now = hashes(files)
    changed = [name for name, value in files.items() if now[name] != value]
    if not changed:
        return ""
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""  # noqa: PLR2004 - enough to see what it is about
    return f"changed since: {', '.join(changed[:3])}{more}"


def _hash(file: Path) -> str:
    """Hash what a Python file does, and what lies beside it."""
    if not file.is_file():
        return ""
    digest = hashlib.sha256(_what_it_does(file).encode())
    for each in sorted(_beside(file)):
        digest.update(each.name.encode() + each.read_bytes())
    return digest.hexdigest()[:DIGITS]


def _what_it_does(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _beside(file: Path) -> list[Path]:
    """List what a package brings along beside its code: its `__init__.py` stands for it."""
    name = file.relative_to(ROOT).as_posix()
    if name in READS:
        return [each for each in READS[name].rglob("*") if each.is_file()]
    return list(_files_of(file.parent)) if file.name == "__init__.py" else []


def _files_of(folder: Path) -> Iterator[Path]:
    for each in folder.iterdir():
        if each.is_dir() and each.name != "__pycache__" and not (each / "__init__.py").exists():
            yield from _files_of(each)
        elif each.is_file() and each.suffix != ".py":
            yield each
