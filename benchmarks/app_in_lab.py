"""The workbench as an app in JupyterLab: seconds to the first figure, to each step and notebook, and memory.

One page of 1280 x 800 on the sample study. "To the first figure" is from the command to the figure on the page, the
workspace made before. A notebook is timed from its address to its last chart drawn; beside it stands the CPU time of
its kernel in that time, which what else a machine does hardly moves. A proposal is a price somebody names in a
workshop, billed again as a scenario of its own. Memory is what the kernels hold (resident) with
their pages open, the one in reserve for the next notebook too: the app with every step visited, against the notebooks
of the same stages, a kernel each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from measure import Row

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))

from lab_driver import open_chromium, open_page  # noqa: E402 - its folder is named above

from workbench.files import bundled  # noqa: E402 - as above
from workbench.pages.app import app_steps  # noqa: E402 - as above
from workbench.workspace import make_workspace  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

AT_MOST = 5.0  # seconds from opening a notebook to everything shown
PROPOSED, PROPOSALS = 2.0, 5  # seconds to the figures of a proposal; so many are made
MEMORY = 393.0  # MB of one kernel with every stage
FOUR = ("03_tier_design", "04_add_ons", "01_value_metric", "05_competitive_anchoring")
PATIENCE = 300_000
MEGABYTE = 1 << 20
SETTLED = """() => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  const said = panel?.querySelector('.wb-bar-said');
  const all = (name) => [...(panel?.querySelectorAll(name) ?? [])];
  const busy = all('.wb-app[aria-busy=true], .wb-working').length;
  const canvases = all('.wb-chart-canvas').filter((node) => node.offsetParent !== null);
  return said && said.textContent === '' && !busy && panel.querySelector('.wb-section, .wb-page')
    && canvases.every((canvas) => canvas.dataset.drawn);
}"""
FIGURE = ".wb-app .wb-value"


def rows() -> list[Row]:
    """Measure the app and the notebooks, each on a JupyterLab of its own."""
    with tempfile.TemporaryDirectory() as place, open_chromium() as browser:
        folder = make_workspace(Path(place) / "workspace").folder
        return [*_app(folder, browser), *_notebooks(folder, browser), _proposals(folder, browser)]


def _app(folder: Path, browser: Browser) -> Iterator[Row]:
    began = time.perf_counter()
    with _lab(folder) as (server, address), open_page(browser) as page:
        page.goto(address, wait_until="domcontentloaded")
        page.locator(FIGURE).first.wait_for(timeout=PATIENCE)
        yield Row("`workbench lab` to the first figure", f"{time.perf_counter() - began:.1f} s", "", "")
        page.wait_for_function(SETTLED, timeout=PATIENCE)
        steps = sorted(app_steps()[1:], key=lambda step: step.notebook.removesuffix(".ipynb") not in FOUR)
        for at, step in enumerate(steps, start=1):
            yield _timed(f"step {step.title}, first visit", *_go(server, page, step.key))
            if at == len(FOUR):
                yield Row("memory of the app, four stages visited", f"{_megabytes(server):.0f} MB", "", "")
        again = max(_go(server, page, step.key) for step in steps)
        yield _timed("a step visited again, the slowest", *again)
        memory = _megabytes(server)
        every = f"memory of the app, all of its {len(steps) + 1} steps visited"
        yield Row(every, f"{memory:.0f} MB", "", "", f"{MEMORY:.0f} MB", memory <= MEMORY)


def _go(server: psutil.Process, page: Page, key: str) -> tuple[float, float]:
    """Go to a step; return the seconds until all of it is shown, and those its kernel worked."""
    cpu, wall = _kernel_seconds(server), time.perf_counter()
    page.locator(f"[data-step={key}]").click()
    page.locator(f".wb-rail-step[aria-current][data-step={key}]").wait_for(timeout=PATIENCE)
    page.wait_for_function(SETTLED, timeout=PATIENCE)
    return time.perf_counter() - wall, _kernel_seconds(server) - cpu


def _notebooks(folder: Path, browser: Browser) -> Iterator[Row]:
    names = sorted(path.stem for path in bundled("notebooks").glob("[0-9]*.ipynb"))
    for name in names:
        with _lab(folder) as (server, address), open_page(browser) as page:
            wall = time.perf_counter()
            _visit(page, address, name)
            took = time.perf_counter() - wall
            yield _timed(f"notebook {name}, all of it shown", took, _kernel_seconds(server), at_most=AT_MOST)
    with _lab(folder) as (server, address), open_page(browser) as page:
        for name in FOUR:
            _visit(page, address, name)
        yield Row("memory of four notebooks, of the same four stages", f"{_megabytes(server):.0f} MB", "", "")


def _proposals(folder: Path, browser: Browser) -> Row:
    """Propose prices in the notebook of workshops; return the slowest, from the button to its figures on the page."""
    took = []
    with _lab(folder) as (server, address), open_page(browser) as page:
        _visit(page, address, "08_workshop")
        page.get_by_role("tab", name="Take over, or try").first.click()
        for number in range(PROPOSALS):
            name = f"Proposal {number}"
            page.get_by_label("What if, called").first.fill(name)
            page.get_by_label("with a price for").first.select_option(label="Essentials")
            page.get_by_label("and what it costs").first.fill(str(26 + number))
            page.keyboard.press("Tab")
            page.wait_for_timeout(2000)
            cpu, wall = _kernel_seconds(server), time.perf_counter()
            page.get_by_role("button", name="Try it").first.click()
            page.get_by_text(f"{name} is a scenario now").first.wait_for(timeout=PATIENCE)
            took.append((time.perf_counter() - wall, _kernel_seconds(server) - cpu))
    what = f"a proposal of the room, from the button to its figures beside the others, the slowest of {PROPOSALS}"
    return _timed(what, *max(took), at_most=PROPOSED)


def _visit(page: Page, address: str, name: str) -> None:
    """Open a notebook by itself, and wait until everything in it is shown."""
    page.goto(address.replace("workbench.ipynb", f"{name}.ipynb"), wait_until="domcontentloaded")
    page.wait_for_function(SETTLED, timeout=PATIENCE)


def _timed(what: str, wall: float, cpu: float, *, at_most: float | None = None) -> Row:
    target = "" if at_most is None else f"at most {at_most:g} s, quiet"
    met = None if at_most is None else wall <= at_most
    return Row(what, f"{wall:.1f} s", f"CPU of its kernel: {cpu:.1f} s", "", target, met)


@contextmanager
def _lab(folder: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Start the workbench's JupyterLab as a person does; give its process and the address it says."""
    command = [sys.executable, "-u", "-c", "from workbench.cli import main; main()", "lab", str(folder), "--no-browser"]
    # Of its own, and the same for every start: what was trusted stays so.
    places = {f"JUPYTER_{name}_DIR": str(folder.parent / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    started = subprocess.Popen(command, env={**os.environ, **places}, stdout=subprocess.PIPE, text=True)
    try:
        said = next(line for line in started.stdout if line.startswith("JupyterLab: "))
        yield psutil.Process(started.pid), _answering(said.partition(": ")[2].strip())
    finally:
        started.terminate()
        started.wait(60)


def _answering(address: str) -> str:
    """Wait until somebody answers at an address."""
    host, port = address.split("/")[2].split(":")
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        if any(each.laddr.port == int(port) and each.status == "LISTEN" for each in psutil.net_connections("tcp4")):
            return address
        time.sleep(0.05)
    raise RuntimeError(f"nobody answers at {host}:{port}")


def _kernels(server: psutil.Process) -> list[psutil.Process]:
    return [each for each in server.children(recursive=True) if "ipykernel_launcher" in " ".join(each.cmdline())]


def _kernel_seconds(server: psutil.Process) -> float:
    times = [each.cpu_times() for each in _kernels(server)]
    return sum(each.user + each.system for each in times)


def _megabytes(server: psutil.Process) -> float:
    return sum(each.memory_info().rss for each in _kernels(server)) / MEGABYTE


if __name__ == "__main__":
    for row in rows():
        print(*row.cells(), sep=" | ", flush=True)
