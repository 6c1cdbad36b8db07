"""The stage discounts: what customers pay of the list, and a policy on how far below it anybody may sell."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
