"""Published ledgers, curves and alerts, by the name of their file, and where worlds lie."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))  # companies whose effects are known

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], dict[str, Any]]:
    """Return what reads a file of published cases."""
    return _oracle


def _oracle(name: str) -> dict[str, Any]:
    path = ORACLES / name
    if not path.exists():
        pytest.skip(f"the published cases are not at {path}; set WORKBENCH_ORACLES to their folder")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
