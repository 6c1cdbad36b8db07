"""The stage that looks at the way to new prices: policies, and what comes of them once customers react."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
