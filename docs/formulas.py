"""Formulas as MathML, which browsers draw themselves: no script and no font is loaded for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def mathml(latex: str, display: str = "inline") -> str:
    """Return a formula as MathML; ValueError for a command the converter does not know and would print as it is."""
    done = convert(latex, display=display)
    if "\\" in done:
        raise ValueError(f"Part of the formula {latex} is not understood; write it with other commands.")
    return done


def visit_inline(translator: Any, node: nodes.math) -> None:  # noqa: ANN401 - translators have no common type
    """Write a formula inside a sentence."""
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:  # noqa: ANN401 - as above
    """Write a formula on a line of its own, in a box that scrolls where a screen is narrow."""
    translator.body.append(f'<div class="formula" tabindex="0">{mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make this the way formulas are drawn."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
