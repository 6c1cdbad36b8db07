"""What a questionnaire asks, step by step: plain data that the page's script turns into questions and rows."""

from __future__ import annotations

from typing import Any

from workbench.formatting import exact, exact_money
from workbench.research import design_file as files
from workbench.research.design_words import refuse_alike

Step = dict[str, Any]
INTENT = ("Certainly not", "Probably not", "Undecided", "Probably", "Certainly")
"""Words of the answers 1 to 5 to how likely somebody would buy."""
FEELINGS = ("I like it", "I expect it", "I do not mind", "I can live with it", "I dislike it")
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


def steps_of(design: files.Design) -> list[list[Step]]:
    """Return the steps of every version of a questionnaire; a respondent answers one version.

    Raises ResearchError when a respondent could not tell two levels or features apart.
    """
    if isinstance(design, files.PriceSensitivity):
        return [_price_sensitivity(design)]
    if isinstance(design, files.PriceLadder):
        return [_ladder(design)]
    if isinstance(design, files.RandomisedPrice):
        return [[_would_buy(design, price, "")] for price in design.prices]
    if isinstance(design, files.Choice):
        return _choices(design)
    if isinstance(design, files.BestWorst):
        return _best_worst(design)
    return [_feature_fit(design)]


def columns_of(design: files.Design) -> list[str]:
    """Return the columns of the answer file, in the layout of the method's survey table."""
    about = ["respondent", "account_id", "segment", "version"]
    if design.per != "account" and TABLES[design.method] not in _WITHOUT_PRICES:
        about.append("per")
    if isinstance(design, files.PriceSensitivity):
        intent = ["intent_cheap", "intent_expensive"] if design.ask_intent else []
        return [*about, "too_cheap", "cheap", "expensive", "too_expensive", *intent]
    if isinstance(design, files.PriceLadder | files.RandomisedPrice):
        return [*about, "price", "accepted"]
    if isinstance(design, files.Choice):
        none = ["none"] if design.none else []
        return [*about, "task", "alternative", "chosen", *(each.name for each in design.attributes), *none]
    if isinstance(design, files.BestWorst):
        return [*about, "task", "feature", "choice"]
    importance = ["importance"] if design.ask_importance else []
    return [*about, "feature", "functional", "dysfunctional", *importance]


def _price_sensitivity(design: files.PriceSensitivity) -> list[Step]:
    period = design.price_period
    cheap = [
        ("too_cheap", f"At what price {period} would it be so cheap that you would doubt its quality?"),
        ("cheap", f"At what price {period} would it be a bargain, a great buy for the money?"),
        ("expensive", f"At what price {period} does it become expensive, so that you would have to think about it?"),
        ("too_expensive", f"At what price {period} is it so expensive that you would not consider it?"),
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
        steps.append({"kind": "intent", "id": "intent", "title": "How likely would you buy it?", "offer": design.offer,
                      "words": INTENT, "period": period})  # fmt: skip
    return steps


def _ladder(design: files.PriceLadder) -> list[Step]:
    """Return one question per price; each but the first is asked only after a Yes to the one before."""
    steps: list[Step] = []
    for price in design.prices:
        steps.append(_would_buy(design, price, steps[-1]["id"] if steps else ""))
    return steps


def _would_buy(design: files.PriceLadder | files.RandomisedPrice, price: float, after: str) -> Step:
    return {
        "kind": "would_buy",
        "id": f"price-{exact(price)}",
        "title": f"Would you buy it at {exact_money(price, design.currency)} {design.price_period}?",
        "offer": design.offer,
        "price": price,
        "after": after,
    }


def _choices(design: files.Choice) -> list[list[Step]]:
    planned = design.design()
    for each in design.attributes:
        refuse_alike(f"levels of {each.name}", [_level(design, each, place) for place in range(len(each.levels))])
    versions = []
    for tasks in planned.tasks.tolist():
        steps: list[Step] = []
        for place, task in enumerate(tasks, start=1):
            offers = [
                {
                    "levels": [each.levels[level] for each, level in zip(design.attributes, offer, strict=True)],
                    "words": [
                        _level(design, each, level) for each, level in zip(design.attributes, offer, strict=True)
                    ],
                }
                for offer in task
            ]
            steps.append(
                {
                    "kind": "choice",
                    "id": f"task-{place}",
                    "task": place,
                    "title": design.situation,
                    "labels": [each.label or each.name for each in design.attributes],
                    "names": [each.name for each in design.attributes],
                    "empty": [0 if _is_quantity(each) else "" for each in design.attributes],
                    "offers": offers,
                    "none": design.none,
                }
            )
        versions.append(steps)
    return versions


def _level(design: files.Choice, attribute: files.AttributeText, place: int) -> str:
    """Write a level as a respondent reads it."""
    level = attribute.levels[place]
    if str(level) in attribute.shown:
        return attribute.shown[str(level)]
    if isinstance(level, str):
        return level
    if attribute.name == "price":
        return f"{exact_money(level, design.currency)} {design.price_period}"
    return f"{exact(level)} {attribute.unit}".strip()


def _is_quantity(attribute: files.AttributeText) -> bool:
    return all(not isinstance(level, str) for level in attribute.levels)


def _best_worst(design: files.BestWorst) -> list[list[Step]]:
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


def _feature_fit(design: files.FeatureFit) -> list[Step]:
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
