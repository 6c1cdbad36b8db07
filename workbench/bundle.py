"""Where the files that come with the package lie: the notebooks, the sample company, public prices."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import WorkbenchError

PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return the folder `notebooks` or `data`: beside the package in a checkout, inside it when installed."""
    for folder in (PACKAGE / "_bundle" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise WorkbenchError(
        f"The folder {name!r} that comes with the workbench is missing.",
        "Install the package again, or run from a full checkout.",
    )
