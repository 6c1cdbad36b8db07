"""How the site is built: Sphinx, from Markdown pages and the package's own docstrings and declarations.

Everything the site shows comes from this folder and the package: no fonts, scripts or formulas from elsewhere.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]

project = "Pricing-design workbench"
author = "The workbench's contributors"
version = release = PROJECT["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "formulas", "from_the_code"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["screenshots", "generated/parts"]

# A reference that leads nowhere is an error, except to the types in signatures: most are those of other libraries.
nitpicky = True
nitpick_ignore_regex = [("py:(class|data|exc|func|meth|attr|mod)", ".*"), ("py:obj", r".*\[.*")]
suppress_warnings = ["ref.python"]  # two types of one name in two folders, where a signature names neither folder

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "model_config, model_post_init"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
default_role = "literal"  # single backticks in docstrings are code
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": False}
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def setup(app: Sphinx) -> None:
    """Keep names of types that end in an underscore from being read as references."""
    app.connect("autodoc-process-docstring", _escaped, priority=900)


def _escaped(*given: Any) -> None:  # noqa: ANN401 - what the event hands over; its last part is the lines
    lines = given[-1]
    lines[:] = [re.sub(r"\bnp\.(bool|object)_(?!\w)", r"np.\1\\_", line) for line in lines]
