"""The stage expansion: whether customers grow, when to talk to whom, and which triggers are switched on."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
