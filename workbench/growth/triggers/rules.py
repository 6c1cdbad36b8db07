"""Triggers as data: what must be so for how long, what is offered then, and who acts; read, written, and published."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError, model_validator

from workbench.errors import WorkbenchError
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase

Every = Literal["month", "week", "day"]
Signal = Literal[
    "share_of_limit", "usage", "usage_growth", "months_to_limit", "weekly_uses", "outcome", "outcome_growth",
    "higher_tier_request", "days_to_limit",
]  # fmt: skip
SIGNALS: dict[str, tuple[Every, str]] = {
    "share_of_limit": ("month", "use of a metric over what the plan of that month allows; unknown without a limit"),
    "usage": ("month", "use of a metric"),
    "usage_growth": ("month", "use of a metric over its mean in the months before (`over`)"),
    "months_to_limit": ("month", "months until use reaches the limit, on a line through the last six months"),
    "weekly_uses": ("week", "uses of a feature in a complete week, Monday to Sunday"),
    "outcome": ("day", "value of a recorded outcome"),
    "outcome_growth": ("day", "value of a recorded outcome over the first of its kind of the same account"),
    "higher_tier_request": ("day", "requests for a feature that the plan lacks and another plan has"),
    "days_to_limit": ("day", "days until use in the running month likely reaches the limit; none where it does not"),
}
"""What a condition can look at: how often it is known, and what it is."""


class TriggerError(WorkbenchError, ValueError):
    """Refuse a trigger that means nothing, or data from after the day one stands on.

    Examples
    --------
    >>> from workbench.growth.triggers import Playbook, TriggerError
    >>> try:
    ...     Playbook.of_toml("version = 2")
    ... except TriggerError as error:
    ...     print(error.advice)
    Correct these entries.
    """


class TriggerCondition(FrozenModel):
    """One condition of a trigger: a signal, of what, and from where to where it is met.

    Attributes
    ----------
    signal
        What is looked at; see `SIGNALS`.
    of
        The metric, feature or kind of outcome; whichever reaches furthest where blank.
    over
        How many months before a growth compares with.
    at_least, above, at_most
        Where it is met: one of them.
    off_below
        Once met, it holds until the signal is below this.

    Examples
    --------
    >>> from workbench.growth.triggers import TriggerCondition
    >>> TriggerCondition(signal="share_of_limit", of="seats", at_least=0.8, off_below=0.7).in_words()
    'share of limit of seats at least 0.8, until below 0.7'
    """

    signal: Signal
    of: str = ""
    over: int = Field(default=6, ge=1, le=24)
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    off_below: float | None = None

    @model_validator(mode="after")
    def _has_one_edge(self) -> TriggerCondition:
        edges = [each for each in (self.at_least, self.above, self.at_most) if each is not None]
        if len(edges) != 1:
            raise ValueError("a condition needs exactly one of at_least, above and at_most")
        if self.off_below is not None and (self.at_most is not None or self.off_below > edges[0]):
            raise ValueError("off_below must lie below at_least or above")
        return self

    def in_words(self) -> str:
        """Return the condition as a reader sees it."""
        edges = (("at least", self.at_least), ("above", self.above), ("at most", self.at_most))
        words, edge = next((words, edge) for words, edge in edges if edge is not None)
        of = f" of {self.of}" if self.of else ""
        until = f", until below {self.off_below:g}" if self.off_below is not None else ""
        return f"{self.signal.replace('_', ' ')}{of} {words} {edge:g}{until}"


class OfferDiscount(FrozenModel):
    """A discount that ends: how deep, in percent, and for how many days."""

    percent: float = Field(gt=0, le=100)
    days: int = Field(gt=0)


class Trigger(FrozenModel):
    """One trigger: when it fires, what it signals, what is offered, what to say, and who acts.

    Attributes
    ----------
    rule
        The rule it follows, X1 to X5; blank for one of the team's own.
    name, signals, offer, say, who
        What it is called and means, what is offered, the sentence to say, and the team that acts.
    entity
        Whom it is about.
    every
        How often it is looked at: after each month, week or day.
    when
        Conditions, all of which must be met.
    hold, keep
        For how many further steps they must go on before it fires, and for how many it goes on after they were last
        met.
    cool_down_days, again_while_on
        How long no new entry opens for an account after the last; whether one opens then even when it never stopped.
    discount
        What the offer is cheaper by, and for how long.

    Examples
    --------
    >>> from workbench.growth.triggers import PLAYBOOK
    >>> [trigger.rule for trigger in PLAYBOOK.triggers.values()]
    ['X1', 'X2', 'X3', 'X4', 'X5']
    """

    rule: str = ""
    name: str
    entity: Literal["account"] = "account"
    every: Every
    signals: str = ""
    offer: str = ""
    say: str = ""
    who: str = ""
    when: tuple[TriggerCondition, ...] = Field(min_length=1)
    hold: int = Field(default=0, ge=0)
    keep: int = Field(default=0, ge=0)
    cool_down_days: int = Field(default=0, ge=0)
    again_while_on: bool = False
    discount: OfferDiscount | None = None

    @model_validator(mode="after")
    def _looks_as_often_as_its_signals(self) -> Trigger:
        for condition in self.when:
            known = SIGNALS[condition.signal][0]
            if known != self.every:
                raise ValueError(f"{condition.signal} is known after each {known}, so every must be {known!r}")
        if self.every == "day" and (self.hold or self.keep):
            raise ValueError("what happens on a day does not go on: leave out hold and keep")
        return self


class Playbook(FrozenModel):
    """Triggers by their key, and the version of how they are written.

    Attributes
    ----------
    version
        How they are written.
    triggers
        The triggers, by a key that stays when a name changes.

    Examples
    --------
    >>> from workbench.growth.triggers import PLAYBOOK, Playbook
    >>> Playbook.of_toml(PLAYBOOK.toml()) == PLAYBOOK == Playbook.model_validate_json(PLAYBOOK.json_text())
    True
    """

    version: Literal[1] = 1
    triggers: dict[str, Trigger]

    @classmethod
    def of_toml(cls, text: str) -> Playbook:
        """Return the playbook that a TOML text holds; TriggerError with every problem when it is none."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise TriggerError(f"The playbook is no TOML: {error}.", "Compare it with an exported one.") from error
        except ValidationError as error:
            places = [(".".join(map(str, each["loc"])), each["msg"], each.get("input")) for each in error.errors()]
            told = "; ".join(f"{place or 'playbook'}: {why} (it is {given!r})" for place, why, given in places[:5])
            raise TriggerError(f"The playbook cannot be used: {told}.", "Correct these entries.") from error

    def toml(self) -> str:
        """Return the playbook as TOML."""
        parts = [f"version = {self.version}\n"]
        for key, trigger in self.triggers.items():
            said = trigger.model_dump(exclude_defaults=True)
            conditions = said.pop("when")
            parts.append(f"[triggers.{json.dumps(key)}]\n{_toml_lines(said)}")
            parts += [f"[[triggers.{json.dumps(key)}.when]]\n{_toml_lines(each)}" for each in conditions]
        return "\n".join(parts)

    def json_text(self) -> str:
        """Return the playbook as JSON, for another system to read; `playbook_schema` says what may stand in it."""
        return self.model_dump_json(indent=2, exclude_none=True)

    def check(self, base: CustomerBase) -> None:
        """Refuse triggers that look at metrics, features or outcomes that a customer base does not know.

        Raises
        ------
        TriggerError
            With each unknown name and what there is.

        """
        known = {
            "usage": set(base.metrics),
            "feature_use": _names(base, "feature_use", "feature"),
            "outcomes": _names(base, "outcomes", "kind"),
        }
        wrong = []
        for key, trigger in self.triggers.items():
            for each in trigger.when:
                paced = each.signal == "days_to_limit"
                table = "usage" if paced else {"month": "usage", "week": "feature_use"}.get(trigger.every, "outcomes")
                if each.of and each.signal != "higher_tier_request" and each.of not in known[table]:
                    there = ", ".join(sorted(known[table])) or "none"
                    wrong.append(f"{key} looks at {each.of!r}, and {table} knows {there}")
        if wrong:
            raise TriggerError(f"{'; '.join(wrong)}.", "Name one that is there, or add it to the data.")


def _names(base: CustomerBase, table: str, column: str) -> set[str]:
    return set(base.frames[table][column].dropna().unique()) if base.has(table) else set()


def _toml_lines(said: dict[str, Any]) -> str:
    """Write plain values, and tables of them, as TOML."""
    return "".join(f"{name} = {_toml_value(value)}\n" for name, value in said.items() if value is not None)


def _toml_value(value: Any) -> str:  # noqa: ANN401 - what a trigger holds
    if isinstance(value, dict):
        inside = ", ".join(f"{name} = {_toml_value(each)}" for name, each in value.items())
        return f"{{ {inside} }}"
    return json.dumps(value)


def playbook_schema() -> dict[str, Any]:
    """Return the JSON Schema of an exported playbook.

    Returns
    -------
    dict[str, Any]
        The schema, of the year 2020-12.

    Examples
    --------
    >>> from workbench.growth.triggers import playbook_schema
    >>> sorted(playbook_schema()["properties"])
    ['triggers', 'version']
    """
    schema = Playbook.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


PLAYBOOK = Playbook.of_toml(files("workbench.growth.triggers").joinpath("playbook.toml").read_text(encoding="utf-8"))
