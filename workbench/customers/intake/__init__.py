"""Bring in what a company has: exports are recognised, mapped with the user, and made into our tables."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
