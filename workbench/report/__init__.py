"""Pages that open anywhere: the report (also as PDF and Excel), the usage calculator, and questionnaires."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
