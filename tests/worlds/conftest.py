"""Worlds lie beside their tests; the script that judges all of them imports them too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
