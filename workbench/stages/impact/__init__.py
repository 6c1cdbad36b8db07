"""The stage that bills every customer again: what a scenario's prices would have done, and which limits hold."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
