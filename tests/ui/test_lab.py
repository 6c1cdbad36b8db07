"""How JupyterLab is started."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.pages.lab import lab_command, write_settings

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
