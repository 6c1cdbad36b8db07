"""Start JupyterLab for a person: an app, offline, on this machine only, and leaving a cell's own keys to it."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import webbrowser
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_path

from workbench.errors import WorkbenchError
from workbench.files import make_folder, write_bytes, write_text
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

say = texts(__name__)

# --- Which keys JupyterLab must not take from what has the focus inside a cell

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


# --- How JupyterLab is started

LOCALHOST = "127.0.0.1"
OVERRIDES = Path(__file__).parent / "lab_settings" / "overrides.json"
ROOM_EXTENSION = "workbench.report.room.in_lab"
# The workbench as an app: a folder of extensions that only a JupyterLab started here loads.
EXTENSIONS = Path(__file__).parent / "lab_extension"
# What somebody sets in JupyterLab while at work in a folder stays with the folder.
OWN_SETTINGS = ".jupyterlab"


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

    `notebook` is opened first, a path within the folder. `settings` is the folder that `write_settings` filled; the
    layout of windows is kept there too, and what a person sets in the folder worked in, so that neither touches other
    work in JupyterLab. `token` goes into the environment, which other people on the machine cannot read, as they can a
    command line; without one JupyterLab makes its own and prints it. `environment` is what the environment builds on,
    such as `os.environ`.
    """
    target = f"/lab/tree/{notebook}" if notebook else "/lab"
    command = [
        sys.executable,
        "-c",
        "import workbench; from jupyterlab.labapp import main; main()",  # it spares the start what nobody asks for
        f"--ServerApp.ip={LOCALHOST}",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={Path(folder).resolve()}",
        f"--LabApp.default_url={target}",
        f"--LabApp.app_settings_dir={settings}",
        f"--LabApp.workspaces_dir={settings / 'workspaces'}",
        f"--LabApp.user_settings_dir={Path(folder).resolve() / OWN_SETTINGS}",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",  # plain: a list in brackets is taken as one folder's name
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.terminals_enabled=False",
        f"--ServerApp.jpserver_extensions={ROOM_EXTENSION}=True",  # the room of a workshop, on a port of its own
        "--ServerApp.allow_root=True",  # containers often have no other user; it listens on this machine only
    ]
    if not browser:
        command.append("--no-browser")
    known = dict(environment or {})
    secret = {} if token is None else {"JUPYTER_TOKEN": token}
    return command, {**known, **own_kernel(known), **secret}


def own_kernel(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what to add to an environment: the kernel is the Python that starts the server, whatever others there are.

    Parameters
    ----------
    environment
        What is added to.
    """
    paths = [str(Path(sys.prefix) / "share" / "jupyter"), environment.get("JUPYTER_PATH", "")]
    return {"JUPYTER_PATH": os.pathsep.join(filter(None, paths)), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def write_settings(folder: Path) -> Path:
    """Write what JupyterLab is set to for this start alone into a folder, and return the folder.

    Beside the settings that never change these are the keys it must leave to panels: see `quiet_keys`.
    """
    overrides = json.loads(OVERRIDES.read_text(encoding="utf-8"))
    overrides[SHORTCUTS] = {"shortcuts": quiet_keys(installed_bindings())}
    write_text(folder / OVERRIDES.name, json.dumps(overrides, indent=2))
    return folder


# --- Notebooks that are trusted where they are ours, and show nothing dead

MARK = "workbench"
"""The key of a notebook's metadata that says it belongs to the workbench."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def ready_notebooks(folder: Path | str, data_folder: Path | str | None = None) -> tuple[str, ...]:
    """Make the workbench's notebooks in a folder safe to open while no kernel is alive; return those that are trusted.

    What only a living kernel can show is taken out of their outputs, the tables and pictures beside it stay. Trusted,
    and so run when opened, are those trusted before, and copies of the shipped ones with no outputs of their own.

    Parameters
    ----------
    folder
        The folder with the notebooks.
    data_folder
        Where Jupyter keeps what it trusts; the person's own where None.

    Returns
    -------
    tuple[str, ...]
        The names of the notebooks that are trusted.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.pages.lab import ready_notebooks
    >>> ready_notebooks(tempfile.mkdtemp())
    ()
    """
    import nbformat  # noqa: PLC0415 - slow to import, and only this needs it
    from nbformat.sign import NotebookNotary  # noqa: PLC0415 - as above

    from workbench.workspace import shipped_notebooks  # noqa: PLC0415 - it loads every stage

    shipped = shipped_notebooks()
    place = make_folder(Path(data_folder or jupyter_data_dir()))
    notary = NotebookNotary(data_dir=str(place))
    trusted = []
    for path in sorted(Path(folder).glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError):  # what cannot be read stays as it is; JupyterLab says why
            continue
        if MARK not in notebook.metadata:
            continue
        is_ours = notary.check_signature(notebook) or _is_copy(path, shipped.get(path.name))
        if _without_dead_views(notebook):
            write_bytes(path, (nbformat.writes(notebook) + "\n").encode())
        if is_ours:
            notary.sign(notebook)
            trusted.append(path.name)
    return tuple(trusted)


def _is_copy(path: Path, shipped: bytes | None) -> bool:
    return shipped is not None and bool(json.loads(path.read_bytes())["cells"] == json.loads(shipped)["cells"])


def _without_dead_views(notebook: Any) -> bool:  # noqa: ANN401 - a notebook carries no types
    """Take the views of widgets out where something else shows the same; tell whether there were any."""
    bundles = [out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", ())]
    dead = [data for data in bundles if WIDGET_VIEW in data and len(data) > 1]
    for data in dead:
        del data[WIDGET_VIEW]
    return bool(dead)


# --- Start JupyterLab for a person: say where it is, open a browser where there is one, stop quietly

PORTS_TRIED = 50
PATIENCE = 10.0  # seconds for a server to end its kernels
STOPPING = ("SIGTERM", "SIGHUP")  # the second one is missing on Windows
# The first notebook takes a kernel that has begun while its page loads.
AHEAD = "--ServerApp.kernel_manager_class=workbench.pages.present.spare_kernel.SpareKernel"
# Warnings and worse only; the address is printed here, where it can be found.
QUIET = ("--ServerApp.log_level=WARN", "--LabApp.log_level=WARN", "--ServerApp.answer_yes=True")


def start_lab(folder: Path, notebook: str, *, port: int, browser: bool, tell: Callable[[str], None] = print) -> int:
    """Start JupyterLab on a notebook, wait until it is stopped, and return its exit code.

    `port` is where looking for a free one starts. The address, with its secret, is said before the start.
    """
    free = free_port(port)
    token = secrets.token_urlsafe(24)
    ready_notebooks(folder)
    _keep_theme(folder)
    with stopping_on_signals(), tempfile.TemporaryDirectory(prefix="workbench-lab-") as settings:
        command, environment = lab_command(
            folder,
            notebook,
            settings=write_settings(Path(settings)),
            port=free,
            token=token,
            browser=browser and has_browser(),
            environment=os.environ,
        )
        tell(f"JupyterLab: http://{LOCALHOST}:{free}/lab/tree/{notebook}?token={token}")
        tell(say("open_this_address"))
        server = subprocess.Popen([*command, AHEAD, *QUIET], env=environment)  # noqa: S603 - our own command
        try:
            return server.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(server)
            ready_notebooks(folder)  # its kernels are gone, and with them whatever only they could show


def _keep_theme(folder: Path) -> None:
    """Begin with the theme the person has chosen for JupyterLab, light or dark."""
    theme = Path("@jupyterlab", "apputils-extension", "themes.jupyterlab-settings")
    theirs = Path(jupyter_config_dir(), "lab", "user-settings") / theme
    ours = folder / OWN_SETTINGS / theme
    if theirs.is_file() and not ours.exists():
        write_bytes(ours, theirs.read_bytes())


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Let what ends a program from outside, and a terminal that closes, stop it as Ctrl-C does."""
    names = [name for name in STOPPING if hasattr(signal, name)]
    # What is ignored stays so, as under nohup; only the main thread may ask for signals.
    here = threading.current_thread() is threading.main_thread()
    wanted = [getattr(signal, name) for name in names if here]
    before = {each: found for each in wanted if (found := signal.getsignal(each)) is not signal.SIG_IGN}
    for each in before:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each, found in before.items():
            signal.signal(each, found)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server, which ends its kernels; by force when it takes too long or the wait is interrupted."""
    server.terminate()
    try:
        server.wait(PATIENCE)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        server.kill()
        server.wait()


def has_browser() -> bool:
    """Tell whether this machine can open a browser window."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def free_port(first: int, address: str = LOCALHOST) -> int:
    """Return the first free port of an address from `first` on, or any free one."""
    for port in (*range(first, first + PORTS_TRIED), 0):
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on this machine")


def warm_up(*, pictures: bool = False) -> None:
    """Load what the first cell of a notebook asks for, before anybody opens one, and the data of the study at hand.

    `pictures` starts what draws those of a saved notebook, too.
    """
    from workbench.pages import app  # noqa: F401, PLC0415 - every stage's panel, which only a kernel shows
    from workbench.rendering.studies import find_study  # noqa: PLC0415 - as above
    from workbench.stages.figure import start_pictures  # noqa: PLC0415 - as above
    from workbench.study.document import Study  # noqa: PLC0415 - as above
    from workbench.workspace import read_ahead  # noqa: PLC0415 - as above

    with suppress(WorkbenchError, OSError):  # whoever opens the study is told
        folder = find_study()
        read_ahead(Study.load(folder), folder)
    if pictures:
        start_pictures()
