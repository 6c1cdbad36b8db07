"""Start JupyterLab on this machine and drive it with Chromium: for browser tests, benchmarks and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from workbench.pages.lab import LOCALHOST, lab_command, ready_notebooks, write_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parent.parent.parent
CHROMIUM_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = (1280, 800)
PATIENCE = 60_000
"""Milliseconds a driver waits for the page; a busy machine is slow, not wrong."""
_START_SECONDS, _STOP_SECONDS = 180, 120
# JupyterLab of its own: nothing of the person's settings comes in, nothing of the run is left behind.
_OWN_FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab, the folder it serves, and where it keeps which notebooks it trusts."""

    url: str
    folder: Path
    data: Path

    def trust(self, folder: Path) -> None:
        """Trust the notebooks of a workspace as the command does that starts JupyterLab for a person."""
        ready_notebooks(folder, self.data)

    def write_notebook(self, name: str, cells: Sequence[str]) -> None:
        """Put a notebook with these code cells into the folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str) -> None:
        """Open a notebook, with nothing else on the page, and wait until its kernel is idle."""
        page.goto(f"{self.url}/lab/workspaces/{Path(name).stem}/tree/{name}?reset", wait_until="domcontentloaded")
        page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").wait_for(timeout=PATIENCE)
        self.wait_for_kernel(page)

    def open_beside(self, page: Page, name: str) -> None:
        """Open one more notebook on the page, to the right of what is there, and wait until its kernel is idle."""
        page.evaluate(
            "(path) => void window.jupyterapp.commands.execute("
            "'docmanager:open', { path, options: { mode: 'split-right' } })",
            name,
        )
        page.wait_for_function(
            "(path) => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=name, timeout=PATIENCE
        )
        self.wait_for_kernel(page)

    def wait_for_kernel(self, page: Page) -> None:
        """Wait until the kernel of the notebook in front is idle."""
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=PATIENCE,
        )

    def run_all(self, page: Page, *, patience: int = PATIENCE) -> None:
        """Run every cell of the notebook in front, and wait at most `patience` milliseconds for the last one."""
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_for_cells(page, patience=patience)

    def restart(self, page: Page) -> None:
        """Restart the kernel of the notebook in front, and clear what its cells have shown."""
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self.wait_for_kernel(page)

    def panel(self, page: Page) -> Locator:
        """Return the notebook in front, to look for things inside it."""
        return page.locator(f"[id='{page.evaluate('() => window.jupyterapp.shell.currentWidget.id')}']")

    def wait_for_cells(self, page: Page, *, patience: int = PATIENCE) -> None:
        """Wait until every cell of the notebook in front has run."""
        page.wait_for_function(
            "() => [...window.jupyterapp.shell.currentWidget.node.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".every(prompt => /\\[\\d+\\]/.test(prompt.textContent))",
            timeout=patience,
        )

    def save(self, page: Page) -> None:
        """Save the notebook in front."""
        page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def shut_kernels_down(self, page: Page) -> None:
        """Shut every kernel of this JupyterLab down, as somebody does who goes home."""
        page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")

    def set_theme(self, page: Page, name: str) -> None:
        """Switch the page to a theme of JupyterLab."""
        page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        is_light = "false" if "Dark" in name else "true"
        page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{is_light}'", timeout=PATIENCE)


def chromium() -> str | None:
    """Return the path of Chromium: named in WORKBENCH_CHROMIUM, or the one installed; None when there is none."""
    return os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start Chromium, and close it in the end; RuntimeError when there is none."""
    path = chromium()
    if path is None:
        raise RuntimeError("Chromium is needed: install the package chromium, or name it in WORKBENCH_CHROMIUM.")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - its server starts only where a browser is used

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: Browser, *, viewport: tuple[int, int] = VIEWPORT) -> Iterator[Page]:
    """Open a page in a window of its own, the size of a small laptop unless told otherwise."""
    width, height = viewport
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def start_lab(folder: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[Lab]:
    """Start JupyterLab on a folder with settings of its own, and stop it in the end; RuntimeError tells why not."""
    with tempfile.TemporaryDirectory(prefix="lab-") as place:
        own = Path(place)
        port = _free_port()
        given = {**os.environ, **(environment or {}), **{name: str(own / part) for name, part in _OWN_FOLDERS.items()}}
        given["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), given.get("PYTHONPATH", "")]))
        (own / "app").mkdir()
        settings = write_settings(own / "app")
        command, given = lab_command(folder, settings=settings, port=port, browser=False, environment=given)
        # For driving only: no secret to carry along, and the application object, on which commands are called.
        command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
        log = own / "lab.log"
        with log.open("w") as output:
            server = subprocess.Popen(command, env=given, stdout=output, stderr=subprocess.STDOUT)
            try:
                url = f"http://{LOCALHOST}:{port}"
                _wait_until_up(url, server, log)
                yield Lab(url, folder, own / "data")
            finally:
                server.terminate()
                server.wait(timeout=_STOP_SECONDS)


@contextmanager
def start_wall(
    study: Path, *options: str, cell: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve the view for the wall as its command does; the address with its secret. `cell` takes the page's place."""
    with tempfile.TemporaryDirectory(prefix="own-") as place:
        own = {name: str(Path(place) / part) for name, part in _OWN_FOLDERS.items()}
        program = f"{_OTHER_CELL.format(cell) if cell else ''}from workbench.cli import main; main()"
        command = [sys.executable, "-u", "-c", program, "present", str(study), "--no-browser", *options]
        given = {**os.environ, **(environment or {}), **own}
        given["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), given.get("PYTHONPATH", "")]))
        server = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True)
        try:
            address = next(line for line in server.stdout if "http://" in line).rpartition(" ")[2].strip()
            _wait_for_wall(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=_STOP_SECONDS)


# For driving only: another cell on the page, as a benchmark has it.
_OTHER_CELL = """
from workbench.pages.present import server
made = server.page_notebook
def with_cell(*given):
    notebook = made(*given)
    notebook.cells[0].source = {!r}
    return notebook
server.page_notebook = with_cell
"""


def _wait_for_wall(address: str, server: subprocess.Popen) -> None:
    host, port = address.split("/")[2].split(":")
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the wall did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def _wait_until_up(url: str, server: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=5):  # noqa: S310 - always http on this machine
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start within {_START_SECONDS} seconds:\n{log.read_text()[-3000:]}")
