"""One offline page per research method: it asks step by step, checks, remembers and saves the answers as a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.files import write_text
from workbench.formatting import exact, exact_money
from workbench.outputs import PAGE, check_output
from workbench.report.offline_page import Brand, currency_data, page_html, page_script
from workbench.research import survey_design
from workbench.research.survey_design import read_design, refuse_alike
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.research.survey_design import Design, Method

say = texts(__name__)

# --- What a questionnaire asks, step by step

Step = dict[str, Any]
INTENT = ("Certainly not", "Probably not", "Undecided", "Probably", "Certainly")
"""Words of the answers 1 to 5 to how likely somebody would buy."""
FEELINGS = ("I like it", "I expect it", "I do not mind", say("i_can_live_with_it"), "I dislike it")
"""Words of the Kano answers 1 to 5."""
TABLES = {
    "price-sensitivity": "survey_price_sensitivity",
    "price-ladder": "survey_price_ladder",
    "randomised-price": "survey_price_ladder",
    "choice": "survey_choice",
    "best-worst": "survey_best_worst",
    "feature-fit": "survey_feature_fit",
}
_WITHOUT_PRICES = ("survey_best_worst", "survey_feature_fit")


def steps_of(design: survey_design.Design) -> list[list[Step]]:
    """Return the steps of every version of a questionnaire; a respondent answers one version.

    Raises ResearchError when a respondent could not tell two levels or features apart.
    """
    if isinstance(design, survey_design.PriceSensitivityQuestions):
        return [_price_sensitivity(design)]
    if isinstance(design, survey_design.PriceLadderQuestions):
        return [_ladder(design)]
    if isinstance(design, survey_design.RandomisedPriceQuestions):
        return [[_would_buy(design, price, "")] for price in design.prices]
    if isinstance(design, survey_design.ChoiceQuestions):
        return _choices(design)
    if isinstance(design, survey_design.BestWorstQuestions):
        return _best_worst(design)
    return [_feature_fit(design)]


def columns_of(design: survey_design.Design) -> list[str]:
    """Return the columns of the answer file, in the layout of the method's survey table."""
    about = ["respondent", "account_id", "segment", "version"]
    if design.per != "account" and TABLES[design.method] not in _WITHOUT_PRICES:
        about.append("per")
    if isinstance(design, survey_design.PriceSensitivityQuestions):
        intent = ["intent_cheap", "intent_expensive"] if design.ask_intent else []
        return [*about, "too_cheap", "cheap", "expensive", "too_expensive", *intent]
    if isinstance(design, survey_design.PriceLadderQuestions | survey_design.RandomisedPriceQuestions):
        return [*about, "price", "accepted"]
    if isinstance(design, survey_design.ChoiceQuestions):
        none = ["none"] if design.none else []
        return [*about, "task", "alternative", "chosen", *(each.name for each in design.attributes), *none]
    if isinstance(design, survey_design.BestWorstQuestions):
        return [*about, "task", "feature", "choice"]
    importance = ["importance"] if design.ask_importance else []
    return [*about, "feature", "functional", "dysfunctional", *importance]


def _price_sensitivity(design: survey_design.PriceSensitivityQuestions) -> list[Step]:
    period = design.price_period
    cheap = [
        ("too_cheap", say("at_what_price_would_it", period=period)),
        ("cheap", say("at_what_price_would_it_2", period=period)),
        ("expensive", say("at_what_price_does_it", period=period)),
        ("too_expensive", say("at_what_price_is_it", period=period)),
    ]
    asked = cheap if design.ask_too_cheap else cheap[1:]
    steps: list[Step] = [
        {
            "kind": "prices",
            "id": "prices",
            "title": "Four prices" if design.ask_too_cheap else "Three prices",
            "offer": design.offer,
            "fields": [{"name": name, "question": question} for name, question in asked],
        }
    ]
    if design.ask_intent:
        steps.append({"kind": "intent", "id": "intent", "title": say("how_likely_would_you_buy"), "offer": design.offer,
                      "words": INTENT, "period": period})  # fmt: skip
    return steps


def _ladder(design: survey_design.PriceLadderQuestions) -> list[Step]:
    """Return one question per price; each but the first is asked only after a Yes to the one before."""
    steps: list[Step] = []
    for price in design.prices:
        steps.append(_would_buy(design, price, steps[-1]["id"] if steps else ""))
    return steps


def _would_buy(
    design: survey_design.PriceLadderQuestions | survey_design.RandomisedPriceQuestions, price: float, after: str
) -> Step:
    return {
        "kind": "would_buy",
        "id": f"price-{exact(price)}",
        "title": say("would_you_buy_it_at", price=price, currency=design.currency, price_period=design.price_period),
        "offer": design.offer,
        "price": price,
        "after": after,
    }


def _choices(design: survey_design.ChoiceQuestions) -> list[list[Step]]:
    planned = design.design()
    for each in design.attributes:
        refuse_alike(f"levels of {each.name}", [_level(design, each, place) for place in range(len(each.levels))])
    of_every_task = {
        "title": design.situation,
        "labels": [each.label or each.name for each in design.attributes],
        "names": [each.name for each in design.attributes],
        "empty": [0 if _is_quantity(each) else "" for each in design.attributes],
        "none": design.none,
    }
    return [
        [
            {"kind": "choice", "id": f"task-{place}", "task": place, "offers": [_offer(design, each) for each in task]}
            | of_every_task
            for place, task in enumerate(tasks, start=1)
        ]
        for tasks in planned.tasks.tolist()
    ]


def _offer(design: survey_design.ChoiceQuestions, places: list[int]) -> Step:
    """Return what one offer shows: the levels at these places, as they are and as a respondent reads them."""
    shown = list(zip(design.attributes, places, strict=True))
    words = [_level(design, each, place) for each, place in shown]
    return {"levels": [each.levels[place] for each, place in shown], "words": words}


def _level(design: survey_design.ChoiceQuestions, attribute: survey_design.AttributeText, place: int) -> str:
    """Write a level as a respondent reads it."""
    level = attribute.levels[place]
    if str(level) in attribute.shown:
        return attribute.shown[str(level)]
    if isinstance(level, str):
        return level
    if attribute.name == "price":
        return f"{exact_money(level, design.currency)} {design.price_period}"
    return f"{exact(level)} {attribute.unit}".strip()


def _is_quantity(attribute: survey_design.AttributeText) -> bool:
    return all(not isinstance(level, str) for level in attribute.levels)


def _best_worst(design: survey_design.BestWorstQuestions) -> list[list[Step]]:
    refuse_alike("features", [each.name for each in design.features])
    described = {each.name: each.description for each in design.features}
    return [
        [
            {
                "kind": "best_worst",
                "id": f"task-{place}",
                "task": place,
                "title": design.situation,
                "features": [{"name": name, "description": described[name]} for name in names],
            }
            for place, names in enumerate(tasks, start=1)
        ]
        for tasks in design.design().tasks
    ]


def _feature_fit(design: survey_design.FeatureFitQuestions) -> list[Step]:
    refuse_alike("features", [each.name for each in design.features])
    return [
        {
            "kind": "fit",
            "id": f"feature-{place}",
            "title": each.name,
            "feature": each.name,
            "description": each.description,
            "words": FEELINGS,
            "importance": design.ask_importance,
        }
        for place, each in enumerate(design.features, start=1)
    ]


# --- One offline page per research method: it asks, checks, remembers and saves the answers as a file

FOLDER = "questionnaire"
SCRIPTS = ("kinds_price", "kinds_feature", "answers", "about", "page")


def questionnaire(method: Method | str, design: Design | dict[str, Any], *, brand: Brand | None = None) -> str:
    """Return the questionnaire of a method as one HTML document.

    The respondent's name, account, segment and version can be given in the address, as in
    ``page.html#respondent=R-17&account=A-1042&segment=mid&version=2``; what is not given is asked for (the segment), or
    drawn by chance (respondent and version). Answer files name the version with the first letters of `page_data`'s id,
    so that answers to another wording are told apart. The page loads nothing and sends nothing: answers are kept in the
    browser until they are saved as a CSV file in the layout of the method's survey table.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.
    design
        What is asked (see `workbench.research.survey_design`), or its fields.
    brand
        Name, colours and logo at the head of the page.

    Returns
    -------
    str
        The document; the same arguments give the same text.

    Raises
    ------
    ResearchError
        When the design cannot be used.

    Examples
    --------
    >>> from workbench.report import questionnaire
    >>> from workbench.research import example_design
    >>> page = questionnaire("best-worst", example_design("best-worst"))
    >>> "What matters most to you?" in page, "survey_best_worst" in page
    (True, True)
    """
    given = read_design(method, design if isinstance(design, dict) else design.model_dump())
    return page_html(FOLDER, brand, page_script(FOLDER, SCRIPTS), questionnaire_data(given), {"design": given})


def write_questionnaire(
    method: Method | str,
    design: Design | dict[str, Any],
    path: Path | str,
    *,
    brand: Brand | None = None,
    inputs: Iterable[Path | None] = (),
    force: bool = False,
) -> Path:
    """Write the questionnaire of a method as an HTML file.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.
    design
        What is asked, or its fields.
    path
        Where to write.
    brand
        Name, colours and logo at the head of the page.
    inputs
        Files it is made from, which are never replaced.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    ResearchError
        When the design cannot be used.
    FileError
        For a file that is there and was not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import write_questionnaire
    >>> from workbench.research import example_design
    >>> write_questionnaire("choice", example_design("choice"), Path(tempfile.mkdtemp()) / "choice.html").name
    'choice.html'
    """
    check_output(Path(path), *PAGE, inputs=inputs, force=force)
    return write_text(Path(path), questionnaire(method, design, brand=brand))


def questionnaire_data(design: Design) -> dict[str, Any]:
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
