"""Scenarios side by side: what each decides, what it earns, which rules it breaks, and where two of them differ."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
