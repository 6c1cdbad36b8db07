"""The study: the document a team edits, its scenarios, ranges, decision log, and the store that keeps it."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
