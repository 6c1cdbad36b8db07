"""The ledger: what each account pays per month, by its subscriptions, invoices or movements, on named rules."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.customers.tables import MRR
from workbench.customers.validate import dtype
from workbench.errors import DataErrors, Problem, WorkbenchError
from workbench.results import HALF_A_CENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Days = NDArray[np.datetime64]
    Floats = NDArray[np.float64]

# --- The rules by which recurring revenue is counted: each has a name, and tools differ in it

WEEKS_PER_MONTH, DAYS_PER_MONTH = 52 / 12, 365 / 12


@dataclass(frozen=True, slots=True)
class RevenueRules:
    """How recurring revenue is counted where tools differ. An account pays what is in force on the last day of a month.

    Attributes
    ----------
    usage
        Whether usage lines of invoices count as recurring revenue.
    churn
        When a cancelled subscription ends: with the period that is paid for, or on the day of the cancellation.
    renewal_days
        A renewal billed at most so many days late leaves no gap, and one so many days early counts nothing twice.
    reactivation_months
        A customer who returns after more than so many months without paying is new; None: whoever paid once is not.
    weeks
        How many weeks a month has.
    within_month
        Whether what begins and ends within one month counts: in none, or in the month it began in.

    Examples
    --------
    >>> from workbench.customers.intake import RevenueRules
    >>> RevenueRules().sentences()[0]
    'A month counts what is in force on its last day: who comes and goes within one is in none.'
    """

    usage: bool = False
    churn: Literal["end of paid period", "cancellation"] = "end of paid period"
    renewal_days: int = 31
    reactivation_months: int | None = None
    weeks: Literal["52/12", "4", "4.33", "30.44/7"] = "52/12"
    within_month: Literal["in none", "in its month"] = "in none"

    @property
    def weeks_per_month(self) -> float:
        """Return how many weeks a month has, as a number."""
        days, _, parts = self.weeks.partition("/")
        return float(days) / float(parts or 1)

    def written(self) -> dict[str, str]:
        """Return every rule as text, by its name, as a mapping file and a command have it."""
        return {name: _RULE_WORDS.get((name, value), str(value)) for name, value in asdict(self).items()}

    def unusual(self) -> dict[str, str]:
        """Return the rules that are not the usual ones, as text."""
        usual = USUAL_RULES.written()
        return {name: text for name, text in self.written().items() if text != usual[name]}

    def with_written(self, given: Mapping[str, str]) -> RevenueRules:
        """Return the rules with some of them as text says.

        Raises
        ------
        WorkbenchError
            When there is no such rule, or it cannot be that.

        """
        return replace(self, **{name: _rule_of(name, str(text).strip()) for name, text in given.items()})

    def sentences(self) -> tuple[str, ...]:
        """Say the rules in force, one sentence each."""
        return tuple(self.said().values())

    def said(self) -> dict[str, str]:
        """Return the sentence on each rule in force, by what it is about."""
        counted = "counts as" if self.usage else "is no part of"
        returns = f"after more than {self.reactivation_months} months without paying is"
        returns = "is never" if self.reactivation_months is None else returns
        return {
            "month": f"A month counts what is in force on its last day: who comes and goes within one is "
            f"{self.within_month}.",
            "churn": f"A cancelled subscription ends with {_ENDS[self.churn]}.",
            "renewal": f"A renewal billed up to {self.renewal_days} days late leaves no gap, one as early counts once.",
            "usage": f"Revenue from usage {counted} recurring revenue; one-off lines never are.",
            "return": f"Who returns {returns} new again.",
            "weeks": f"Amounts are divided by the months they pay for; a month has {self.weeks} weeks or 365/12 days.",
            "currency": "Amounts in other currencies are converted at one rate, the last one given, so that no rate "
            "moves revenue.",
        }


USUAL_RULES = RevenueRules()
_ENDS = {"end of paid period": "the period that is paid for", "cancellation": "the day of the cancellation"}
RULE_CHOICES: dict[str, tuple[str, ...]] = {
    "usage": ("not counted", "counted"), "churn": tuple(_ENDS), "renewal_days": ("31", "0", "7", "14", "62", "93"),
    "reactivation_months": ("always", "1", "2", "3", "6", "12", "24"), "weeks": ("52/12", "4", "4.33", "30.44/7"),
    "within_month": ("in none", "in its month"),
}  # fmt: skip
"""What each rule can be, the usual one first; days and months may be any number."""
_RULE_WORDS: dict[tuple[str, object], str] = {
    ("usage", False): "not counted", ("usage", True): "counted", ("reactivation_months", None): "always",
}  # fmt: skip


def _rule_of(name: str, text: str) -> Any:  # noqa: ANN401 - a rule is a word, a number or neither
    """Return a rule as it is kept, of the text for it."""
    if name not in RULE_CHOICES:
        raise WorkbenchError(f"{name!r} is no rule of revenue.", f"Write one of {', '.join(RULE_CHOICES)}.")
    known = {words: value for (rule, value), words in _RULE_WORDS.items() if rule == name}
    if text in known:
        return known[text]
    if name.endswith(("_days", "_months")) and text.isdigit():
        return int(text)
    if text not in RULE_CHOICES[name]:
        several = ", ".join(RULE_CHOICES[name])
        raise WorkbenchError(f"The rule {name} is {text!r}.", f"Write one of {several}.")
    return text


# --- Periods as people write them, in months

_UNITS = {
    "d": 1 / DAYS_PER_MONTH, "w": 1 / WEEKS_PER_MONTH, "m": 1.0, "q": 3.0, "h": 6.0, "y": 12.0,
}  # fmt: skip
PERIODS = ("how long one amount pays for, such as month, 3 months or year", "Write the period in one of these words.")
_NUMBERS = {"one": 1, "two": 2, "three": 3, "bi": 2, "zwei": 2, "drei": 3, "deux": 2, "trois": 3}
_ISO_PERIOD = re.compile(r"p(\d+)([dwmy])")
_PIECES = re.compile(r"\d+|[^\W\d_]+")


def months_of(text: str, weeks_per_month: float = WEEKS_PER_MONTH) -> float:
    """Return how many months a period lasts, as month, 3 months, P1Y or jährlich say; NaN where it is none.

    Parameters
    ----------
    text
        The period as it is written.
    weeks_per_month
        How many weeks a month has.

    Returns
    -------
    float
        Its months.

    Examples
    --------
    >>> from workbench.customers.intake import months_of
    >>> [months_of(text) for text in ("monthly", "3 months", "jährlich", "P2Y", "quarter", "soon")]
    [1.0, 3.0, 12.0, 24.0, 3.0, nan]
    """
    plain, units = text.strip().casefold(), _UNITS | {"w": 1 / weeks_per_month}
    if found := _ISO_PERIOD.fullmatch(plain):
        return int(found[1]) * units[found[2]]
    times, unit = 1, ""
    for piece in _PIECES.findall(plain):
        if piece.isdigit():
            times = int(piece)
        elif piece in _NUMBERS:
            times = _NUMBERS[piece]
        elif not unit:
            named = (u for u, words in _unit_words().items() if any(_begins(piece, word) for word in words))
            unit = next(named, "")
    return times * units[unit] if unit else float("nan")


def unknown_periods(periods: pd.Series) -> NDArray[np.bool_]:
    """Mark the texts that say no time an amount can pay for."""
    codes, known = pd.factorize(periods)
    is_none = np.array([np.isnan(months_of(str(text))) for text in known] + [False])
    return is_none[codes]


@cache
def _unit_words() -> dict[str, list[str]]:
    """Return the words for each unit of `_UNITS`, in the order they are looked through."""
    words = tomllib.loads((Path(__file__).parent / "periods.toml").read_text(encoding="utf-8"))
    return {unit[0]: found for unit, found in words.items()}


def _begins(piece: str, word: str) -> bool:
    return piece == word or (len(word) > len("año") and piece.startswith(word))


def add_months(days: Days, months: NDArray[np.int64]) -> Days:
    """Return the same day so many months later, the last of the month where it has no such day."""
    whole = days.astype("datetime64[M]")
    later = whole + months
    into = (days - whole.astype("datetime64[D]")).astype(int)
    last = ((later + 1).astype("datetime64[D]") - later.astype("datetime64[D]")).astype(int) - 1
    return later.astype("datetime64[D]") + np.minimum(into, last)


def months_between(start: Days, end: Days) -> tuple[Floats, Days]:
    """Return how many months lie between days, and the first day after them.

    A time of whole months has that many, whether its last day is named or the day after it, and when it is counted
    from a last of the month that some months lack; other times count by days, up to the last one where most times of
    whole months name theirs.
    """
    days = (end - start).astype(float)
    whole = np.maximum(np.round(days / (365.25 / 12)), 0).astype(np.int64)
    exact = add_months(start, whole)
    off = (exact - end).astype(int)
    closes = (whole >= 1) & ((off == 0) | (off == 1))
    names_last = np.sum(closes & (off == 1)) > np.sum(closes & (off == 0))
    from_last = (start - start.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1 >= _SHORTEST_MONTH
    is_whole = closes | ((whole >= 1) & from_last & (np.abs(off) <= _LONGEST_MONTH - _SHORTEST_MONTH))
    months = np.where(is_whole, whole, (days + names_last) / DAYS_PER_MONTH)
    return months, np.where(closes, exact, end + np.timedelta64(int(names_last), "D"))


_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31


# --- Lines: what an account pays per month, from a day up to a day


@dataclass(frozen=True, eq=False)
class Lines:
    """Recurring lines: account, item, first day, first day no more (NaT: goes on), amount per month, currency.

    Attributes
    ----------
    frame
        The lines: account_id, item, start, end, monthly, currency.
    left_out
        What is no recurring revenue, or cannot be read as such, each with its reason.
    within_month
        Whether what begins and ends within one month counts in it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import lines_of_subscriptions
    >>> sold = {"account_id": ["A"], "item": ["Pro"], "start": ["2024-01-15"], "end": [None], "amount": [1200.0]}
    >>> lines = lines_of_subscriptions(pd.DataFrame({**sold, "period": ["year"], "currency": ["EUR"]}))
    >>> lines.monthly_revenue("2024-01", "2024-02")["amount"].tolist()
    [100.0, 100.0]
    """

    frame: pd.DataFrame
    left_out: pd.DataFrame
    within_month: bool = False

    def monthly_revenue(
        self, first: str | pd.Timestamp | None = None, last: str | pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """Return an mrr table (account_id, month, amount, plan, currency) of what is in force at each month's end.

        An account has a row in every month in which a line of it is in force, a free one too. The months covered are
        those from the first to the last in which a line begins, unless `first` and `last` name others.
        """
        frame = self.frame
        if frame.empty:
            return pd.DataFrame({"account_id": [], "month": [], "amount": [], "plan": [], "currency": []})
        start = frame["start"].to_numpy(dtype="datetime64[D]").astype("datetime64[M]")
        end_day = frame["end"].to_numpy(dtype="datetime64[D]")
        ends = ~np.isnat(end_day)
        begin = start.min() if first is None else np.datetime64(pd.Timestamp(first), "M")
        until = start.max() if last is None else np.datetime64(pd.Timestamp(last), "M")
        width = int((until - begin).astype(int)) + 1
        end = np.where(ends, end_day.astype("datetime64[M]"), until + 1)
        at = np.clip((start - begin).astype(int), 0, width)
        to = np.clip((end - begin).astype(int), 0, width)
        if self.within_month:
            to = np.where(_gone_within(frame, at, to, start), at + 1, to)
        keep = to > at
        at, to, kept = at[keep], to[keep], frame[keep]
        rows, keys = pd.factorize(_joined(kept["account_id"], kept["currency"]))
        amounts = _running(rows, at, to, kept["monthly"].to_numpy(float), (len(keys), width))
        active = _running(rows, at, to, np.ones(len(kept)), (len(keys), width)) > _HALF
        places = np.flatnonzero(active.ravel())
        items, names = pd.factorize(kept["item"])
        plan = np.full(len(keys) * width, -1)
        by_size = np.argsort(kept["monthly"].to_numpy(float), kind="stable")
        long = (to - at)[by_size]
        ramp = np.arange(long.sum()) - np.repeat(np.cumsum(long) - long, long)
        plan[np.repeat((rows * width + at)[by_size], long) + ramp] = np.repeat(items[by_size], long)
        first_row = pd.Series(np.arange(len(kept))).groupby(rows).first().to_numpy()
        who = kept["account_id"].to_numpy(dtype=object)[first_row]
        money = kept["currency"].to_numpy(dtype=object)[first_row]
        months = (begin + np.arange(width)).astype("datetime64[us]")
        plans = np.array([*names, None], dtype=object)
        return pd.DataFrame(
            {
                "account_id": who[places // width], "month": months[places % width],
                "amount": np.round(amounts.ravel()[places], _PLACES) + 0.0, "plan": plans[plan[places]],
                "currency": money[places // width],
            }
        )  # fmt: skip


_HALF, _PLACES = 0.5, 2


def _gone_within(frame: pd.DataFrame, at: NDArray, to: NDArray, start: Days) -> NDArray[np.bool_]:
    """Mark the last lines of accounts that begin and end within a month at whose end the account pays nothing."""
    end = frame["end"].to_numpy(dtype="datetime64[D]")
    keys = _joined(frame["account_id"], frame["currency"])
    short = (at == to) & (end > frame["start"].to_numpy(dtype="datetime64[D]")) & (start == end.astype("datetime64[M]"))
    asked = pd.DataFrame({"key": keys[short], "month": at[short], "end": end[short], "line": np.flatnonzero(short)})
    of_them = np.isin(keys, asked["key"]) & (to > at)
    others = pd.DataFrame({"key": keys[of_them], "at": at[of_them], "to": to[of_them]})
    beside = asked.merge(others, on="key").query("at <= month < to")["line"]
    asked = asked[~asked["line"].isin(beside)]
    is_last = asked["end"].eq(asked.groupby(["key", "month"])["end"].transform("max"))
    chosen = np.zeros(len(frame), dtype=bool)
    chosen[asked["line"][is_last]] = True
    return chosen


def _joined(accounts: pd.Series, currencies: pd.Series) -> NDArray[np.int64]:
    """Give each pair of account and currency a number, for amounts in two currencies are never added."""
    left, right = pd.factorize(accounts)[0], pd.factorize(currencies.fillna(""))[0]
    return left.astype(np.int64) * (right.max(initial=0) + 1) + right


def _running(rows: NDArray, at: NDArray, to: NDArray, values: Floats, shape: tuple[int, int]) -> Floats:
    """Add each value to its row from one column up to another: it is added where it begins, taken off where it ends."""
    height, width = shape
    steps = np.bincount(rows * (width + 1) + at, values, height * (width + 1))
    steps -= np.bincount(rows * (width + 1) + to, values, height * (width + 1))
    return np.asarray(np.cumsum(steps.reshape(height, width + 1), axis=1)[:, :width], dtype=float)


def _lines(columns: dict[str, Any], left_out: list[pd.DataFrame], rules: RevenueRules) -> Lines:
    out = [each for each in left_out if len(each)]
    nothing = pd.DataFrame({"account_id": [], "day": [], "amount": [], "why": []})
    left = pd.concat(out, ignore_index=True) if out else nothing
    return Lines(pd.DataFrame(columns), left, within_month=rules.within_month == "in its month")


def _out(frame: pd.DataFrame, which: NDArray[np.bool_], day: str, why: str) -> pd.DataFrame:
    rows = frame[which]
    said = {"account_id": rows["account_id"], "day": rows[day], "amount": rows["amount"], "why": why}
    named = {name: rows[name] for name in ("file", "line") if name in rows}
    return pd.DataFrame({**named, **said}).astype({"day": "datetime64[us]"})


def _days(frame: pd.DataFrame, name: str) -> Days:
    if name not in frame:
        return np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[D]")
    return pd.to_datetime(frame[name]).to_numpy(dtype="datetime64[D]")


def _column(frame: pd.DataFrame, name: str, blank: object) -> pd.Series:
    return frame[name] if name in frame else pd.Series([blank] * len(frame), index=frame.index)


def lines_of_subscriptions(subscriptions: pd.DataFrame, rules: RevenueRules = USUAL_RULES) -> Lines:
    """Return the recurring lines of a table of subscriptions: each amount divided by the months it pays for.

    Parameters
    ----------
    subscriptions
        Rows of account_id, item, start, end, amount, period, quantity, currency; canceled_on where it is known.
    rules
        The rules.

    Returns
    -------
    Lines
        The lines, and the rows that say no amount per time.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import lines_of_subscriptions
    >>> sold = {"account_id": ["A"], "start": ["2024-01-15"], "amount": [50.0], "period": ["month"], "quantity": [4.0]}
    >>> lines_of_subscriptions(pd.DataFrame(sold)).frame["monthly"].tolist()
    [200.0]
    """
    frame = subscriptions.reset_index(drop=True)
    periods, texts = pd.factorize(frame["period"])
    months = np.append([months_of(str(text), rules.weeks_per_month) for text in texts], np.nan).astype(float)[periods]
    quantity = _column(frame, "quantity", 1.0).astype(float).fillna(1.0).to_numpy()
    start, end = _days(frame, "start"), _days(frame, "end")
    both = ~np.isnat(start) & ~np.isnat(end)
    end[both] = months_between(start[both], end[both])[1]  # whether its last day is named or the day after it
    if rules.churn == "cancellation":
        canceled = _days(frame, "canceled_on")
        end = np.where(np.isnat(canceled), end, np.fmin(canceled, end))
    monthly = frame["amount"].to_numpy(float) * quantity / months
    known = ~np.isnan(monthly) & ~np.isnat(start)
    made = {
        "account_id": frame["account_id"], "item": _column(frame, "item", None), "start": start, "end": end,
        "monthly": monthly, "currency": _column(frame, "currency", None),
    }  # fmt: skip
    kept = {name: pd.Series(values)[known].reset_index(drop=True) for name, values in made.items()}
    return _lines(kept, [_out(frame, ~known, "start", "it says no amount, no period or no start")], rules)


def lines_of_invoices(invoice_lines: pd.DataFrame, rules: RevenueRules = USUAL_RULES) -> Lines:
    """Return the recurring lines of invoices: each amount spread over the time it is for.

    Parameters
    ----------
    invoice_lines
        Rows of account_id, from, to, amount, kind, item, currency.
    rules
        The rules.

    Returns
    -------
    Lines
        The lines, and what is no recurring revenue.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import lines_of_invoices
    >>> line = {"account_id": ["A"], "from": ["2024-01-01"], "to": ["2024-12-31"], "amount": [1200.0]}
    >>> lines_of_invoices(pd.DataFrame(line)).frame["monthly"].tolist()
    [100.0]
    """
    frame = invoice_lines.reset_index(drop=True)
    start, end = _days(frame, "from"), _days(frame, "to")
    kind = _column(frame, "kind", None).fillna("recurring").astype(str).to_numpy(dtype=object)
    amount = frame["amount"].to_numpy(float)
    timed = ~np.isnat(start) & ~np.isnat(end) & (end > start)
    wanted = np.isin(kind, ["recurring", "credit", *(["usage"] if rules.usage else [])])
    left = [
        _out(frame, (kind == "usage") & (not rules.usage), "from", "usage is no part of recurring revenue"),
        _out(frame, kind == "one-off", "from", "it is paid once"),
        _out(frame, wanted & ~timed, "from", "it is for no time"),
    ]  # fmt: skip
    keep = wanted & timed
    months, after = months_between(start[keep], end[keep])
    made = pd.DataFrame(
        {
            "account_id": frame["account_id"][keep], "item": _column(frame, "item", None)[keep], "start": start[keep],
            "end": after, "monthly": amount[keep] / months, "currency": _column(frame, "currency", None)[keep],
        }
    ).reset_index(drop=True)  # fmt: skip
    renewing = pd.Series(kind[keep]) == "recurring"
    made.loc[renewing, "end"] = _joined_ends(made[renewing], rules.renewal_days)
    return _lines({str(name): made[name] for name in made}, left, rules)


def _joined_ends(lines: pd.DataFrame, days: int) -> Days:
    """Return the ends of lines; where another one of the same account and item renews it, they meet.

    That is the one that begins nearest to its end, and nearest to no other's: several can run side by side.
    """
    start, end = lines["start"].to_numpy("datetime64[D]"), lines["end"].to_numpy("datetime64[D]").copy()
    group = _joined(lines["account_id"], lines["item"])
    order = np.lexsort((end, start, group))
    of, begins, closes = group[order], start[order].astype(int), end[order].astype(int)
    span = closes.max(initial=0) - begins.min(initial=0) + 1
    after = np.searchsorted(of * span + begins, of * span + closes)
    following, nearest = np.zeros(len(of), dtype=np.int64), np.full(len(of), days + 1)
    for place in (after, after - 1):  # the first that begins with its end or later, and the last before
        other = np.clip(place, 0, len(of) - 1)
        gap = np.abs(begins[other] - closes)
        renews = (of[other] == of) & (begins[other] > begins) & (closes[other] > closes) & (gap < nearest)
        following, nearest = np.where(renews, other, following), np.where(renews, gap, nearest)
    closest = np.full(len(of), days)
    np.minimum.at(closest, following, nearest)
    met = nearest <= closest[following]
    end[order[met]] = start[order[following[met]]]
    return end


def revenue_of_movements(
    movements: pd.DataFrame, last: str | pd.Timestamp | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what accounts pay per month after their movements, and the movements that do not add up.

    Parameters
    ----------
    movements
        Rows of account_id, date, change; amount, what is paid then, and rank, the order within a day, where known.
    last
        The last month; that of the last movement unless named.

    Returns
    -------
    tuple[pd.DataFrame, pd.DataFrame]
        An mrr table, and the rows in which what was paid before and the change do not make what is paid then.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import revenue_of_movements
    >>> moved = pd.DataFrame({"account_id": ["A", "A"], "date": ["2024-01-05", "2024-03-01"], "change": [50.0, -20.0]})
    >>> revenue_of_movements(moved)[0]["amount"].tolist()
    [50.0, 50.0, 30.0]
    """
    frame = movements.assign(date=_days(movements, "date").astype("datetime64[us]"))
    order = ["account_id", "date", *(["rank"] if "rank" in frame else [])]
    frame = frame.sort_values(order, kind="stable", ignore_index=True)
    who = [each for each in ("account_id", "currency") if each in frame]  # amounts in two currencies are never added
    same = frame.groupby(who, sort=False, dropna=False)
    running = same["change"].cumsum()
    if "amount" in frame and frame["amount"].notna().any():
        before = same["amount"].shift()
        opening = frame["amount"] - frame["change"]
        off = (before.fillna(opening) + frame["change"] - frame["amount"]).abs() > HALF_A_CENT
        wrong = frame[off].assign(before=before[off])
        paid = frame["amount"].fillna(running)
    else:
        wrong, paid = frame[:0], running
    following = same["date"].shift(-1)
    lines = Lines(
        pd.DataFrame(
            {
                "account_id": frame["account_id"], "item": _column(frame, "item", None), "start": frame["date"],
                "end": following, "monthly": paid, "currency": _column(frame, "currency", None),
            }
        )[paid.abs() > HALF_A_CENT],
        frame[:0],
    )  # fmt: skip
    ends = frame["date"].max() if last is None else last
    return lines.monthly_revenue(last=ends), wrong


def revenue_of_tables(frames: Mapping[str, pd.DataFrame], rules: RevenueRules = USUAL_RULES) -> pd.DataFrame:
    """Return the mrr table that subscriptions say by some rules, or where there are none the lines of invoices.

    Raises DataErrors when nothing recurs and nothing was used, so that there is no month to speak of.
    """
    of_invoices, known = "subscriptions" not in frames, [frames["usage"]["month"].max()] if "usage" in frames else []
    name = "invoice_lines" if of_invoices else "subscriptions"
    rows = frames[name]
    lines = lines_of_invoices(rows, rules) if of_invoices else lines_of_subscriptions(rows, rules)
    made = lines.monthly_revenue(last=max([*known, rows["from" if of_invoices else "start"].max()]))
    if made.empty and not known:
        expected = "a line of recurring revenue, or a table usage: there is no month to speak of"
        remedy = "Add lines with the time they are for, or what accounts used per month."
        raise DataErrors((Problem(name, name, None, "", "", expected, remedy),))
    return made.astype({column.name: dtype(column) for column in MRR.columns})[list(MRR.column_names)]


# --- Hold what two sources say against each other


def compare_sources(
    left: pd.DataFrame, right: pd.DataFrame, lines: tuple[Lines, Lines] | None = None, *, reasons: int | None = None
) -> pd.DataFrame:
    """Return every account and month in which two mrr tables differ by more than half a cent, with the reason.

    Parameters
    ----------
    left, right
        Two mrr tables.
    lines
        The lines they were made of, where both were.
    reasons
        How many differences are given their reason, the first ones; all unless named.

    Returns
    -------
    pd.DataFrame
        account_id, month, left, right, difference and why; empty when both agree to the cent.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import compare_sources
    >>> one = pd.DataFrame({"account_id": ["A", "B"], "month": pd.Timestamp("2024-01-01"), "amount": [50.0, 90.0]})
    >>> compare_sources(one, one[:1])[["account_id", "difference", "why"]].to_numpy().tolist()
    [['B', -90.0, 'the second source does not know this account']]
    """
    keys = ["account_id", "month"]
    sums = [each.groupby(keys, sort=False)["amount"].sum() for each in (left, right)]
    both = pd.concat(sums, axis=1, keys=["left", "right"]).fillna(0.0).reset_index()
    both["difference"] = (both["right"] - both["left"]).round(_PLACES)
    off = both[both["difference"].abs() > HALF_A_CENT].sort_values(keys, ignore_index=True)
    told = off[keys][:reasons]
    spans = [_spans(each[each["account_id"].isin(told["account_id"])]) for each in (left, right)]
    of_account = [
        dict(iter(each.frame[each.frame["account_id"].isin(told["account_id"])].groupby("account_id")))
        for each in lines or ()
    ]
    why = [_reason(who, month, spans, of_account) for who, month in told.itertuples(index=False)]
    return off.assign(why=[*why, *[""] * (len(off) - len(why))])


_SIDES = ("first", "second")


def _spans(mrr: pd.DataFrame) -> dict[Any, tuple[Any, Any]]:
    """Return the first and last month of each account."""
    months = mrr.groupby("account_id")["month"]
    return dict(zip(months.min().index, zip(months.min(), months.max(), strict=True), strict=True))


def _reason(who: Any, month: Any, spans: list[dict[Any, tuple[Any, Any]]], lines: list[dict[Any, pd.DataFrame]]) -> str:  # noqa: ANN401 - keys of frames
    """Say why two sources differ for an account in a month: by the lines in force at its end, else by its months."""
    unknown = [side for side, span in zip(_SIDES, spans, strict=True) if who not in span]
    if unknown:
        return f"the {unknown[0]} source does not know this account"
    eve = month + pd.offsets.MonthEnd(0)
    told = []
    paid = [_in_force(each[who], eve) for each in lines if who in each]
    for item in dict.fromkeys([*paid[0], *paid[1]]) if len(paid) == len(_SIDES) else ():
        amounts = [each.get(item, 0.0) for each in paid]
        if abs(amounts[0] - amounts[1]) > HALF_A_CENT:
            edges = [
                f"{side}: {amount:,.2f}{_edge_of(each[who], item, eve) if not amount else ''}"
                for side, amount, each in zip(_SIDES, amounts, lines, strict=True)
            ]
            told.append(f"{item}, {'; '.join(edges)}")
    for side, span in zip(_SIDES, spans, strict=True):
        begins, ends = span[who]
        if not told and not begins <= month <= ends:
            told.append(f"{side} source {f'begins {begins:%Y-%m}' if month < begins else f'ends {ends:%Y-%m}'} for it")
    return "; ".join(told) or "no line explains it: look the account up in both"


def _in_force(lines: pd.DataFrame, day: pd.Timestamp) -> dict[str, float]:
    """Return what each item pays per month on a day."""
    on = lines[(lines["start"] <= day) & (lines["end"].isna() | (lines["end"] > day))]
    return {str(item): float(amount) for item, amount in on.groupby("item", dropna=False)["monthly"].sum().items()}


def _edge_of(lines: pd.DataFrame, item: str, day: pd.Timestamp) -> str:
    """Say when an item that is not in force on a day ended, or will begin."""
    own = lines[lines["item"].astype(str) == item]
    ended, begins = own["end"][own["end"] <= day], own["start"][own["start"] > day]
    said = [f"ended {ended.max():%Y-%m-%d}"] if len(ended) else []
    said += [f"begins {begins.min():%Y-%m-%d}"] if len(begins) else []
    return f" ({', '.join(said)})" if said else " (not there)"


# --- Amounts in several currencies, at dated rates


def convert(frame: pd.DataFrame, column: str, rates: pd.DataFrame, to: str, day: pd.Timestamp) -> pd.DataFrame:
    """Return the rows with amounts in one currency, at the last rate given up to a day.

    Parameters
    ----------
    frame, column
        Rows with a currency, and their amount.
    rates
        Rows of currency, from and rate: what one unit of the currency is worth in `to`, from a day on.
    to, day
        The currency that is wanted, and the day whose rate holds.

    Returns
    -------
    pd.DataFrame
        The rows, all in that currency.

    Raises
    ------
    WorkbenchError
        When a currency has no rate by that day.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import convert
    >>> rates = pd.DataFrame({"currency": ["USD"], "from": [pd.Timestamp("2024-01-01")], "rate": [0.9]})
    >>> paid = pd.DataFrame({"amount": [100.0, 50.0], "currency": ["USD", "EUR"]})
    >>> convert(paid, "amount", rates, "EUR", pd.Timestamp("2024-03-01"))["amount"].tolist()
    [90.0, 50.0]
    """
    given = rates[rates["from"] <= day].sort_values("from").drop_duplicates("currency", keep="last")
    worth = given.set_index("currency")["rate"].to_dict() | {to: 1.0}
    codes = frame["currency"].fillna(to)
    missing = sorted(set(codes.unique()) - set(worth))
    if missing:
        raise WorkbenchError(
            f"There are amounts in {', '.join(missing)}, and no rate to {to} up to {day:%Y-%m-%d}.",
            "Give a table with the columns currency, from and rate: what one unit is worth from a day on.",
        )
    converted = frame.copy(deep=False)
    converted[column] = frame[column] * codes.map(worth)
    converted["currency"] = to
    return converted


# --- Who can be moved when

_LONGEST_NOTICE = 3_660  # days; what is longer holds for good


def movable(subscriptions: pd.DataFrame, day: pd.Timestamp, term: int = 12) -> pd.DataFrame:
    """Return when the price of each account may change first by its contracts, if it is told on a day.

    A contract that goes on unless notice is given, and whose notice is over, renews as it is: the price may change
    with the renewal after.

    Parameters
    ----------
    subscriptions
        Rows of account_id, end, renews_on, notice_days, auto_renew, price_fixed_until, price_cap.
    day
        Today.
    term
        Months from one renewal to the next.

    Returns
    -------
    pd.DataFrame
        account_id, from (the first day), told_by (the last day to tell it), renews (the day its contract comes up,
        NaT unknown), cap (percent, the least of its contracts), and why.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import movable
    >>> sold = pd.DataFrame({"account_id": ["A"], "renews_on": ["2025-06-01"], "notice_days": [30.0]})
    >>> movable(sold, pd.Timestamp("2025-01-01"))[["from", "told_by"]].astype(str).to_numpy().tolist()
    [['2025-06-01', '2025-05-02']]
    >>> movable(sold, pd.Timestamp("2025-05-10"))["from"].astype(str).tolist()
    ['2026-06-01']
    """
    today = np.datetime64(day, "D")
    start, end, renews, fixed = (
        _days(subscriptions, name) for name in ("start", "end", "renews_on", "price_fixed_until")
    )
    running = np.isnat(end) | (end > today)
    both = ~np.isnat(start) & ~np.isnat(end)
    end[both] = months_between(start[both], end[both])[1]  # whether its last day is named or the day after it
    said = _column(subscriptions, "notice_days", 0.0).astype(float).fillna(0.0)
    notice = said.clip(upper=_LONGEST_NOTICE).to_numpy().astype("timedelta64[D]")
    goes_on = ~np.isnat(renews) & np.isnat(end) & _column(subscriptions, "auto_renew", None).ne(0).to_numpy()
    renews, first_known = np.where(np.isnat(renews), end, renews), renews
    behind = np.where(goes_on, (today + notice - renews).astype(float), 0.0)
    terms = np.maximum(np.floor(behind / _LONGEST_MONTH / term), 0).astype(np.int64) * term  # at most what has passed
    renews[goes_on] = add_months(first_known[goes_on], terms[goes_on])
    while (late := goes_on & (renews - notice < today)).any():
        terms[late] += term
        renews[late] = add_months(first_known[late], terms[late])
    first = np.fmax(np.fmax(renews, fixed), today + notice)
    why = np.where(
        (fixed == first) & (fixed > today), "its price is fixed until then",
        np.where(
            (renews == first) & (renews > today), "its contract runs until then",
            np.where(first > today, "it has to be told so long ahead", "no contract term is on record"),
        ),
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "account_id": subscriptions["account_id"], "from": first.astype("datetime64[us]"),
            "told_by": (first - notice).astype("datetime64[us]"), "renews": renews.astype("datetime64[us]"),
            "cap": _column(subscriptions, "price_cap", np.nan).astype(float), "why": why,
        }
    )[running]  # fmt: skip
    # An account with several contracts can be moved as a whole when the last of them can.
    last = frame.sort_values("from", kind="stable").drop_duplicates("account_id", keep="last")
    least = frame.groupby("account_id")["cap"].min()
    return last.assign(cap=last["account_id"].map(least)).sort_values("account_id", ignore_index=True)
