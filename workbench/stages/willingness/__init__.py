"""The stage willingness to pay: what customers would pay, who buys what, and which prices bring most."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
