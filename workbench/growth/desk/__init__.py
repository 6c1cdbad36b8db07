"""The growth desk: alerts on usage with their life, how each account does, and where it stands among its peers."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
