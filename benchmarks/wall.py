"""From a pressed key on a control to the redrawn chart on the wall: the presenter view on Voila, accounts by aliases.

Measured in the page as in JupyterLab: from the key's event to the first frame after the picture changed, the ways in
random order on one page of 1280 x 800 with 1,000 accounts. Under the price list the price of the middle tier is moved
by its slider, and everything else on the wall follows before the next press.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
from pathlib import Path

from control_to_chart import HERE, PREPARE, PRESSES, WARM_UP, WAYS, press
from lab_driver import open_chromium, open_page, start_wall
from many_accounts import open_session
from measure import Row, compared

ACCOUNTS = 1_000
AT_MOST = 1.2
BUILDING = 600_000
PAUSE = (
    700,
    1000,
)  # milliseconds between presses: all that follows a change is done before the next, even on a busy machine
CELL = """
import ipywidgets
from IPython import get_ipython
from chart_widget import bare_round_trip
from many_accounts import many_accounts
from workbench.pages.present.presenter import Presenter
from workbench.pages.present.unnamed import UnnamedSession, keep_names_inside
session = UnnamedSession({study!r}, "alias", base=many_accounts({accounts}))
keep_names_inside(get_ipython().kernel, session.naming)
with session.naming.drawing():
    wall = Presenter(session)
    wall.go("tiers", 1)
ipywidgets.VBox([bare_round_trip(), wall.widget])
"""


def rows() -> list[Row]:
    """Measure both ways on one page."""
    paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        study = open_session(ACCOUNTS, folder).folder
        cell = CELL.format(study=str(study), accounts=ACCOUNTS)
        with (
            start_wall(Path(study), cell=cell, environment={"PYTHONPATH": paths}) as address,
            open_page(browser) as page,
        ):
            page.goto(address, wait_until="domcontentloaded")
            page.locator('.wb-chart-canvas[aria-label^="Two bars per tier"] svg.marks').wait_for(timeout=BUILDING)
            page.wait_for_timeout(2000)
            page.evaluate(PREPARE)
            times: dict[str, list[float]] = {"bare": [], "ours": []}
            draw = random.Random(7)  # noqa: S311 - spreads the presses, no secret
            for at in range(WARM_UP + PRESSES):
                for way in draw.sample(tuple(times), len(times)):
                    seconds = press(page, WAYS[way], forth=at % 2 == 0)
                    if at >= WARM_UP:
                        times[way].append(seconds)
                    page.wait_for_timeout(draw.uniform(*PAUSE))
    bare = ("a bare round trip", statistics.median(times["bare"]))
    return [
        compared(
            f"price to chart on the wall, {ACCOUNTS:,} accounts",
            statistics.median(times["ours"]),
            bare,
            at_most=AT_MOST,
        )
    ]


if __name__ == "__main__":
    for row in rows():
        print(*row.cells(), sep=" | ")
