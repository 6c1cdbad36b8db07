"""The server of the presenter view: Voila on a port of its own, with one kernel for whoever looks on."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from traitlets.config import Config

from workbench.errors import WorkbenchError
from workbench.pages.lab import LOCALHOST, free_port, has_browser, own_kernel, stopping_on_signals
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.report.privacy import Names

say = texts(__name__)
USUAL_PORT = 8791
SHORT = 30
TEMPLATE = Path(__file__).parent / "template"
_EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
# A page that fetches something from elsewhere, or sends something there, is stopped by the browser.
_POLICY = {
    "default-src": "'self' blob: data:",
    "script-src": "'self' blob: 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(map(" ".join, _POLICY.items())),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# What a page may ask of the kernel: to talk with the widgets that are there. It runs no code, and ends nothing.
ASKED = ["comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request"]
# Of the person or of another server: no business of this one, nor of its kernel.
_SECRETS = ("JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE", "JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN")


def page_notebook(study: Path, names: Names) -> nbformat.NotebookNode:
    """Return the notebook of the page: one cell, which shows a study with accounts named so."""
    cell = (
        "from workbench.pages.present.presenter import open_presenter\n"
        f"open_presenter({str(Path(study).resolve())!r}, {names!r})"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["title"] = say("title")
    return notebook


def start_presenter(
    study: Path,
    *,
    names: Names,
    address: str = LOCALHOST,
    port: int | None = None,
    browser: bool = True,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve the presenter view of a study until it is stopped; the address, with its secret, is said before.

    WorkbenchError says what to install where Voila is not there.
    """
    if importlib.util.find_spec("voila") is None:
        raise WorkbenchError(say("no_voila"), say("install"))
    from workbench.pages.present.one_kernel import Wall  # noqa: PLC0415 - needs Voila

    for name in _SECRETS:
        os.environ.pop(name, None)
    os.environ.update(own_kernel(os.environ))
    token, free = secrets.token_urlsafe(24), free_port(port or USUAL_PORT, address)
    with stopping_on_signals(), tempfile.TemporaryDirectory(prefix="wall-") as place:
        path = Path(place) / "wall.ipynb"
        nbformat.write(page_notebook(study, names), path)
        asyncio.set_event_loop(asyncio.new_event_loop())
        # Sockets in a folder of one's own are out of reach of others on the machine, as ports are not; their names must
        # be short.
        ways = Config({"KernelManager": {"transport": "ipc"}} if os.name == "posix" and len(place) <= SHORT else {})
        wall = Wall(config=ways, token=token, ip=address, port=free, notebook_path=str(path), root_dir=place)
        wall.connection_dir_root, wall.template_folder, wall.waiting = place, str(TEMPLATE), waiting_page()
        wall.headers, wall.asked, wall.extensions = HEADERS, ASKED, _EXTENSIONS
        wall.initialize([])
        url = f"http://{address}:{free}/?token={token}"
        tell(say("address", url=url))
        tell(say("names", names=names))
        if browser and has_browser():
            wall.opens = lambda: webbrowser.open(url)
        wall.start()


def waiting_page() -> str:
    """Return what stands on the wall until the first stage is there; it asks again by itself."""
    return (TEMPLATE / "waiting.html").read_text(encoding="utf-8").replace("{{ opening }}", say("opening"))
