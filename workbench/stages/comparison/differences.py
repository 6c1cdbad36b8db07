"""Where two scenarios differ, field by field, in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import ValidationError

from workbench.formatting import NO_CURRENCY, capitalised, count, exact, exact_money, exact_percent
from workbench.stages.add_ons.decision import AddOnChoice
from workbench.stages.add_ons.words import price_words
from workbench.stages.impact_view.decision import MigrationDecision
from workbench.stages.registry import STAGES
from workbench.stages.set_so import FIELD
from workbench.study import ABSENT, compare_scenarios
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.study import FieldDifference, Scenario, Waiver

LONGEST = 240
_NUMBER = re.compile(r"-?\d+(\.\d+)?")  # exact numbers are kept as text
_FIXED_CHOICE = re.compile(r"[a-z]+(_[a-z]+)+")
ADD_ONS, WAY = ("stages", "add_ons", "add_ons"), ("stages", "migration")
PRICES = frozenset({"price", "overage", "base_fee", "unit_price", "flat_fee", "free_baseline"})
_TITLES = {
    "willingness": "Willingness to pay",
    "migration": "The way to the new prices",
    "steady": "Steadier revenue",
    **{stage.key: stage.title for stage in STAGES},
}


def differences_frame(left: Scenario, right: Scenario, currency: str = NO_CURRENCY) -> pd.DataFrame:
    """Return one row per field in which two scenarios differ: where, and its value in each; prices in `currency`."""
    rules = {waiver.id: _rule(waiver) for waiver in (*left.waivers, *right.waivers)}
    rows = [
        (_where(each, rules), *(_told(value, each, currency) for value in (each.left, each.right)))
        for each in compare_scenarios(left, right)
        if FIELD not in each.path  # marks of a starting point are no choice of anybody
    ]
    return pd.DataFrame(rows, columns=["Setting", left.name, right.name], dtype=object)


def _told(value: object, difference: FieldDifference, currency: str) -> str:
    try:
        if difference.path[:-1] == ADD_ONS:
            return "not sold" if value is ABSENT else _add_on(AddOnChoice.model_validate(value), currency)
        if difference.path == WAY and value is not ABSENT:
            way = MigrationDecision.model_validate(value)
            return way.policies()[way.policy].describe()
    except ValidationError:  # written by another version; its settings are shown as they are
        return in_words(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return _waived(value, difference)
    is_price = bool(PRICES & set(difference.path[-2:]))
    return exact_money(Decimal(value), currency) if is_price else exact(Decimal(value))


def _add_on(choice: AddOnChoice, currency: str) -> str:
    """Write a whole add-on as a customer would meet it: its price, when it is offered, and how many should buy it."""
    used = choice.usage_metric and f" and {exact(choice.usage_at_least)} a month of {metric_words(choice.usage_metric)}"
    expected = (
        f"{exact_percent(choice.attach_low)} to {exact_percent(choice.attach_high)} of those eligible expected to buy"
    )
    return f"{price_words(choice, currency)}, offered after {count('day', choice.tenure_days)}{used}; {expected}"


def in_words(value: object) -> str:
    """Write a value of a study document for a reader: lists and groups in one line, what is not set said so."""
    text = _in_words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _in_words(value: object) -> str:
    if value is ABSENT:
        return "not there"
    if isinstance(value, list):
        return ", ".join(map(_in_words, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{_plain(key)}: {_in_words(each)}" for key, each in value.items()) or "none"
    return _plain_value(value)


def _plain_value(value: object) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return exact(value)
    text = str(value)
    # A choice among fixed ones, such as usage_based, reads as words; what people wrote stays as they wrote it.
    return _plain(text) if _FIXED_CHOICE.fullmatch(text) else text


def _waived(value: object, difference: FieldDifference) -> str:
    """Write a rule set aside as its reason and who gave it; everything else in words."""
    if _is_waiver(difference) and isinstance(value, dict):
        return f"{value['reason']} ({value['who']})"
    return "in force" if _is_waiver(difference) and value is ABSENT else in_words(value)


def _is_waiver(difference: FieldDifference) -> bool:
    return difference.path[0] == "waivers" and len(difference.path) == len(("waivers", "id"))


def _rule(waiver: Waiver) -> str:
    return f"{waiver.rule} ({waiver.subject})" if waiver.subject else waiver.rule


def _where(difference: FieldDifference, rules: Mapping[str, str]) -> str:
    """Name the field by the title of its stage and the words of its path, a waiver by its rule."""
    if difference.path[0] == "waivers" and len(difference.path) > 1:
        field = "".join(f", {_plain(step)}" for step in difference.path[2:])
        return f"Rule set aside: {rules.get(difference.path[1], difference.path[1])}{field}"
    if difference.path[0] != "stages":
        return capitalised(difference.where)
    if len(difference.path) == 1:
        return "All stages"
    key = difference.path[1]
    inside = difference.where.removeprefix("stages > ").removeprefix(_plain(key)).removeprefix(" > ")
    # The list of a stage that is called as the stage itself is not named twice.
    inside = inside.removeprefix(f"{_plain(key)} > ")
    title = _TITLES.get(key, _plain(key))
    return f"{title}: {inside}" if inside else f"{title}: whole decision"


def _plain(key: str) -> str:
    return key.replace("_", " ")
