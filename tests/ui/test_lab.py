"""How JupyterLab is started."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat.sign import NotebookNotary

from workbench.pages import lab
from workbench.pages.lab import lab_command, write_settings
from workbench.workspace import shipped_notebooks

if TYPE_CHECKING:
    import pytest

TOKEN = "for-its-owner"  # noqa: S105 - a made-up one


def test_the_server_listens_on_this_machine_only_and_keeps_its_token(tmp_path: Path) -> None:
    """No address but this machine's, and the token where nobody else can read it."""
    command, environment = lab_command(tmp_path, "00_start_here.ipynb", settings=tmp_path, port=9999, token=TOKEN)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.port=9999" in command
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert not [part for part in command if TOKEN in part]
    assert environment["JUPYTER_TOKEN"] == TOKEN
    assert "JUPYTER_TOKEN" not in lab_command(tmp_path, settings=tmp_path)[1]


def test_the_environment_given_is_built_on_and_not_changed(tmp_path: Path) -> None:
    """Variables stay, kernels of this Python come first."""
    given = {"HOME": "/home/ada", "JUPYTER_PATH": "/elsewhere"}
    _, environment = lab_command(tmp_path, settings=tmp_path, environment=given)
    assert environment["HOME"] == "/home/ada"
    assert environment["JUPYTER_PATH"].endswith(":/elsewhere")
    assert given == {"HOME": "/home/ada", "JUPYTER_PATH": "/elsewhere"}


def test_the_page_asks_no_questions(tmp_path: Path) -> None:
    """The settings that come along switch news and update checks off."""
    settings = json.loads((write_settings(tmp_path) / "overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_every_plain_key_of_command_mode_is_taken_from_panels(tmp_path: Path) -> None:
    """Of the bindings of the installed JupyterLab, each without Accel, Alt or Ctrl is switched off word for word."""
    overrides = json.loads((write_settings(tmp_path) / "overrides.json").read_text())
    keys = overrides["@jupyterlab/shortcuts-extension:shortcuts"]["shortcuts"]
    off = {(*each["keys"], each["selector"]) for each in keys if each.get("disabled")}
    schemas = (Path(sys.prefix) / "share/jupyter/lab/schemas").rglob("*.json")
    declared = [each for path in schemas for each in json.loads(path.read_text()).get("jupyter.lab.shortcuts", ())]
    plain = {
        (*each["keys"], each["selector"])
        for each in declared
        if "jp-mod-commandMode" in each["selector"] and any(each["keys"])
        if not any(word in " ".join(each["keys"]).split() for word in ("Accel", "Alt", "Ctrl", "Cmd"))
    }
    to_edit = {(*each["keys"], each["selector"]) for each in declared if each["command"] == "notebook:enter-edit-mode"}
    assert len(plain) > 30
    assert plain - to_edit <= off
    assert not to_edit & off


def test_keys_of_extensions_and_of_other_versions_are_looked_up_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an extension binds in command mode goes as well; a damaged schema stops nothing."""
    inside = ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-editMode) :focus"
    plain = {"command": "vim:delete", "keys": ["Shift D", "W"], "selector": inside}
    others = [
        {"command": "vim:save", "keys": ["Ctrl W"], "selector": inside},
        {"command": "vim:type", "keys": ["W"], "selector": ".jp-Notebook.jp-mod-editMode"},
        {"command": "vim:unbound", "keys": [""], "selector": inside},
    ]
    schemas = tmp_path / "labextensions" / "@someone" / "vim" / "schemas" / "@someone" / "vim"
    schemas.mkdir(parents=True)
    (schemas / "plugin.json").write_text(json.dumps({"jupyter.lab.shortcuts": [plain, *others]}))
    (schemas / "damaged.json").write_text("{")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    keys = json.loads((write_settings(tmp_path) / "overrides.json").read_text())
    found = [
        each
        for each in keys["@jupyterlab/shortcuts-extension:shortcuts"]["shortcuts"]
        if each["command"].startswith("vim")
    ]
    assert found == [{**plain, "disabled": True}]


def test_layout_settings_and_extension_are_its_own(tmp_path: Path) -> None:
    """Windows and settings of other work in JupyterLab are not touched; the extension is named as one plain folder."""
    command, _ = lab_command(tmp_path / "work", settings=tmp_path / "start")
    named = dict(part.removeprefix("--LabApp.").split("=", 1) for part in command if part.startswith("--LabApp."))
    assert named["workspaces_dir"] == str(tmp_path / "start" / "workspaces")
    assert named["user_settings_dir"] == str(tmp_path / "work" / ".jupyterlab")
    package = next(Path(named["extra_labextensions_path"]).glob("*/package.json"))
    declared = json.loads(package.read_text())
    assert declared["name"] == package.parent.name
    assert (package.parent / declared["jupyterlab"]["_build"]["load"]).is_file()


def test_the_wheel_ships_the_extension(tmp_path: Path) -> None:
    """What the wheel holds has every file JupyterLab loads."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=Path(__file__).parents[2], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    root = Path(lab.__file__).parents[2]
    files = {path.relative_to(root).as_posix() for path in lab.EXTENSIONS.rglob("*") if path.is_file()}
    assert len(files) == len(["package.json", "remoteEntry.js", "plugin.js", "style.css"])
    assert files <= inside


WIDGET = {"data": {lab.WIDGET_VIEW: {"model_id": "m1"}, "text/html": "<b>12</b>"}, "output_type": "display_data"}


def written(path: Path, *, mark: bool = True, source: str = "panel") -> Path:
    """Write a notebook that shows a widget beside its HTML."""
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.from_dict({**WIDGET, "metadata": {}})])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"workbench": {}} if mark else {})
    nbformat.write(notebook, path)
    return path


def test_what_only_a_kernel_could_show_is_taken_out_of_our_notebooks_alone(tmp_path: Path) -> None:
    """The view of a widget goes, the HTML beside it stays; a notebook without the mark keeps every byte."""
    ours, other = written(tmp_path / "ours.ipynb"), written(tmp_path / "other.ipynb", mark=False)
    before = other.read_bytes()
    (tmp_path / "damaged.ipynb").write_text("{")
    assert lab.ready_notebooks(tmp_path, tmp_path / "data") == ()
    (output,) = nbformat.read(ours, as_version=4).cells[0].outputs
    assert list(output.data) == ["text/html"]
    assert other.read_bytes() == before


def test_shipped_notebooks_are_trusted_and_changed_ones_are_not(tmp_path: Path) -> None:
    """A copy of a shipped notebook is trusted, one that was changed is not; what was trusted stays so with outputs."""
    work, data = tmp_path / "work", tmp_path / "data"
    work.mkdir()
    names = ("00_start_here.ipynb", "04_add_ons.ipynb")
    for name in names:
        (work / name).write_bytes(shipped_notebooks()[name])
    changed = nbformat.read(work / names[1], as_version=4)
    changed.cells[1].source += "\nprint('mine')"
    nbformat.write(changed, work / names[1])
    assert lab.ready_notebooks(work, data) == names[:1]
    run = nbformat.read(work / names[0], as_version=4)
    next(cell for cell in run.cells if cell.cell_type == "code").outputs = [
        nbformat.from_dict({**WIDGET, "metadata": {}})
    ]
    nbformat.write(run, work / names[0])
    assert lab.ready_notebooks(work, data) == ()
    NotebookNotary(data_dir=str(data)).sign(run)  # as JupyterLab does on saving what was run
    nbformat.write(run, work / names[0])
    assert lab.ready_notebooks(work, data) == names[:1]
    assert lab.ready_notebooks(work, data) == names[:1]
