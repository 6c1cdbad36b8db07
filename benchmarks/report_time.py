"""How long the whole report takes, from loading the data to the file on disk, and how large it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import Row, median_seconds, milliseconds

from workbench.report import write_report
from workbench.sample import sample_base, sample_folder, sample_study

LARGEST = 2_000_000


def rows() -> list[Row]:
    """Measure loading, deciding and writing on the sample company."""
    base = sample_base()
    study = sample_study(base, sample_folder())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        loading = median_seconds(sample_base, repeats=3, warm_up=1)
        deciding = median_seconds(lambda: sample_study(base, sample_folder()), repeats=3, warm_up=0)
        writing = median_seconds(lambda: write_report(base, study, page), repeats=3, warm_up=1)
        size = page.stat().st_size
    return [
        Row("load the sample company", milliseconds(loading), "", ""),
        Row("propose and record all five stages", milliseconds(deciding), "", ""),
        Row("write its report", milliseconds(writing), "", ""),
        Row("size of the report", f"{size / 1e6:.2f} MB", "", "", "under 2 MB", size < LARGEST),
    ]
