"""The value acceleration programme: which talks each account gets, as a calendar that people's capacity can hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from workbench.growth.programme.pods import ProgrammeError
from workbench.outputs import CALENDAR_MARK, csv_bytes
from workbench.results import LAST_DIGITS
from workbench.study.model import slug
from workbench.tables import COUNT, DAY, TEXT, DataTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

WEEKS, ANY = 52, "any"
_Asked: TypeAlias = "tuple[Cadence, str, str, int, tuple[pd.Timestamp, int] | None]"
_GOLDEN = (5**0.5 - 1) / 2  # steps of this length never crowd, however many there are
STEADY, WATCHED, AT_RISK = "steady", "watched", "at risk"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often accounts get one kind of talk.

    Parameters
    ----------
    kind
        What is done, such as "business review".
    role
        Who does it.
    per_year
        How often in a year, by segment and health ("enterprise", "at risk"), by one of them, or by "any": the most
        exact one counts; none means never.
    hours
        What one takes of the role's time.

    Raises
    ------
    ProgrammeError
        For more than one a week, or for no time.

    Examples
    --------
    >>> from workbench.growth.programme import Cadence
    >>> review = Cadence("business review", "customer success", {"enterprise": 4, "at risk": 6, "any": 1})
    >>> review.times("enterprise", "steady"), review.times("small", "at risk"), review.times("small", "steady")
    (4, 6, 1)
    """

    kind: str
    role: str
    per_year: Mapping[str | tuple[str, str], int]
    hours: float = 1.0

    def __post_init__(self) -> None:
        for key, times in self.per_year.items():
            if not 0 <= times <= WEEKS:
                raise ProgrammeError(
                    f"A {self.kind} is held {times} times a year for {key}.", f"Choose 0 to {WEEKS} times."
                )
        if not self.hours > 0:
            raise ProgrammeError(f"A {self.kind} takes {self.hours:g} hours.", "Give more than 0.")

    def times(self, segment: str, health: str) -> int:
        """Return how often a year an account gets it; of segment and health alone the more frequent counts."""
        if (segment, health) in self.per_year:
            return self.per_year[segment, health]
        either = [self.per_year[each] for each in (segment, health) if each in self.per_year]
        return max(either) if either else self.per_year.get(ANY, 0)


PROGRAMME = (
    Cadence("business review", "customer success", {"enterprise": 4, "mid": 2, "small": 1, AT_RISK: 4, ANY: 1}, 2.0),
    Cadence("optimisation session", "technical", {"enterprise": 2, "mid": 1, WATCHED: 2, AT_RISK: 2}, 3.0),
    Cadence("enablement workshop", "customer success", {"enterprise": 2, "mid": 1, WATCHED: 1}, 2.0),
    Cadence("executive alignment", "sales", {"enterprise": 2, ("mid", AT_RISK): 1}, 1.0),
    Cadence("innovation session", "product", {"enterprise": 1}, 2.0),
)
"""The five talks the source names; how often, by whom and how long is ours, for a team to change."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgrammeCalendar:
    """The talks of a year.

    Attributes
    ----------
    talks
        date (a Monday, or the day agreed), account_id, kind, role, person, hours, moved (weeks from where the cadence
        has it).
    unplaced
        account_id, kind, role, person, due, hours: those no week had time for.
    load
        week (Monday), role, person, hours, capacity.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.programme import Cadence, programme_calendar
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": "mid", "health": "steady"})
    >>> review = Cadence("business review", "customer success", {"any": 1}, hours=2)
    >>> found = programme_calendar(accounts, "2025-01-01", {"customer success": 2}, [review])
    >>> found.talks[["date", "account_id"]].astype(str).to_numpy().tolist()
    [['2025-02-17', 'B'], ['2025-07-07', 'A']]
    """

    talks: pd.DataFrame
    unplaced: pd.DataFrame
    load: pd.DataFrame

    def table(self) -> DataTable:
        """Return the talks as a table."""
        shown = [
            ("Week of", DAY, "date"), ("Account", TEXT, "account_id"), ("Talk", TEXT, "kind"), ("Who", TEXT, "person"),
            ("Weeks moved", COUNT, "moved"),
        ]  # fmt: skip
        return DataTable.of_frame(self.talks, shown)

    def by_month(self) -> pd.DataFrame:
        """Return each person's months, a week being in that of its Monday: role, person, month, hours, capacity."""
        months = pd.to_datetime(self.load["week"]).dt.to_period("M").dt.to_timestamp()
        whose = self.load[["role", "person", "hours", "capacity"]].assign(month=months)
        return whose.groupby(["role", "person", "month"], sort=False)[["hours", "capacity"]].sum().reset_index()

    def renamed(self, sent: Callable[[dict[str, Any]], dict[str, Any]]) -> ProgrammeCalendar:
        """Return the calendar with accounts called as `sent` calls them in a document."""
        called = {each: sent({"account_id": each})["account_id"] for each in self.talks["account_id"].unique()}
        return replace(self, talks=self.talks.assign(account_id=self.talks["account_id"].map(called)))

    def files(self) -> list[tuple[str, str, bytes]]:
        """Return the calendar for all (""), each person's, and the list ("."): whose it is, name and content."""
        people = list(dict.fromkeys(self.load["person"]))
        return [
            ("", "value-programme.ics", self.calendar().encode()),
            *((each, f"value-programme-{slug(each)}.ics", self.calendar(each).encode()) for each in people),
            (".", "value-programme.csv", csv_bytes(self.table())),
        ]

    def calendar(self, person: str = "") -> str:
        """Return the talks of a person, or of all, as an iCalendar file; each lies on its week's Monday."""
        here = self.talks if not person else self.talks[self.talks["person"] == person]
        events = [(each["date"].date(), f"{each['kind']}: {each['account_id']}", each["person"])
                  for each in here.to_dict("records")]  # fmt: skip
        written = self.load["week"].iloc[0].date() if len(self.load) else dt.date.min
        return calendar_text(events, f"Value programme{f': {person}' if person else ''}", written=written)


def programme_calendar(
    accounts: pd.DataFrame,
    start: dt.date | str,
    capacity: Mapping[str, float],
    cadences: Sequence[Cadence] = PROGRAMME,
    *,
    people: Mapping[str, int] | None = None,
    reach: int = 4,
    agreed: pd.DataFrame | None = None,
) -> ProgrammeCalendar:
    """Return the talks of the year after a day, each in a week in which its role has time.

    A talk held n times a year is due once in each n-th of it, as far into each: the first account in the middle, the
    others spread evenly, so that not all fall due in the same weeks. Accounts choose in their order; a week that is
    full moves a talk to the nearest one with time, by `reach` weeks at most.

    Parameters
    ----------
    accounts
        account_id, and segment and health where known; the most important first.
    start
        The year's first day.
    capacity
        By role, its hours for talks in a week, those of each of its people. A role that is not named has none.
    cadences
        Which talks there are.
    people
        How many there are in each role; an account stays with one of them, who has least to do when it is dealt out.
        One for all when None.
    reach
        By how many weeks a talk may move.
    agreed
        date, account_id, kind: days that stand already. Each takes the place of the talk that is due nearest to it and
        the time it takes, whether there is any or not.

    Returns
    -------
    ProgrammeCalendar
        The talks, those without a place, and each week's load.

    Raises
    ------
    ProgrammeError
        For a capacity below 0 or a start that is no day.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.programme import Cadence, programme_calendar
    >>> accounts = pd.DataFrame({"account_id": list("ABC"), "segment": "mid"})
    >>> review = Cadence("business review", "customer success", {"any": 40}, hours=2)
    >>> found = programme_calendar(accounts, "2025-01-01", {"customer success": 2}, [review], reach=1)
    >>> found.talks["account_id"].value_counts().to_dict()
    {'A': 40, 'B': 12}
    """
    try:
        first = pd.Timestamp(start)
    except (ValueError, TypeError) as error:
        raise ProgrammeError(f"{start!r} is no day.", "Write it as 2025-01-01.") from error
    for role, hours in capacity.items():
        if not hours >= 0:
            raise ProgrammeError(f"{role} has {hours:g} hours in a week.", "Give 0 or more.")
    mondays = pd.date_range(first + pd.Timedelta(days=(7 - first.weekday()) % 7), periods=WEEKS, freq="7D")
    roles = list(dict.fromkeys(each.role for each in cadences))
    names = {role: _people(role, None if people is None else people.get(role, 0)) for role in roles}
    left = {name: np.full(WEEKS, float(capacity.get(role, 0.0))) for role in roles for name in names[role]}
    text = {
        name: accounts[name].fillna("").astype(str).tolist() if name in accounts else [""] * len(accounts)
        for name in ("segment", "health")
    }
    talks, unplaced = [], []
    who = _dealt_out(accounts["account_id"].tolist(), text, cadences, names)
    stands = _standing(agreed, mondays)
    first_of_all: list[_Asked] = []  # what stands takes its time before anything else is placed
    asked: list[_Asked] = []
    for cadence in cadences:
        for at, account in enumerate(accounts["account_id"]):
            times = cadence.times(text["segment"][at], text["health"][at] or STEADY)
            dues = _due(times, (0.5 + at * _GOLDEN) % 1)
            for day, week in stands.get((cadence.kind, account), ()):
                due = min(dues, key=lambda each, week=week: abs(each - week), default=week)  # type: ignore[misc]
                dues = [each for each in dues if each != due]
                first_of_all.append((cadence, account, who[cadence.role][at], due, (day, week)))
            asked += [(cadence, account, who[cadence.role][at], due, None) for due in dues]
    for cadence, account, person, due, agreed_on in (*first_of_all, *asked):
        said = (account, cadence.kind, cadence.role, person)
        found = None if person not in left else agreed_on or _place(left[person], due, cadence.hours, reach, mondays)
        if found is None:
            unplaced.append((*said, mondays[due], cadence.hours))
            continue
        left[person][found[1]] -= cadence.hours
        talks.append((found[0], *said, cadence.hours, found[1] - due))
    table = pd.DataFrame(talks, columns=["date", "account_id", "kind", "role", "person", "hours", "moved"])
    load = pd.DataFrame(
        [
            (monday, role, name, float(capacity.get(role, 0.0)) - left[name][at], float(capacity.get(role, 0.0)))
            for role in roles
            for name in names[role]
            for at, monday in enumerate(mondays)
        ],
        columns=["week", "role", "person", "hours", "capacity"],
    )
    return ProgrammeCalendar(
        table.sort_values(["date", "account_id", "kind"], kind="stable", ignore_index=True),
        pd.DataFrame(unplaced, columns=["account_id", "kind", "role", "person", "due", "hours"]),
        load,
    )


def _standing(
    agreed: pd.DataFrame | None, mondays: pd.DatetimeIndex
) -> dict[tuple[str, str], list[tuple[pd.Timestamp, int]]]:
    """Return by kind and account the days of the year that stand, each with its week; no day twice."""
    found: dict[tuple[str, str], list[tuple[pd.Timestamp, int]]] = {}
    for each in () if agreed is None else agreed.drop_duplicates().to_dict("records"):
        day = pd.Timestamp(each["date"])
        week = (day - mondays[0]).days // 7
        if 0 <= week < len(mondays):
            found.setdefault((each["kind"], each["account_id"]), []).append((day, week))
    return found


def _people(role: str, many: int | None) -> list[str]:
    """Return what the people of a role are called: by their role, never by a name."""
    return [role] if many is None or many == 1 else [f"{role} {at + 1}" for at in range(many)]


def _dealt_out(
    accounts: list[str], text: Mapping[str, list[str]], cadences: Sequence[Cadence], names: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Return for each role who has which account: one by one, whoever has the fewest hours so far; "" for nobody."""
    found: dict[str, list[str]] = {}
    for role, people in names.items():
        own = [each for each in cadences if each.role == role]
        hours = dict.fromkeys(people, 0.0)
        found[role] = []
        for at in range(len(accounts)):
            least = min(people, key=lambda name: hours[name], default="")
            found[role].append(least)
            if least:
                segment, health = text["segment"][at], text["health"][at] or STEADY
                hours[least] += sum(each.hours * each.times(segment, health) for each in own)
    return found


def _due(times: int, into: float) -> list[int]:
    """Return the weeks in which a talk held so many times a year is due, so far into each part of the year."""
    return [int((turn + into) * WEEKS / times) for turn in range(times)]


def _place(
    left: np.ndarray, due: int, hours: float, reach: int, mondays: pd.DatetimeIndex
) -> tuple[pd.Timestamp, int] | None:
    """Return the Monday and the week nearest to the one due in which there is time; the earlier of two as near."""
    weeks = np.arange(max(due - reach, 0), min(due + reach + 1, len(left)))
    free = weeks[left[weeks] >= hours - LAST_DIGITS]
    week = int(min(free, key=lambda week: (abs(week - due), week))) if len(free) else None
    return None if week is None else (mondays[week], week)


def calendar_text(events: Iterable[tuple[dt.date, str, str]], name: str, *, written: dt.date) -> str:
    r"""Return days as an iCalendar file (RFC 5545), for any calendar to read.

    Parameters
    ----------
    events
        Day, title and description of each.
    name
        What the calendar is called.
    written
        The day it was written on; the same events give the same text.

    Returns
    -------
    str
        The calendar, lines ended and folded as the standard asks.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.growth.programme import calendar_text
    >>> text = calendar_text([(dt.date(2025, 3, 31), "Review, first", "")], "Acme", written=dt.date(2025, 1, 1))
    >>> [line for line in text.splitlines() if line.startswith(("DTSTART", "DTEND", "SUMMARY"))]
    ['DTSTART;VALUE=DATE:20250331', 'DTEND;VALUE=DATE:20250401', 'SUMMARY:Review\\, first']
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", CALENDAR_MARK, f"X-WR-CALNAME:{_escaped(name)}"]
    for day, title, description in events:
        key = sha256(f"{name}\n{day}\n{title}".encode()).hexdigest()[:24]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{key}@pricing-design-workbench",
            f"DTSTAMP:{written:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            *([f"DESCRIPTION:{_escaped(description)}"] if description else []),
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCALENDAR"))


def _escaped(text: str) -> str:
    for mark, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(mark, written)
    return text


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 bytes, each further one begun with a space."""
    parts: list[str] = []
    now = ""
    for character in line:
        if len((now + character).encode()) > (75 if not parts else 74):
            parts.append(now)
            now = ""
        now += character
    return "\r\n ".join((*parts, now))
