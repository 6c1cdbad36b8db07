"""Willingness to pay, who buys what at which price, and prices found: gathered once, shown in panels and reports."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
