"""The stage currency lists: a price list for each currency, with its own rounding, at dated rates the team gives."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
