"""How accounts grow together: pods, incentives, plans, paths, and what threatens revenue that is tied to usage."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
