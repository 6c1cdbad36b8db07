"""How JupyterLab is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workbench.ui.lab import SETTINGS, lab_command

if TYPE_CHECKING:
    from pathlib import Path


def test_the_server_listens_on_this_machine_only_and_keeps_its_token(tmp_path: Path) -> None:
    """No address but this machine's, and no token given away unless a test asks for none."""
    command, _ = lab_command(tmp_path, "00_start_here.ipynb", port=9999)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.port=9999" in command
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert not [part for part in command if "token" in part]
    assert "--IdentityProvider.token=" in lab_command(tmp_path, token="")[0]


def test_the_environment_given_is_built_on_and_not_changed(tmp_path: Path) -> None:
    """Variables stay, kernels of this Python come first."""
    given = {"HOME": "/home/ada", "JUPYTER_PATH": "/elsewhere"}
    _, environment = lab_command(tmp_path, environment=given)
    assert environment["HOME"] == "/home/ada"
    assert environment["JUPYTER_PATH"].endswith(":/elsewhere")
    assert given == {"HOME": "/home/ada", "JUPYTER_PATH": "/elsewhere"}


def test_the_page_asks_no_questions() -> None:
    """The settings that come along switch news and update checks off."""
    settings = json.loads((SETTINGS / "overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
