"""Fixtures that really start JupyterLab on this machine and drive it with Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from workbench.ui.lab import LOCALHOST, lab_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_SWITCHES = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60
PATIENCE = 30_000
"""Milliseconds a test waits for the page; a busy machine is slow, not wrong."""
SCREENSHOTS = ROOT / "out" / "screenshots"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the folder it serves."""

    url: str
    folder: Path

    def write_notebook(self, name: str, cells: Sequence[str]) -> None:
        """Put a notebook with these code cells into the folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        page.goto(f"{self.url}/lab/workspaces/{Path(name).stem}/tree/{name}?reset", wait_until="domcontentloaded")
        notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        notebook.wait_for(timeout=PATIENCE)
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=PATIENCE,
        )

    def run_all(self, page: Page) -> None:
        """Run every cell, and wait for the last one to have run."""
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt')]"
            ".every(prompt => /\\[\\d+\\]/.test(prompt.textContent))",
            timeout=PATIENCE,
        )

    def set_theme(self, page: Page, name: str) -> None:
        """Switch the page to a theme of JupyterLab."""
        page.evaluate(f"() => window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})")
        is_light = "false" if "Dark" in name else "true"
        page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{is_light}'", timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the package chromium, or name it in WORKBENCH_CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - its server starts with the first test that needs it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab serving an empty folder, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    settings = tmp_path_factory.mktemp("settings")
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    port = _free_port()
    environment = {**os.environ, **{name: str(settings / place) for name, place in own.items()}}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    command, environment = lab_command(folder, port=port, token="", browser=False, environment=environment)
    # For tests only: theme and other commands are called on the application object.
    command.append("--LabApp.expose_app_in_browser=True")
    with (settings / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://{LOCALHOST}:{port}"
            _wait_until_up(url, server, settings / "lab.log")
            yield Lab(url, folder)
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of the size of a small laptop."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder that keeps pictures of the running product."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def _wait_until_up(url: str, server: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=5):  # noqa: S310 - always http on this machine
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start within {START_SECONDS} seconds:\n{log.read_text()[-3000:]}")
