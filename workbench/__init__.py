"""The pricing-design workbench: redesign how a software company charges, on the company's own data."""

from __future__ import annotations

import os

import lazy_loader

# Before numpy is loaded. The matrices here are small: threads of a linear algebra library mostly wait for each other (a
# quarter of a report's CPU time), and sums split among them round otherwise, so that the last digits of a result would
# depend on the processors of a machine. Who has set it otherwise keeps that.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_threads, "1")

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
