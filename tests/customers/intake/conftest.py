"""Tests of this folder share a company's exports, written by a module beside them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder for exports."""
    place = tmp_path / "exports"
    place.mkdir()
    return place
