"""What customers may do about new prices, as ranges: revenue with its uncertainty, and what would be worth knowing."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
