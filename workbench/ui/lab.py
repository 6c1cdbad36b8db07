"""How JupyterLab is started: clean (no news, no update check, no kernel question), offline, on this machine only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALHOST = "127.0.0.1"
SETTINGS = Path(__file__).parent / "lab_settings"


def lab_command(
    folder: Path | str,
    notebook: str = "",
    *,
    port: int = 8888,
    token: str | None = None,
    browser: bool = True,
    environment: Mapping[str, str] | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts JupyterLab in a folder, and the environment to start it in.

    `notebook` is opened first, a path within the folder. `token` None lets JupyterLab make a secret one (in the URL it
    prints); an empty token switches the check off and is for tests only. `environment` is what the
    environment builds on, such as `os.environ`.
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
        f"--LabApp.app_settings_dir={SETTINGS}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.terminals_enabled=False",
        "--ServerApp.allow_root=True",  # containers often have no other user; it listens on this machine only
    ]
    if not browser:
        command.append("--no-browser")
    if token is not None:
        command.append(f"--IdentityProvider.token={token}")
    # The kernel is the Python that starts the server, whatever other kernels are installed on the machine.
    kernels = Path(sys.prefix) / "share" / "jupyter"
    known = dict(environment or {})
    paths = [str(kernels), known.get("JUPYTER_PATH", "")]
    return command, {
        **known,
        "JUPYTER_PATH": ":".join(path for path in paths if path),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
