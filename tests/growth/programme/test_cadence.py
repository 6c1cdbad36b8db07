"""A calendar of talks keeps to the cadence and to people's time; what no week can hold is named."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from workbench.growth.programme import PROGRAMME, Cadence, ProgrammeError, calendar_text, programme_calendar

REVIEW = Cadence("business review", "customer success", {"enterprise": 4, "at risk": 6, "any": 1}, hours=2)


def accounts_of(segments: list[str], health: str = "steady") -> pd.DataFrame:
    """Return accounts A0, A1 and so on."""
    return pd.DataFrame(
        {"account_id": [f"A{at}" for at in range(len(segments))], "segment": segments, "health": health}
    )


@settings(max_examples=40, deadline=None)
@given(
    segments=some.lists(some.sampled_from(["enterprise", "mid", "small"]), max_size=25),
    hours=some.floats(0, 12),
    reach=some.integers(0, 8),
)
def test_nobody_is_given_more_than_the_time_there_is(segments: list[str], hours: float, reach: int) -> None:
    """Each due talk is placed once or named, never further than allowed, and no week holds more than its hours."""
    roles = {each.role for each in PROGRAMME}
    accounts = accounts_of(segments)
    found = programme_calendar(accounts, "2025-01-01", dict.fromkeys(roles, hours), reach=reach)
    due = sum(each.times(segment, "steady") for each in PROGRAMME for segment in segments)
    assert len(found.talks) + len(found.unplaced) == due
    assert (found.load["hours"] <= found.load["capacity"] + 1e-6).all()
    assert found.talks["moved"].abs().max() <= reach if len(found.talks) else True
    assert found.load["hours"].sum() == pytest.approx(found.talks["hours"].sum())


def test_a_cadence_is_even_over_the_year() -> None:
    """Four reviews a year fall into the middle of each quarter."""
    found = programme_calendar(accounts_of(["enterprise"]), "2025-01-06", {"customer success": 2}, [REVIEW])
    weeks = ((found.talks["date"] - pd.Timestamp("2025-01-06")).dt.days // 7).tolist()
    assert weeks == [6, 19, 32, 45]


def test_the_calendar_moves_when_health_turns_or_capacity_goes() -> None:
    """An account at risk is met six times instead of once; without people all of it is named."""
    room = {"customer success": 40}
    steady = programme_calendar(accounts_of(["small"]), "2025-01-01", room, [REVIEW])
    risky = programme_calendar(accounts_of(["small"], "at risk"), "2025-01-01", room, [REVIEW])
    assert (len(steady.talks), len(risky.talks)) == (1, 6)
    nobody = programme_calendar(accounts_of(["enterprise"]), "2025-01-01", {}, [REVIEW])
    assert (len(nobody.talks), len(nobody.unplaced)) == (0, 4)


def test_a_calendar_is_read_as_it_was_written() -> None:
    """Lines are folded at 75 bytes, unfolding and unescaping them gives the text back, and days end the day after."""
    title, note = "Überprüfung; first, with \\ and a name that goes on and on beyond what one line may hold", "One\nTwo"
    text = calendar_text([(dt.date(2025, 12, 31), title, note)], "Plan", written=dt.date(2025, 1, 1))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n")
    whole = dict(line.split(":", 1) for line in text.replace("\r\n ", "").split("\r\n") if ":" in line)
    plain = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n"}
    for name, wanted in (("SUMMARY", title), ("DESCRIPTION", note)):
        said, read, at = whole[name], "", 0
        while at < len(said):
            two = said[at : at + 2]
            read, at = (read + plain[two], at + 2) if two in plain else (read + said[at], at + 1)
        assert read == wanted
    assert whole["DTEND;VALUE=DATE"] == "20260101"
    assert text == calendar_text([(dt.date(2025, 12, 31), title, note)], "Plan", written=dt.date(2025, 1, 1))


def test_impossible_cadences_are_told() -> None:
    """Too often, no time, hours below nothing and a start that is no day each say what to do."""
    with pytest.raises(ProgrammeError, match="Choose 0 to 52 times"):
        Cadence("talk", "sales", {"any": 80})
    with pytest.raises(ProgrammeError, match="takes 0 hours"):
        Cadence("talk", "sales", {"any": 1}, hours=0)
    with pytest.raises(ProgrammeError, match="sales has -1 hours"):
        programme_calendar(accounts_of([]), "2025-01-01", {"sales": -1})
    with pytest.raises(ProgrammeError, match="'soon' is no day"):
        programme_calendar(accounts_of([]), "soon", {})


def test_accounts_alike_are_not_due_in_the_same_weeks() -> None:
    """Of thirty reviews a year every week has one at most where hours allow it, the first account's in the middle."""
    found = programme_calendar(accounts_of(["small"] * 26), "2025-01-06", {"customer success": 2}, [REVIEW], reach=1)
    assert found.unplaced.empty
    assert (found.talks["moved"].abs() <= 1).all()
    assert found.talks.set_index("account_id")["date"]["A0"] == pd.Timestamp("2025-07-07")


@settings(max_examples=30, deadline=None)
@given(
    segments=some.lists(some.sampled_from(["enterprise", "mid", "small"]), max_size=25),
    people=some.integers(0, 4),
    hours=some.floats(0, 12),
)
def test_each_person_has_time_and_keeps_the_account(segments: list[str], people: int, hours: float) -> None:
    """No week of anybody holds more than there is, an account has one person of a role, and work is dealt evenly."""
    roles = {each.role for each in PROGRAMME}
    found = programme_calendar(
        accounts_of(segments), "2025-01-01", dict.fromkeys(roles, hours), people=dict.fromkeys(roles, people)
    )
    due = sum(each.times(segment, "steady") for each in PROGRAMME for segment in segments)
    assert len(found.talks) + len(found.unplaced) == due
    assert (found.load["hours"] <= found.load["capacity"] + 1e-6).all()
    everything = pd.concat([found.talks, found.unplaced], ignore_index=True)
    assert everything.groupby(["account_id", "role"])["person"].nunique().max() <= 1 if len(everything) else True
    success = everything[everything["role"] == "customer success"]
    shares = success.groupby("person")["hours"].sum()
    most = max((sum(2 * each.times(segment, "steady") for each in PROGRAMME if each.role == "customer success")
                for segment in segments), default=0)  # fmt: skip
    assert (shares.max() - shares.min() <= most) if people > 1 and len(shares) == people else True
    months = found.by_month()
    assert months["hours"].sum() == pytest.approx(found.talks["hours"].sum())
    assert (not people) == (not len(found.load))


def test_a_persons_calendar_holds_that_persons_talks() -> None:
    """The calendar for all has every talk, each person's own ones, and none has a word more than account and kind."""
    found = programme_calendar(
        accounts_of(["enterprise"] * 5), "2025-01-06", {"customer success": 6}, [REVIEW], people={"customer success": 2}
    )
    parts = [found.calendar(each).count("BEGIN:VEVENT") for each in ("customer success 1", "customer success 2")]
    assert found.calendar().count("BEGIN:VEVENT") == sum(parts) == len(found.talks) == 20
    assert min(parts) >= 8
    assert "SUMMARY:business review: A0" in found.calendar()


def test_days_that_were_agreed_stand_and_take_their_time() -> None:
    """An agreed day replaces the talk due nearest to it, fills its week, and is kept where nobody has time for it."""
    start, hours = "2025-01-06", {"customer success": 2}
    accounts = accounts_of(["enterprise", "small"])
    agreed = pd.DataFrame({"date": ["2025-03-05", "2025-07-09"], "account_id": ["A0", "A1"], "kind": REVIEW.kind})
    found = programme_calendar(accounts, start, hours, [REVIEW], agreed=agreed)
    days = {each: list(own["date"].astype(str)) for each, own in found.talks.groupby("account_id")}
    assert days["A0"] == ["2025-03-05", "2025-05-19", "2025-08-18", "2025-11-17"]
    assert days["A1"] == ["2025-07-09"]
    kept = programme_calendar(accounts, start, {"customer success": 0}, [REVIEW], agreed=agreed)
    assert list(kept.talks["date"].astype(str)) == ["2025-03-05", "2025-07-09"]
    assert (len(kept.unplaced), kept.load["hours"].sum()) == (3, 4)
    alone = programme_calendar(accounts_of(["small"]), start, hours, [REVIEW]).talks["date"].iloc[0]
    full = pd.DataFrame({"date": [alone], "account_id": ["A1"], "kind": REVIEW.kind})
    moved = programme_calendar(accounts_of(["small", "small"]), start, hours, [REVIEW], agreed=full).talks
    assert moved.set_index("account_id")["date"]["A0"] == alone - pd.Timedelta(days=7)
