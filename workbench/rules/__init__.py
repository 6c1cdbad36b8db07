"""The rulebook as data, and findings: what each design rule says about a design, with evidence and remedy."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
