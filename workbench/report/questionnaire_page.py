"""One offline page per research method: it asks, checks, remembers and saves the answers as a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.files import write_text
from workbench.outputs import PAGE, check_output
from workbench.report.brand import Brand
from workbench.report.offline import currency_data, page_script, page_style, page_templates, policy_hash
from workbench.report.page import script_json
from workbench.report.questionnaire_steps import TABLES, columns_of, steps_of
from workbench.research.design_file import read_design

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.research.design_file import Design, Method

FOLDER = "questionnaire"
SCRIPTS = ("kinds_price", "kinds_feature", "answers", "about", "page")


def questionnaire(method: Method | str, design: Design | dict[str, Any], *, brand: Brand | None = None) -> str:
    """Return the questionnaire of a method as one HTML document; the same arguments give the same text.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.
    design
        What is asked (see `workbench.research.design_file`), or its fields.
    brand
        Name, colours and logo at the head of the page.

    The respondent's name, account, segment and version can be given in the address, as in
    ``page.html#respondent=R-17&account=A-1042&segment=mid&version=2``; what is not given is asked for (the segment), or
    drawn by chance (respondent and version). Answer files name the version with the first letters of `page_data`'s id,
    so that answers to another wording are told apart. The page loads nothing and sends nothing: answers are kept in
    the browser until they are saved as a CSV file in the layout of the method's survey table.
    Raises ResearchError when the design cannot be used.
    """
    given = read_design(method, design if isinstance(design, dict) else design.model_dump())
    look = Brand() if brand is None else brand
    data = page_data(given)
    style, script = page_style(look, FOLDER), page_script(FOLDER, SCRIPTS)
    return (
        page_templates(FOLDER)
        .get_template("page.html.j2")
        .render(
            brand=look,
            design=given,
            data=script_json(data),
            style=Markup(style),  # noqa: S704 - our own files, and colours checked to be nothing else
            script=Markup(script),  # noqa: S704 - our own files
            style_hash=policy_hash(style),
            script_hash=policy_hash(script),
        )
    )


def write_questionnaire(
    method: Method | str,
    design: Design | dict[str, Any],
    path: Path | str,
    *,
    brand: Brand | None = None,
    inputs: Iterable[Path | None] = (),
    force: bool = False,
) -> Path:
    """Write the questionnaire of a method as an HTML file and return its path.

    `inputs` are files it is made from, which are never replaced. `force` replaces another file that is there and was
    not written by the workbench; FileError names it otherwise.
    """
    check_output(Path(path), *PAGE, inputs=inputs, force=force)
    return write_text(Path(path), questionnaire(method, design, brand=brand))


def page_data(design: Design) -> dict[str, Any]:
    """Return the JSON document the page's script reads; `id` changes whenever a question does."""
    content = {
        "method": design.method,
        "table": TABLES[design.method],
        "columns": columns_of(design),
        "currency": currency_data(design.currency),
        "per": design.per,
        "segments": list(design.segments) if len(design.segments) > 1 else [],
        "segmentQuestion": design.segment_question,
        "versions": steps_of(design),
    }
    text = json.dumps(content, sort_keys=True)
    return {**content, "id": hashlib.sha256(text.encode()).hexdigest()[:12]}
