"""Brand colours are kept where they read, and shaded where they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.report import Brand
from workbench.report.offline_page import DARK_PAGE, LIGHT_PAGE, TEXT, contrast, ink_on, read_colour, readable

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_the_guidelines() -> None:
    """Black on white is 21; #767676 is the lightest grey that passes on white (WCAG 2.2, technique G18)."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") >= TEXT > contrast("#777777", "#ffffff")
    assert contrast("#123456", "#123456") == 1


@given(COLOURS)
def test_every_brand_reads_on_light_and_dark(colour: str) -> None:
    """Text on the head of the page and in the brand's colour reaches 4.5 on both backgrounds, lines reach 3."""
    theme = Brand("B", colour, colour).theme
    for page, colours in ((LIGHT_PAGE, theme.light), (DARK_PAGE, theme.dark)):
        assert contrast(colours["on-brand"], colours["brand"]) >= TEXT
        assert contrast(colours["accent"], page) >= TEXT
        assert contrast(colours["on-accent"], colours["accent"]) >= TEXT
        assert contrast(colours["second"], page) >= 3


@given(COLOURS)
def test_a_colour_that_reads_is_left_alone(colour: str) -> None:
    """Only what would not be readable is shaded."""
    if contrast(colour, LIGHT_PAGE) >= TEXT:
        assert readable(colour, LIGHT_PAGE) == colour
    assert contrast(ink_on(colour), colour) >= TEXT


@pytest.mark.parametrize("text", ["red", "#12", "#12345", "", "#fff; } body { display: none", "url(x)"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    """Nothing but a colour can come into the style of the page."""
    with pytest.raises(WorkbenchError, match="such as #1f5fa8"):
        read_colour(text)


def test_short_colours_are_written_out() -> None:
    """#Abc is #aabbcc."""
    assert read_colour(" #Abc ") == "#aabbcc"
