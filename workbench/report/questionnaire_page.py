"""One offline page per research method: it asks step by step, checks, remembers and saves the answers as a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.files import write_text
from workbench.formatting import exact, exact_money, metric_words
from workbench.locales import NO_CURRENCY
from workbench.outputs import PAGE, check_output
from workbench.pricing.price_curve import two_digits
from workbench.report.offline_page import Brand, currency_data, page_html, page_script
from workbench.research import survey_design
from workbench.research.survey_design import example_design, price_ladder, read_design, refuse_alike
from workbench.stages.offers import PER_ACCOUNT
from workbench.stages.price_book import list_of_today, price_book
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import Plan
    from workbench.research.survey_design import Design, Method
    from workbench.study.model import Scenario

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


# --- A questionnaire that begins with what a study knows: its offer, its prices, its features and segments

_STEPS_OF_LADDER, _LEVELS_OF_PRICE, _MOST_FEATURES, _FEATURES_IN_CHOICES = 6, 4, 12, 3
_SPREAD = 2.0  # prices are asked from a half to twice those of the plan in the middle


def design_from_study(method: Method | str, base: CustomerBase, scenario: Scenario) -> Design:
    """Return a questionnaire about what a scenario offers, to be changed before it is sent.

    Prices are those around the plan in the middle, features those the data names, segments those of the accounts; what
    the study does not know stays as in the example.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.
    base
        The customers.
    scenario
        Whose plans are asked about; those of today where it offers none with a price.

    Returns
    -------
    Design
        The design.

    Raises
    ------
    ResearchError
        When there is no such method.

    Examples
    --------
    >>> from workbench.report import design_from_study
    >>> from workbench.workspace import sample_base
    >>> from workbench.study import Study
    >>> base = sample_base()
    >>> asked = design_from_study("price-ladder", base, Study.new("acme", "data").baseline)
    >>> asked.prices, asked.price_period
    ((24.0, 32.0, 42.0, 56.0, 74.0, 98.0), 'per seat a month')
    """
    example = example_design(method)
    known: dict[str, object] = {"segments": base.segments if len(base.segments) > 1 else ()}
    if base.currency not in ("", NO_CURRENCY):
        known["currency"] = base.currency
    plan = _middle_plan(base, scenario)
    if plan is not None:
        known |= {"per": _priced_by(plan), "offer": _in_words(plan), "prices": _around(plan, _STEPS_OF_LADDER)}
    features = _features(base)
    if len(features) >= _FEATURES_TO_COMPARE:
        known["features"] = [{"name": name} for name in features[:_MOST_FEATURES]]
    if plan is not None and features:
        known["attributes"] = _attributes(plan, features)
        known["prohibited"] = ()
    fields = {name: value for name, value in known.items() if name in type(example).model_fields}
    return read_design(method, {**example.model_dump(), **fields})


_FEATURES_TO_COMPARE = 5  # fewer give a best and a worst nothing to choose from


def _middle_plan(base: CustomerBase, scenario: Scenario) -> Plan | None:
    for book in (price_book(base, scenario), list_of_today(base)):
        priced = [plan for plan in book.public_plans if plan.priced and not plan.is_free]
        if priced:
            return priced[(len(priced) - 1) // 2]
    return None


def _priced_by(plan: Plan) -> str:
    """Return what one price of a plan buys: a metric where it asks for nothing else."""
    each = [charge for charge in plan.charges if charge.unit_price]
    return each[0].metric if not plan.base_fee and len(each) == 1 else PER_ACCOUNT


def _asked(plan: Plan) -> float:
    each = [charge.unit_price for charge in plan.charges if charge.unit_price]
    return float(each[0] if _priced_by(plan) != PER_ACCOUNT else plan.base_fee or each[0])


def _around(plan: Plan, steps: int) -> tuple[float, ...]:
    middle = _asked(plan)
    ends = (float(two_digits(middle / _SPREAD)), float(two_digits(middle * _SPREAD)))
    return price_ladder(*ends, steps).prices


def _in_words(plan: Plan) -> str:
    limits = [f"{exact(limit.up_to)} {metric_words(limit.metric)}" for limit in plan.limits if limit.up_to is not None]
    shown = [*limits, *(str(name) for name in plan.features[:_MOST_FEATURES])]
    return say("the_plan_with", name=plan.name, what=", ".join(shown)) if shown else say("the_plan", name=plan.name)


def _features(base: CustomerBase) -> list[str]:
    """Return the features that not everybody has anyway first, as people read them."""
    frame = base.features
    if frame is None:
        return []
    ordered = frame.sort_values("must_have", kind="stable", na_position="first") if "must_have" in frame else frame
    return list(dict.fromkeys(map(str, ordered["feature"])))


def _attributes(plan: Plan, features: list[str]) -> list[dict[str, object]]:
    prices = _around(plan, _LEVELS_OF_PRICE)
    found: list[dict[str, object]] = [
        {"name": "price", "levels": prices, "label": say("price"), "prior": -1 / float(np.mean(prices))}
    ]
    for limit in plan.limits[:1]:
        if limit.up_to:
            most = float(limit.up_to)
            words = metric_words(limit.metric)
            found.append(
                {"name": limit.metric, "levels": (most / 2, most, most * 2), "label": say("at_most"), "unit": words}
            )
    shown = {"0": say("not_included"), "1": say("included")}
    found += [
        {"name": name, "levels": (0, 1), "label": name, "shown": shown} for name in features[:_FEATURES_IN_CHOICES]
    ]
    return found


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
