"""Guardrails: at a limit they hold, a hair beyond they do not, and they name the accounts behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.impact import Comparison, PlanTable, check_guardrails, compare, replay_many
from workbench.pricing import Plan, PriceBook
from workbench.study import Guardrails, Study, merge

MakeBase = Callable[..., CustomerBase]
OFF = Guardrails(
    least_revenue_change=None,
    most_accounts_above_steep_rise=None,
    most_rise_in_top_ten=None,
    most_accounts_below_cost=None,
    most_p95_rise=None,
    least_segment_change=None,
)


def _comparison(base_of: MakeBase, before: list[float], after: list[float], **columns: object) -> Comparison:
    """Compare accounts with these flat bills; each has a plan of its own on both sides."""
    names = [f"a{place:02d}" for place in range(len(before))]
    base = base_of({"seats": {name: [1.0] for name in names}}, **columns)
    books = {
        side: PriceBook(side, "USD", tuple(Plan(name, bill) for name, bill in zip(names, bills, strict=True)))
        for side, bills in (("before", before), ("after", after))
    }
    done = replay_many(base, books, assign=PlanTable({name: name for name in names}))
    return compare(done["before"], done["after"])


@pytest.mark.parametrize(
    ("limits", "value", "key"),
    [
        # twenty accounts of 100: three rise to 130, one falls to 40; revenue 2000 -> 2030
        ({"least_revenue_change": 0.015}, 0.015, "least_revenue_change"),
        ({"most_revenue_change": 0.015}, 0.015, "most_revenue_change"),
        ({"most_accounts_above_steep_rise": 0.15, "steep_rise": 0.29}, 0.15, "most_accounts_above_steep_rise"),
        ({"most_rise_in_top_ten": 0.30}, 0.30, "most_rise_in_top_ten"),
        ({"most_p95_rise": 0.30}, 0.30, "most_p95_rise"),
        ({"most_accounts_below_cost": 0.5}, 0.5, "most_accounts_below_cost"),
        ({"least_segment_change": -0.2}, -0.2, "least_segment_change"),
    ],
)
def test_a_limit_holds_up_to_its_value_and_not_beyond(
    base_of: MakeBase, limits: dict[str, float], value: float, key: str
) -> None:
    """The figure worked out by hand passes when the limit stands on it or leaves room, and fails a hair beyond."""
    before, after = [100.0] * 20, [130.0] * 3 + [100.0] * 16 + [40.0]
    columns = {
        "segment": {f"a{place:02d}": "losers" if place in (17, 18, 19) else "others" for place in range(20)},
        "unit_cost": {"a00": 131.0, "a01": 130.0, "a19": 41.0, "a18": 3.0},
    }
    change = _comparison(base_of, before, after, **columns)

    def check(step: float) -> tuple[str, float]:
        found = check_guardrails(change, OFF.replaced(**{**limits, key: limits[key] + step})).checks
        worst = min(found, key=lambda each: each.verdict != "fail")
        measured = min(found, key=lambda each: abs(each.measured - value)).measured
        return worst.verdict, measured

    room = 1e-6 if key.startswith("most") else -1e-6
    assert check(0)[1] == pytest.approx(value)
    assert check(0)[0] == "pass"
    assert check(room)[0] == "pass"
    assert check(-room)[0] == "fail"


def test_the_accounts_behind_a_failure_are_named(base_of: MakeBase) -> None:
    """Each crossed limit lists its accounts, the worst first, and sentences say what was measured."""
    change = _comparison(base_of, [100.0] * 4, [200.0, 150.0, 100.0, 20.0], unit_cost={"a03": 50.0})
    report = check_guardrails(change, OFF.replaced(most_accounts_above_steep_rise=0.1, most_accounts_below_cost=0))
    assert not report.passed
    assert [check.accounts for check in report.failures] == [("a00", "a01"), ("a03",)]
    assert report.sentences() == (
        "2 accounts (50.0%) rise by more than +25%; at most 10% may.",
        "1 account (100.0% of the 1 with a known cost) pays less than it costs; at most 0% may.",
    )
    assert [check.verdict for check in report.checks] == ["fail", "fail"]
    assert [len(check.behind) for check in report.checks] == [2, 1]


def test_sentences_write_limits_as_they_were_set(base_of: MakeBase) -> None:
    """A limit of 12.5% is not rounded to 12%, and changes carry their sign."""
    change = _comparison(base_of, [100.0] * 4, [200.0, 150.0, 100.0, 20.0])
    limits = OFF.replaced(most_accounts_above_steep_rise=0.125, most_p95_rise=0.075, least_revenue_change=0.5)
    revenue, rises, p95 = check_guardrails(change, limits).checks
    assert rises.sentence.endswith("rise by more than +25%; at most 12.5% may.")
    assert p95.sentence.endswith("at most +7.5% is allowed.")
    assert revenue.sentence.endswith("at least +50% is asked for.")
    assert [check.is_change for check in (revenue, rises, p95)] == [True, False, True]


def test_rises_from_nothing_are_rises(base_of: MakeBase) -> None:
    """Six of twenty accounts that begin to pay cross a limit on rises; a rise from nothing has no percentage."""
    change = _comparison(base_of, [0.0] * 6 + [100.0] * 14, [500.0] * 6 + [100.0] * 14)
    (check,) = check_guardrails(change, OFF.replaced(most_p95_rise=0.25)).checks
    assert (check.verdict, check.measured, len(check.behind)) == ("fail", float("inf"), 6)
    assert check.sentence == (
        "The bill of one account in twenty changes from nothing or more; at most +25% is allowed."
    )


def test_what_could_not_be_measured_is_counted(base_of: MakeBase) -> None:
    """Without a known cost the limit below cost is kept by nobody and crossed by nobody."""
    change = _comparison(base_of, [100.0] * 4, [100.0] * 4)
    report = check_guardrails(change, OFF.replaced(most_accounts_below_cost=0, most_p95_rise=0.1))
    assert (report.passed, report.unmeasured) == (True, 1)


def test_segments_are_judged_one_by_one(base_of: MakeBase) -> None:
    """A segment that loses fails even when the whole gains, and only its losing accounts are named."""
    segment = {"a00": "small", "a01": "small", "a02": "large"}
    change = _comparison(base_of, [100.0] * 3, [50.0, 110.0, 400.0], segment=segment)
    report = check_guardrails(change, OFF.replaced(least_segment_change=-0.1))
    assert [(c.subject, c.verdict, c.accounts) for c in report.checks] == [
        ("large", "pass", ()),
        ("small", "fail", ("a00",)),
    ]


def test_what_cannot_be_measured_is_unknown(base_of: MakeBase) -> None:
    """Without a known cost the guardrail neither passes nor fails, and says what is missing."""
    change = _comparison(base_of, [100.0], [100.0])
    (check,) = check_guardrails(change, OFF.replaced(most_accounts_below_cost=0.05)).checks
    assert (check.verdict, check.measured) == ("unknown", None)
    assert "unit_cost" in check.sentence


def test_only_the_ten_largest_accounts_count_for_their_limit(base_of: MakeBase) -> None:
    """A steep rise of the eleventh largest account does not cross the limit for the ten largest."""
    before = [float(200 - place) for place in range(11)]
    after = [*before[:10], before[10] * 3]
    limits = OFF.replaced(most_rise_in_top_ten=0.2)
    assert check_guardrails(_comparison(base_of, before, after), limits).passed
    after[9] *= 1.5
    assert check_guardrails(_comparison(base_of, before, after), limits).failures[0].accounts == ("a09",)


def test_switched_off_limits_are_not_checked(base_of: MakeBase) -> None:
    """None switches a limit off; with all off nothing is checked and everything passes."""
    report = check_guardrails(_comparison(base_of, [1.0], [9.0]), OFF)
    assert report.checks == ()
    assert report.passed


def test_a_study_keeps_its_guardrails() -> None:
    """Changed limits are saved with the study, checked, and merge field by field."""
    study = Study.new("Acme", "data")
    mine, theirs = study.with_guardrails(most_p95_rise=0.3), study.with_guardrails(least_segment_change=None)
    merged = merge(study, mine, theirs).guardrails
    assert (merged.most_p95_rise, merged.least_segment_change) == (0.3, None)
    assert Study.model_validate_json(mine.model_dump_json()).guardrails == mine.guardrails
    document = study.model_dump(mode="json")
    del document["guardrails"]
    assert Study.model_validate(document).guardrails == Guardrails()
    with pytest.raises(StudyError, match="most accounts below cost"):
        study.with_guardrails(most_accounts_below_cost=1.2)
