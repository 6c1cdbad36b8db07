"""The pricing-design workbench: redesign how a software company charges, on the company's own data."""

from __future__ import annotations

import importlib.util
import os
import sys

import lazy_loader

# Before numpy is loaded. The matrices here are small: threads of a linear algebra library mostly wait for each other (a
# quarter of a report's CPU time), and sums split among them round otherwise, so that the last digits of a result would
# depend on the processors of a machine. Who has set it otherwise keeps that.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_threads, "1")


def _load_when_called(name: str, function: str) -> None:
    """Let a module wait for the first call of its function instead of loading with whoever imports it."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    loader, module = spec.loader, importlib.util.module_from_spec(spec)
    sys.modules[name] = module

    def load(*given: object) -> object:
        if getattr(module, function) is load:
            loader.exec_module(module)
        return getattr(module, function)(*given)

    setattr(module, function, load)


# JupyterLab's server, notebook files and altair load jsonschema, which builds a parser of internationalised addresses
# on import: more than half of the time each of them takes to start, for a check that is hardly ever asked for.
_load_when_called("rfc3987_syntax", "is_valid_syntax")

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
