"""A band that a measured value should lie in, and how a value or a range stands to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from workbench.results import Interval
    from workbench.rules.finding import Status

_MOST_DIGITS = 4


OURS, SOURCE, STUDY = "ours", "source", "study"
_OWNERS = {OURS: "our default", SOURCE: "", STUDY: "set by this study"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A band from `low` to `high`, both ends inside (`above_low`: the lower one outside); None leaves an end open.

    Between the band and `watch_low` or `watch_high` (both outside) a value is on watch; without them
    every value outside the band is a breach. `unit` is times, share, count, days, score or correlation. `whose` says
    who names the numbers: "source" (that of the rule), "ours" (a default of this workbench), "study" (moved by a team),
    else another source in words.
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
        low, high = (None if end is None else decided(end, self.unit) for end in (self.low, self.high))
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


def written(value: float, unit: str, band: Threshold | None = None) -> str:
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


def decided(value: float, unit: str) -> str:
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
