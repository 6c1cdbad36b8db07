"""Research methods: what customers say about prices and features, each with intervals and its cautions."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
