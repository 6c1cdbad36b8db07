"""Start JupyterLab for a person: say where it is, open a browser where there is one, stop quietly."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import webbrowser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.ui.lab import LOCALHOST, lab_command, write_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORTS_TRIED = 50
PATIENCE = 10.0  # seconds for a server to end its kernels
STOPPING = ("SIGTERM", "SIGHUP")  # the second one is missing on Windows
# Warnings and worse only; the address is printed here, where it can be found.
QUIET = ("--ServerApp.log_level=WARN", "--LabApp.log_level=WARN", "--ServerApp.answer_yes=True")


def start_lab(folder: Path, notebook: str, *, port: int, browser: bool, say: Callable[[str], None] = print) -> int:
    """Start JupyterLab on a notebook, wait until it is stopped, and return its exit code.

    `port` is where looking for a free one starts. The address, with its secret, is said before the start.
    """
    free = free_port(port)
    token = secrets.token_urlsafe(24)
    with _stopping_on_signals(), tempfile.TemporaryDirectory(prefix="workbench-lab-") as settings:
        command, environment = lab_command(
            folder,
            notebook,
            settings=write_settings(Path(settings)),
            port=free,
            token=token,
            browser=browser and has_browser(),
            environment=os.environ,
        )
        say(f"JupyterLab: http://{LOCALHOST}:{free}/lab/tree/{notebook}?token={token}")
        say("Open this address if no browser window appears. Stop with Ctrl-C; your work is saved as you go.")
        server = subprocess.Popen([*command, *QUIET], env=environment)  # noqa: S603 - our own command
        try:
            return server.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(server)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
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


def free_port(first: int) -> int:
    """Return the first free port from `first` on, or any free one."""
    for port in (*range(first, first + PORTS_TRIED), 0):
        with socket.socket() as probe:
            try:
                probe.bind((LOCALHOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on this machine")
