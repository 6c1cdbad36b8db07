"""Which keys JupyterLab must not take from what has the focus inside a cell, read from the JupyterLab installed.

In command mode JupyterLab binds plain letters to edits of the notebook wherever in it the focus is: an `x` typed while
a button of a panel has the focus cuts the cell with the panel. The bindings differ from version to version and come
with extensions too, so they are looked up in the schemas of this installation, not listed here.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTCUTS = "@jupyterlab/shortcuts-extension:shortcuts"
# What a notebook is called by the selectors of bindings that hold while a control in an output has the focus.
_OUTSIDE_EDITORS = ("jp-mod-commandMode", "data-jp-kernel-user", "data-jp-code-runner")
_DELIBERATE = re.compile(r"\b(Accel|Alt|Cmd|Ctrl)\b")
_PLATFORMS = ("keys", "macKeys", "winKeys", "linuxKeys")
# What is not deliberate and still stays for a cell that has the focus itself: going to another cell, and running it.
_KEPT_ON_CELLS = {("ArrowUp",), ("ArrowDown",), ("Shift Enter",)}
_ON_A_CELL = ".jp-Notebook.jp-mod-commandMode .jp-Cell:focus"
_THE_CELL_ITSELF = re.compile(r"\.jp-Cell:focus$")


def quiet_keys(bindings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the bindings to set so that no plain key typed inside a cell reaches the notebook.

    A plain key has at most Shift with it. Arrows up and down and Shift Enter go on where a cell itself has the focus;
    keys with Accel, Alt or Ctrl, and those of code editors, are left alone.
    """
    found = []
    for each in bindings:
        keys, selector = tuple(each.get("keys", ())), each["selector"]
        plain = any(_is_plain(each.get(name, ())) for name in _PLATFORMS)
        if not plain or not any(name in selector for name in _OUTSIDE_EDITORS):
            continue
        if keys == ("Enter",) and _THE_CELL_ITSELF.search(selector):  # begins editing a cell, never a panel
            continue
        found.append({**each, "disabled": True})
        if keys in _KEPT_ON_CELLS:
            found.append({**each, "selector": _ON_A_CELL})
            if "jp-mod-commandMode" not in selector:  # a menu's key: consoles and text files keep it
                found.append({**each, "selector": f"{selector}:not(.jp-Notebook)"})
    return found


def _is_plain(keys: Iterable[str]) -> bool:
    return any(keys) and not any(_DELIBERATE.search(key) for key in keys)


def installed_bindings() -> Iterator[dict[str, Any]]:
    """Yield every key binding that the installed JupyterLab and its extensions declare."""
    for schema in installed_schemas():
        with suppress(ValueError):  # what is no JSON, JupyterLab cannot read either
            declared = json.loads(schema.read_text(encoding="utf-8"))
            yield from declared.get("jupyter.lab.shortcuts", ()) if isinstance(declared, dict) else ()


def installed_schemas() -> list[Path]:
    """List the settings schemas of the installed JupyterLab and its extensions."""
    own = [os.environ["JUPYTERLAB_DIR"]] if os.environ.get("JUPYTERLAB_DIR") else []
    places = [(Path(each), "schemas/**/*.json") for each in (*own, *jupyter_path("lab"))]
    for each in jupyter_path("labextensions"):
        places += [(Path(each), f"{name}/schemas/**/*.json") for name in ("*", "@*/*")]
    return sorted({file for folder, pattern in places for file in folder.glob(pattern)})
