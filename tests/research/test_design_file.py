"""Design files: examples that work, the same after saving, and every wrong field named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from workbench.research import ResearchError, example_design, load_design, read_design, save_design
from workbench.research.survey_design import METHODS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("method", METHODS)
def test_an_example_is_the_same_after_saving(method: str, tmp_path: Path) -> None:
    """What is written to a file is read back equal, numbers as numbers and words as words."""
    example = example_design(method)
    assert load_design(method, save_design(example, tmp_path / "design.json")) == example


def test_every_wrong_field_is_named() -> None:
    """Unknown fields, missing ones and values that cannot be are all said at once."""
    with pytest.raises(ResearchError) as caught:
        read_design("price-ladder", {"title": "", "prices": [10, 5], "colour": "red"})
    for words in ("title", "offer", "colour", "higher than the one before"):
        assert words in str(caught.value)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    """Unknown methods, another method's design, missing files and broken JSON each say what is wrong."""
    file = tmp_path / "design.json"
    file.write_text("{", encoding="utf-8")
    other = save_design(example_design("choice"), tmp_path / "other.json")
    (tmp_path / "list.json").write_text(json.dumps([1]), encoding="utf-8")
    for method, path, words in (
        ("choice", file, "not JSON"),
        ("choice", tmp_path / "none.json", "cannot be read"),
        ("choice", tmp_path / "list.json", "holds no fields"),
        ("best-worst", other, "is for choice"),
        ("guess", other, "no method 'guess'"),
    ):
        with pytest.raises(ResearchError, match=words):
            load_design(method, path)


def test_a_choice_design_keeps_its_prohibited_pairs() -> None:
    """No offer of the example combines the lowest price with a manager of one's own."""
    frame = example_design("choice").design().frame
    assert not ((frame["price"] == 99) & (frame["support"] == "manager")).any()
