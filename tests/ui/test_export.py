"""A notebook exported by nbconvert: pictures and tables instead of dead widgets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.study import Study

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def test_an_exported_notebook_shows_pictures_and_tables(tmp_path: Path, tables: dict) -> None:
    """Plain nbconvert writes the static page of every section: pictures, tables, findings and no widget."""
    for name, frame in tables.items():
        (tmp_path / "data").mkdir(exist_ok=True)
        frame.to_csv(tmp_path / "data" / f"{name}.csv", index=False)
    Study.new("small", "../../data").save(tmp_path / "studies" / "small")
    cells = [
        f"import sys; sys.path.insert(0, {str(HERE)!r})",
        "import price_stage\nfrom workbench import open_study\npanel = price_stage.open_panel(open_study('small'))",
        "panel.design",
        "panel.content",
        "panel.findings",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}, store_widget_state=False).execute()
    nbformat.write(notebook, tmp_path / "small.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "small.ipynb"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    page = (tmp_path / "small.html").read_text()
    pictures = re.findall(r'<img alt="([^"]+)" src="data:image/svg', page)
    assert [picture[:4] for picture in pictures] == ["Line", "Bars"]
    assert "Revenue by price" in page
    assert "Dashboards" in page
    assert "No bill above 500" in page
    assert "Price of a seat: <b>16.7 USD per month</b>" in page
    assert "application/vnd.jupyter.widget-view+json" not in page
