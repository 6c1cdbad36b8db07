"""The design rules as data: what each asks for, its threshold, where it comes from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from workbench.errors import StudyError
from workbench.formatting import exact
from workbench.rules.threshold import OURS, SOURCE, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.rules.finding import Severity
    from workbench.study import Study, ThresholdOverride

Kind = Literal["measured", "judgement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One design rule.

    `kind` is "judgement" where the team has to say and "measured" where data or the price book can.
    `threshold` is the band a value should lie in; `also` holds further bands by name (the key
    "A6.share" means rule A6, band "share"). `overrides` holds the reasons this study moved a band.
    """

    id: str
    stage: str
    title: str
    sentence: str
    kind: Kind
    severity: Severity
    source: str
    threshold: Threshold
    also: Mapping[str, Threshold] = field(default_factory=dict)
    overrides: Mapping[str, ThresholdOverride] = field(default_factory=dict)

    @property
    def low(self) -> float | None:
        """Return the lowest value that meets the rule, None when there is no such end."""
        return self.threshold.low

    @property
    def high(self) -> float | None:
        """Return the highest value that meets the rule, None when there is no such end."""
        return self.threshold.high

    @property
    def unit(self) -> str:
        """Return the unit of the threshold: times, share, count, days, score or correlation."""
        return self.threshold.unit


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All design rules by id, with the thresholds in force."""

    rules: Mapping[str, Rule]

    def __getitem__(self, rule_id: str) -> Rule:
        if rule_id not in self.rules:
            raise KeyError(f"There is no rule {rule_id!r}; there are {', '.join(self.rules)}.")
        return self.rules[rule_id]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def threshold_keys(self) -> tuple[str, ...]:
        """Return the keys under which a study can move a threshold: "T4", "A6", "A6.share"."""
        return tuple(key for rule in self for key in (rule.id, *(f"{rule.id}.{name}" for name in rule.also)))

    def threshold(self, key: str) -> Threshold:
        """Return the band in force under a key such as "T4" or "A6.share"."""
        rule_id, _, name = key.partition(".")
        return self[rule_id].also[name] if name else self[rule_id].threshold

    def of_stage(self, stage: str) -> tuple[Rule, ...]:
        """Return the rules of one stage."""
        return tuple(rule for rule in self if rule.stage == stage)

    def for_study(self, study: Study) -> Rulebook:
        """Return the rulebook with the thresholds that study sets itself; StudyError for unknown keys."""
        rules = dict(self.rules)
        for key, override in study.thresholds.items():
            if key not in self.threshold_keys:
                raise StudyError(
                    f"The study sets a threshold for {key!r}, which no rule has.",
                    f"Remove it from the study's thresholds; the keys are {', '.join(self.threshold_keys)}.",
                )
            rules[key.partition(".")[0]] = _overridden(rules[key.partition(".")[0]], key, override)
        return Rulebook(MappingProxyType(rules))


def _overridden(rule: Rule, key: str, override: ThresholdOverride) -> Rule:
    name = key.partition(".")[2]
    old = rule.also[name] if name else rule.threshold
    if (override.low is not None and old.low is None) or (override.high is not None and old.high is None):
        raise StudyError(
            f"The study sets an end that the threshold of {key} does not have ({old.in_words()}).",
            "Set only the end the rule has.",
        )
    moved = old.moved(low=override.low, high=override.high)
    if moved.low is not None and moved.high is not None and moved.low > moved.high:
        raise StudyError(
            f"The study's threshold for {key} runs from {exact(moved.low)} to {exact(moved.high)}.",
            "Set a low end below the high end.",
        )
    overrides = {**rule.overrides, key: override}
    if name:
        return replace(rule, also={**rule.also, name: moved}, overrides=overrides)
    return replace(rule, threshold=moved, overrides=overrides)


@cache
def _read() -> Rulebook:
    text = files("workbench.rules").joinpath("rulebook.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    sources = {key: _source_in_words(entry) for key, entry in document["sources"].items()}
    for rule_id, entry in document["rules"].items():
        _check_owners(rule_id, entry, sources)
    rules = {rule_id: _rule(rule_id, entry, sources) for rule_id, entry in document["rules"].items()}
    return Rulebook(MappingProxyType(rules))


def _rule(rule_id: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> Rule:
    return Rule(
        id=rule_id,
        stage=entry["stage"],
        title=entry["title"],
        sentence=entry["sentence"],
        kind=entry["kind"],
        severity=entry["severity"],
        source=sources[entry["source"]],
        threshold=_threshold(entry, sources),
        also={name: _threshold(band, sources) for name, band in entry.get("also", {}).items()},
    )


def _threshold(entry: Mapping[str, Any], sources: Mapping[str, str]) -> Threshold:
    names = ("label", "low", "high", "watch_low", "watch_high", "unit", "note", "above_low")
    whose = entry.get("whose", OURS)
    return Threshold(**{name: entry[name] for name in names if name in entry}, whose=sources.get(whose, whose))


def _check_owners(rule_id: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    """Refuse a band that does not say whose its numbers are."""
    for band in (entry, *entry.get("also", {}).values()):
        if ("low" in band or "high" in band) and band.get("whose") not in {OURS, SOURCE, *sources}:
            raise ValueError(f"A threshold of rule {rule_id} does not say whose it is: source, ours or a named source.")


def _source_in_words(entry: Mapping[str, str]) -> str:
    title = f", “{entry['title']}”" if entry.get("title") else ""
    credited = f" ({entry['credited']})" if entry.get("credited") else ""
    return f"{entry['author']}{title}{credited}"


RULEBOOK = _read()
