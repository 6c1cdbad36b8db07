"""The first panel: which study, which data, and what today looks like."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "DataCheck": "workbench.ui.start.data_check",
        "KnownStudy": "workbench.ui.start.studies",
        "StartPanel": "workbench.ui.start.panel",
        "check_data": "workbench.ui.start.data_check",
        "keep_files": "workbench.ui.start.uploads",
        "known_studies": "workbench.ui.start.studies",
        "open_panel": "workbench.ui.start.panel",
    },
)
