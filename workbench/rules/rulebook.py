"""The design rules as data, the bands they ask for, and findings: the verdict of a rule with evidence and remedy."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from workbench import formatting
from workbench.errors import StudyError
from workbench.formatting import exact
from workbench.results import LAST_DIGITS, Interval
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from workbench.study.document import Study
    from workbench.study.model import ThresholdOverride, Waiver

say = texts(__name__)

# --- A finding: the verdict of one rule here, with its evidence and what would fix it

Status = Literal["ok", "watch", "breach", "unknown"]
Severity = Literal["high", "medium", "low"]
# From best to worst. Unknown is not a grade: it stands after "ok" only where findings are sorted for a reader.
STATUSES: tuple[Status, ...] = ("breach", "watch", "unknown", "ok")
_STATUS_WORDS: dict[Status, str] = {"ok": "Met", "watch": "Watch", "breach": "Not met", "unknown": "Unknown"}
SET_SO = "Set so"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict of one rule on one subject.

    Of no rule of the book where `rule_id` is empty. A `waiver` leaves the status as it is: the rule is set aside, not
    met. `by_construction` marks what holds because the design was made so, which is no evidence for the design.

    Parameters
    ----------
    rule_id, status, title
        Which rule, the verdict, and what it is about.
    evidence
        A sentence with the numbers and the population.
    measured
        The number held against the threshold; None where there is none.
    affected
        Accounts, tiers or add-ons.
    remedy
        What would fix it; for "unknown", which data would answer it.
    subject, population
        What it was measured of.
    threshold
        The band in words.
    override
        Why this study moved it.
    severity, source
        Of the rule.
    waiver
        The rule set aside, with the reason.
    by_construction
        Whether the design was made so.

    Examples
    --------
    >>> from workbench.rules import Finding
    >>> told, remedy = "Enterprise costs 12x the entry tier.", "Lower it, or raise the entry tier."
    >>> found = Finding(rule_id="T4", status="breach", title="Top to entry", evidence=told, remedy=remedy)
    >>> found.verdict, found.is_open
    ('Not met', True)
    """

    rule_id: str
    status: Status
    title: str
    evidence: str
    measured: float | None = None
    affected: tuple[str, ...] = ()
    remedy: str = ""
    subject: str = ""
    population: str = ""
    threshold: str = ""
    override: str = ""
    severity: Severity = "medium"
    source: str = ""
    waiver: Waiver | None = None
    by_construction: bool = False

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"A finding is one of {', '.join(STATUSES)}, not {self.status!r}.")
        if not self.evidence:
            raise ValueError(f"The finding on rule {self.rule_id} has no evidence.")
        if self.status != "ok" and not self.remedy:
            raise ValueError(f"The finding on rule {self.rule_id} is {self.status} and has no remedy.")

    @property
    def is_set_so(self) -> bool:
        """Tell whether the rule is met because the design was made so, which is no evidence for the design."""
        return self.by_construction and self.status == "ok"

    @property
    def verdict(self) -> str:
        """Return the verdict in a word: Met, Set so, Watch, Not met or Unknown."""
        return SET_SO if self.is_set_so else _STATUS_WORDS[self.status]

    @property
    def status_word(self) -> str:
        """Return the verdict as a reader sees it, with a waiver named beside the true status."""
        return f"{self.verdict}, set aside" if self.waiver else self.verdict

    @property
    def is_open(self) -> bool:
        """Tell whether the team still has to act: not ok, and not set aside with a reason."""
        return self.status != "ok" and self.waiver is None

    @property
    def sentence(self) -> str:
        """Return the finding in one line, for the decision log."""
        about = f" ({self.subject})" if self.subject else ""
        waived = say("set_aside_by", who=self.waiver.who, reason=self.waiver.reason) if self.waiver else ""
        return say(
            "sentence",
            rule_id=self.rule_id,
            title=self.title,
            about=about,
            lower=self.verdict.lower(),
            evidence=self.evidence,
            waived=waived,
        ).strip()


def with_waivers(findings: Iterable[Finding], waivers: Iterable[Waiver]) -> tuple[Finding, ...]:
    """Attach each waiver to the findings of its rule and subject; a waiver without subject covers them all.

    The status stays what it is. A rule that is met needs no waiver, and carries none.

    Parameters
    ----------
    findings
        The verdicts.
    waivers
        Rules set aside; one without subject covers every subject of its rule.

    Returns
    -------
    tuple[Finding, ...]
        The same findings, each with its waiver.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.rules import Finding, with_waivers
    >>> from workbench.study import Waiver
    >>> day = datetime(2025, 3, 1, tzinfo=UTC)
    >>> waiver = Waiver(id="w", rule="T4", reason="One deal needs it.", who="Ana", when=day)
    >>> told = {"rule_id": "T4", "title": "Top to entry", "evidence": "12x", "remedy": "Lower the top tier."}
    >>> findings = [Finding(status=status, **told) for status in ("ok", "breach")]
    >>> [(finding.status, finding.is_open) for finding in with_waivers(findings, [waiver])]
    [('ok', False), ('breach', False)]
    """
    by_place = {(waiver.rule, waiver.subject): waiver for waiver in waivers}

    def waiver_of(finding: Finding) -> Waiver | None:
        if finding.status == "ok":
            return None
        exact = by_place.get((finding.rule_id, finding.subject))
        return exact or by_place.get((finding.rule_id, ""))

    return tuple(replace(finding, waiver=waiver_of(finding)) for finding in findings)


def by_urgency(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings for a reader: open ones first, breaches before watches, unknown before ok.

    Parameters
    ----------
    findings
        In any order.

    Returns
    -------
    tuple[Finding, ...]
        The same, sorted.

    Examples
    --------
    >>> from workbench.rules import Finding, by_urgency
    >>> told = {"rule_id": "T4", "title": "Top to entry", "evidence": "12x", "remedy": "Lower the top tier."}
    >>> findings = [Finding(status=status, **told) for status in ("ok", "watch", "breach")]
    >>> [finding.status for finding in by_urgency(findings)]
    ['breach', 'watch', 'ok']
    """
    return tuple(sorted(findings, key=lambda finding: (not finding.is_open, STATUSES.index(finding.status))))


# --- A band that a measured value should lie in, and how a value or a range stands to it

_MOST_DIGITS = 4
OURS, SOURCE, STUDY = "ours", "source", "study"
_OWNERS = {OURS: "our default", SOURCE: "", STUDY: "set by this study"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A band in which a value should lie.

    Both ends are inside (`above_low`: the lower one outside); None leaves an end open. Between the band and `watch_low`
    or `watch_high` (both outside) a value is on watch; without them every value outside the band is a breach.

    Parameters
    ----------
    label
        What it is about.
    low, high
        The ends.
    watch_low, watch_high
        Where watch ends and breach begins.
    unit
        times, share, count, days, score or correlation.
    note
        A remark.
    above_low
        Whether the lower end is outside.
    whose
        Who names the numbers: "source" (that of the rule), "ours" (a default of this workbench), "study" (moved by a
        team), else another source in words.

    Examples
    --------
    >>> from workbench.rules import Threshold
    >>> band = Threshold(low=3, high=5, watch_high=6, unit="times")
    >>> band.in_words(), [band.status(value) for value in (4, 5.5, 7, None)]
    ('3x to 5x', ['ok', 'watch', 'breach', 'unknown'])
    """

    label: str = ""
    low: float | None = None
    high: float | None = None
    watch_low: float | None = None
    watch_high: float | None = None
    unit: str = ""
    note: str = ""
    above_low: bool = False
    whose: str = OURS

    def status(self, value: float | None) -> Status:
        """Return the verdict on one value; None and NaN are unknown."""
        if value is None or math.isnan(value):
            return "unknown"
        if not self._falls_short(value) and not _above(value, self.high):
            return "ok"
        if self._falls_short(value):
            edge = self.watch_low
            return "watch" if edge is not None and value > edge + _slack(edge) else "breach"
        edge = self.watch_high
        return "watch" if edge is not None and value < edge - _slack(edge) else "breach"

    def status_of_interval(self, interval: Interval | None) -> Status:
        """Return ok or breach when the whole interval agrees, and watch when it straddles the verdicts."""
        if interval is None or math.isnan(interval.estimate):
            return "unknown"
        if math.isnan(interval.low) or math.isnan(interval.high):
            return self.status(interval.estimate)
        verdicts = {self.status(interval.low), self.status(interval.estimate), self.status(interval.high)}
        if self._spans_band(interval):
            return "watch"
        return verdicts.pop() if len(verdicts) == 1 else "watch"

    def moved(self, *, low: float | None = None, high: float | None = None) -> Threshold:
        """Return the band with an end moved; the watch zone gives way where the band now reaches over it."""
        new_low = self.low if low is None else low
        new_high = self.high if high is None else high
        watch_low = None if self.watch_low is None or new_low is None else min(self.watch_low, new_low)
        watch_high = None if self.watch_high is None or new_high is None else max(self.watch_high, new_high)
        above = self.above_low and new_low == self.low
        return replace(
            self, low=new_low, high=new_high, watch_low=watch_low, watch_high=watch_high, above_low=above, whose=STUDY
        )

    def nearest(self, value: float) -> float:
        """Return the end of the band nearest to a value outside it, or the value itself."""
        if self.low is not None and value < self.low:
            return self.low
        if self.high is not None and value > self.high:
            return self.high
        return value

    def in_words(self) -> str:
        """Return the band as a reader sees it: "3x to 5x", "at least 1", "at most 30%"."""
        low, high = (None if end is None else threshold_in_words(end, self.unit) for end in (self.low, self.high))
        if low is not None and high is not None:
            return low if low == high else f"{low.removesuffix(' days')} to {high}"
        if low is not None:
            return f"{'more than' if self.above_low else 'at least'} {low}"
        return f"at most {high}" if high is not None else ""

    @property
    def owner(self) -> str:
        """Say who names the numbers where that is not the source of the rule: "our default"; empty otherwise."""
        return _OWNERS.get(self.whose, self.whose)

    def with_owner(self) -> str:
        """Return the band in words with whose it is: "at most 25% (our default)"."""
        words = self.in_words()
        return f"{words} ({self.owner})" if words and self.owner else words

    def _falls_short(self, value: float) -> bool:
        if self.above_low and self.low is not None:
            return value <= self.low + _slack(self.low)
        return _below(value, self.low)

    def _spans_band(self, interval: Interval) -> bool:
        # Both ends can lie outside on either side, agreeing on "breach" for opposite reasons.
        return _below(interval.low, self.low) and _above(interval.high, self.high)


def measure_in_words(value: float, unit: str, band: Threshold | None = None) -> str:
    """Write a value in the unit of a threshold: 3.2x, 30.4%, 90 days, 0.42; whole numbers without decimals.

    A value that rounding would move over an end of the `band` it is held against keeps more digits, so that "5.04x"
    is not shown as the 5x it exceeds.
    """
    if not math.isfinite(value):
        return formatting.number(value)
    if unit == "days":
        return formatting.count("day", int(formatting.rounded(value)))
    digits = _telling_digits(value, unit, band)
    if unit == "times":
        return formatting.ratio(value, digits)
    return formatting.percent(value, digits) if unit == "share" else formatting.number(value, digits)


def threshold_in_words(value: float, unit: str) -> str:
    """Write an end of a threshold as it was set, with every digit: 12.5% stays 12.5%."""
    if unit == "times":
        return f"{formatting.exact(value)}x"
    if unit == "share":
        return formatting.exact_percent(value)
    return f"{formatting.exact(value)} {'day' if value == 1 else 'days'}" if unit == "days" else formatting.exact(value)


def _telling_digits(value: float, unit: str, band: Threshold | None) -> int:
    shift = 2 if unit == "share" else 0
    shown = value * 10**shift
    is_whole = abs(shown - round(shown)) <= _slack(shown)
    digits = 2 if unit == "correlation" else 0 if is_whole else 1
    if band is None:
        return digits
    while digits < _MOST_DIGITS and band.status(float(formatting.rounded(value, digits + shift))) != band.status(value):
        digits += 1
    return digits


def _slack(edge: float) -> float:
    """Return how far outside a value may lie that counts as lying on the edge."""
    return LAST_DIGITS * max(1.0, abs(edge))


def _below(value: float, low: float | None) -> bool:
    return low is not None and value < low - _slack(low)


def _above(value: float, high: float | None) -> bool:
    return high is not None and value > high + _slack(high)


# --- The design rules as data: what each asks for, its threshold, where it comes from

Kind = Literal["measured", "judgement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One design rule.

    The key "A6.share" means rule A6, band "share".

    Parameters
    ----------
    id, stage, title, sentence
        Which rule, where, and what it asks.
    kind
        "judgement" where the team has to say, "measured" where data or the price book can.
    severity, source
        How much it matters, and who says so.
    threshold
        The band a value should lie in.
    also
        Further bands by name.
    overrides
        Why this study moved a band.

    Examples
    --------
    >>> from workbench.rules import RULEBOOK
    >>> rule = RULEBOOK.rules["T4"]
    >>> rule.stage, rule.low, rule.high, rule.unit
    ('tiers', 3, 5, 'times')
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
    """All design rules by id, with the thresholds in force.

    Parameters
    ----------
    rules
        Id to rule.

    Examples
    --------
    >>> from workbench.rules import RULEBOOK
    >>> RULEBOOK.threshold("T4").in_words(), {rule.stage for rule in RULEBOOK.of_stage("tiers")}
    ('3x to 5x', {'tiers'})
    """

    rules: Mapping[str, Rule]

    def __reduce__(self) -> tuple[Callable[[dict[str, Rule]], Rulebook], tuple[dict[str, Rule]]]:
        """Go to another process as the rules, which are behind a view that cannot."""
        return _holding, (dict(self.rules),)

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
        return _holding(rules)


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


def _tables(name: str) -> dict[str, Any]:
    """Return what one of the files beside this module holds."""
    return tomllib.loads(files("workbench.rules").joinpath(name).read_text(encoding="utf-8"))


@cache
def _read_rules() -> Rulebook:
    document = _tables("rulebook.toml")
    sources = {key: _source_in_words(entry) for key, entry in document["sources"].items()}
    for rule_id, entry in document["rules"].items():
        _check_owners(rule_id, entry, sources)
    rules = {rule_id: _rule(rule_id, entry, sources) for rule_id, entry in document["rules"].items()}
    return _holding(rules)


def _holding(rules: dict[str, Rule]) -> Rulebook:
    return Rulebook(MappingProxyType(rules))


def _rule(rule_id: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> Rule:
    said = {name: entry[name] for name in ("stage", "title", "sentence", "kind", "severity")}
    also = {name: _threshold(band, sources) for name, band in entry.get("also", {}).items()}
    return Rule(id=rule_id, source=sources[entry["source"]], threshold=_threshold(entry, sources), also=also, **said)


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


RULEBOOK = _read_rules()

# --- Published figures to show beside a result, always as claims of their source and never as a forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A figure reported by a source: what about, the claim in words, the number or range, who says so.

    Parameters
    ----------
    id, rule_id
        Of the figure, and of the rule it speaks to.
    about, claim
        The subject, and the claim in words.
    low, high, unit
        The number or range.
    source
        Who says so.

    Examples
    --------
    >>> from workbench.rules import BENCHMARKS
    >>> found = BENCHMARKS[0]
    >>> found.rule_id, found.source in found.sentence
    ('VM3', True)
    """

    id: str
    rule_id: str
    about: str
    claim: str
    low: float
    high: float
    unit: str
    source: str

    @property
    def sentence(self) -> str:
        """Return the claim in one line that says whose it is."""
        return say("reported_by_the_source", claim=self.claim, source=self.source)


BENCHMARKS = tuple(Benchmark(id=key, **entry) for key, entry in _tables("benchmarks.toml")["benchmarks"].items())

# --- Make findings from a rule and a verdict, so that every check words them alike

# From worst to best: where a rule has two halves, the worse one decides, and a missing half leaves "ok" open.
_WORST_FIRST: tuple[Status, ...] = ("breach", "watch", "unknown", "ok")
_CENT_SLACK = 1e-7  # of a step: 0.4 times 100 is meant to be 40 exactly


def finding(
    rule: Rule,
    status: Status,
    evidence: str,
    *,
    remedy: str = "",
    measured: float | None = None,
    subject: str = "",
    affected: Iterable[str] = (),
    population: str = "",
    threshold: Threshold | None = None,
) -> Finding:
    """Return the finding of a rule, with title, threshold, severity and source filled in.

    `threshold` names the one it was held against where that is not the rule's first.
    """
    band = threshold or rule.threshold
    moved = "; ".join(
        say("set_by", key_=key, who=override.who, reason=override.reason) for key, override in rule.overrides.items()
    )
    return Finding(
        rule_id=rule.id,
        status=status,
        title=rule.title,
        evidence=evidence,
        measured=None if measured is None or math.isnan(measured) else float(measured),
        affected=tuple(affected),
        remedy="" if status == "ok" else remedy,
        subject=subject,
        population=population,
        threshold=band.with_owner(),
        override=moved,
        severity=rule.severity,
        source=_credited(rule, band),
    )


def judge(
    say: Callable[..., str],
    rule: Rule,
    keys: str | tuple[str, ...],
    values: Mapping[str, object] | None = None,
    *,
    measured: float | Interval | None = None,
    status: Status | None = None,
    remedy: str = "",
    threshold: Threshold | None = None,
    subject: str = "",
    affected: Iterable[str] = (),
    population: str = "",
) -> Finding:
    """Return the finding of a rule, told by a module's own sentences.

    What was `measured` stands as the threshold says, unless a `status` does; what was not measured is unknown. The
    evidence is the sentences of `keys` (an empty key says nothing), the remedy that of `remedy`, else the one named
    like the first key with `_remedy` behind it. Sentences write `values` and what every check has: the `subject`, what
    was measured (`told`), the threshold (`band`) and its one end (`line`).
    """
    band, said = threshold or rule.threshold, (keys,) if isinstance(keys, str) else keys
    end = band.low if band.high is None else band.high
    all_values = {"subject": subject, "band": band.in_words(), "told": "", "line": "", **(values or {})}
    if end is not None:
        all_values["line"] = threshold_in_words(end, band.unit)
    if isinstance(measured, Interval):
        verdict = status or band.status_of_interval(measured)
        all_values["told"], measured = interval_in_words(measured, band.unit, band), measured.estimate
    else:
        verdict = status or band.status(measured)
        all_values["told"] = "" if measured is None else measure_in_words(measured, band.unit, band)
    return finding(
        rule,
        verdict,
        " ".join(say(key, **all_values) for key in said if key),
        remedy="" if verdict == "ok" else say(remedy or f"{said[0]}_remedy", **all_values),
        measured=measured,
        subject=subject,
        affected=affected,
        population=population,
        threshold=threshold,
    )


def _credited(rule: Rule, band: Threshold) -> str:
    """Return who asks for the rule, and who names its threshold where that is somebody else."""
    apart = band.owner if band.in_words() else ""
    return f"{rule.source}; threshold: {apart}" if apart and apart not in rule.source else rule.source


def worst(*statuses: Status) -> Status:
    """Return the worst of several verdicts; unknown is worse than ok and better than watch."""
    return min(statuses, key=_WORST_FIRST.index)


def known(interval: Interval | None) -> Interval | None:
    """Return the interval, or None where its estimate is not a number."""
    return None if interval is None or math.isnan(interval.estimate) else interval


def interval_in_words(interval: Interval, unit: str, band: Threshold | None = None) -> str:
    """Write an estimate with its interval: "62.1% (90% interval 58% to 66.3%)", told apart from the ends of a band."""
    estimate = measure_in_words(interval.estimate, unit, band)
    if math.isnan(interval.low) or math.isnan(interval.high):
        return estimate
    low, high = measure_in_words(interval.low, unit), measure_in_words(interval.high, unit)
    return say("interval_to", estimate=estimate, level=interval.level, low=low, high=high)


def at_most(amount: float, currency: str) -> str:
    """Write a price a remedy asks for as an upper end, rounded down so that it meets the rule."""
    steps = _steps(amount)
    return formatting.exact_money(math.floor(amount * steps + _CENT_SLACK) / steps, currency)


def at_least(amount: float, currency: str) -> str:
    """Write a price a remedy asks for as a lower end, rounded up so that it meets the rule."""
    steps = _steps(amount)
    return formatting.exact_money(math.ceil(amount * steps - _CENT_SLACK) / steps, currency)


def _steps(amount: float) -> float:
    """Return how many steps a price has in one unit: cents, and finer ones for the price of a small thing."""
    return 100 if amount >= 1 or amount <= 0 else 10 ** (3 - math.floor(math.log10(amount)))
