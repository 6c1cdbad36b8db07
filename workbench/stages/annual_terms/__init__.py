"""The stage annual terms: what paying by the year brings beside paying by the month, in cash and in revenue."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
