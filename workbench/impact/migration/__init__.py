"""How to bring today's customers to new prices: policies, revenue on the way, break-even churn, whom to talk to."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
