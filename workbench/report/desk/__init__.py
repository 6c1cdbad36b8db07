"""What the growth desk hands out: the alerts of a month, and a page for each customer."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
