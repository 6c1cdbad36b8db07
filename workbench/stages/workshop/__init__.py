"""The stage workshop: what a room is asked about a scenario, what it said, and what the team takes over of it."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
