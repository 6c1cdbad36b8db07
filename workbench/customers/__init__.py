"""What a company knows about its customers: validated tables, their coverage, and what accounts need."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
