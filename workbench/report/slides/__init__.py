"""Ten slides about a study, two more about its workshop: native, editable, with every number of its report."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
