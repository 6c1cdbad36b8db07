"""JupyterLab ends with what started it, however that is stopped, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# The command, with a server that says it runs and goes on until it is ended.
PROGRAM = """
import signal, sys
from pathlib import Path
from workbench.pages import lab
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests begun by nohup pass on that it is ignored
server = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
lab.lab_command = lambda *_, **__: ([sys.executable, "-c", server, sys.argv[1]], None)
lab.QUIET = ()
sys.exit(lab.start_lab(Path("."), "a.ipynb", port=8888, browser=False))
"""


def runs(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="signals of other systems differ")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_server_stops_with_the_command(tmp_path: Path, name: str) -> None:
    """Ended from outside, by Ctrl-C or with its terminal: no server, no settings folder, exit code 0."""
    told, temporary = tmp_path / "server", tmp_path / "temporary"
    temporary.mkdir()
    command = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, told], env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 120
    while not (told.exists() and told.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    server = int(told.read_text())
    assert list(temporary.iterdir())
    command.send_signal(getattr(signal, name))
    assert command.wait(120) == 0
    assert not runs(server)
    assert not list(temporary.iterdir())
