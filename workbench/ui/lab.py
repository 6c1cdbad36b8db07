"""How JupyterLab is started: clean (no news, no update check, no kernel question), offline, on this machine only."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.files import write_text
from workbench.ui.lab_keys import SHORTCUTS, installed_bindings, quiet_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALHOST = "127.0.0.1"
OVERRIDES = Path(__file__).parent / "lab_settings" / "overrides.json"


def lab_command(
    folder: Path | str,
    notebook: str = "",
    *,
    settings: Path,
    port: int = 8888,
    token: str | None = None,
    browser: bool = True,
    environment: Mapping[str, str] | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts JupyterLab in a folder, and the environment to start it in.

    `notebook` is opened first, a path within the folder. `settings` is the folder that `write_settings` filled. `token`
    goes into the environment, which other people on the machine cannot read, as they can a command line; without one
    JupyterLab makes its own and prints it. `environment` is what the environment builds on, such as `os.environ`.
    """
    target = f"/lab/tree/{notebook}" if notebook else "/lab"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.ip={LOCALHOST}",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={Path(folder).resolve()}",
        f"--LabApp.default_url={target}",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.terminals_enabled=False",
        "--ServerApp.allow_root=True",  # containers often have no other user; it listens on this machine only
    ]
    if not browser:
        command.append("--no-browser")
    # The kernel is the Python that starts the server, whatever other kernels are installed on the machine.
    kernels = Path(sys.prefix) / "share" / "jupyter"
    known = dict(environment or {})
    paths = [str(kernels), known.get("JUPYTER_PATH", "")]
    return command, {
        **known,
        "JUPYTER_PATH": ":".join(path for path in paths if path),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **({} if token is None else {"JUPYTER_TOKEN": token}),
    }


def write_settings(folder: Path) -> Path:
    """Write what JupyterLab is set to for this start alone into a folder, and return the folder.

    Beside the settings that never change these are the keys it must leave to panels: see `quiet_keys`.
    """
    overrides = json.loads(OVERRIDES.read_text(encoding="utf-8"))
    overrides[SHORTCUTS] = {"shortcuts": quiet_keys(installed_bindings())}
    write_text(folder / OVERRIDES.name, json.dumps(overrides, indent=2))
    return folder
