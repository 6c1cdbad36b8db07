"""Money: charges, plans and price books, exact for one account and fast for a million."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
