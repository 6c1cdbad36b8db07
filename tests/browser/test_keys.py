"""Keys typed while something inside a panel has the focus stay in the panel; shipped cells cannot be edited away."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from lab_driver import PATIENCE, open_page

from workbench.files import bundled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab_driver import Lab
    from playwright.sync_api import Browser, Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser

START = "00_start_here.ipynb"
UNPROTECTED = "own_copy.ipynb"
# Everything that edits, deletes, inserts, moves, runs, folds or restarts when JupyterLab binds it to a plain key.
TYPED = [*"xddabmyrzcvjkiil001234560", "Shift+M", "Shift+A", "Shift+B", "Shift+L", "Shift+R", "Shift+Z", "Shift+K"]
TYPED += ["Shift+J", "Shift+ArrowDown", "Shift+Home", "Shift+End", "Shift+Enter", "Delete", "Backspace"]
TYPED += ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]
# One control of each kind a panel may hold, in a cell of its own that nothing protects.
CONTROLS = """
import ipywidgets as w
from IPython.display import display
kinds = [w.Button(description="Press"), w.ToggleButton(description="Switch"), w.IntSlider(), w.Checkbox(),
    w.RadioButtons(options=["one", "two"]), w.Tab([w.Label("first")], titles=["First"]), w.Dropdown(options=["a"]),
    w.HTML('<a href="#x">a link</a><details><summary>more</summary></details>'), w.FloatText()]
display(*kinds)
"""
# JupyterLab takes a key for a binding when the focused element or one around it matches the binding's selector.
REACHES = """(bindings) => {
  const plain = ({ keys }) => keys.some((key) => key) && !keys.some((key) => /Accel|Alt|Cmd|Ctrl/.test(key));
  const ours = bindings ?? window.jupyterapp.commands.keyBindings;
  const controls = [...document.querySelectorAll(".jp-OutputArea-output")].flatMap((output) =>
    [...output.querySelectorAll("button, a, summary, select, input, [tabindex]")])
    .filter((node) => node.checkVisibility());
  const found = new Set();
  for (const control of controls) {
    control.focus({ preventScroll: true });
    if (document.activeElement !== control) continue;
    for (const binding of ours) {
      for (let node = control; node && plain(binding); node = node.parentElement) {
        if (node.matches(binding.selector)) found.add(`${binding.keys.join(" ")}: ${binding.command}`);
      }
    }
  }
  return { controls: controls.length, keys: [...found].sort() };
}"""
NOTEBOOK = """() => {
  const { content, model } = window.jupyterapp.shell.currentWidget;
  return { cells: model.toJSON().cells, active: content.activeCellIndex, mode: content.mode,
    selected: content.widgets.filter((cell) => content.isSelected(cell)).length };
}"""


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab: Lab, workspace: Workspace) -> Iterator[Page]:
    """Return a page with the first panels of the start notebook and every kind of control, in unprotected cells."""
    shipped = nbformat.read(bundled("notebooks") / START, as_version=4)
    shipped.cells = [*shipped.cells[:2], nbformat.v4.new_code_cell(CONTROLS)]
    for cell in shipped.cells:
        cell.metadata.clear()
    nbformat.write(shipped, workspace.folder / UNPROTECTED)
    with open_page(browser) as page:
        lab.open(page, f"{workspace.folder.name}/{UNPROTECTED}")
        lab.run_all(page)
        page.get_by_role("button", name="Press").wait_for()
        yield page
        lab.shut_kernels_down(page)


def bindings_of(lab: Lab) -> list[dict[str, Any]]:
    """Return every key binding that JupyterLab and its extensions declare, as its server hands them to the page."""
    with urllib.request.urlopen(f"{lab.url}/lab/api/settings", timeout=30) as answer:  # noqa: S310 - on this machine
        settings = json.load(answer)["settings"]
    return [each for plugin in settings for each in plugin["schema"].get("jupyter.lab.shortcuts", ())]


def written(page: Page) -> list[dict[str, Any]]:
    """Return the cells of the notebook in front as they are written: what they show may come meanwhile, by itself."""
    cells = page.evaluate(NOTEBOOK)["cells"]
    shown = ("outputs", "execution_count")
    return [{part: value for part, value in cell.items() if part not in shown} for cell in cells]


def test_no_plain_key_reaches_the_notebook_from_inside_a_panel(lab: Lab, notebook: Page) -> None:
    """Of all bindings that would hold for a control in an output, none without Accel, Alt or Ctrl is left."""
    declared = notebook.evaluate(REACHES, bindings_of(lab))
    assert declared["controls"] >= 12
    assert {"X: notebook:cut-cell", "D D: notebook:delete-cell", "0 0: kernelmenu:restart"} <= set(declared["keys"])
    left = notebook.evaluate(REACHES, None)
    assert [key for key in left["keys"] if not key.startswith(("F9:", "F11:"))] == []


@pytest.mark.parametrize("name", ["Press", "Open"])
def test_typing_on_a_focused_button_leaves_the_notebook_as_it_is(notebook: Page, name: str) -> None:
    """No key typed on a button of a panel edits, moves, runs or folds a cell, nor takes the focus away."""
    button = notebook.locator(".jp-OutputArea-output").get_by_role("button", name=name, exact=True).first
    button.focus()
    before = notebook.evaluate(NOTEBOOK)
    for key in TYPED:
        button.press(key)
    assert button.evaluate("(node) => document.activeElement === node")
    notebook.wait_for_timeout(700)  # what a run cell would show anew, and a dialog, have come by now
    assert notebook.locator(".jp-Dialog").count() == 0
    assert notebook.evaluate(NOTEBOOK) == before


def test_keys_with_ctrl_go_on_from_inside_a_panel(notebook: Page) -> None:
    """Ctrl S saves the notebook while a button of a panel has the focus."""
    notebook.evaluate("() => window.jupyterapp.shell.currentWidget.model.setMetadata('touched', Math.random())")
    notebook.wait_for_function("() => window.jupyterapp.shell.currentWidget.model.dirty")
    notebook.get_by_role("button", name="Press").press("Control+s")
    notebook.wait_for_function("() => !window.jupyterapp.shell.currentWidget.model.dirty", timeout=PATIENCE)


def test_a_cell_that_has_the_focus_can_be_left_run_and_written_in(notebook: Page) -> None:
    """Arrows go from cell to cell, Shift Enter runs the cell, Enter writes in it; letters do nothing."""
    go = "(at) => { const all = window.jupyterapp.shell.currentWidget.content; all.activeCellIndex = at; "
    notebook.evaluate(go + "all.activate(); all.activeCell.node.focus(); }", 1)
    before = notebook.evaluate(NOTEBOOK)
    for key in "xddabmz":
        notebook.keyboard.press(key)
    assert notebook.evaluate(NOTEBOOK) == before
    notebook.keyboard.press("ArrowUp")
    assert notebook.evaluate(NOTEBOOK)["active"] == 0
    notebook.keyboard.press("ArrowDown")
    notebook.keyboard.press("ArrowDown")
    assert notebook.evaluate(NOTEBOOK)["active"] == 2
    counted = before["cells"][2]["execution_count"]
    notebook.keyboard.press("Shift+Enter")
    notebook.wait_for_function(
        "(old) => window.jupyterapp.shell.currentWidget.model.toJSON().cells[2].execution_count > old", arg=counted
    )
    notebook.evaluate(go + "all.activate(); all.activeCell.node.focus(); }", 2)
    notebook.keyboard.press("Enter")
    notebook.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.mode === 'edit'")
    notebook.keyboard.press("Escape")


def test_shipped_cells_stay_and_own_cells_come_and_go(lab: Lab, workspace: Workspace, page: Page) -> None:
    """No command takes a shipped cell away or changes it; a cell of one's own can be added and deleted."""
    lab.open(page, f"{workspace.folder.name}/{START}")
    command = "(name) => window.jupyterapp.commands.execute(`notebook:${name}`)"
    page.locator(".wb-bar:visible").wait_for()  # the keys are heard once the notebook has its bar
    page.keyboard.press("Alt+c")  # code is hidden until somebody asks for it
    before = written(page)
    for at in (0, 1):
        page.evaluate("(at) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = at; }", at)
        for name in ("cut-cell", "delete-cell"):
            page.evaluate(command, name)
        page.locator(".jp-Cell").nth(at).locator(".cm-content, .jp-RenderedMarkdown").locator("visible=true").dblclick()
        page.keyboard.type("lost?")
        page.keyboard.press("Escape")
    assert written(page) == before
    page.evaluate(command, "insert-cell-below")
    page.evaluate(command, "enter-edit-mode")
    page.keyboard.type("1 + 1")
    added = written(page)
    assert len(added) == len(before) + 1
    assert [cell["source"] for cell in added if cell not in before] == ["1 + 1"]
    page.evaluate(command, "delete-cell")
    assert written(page) == before
    lab.shut_kernels_down(page)
