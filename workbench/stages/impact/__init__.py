"""What a design's prices would have done to every customer: gathered once, shown in panels and reports."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
