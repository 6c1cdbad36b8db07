"""The live chart, seen from Python: what is sent, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from price_stage import bill_chart, bills_figure

from workbench.rendering.figure_view import LiveChart
from workbench.stages.figure import chart_library

if TYPE_CHECKING:
    from session_clock import HandTimer


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return what state each message to the page carries."""
    messages: list[set[str]] = []
    monkeypatch.setattr(
        LiveChart,
        "send_state",
        lambda _self, key=None: messages.append({key} if isinstance(key, str) else set(key or ())),
    )
    return messages


def test_new_rows_go_without_the_specification(sent: list[set[str]]) -> None:
    """The specification is sent once; a change of the data is one message with rows."""
    chart = LiveChart(bills_figure([1.0, 2.0]))
    sent.clear()
    chart.show(bills_figure([1.0, 3.0]))
    assert sent == [{"_rows", "_revision"}]


def test_a_new_signature_sends_a_new_specification(sent: list[set[str]]) -> None:
    """A chart that must look different is sent anew, its rows in the same message."""
    chart = LiveChart(bills_figure([1.0]))
    sent.clear()
    other = bills_figure([1.0], "other")
    object.__setattr__(other, "build", lambda: bill_chart().properties(height=99))
    chart.show(other)
    assert sent == [{"_spec", "_revision"}]


def test_the_page_reports_what_it_drew_and_what_was_clicked() -> None:
    """Messages of the page become traits; others are ignored."""
    chart = LiveChart(bills_figure([1.0]))
    say = lambda content: chart._handle_custom_msg(content, [])  # noqa: E731 - a shorthand for four lines
    say({"kind": "drawn", "revision": 1, "embeds": 1})
    say({"kind": "clicked", "datum": {"account": "a0"}})
    say({"kind": "selected", "name": "pick", "value": {"account": ["a0"]}})
    say({"kind": "nonsense"})
    assert (chart.drawn, chart.revision, chart.embeds) == (1, 1, 1)
    assert chart.clicked == {"account": "a0"}
    assert chart.selected == ("pick", {"account": ["a0"]})


def test_a_page_that_asks_twice_is_answered_once(hand_timer: HandTimer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeated requests of one page get one library; another page, or a later request, gets its own."""
    answers: list[Any] = []
    monkeypatch.setattr(LiveChart, "send", lambda _self, content, buffers: answers.append((content, buffers)))
    chart = LiveChart(clock=hand_timer.clock)
    ask = {"kind": "bundle", "page": "one"}
    chart._handle_custom_msg(ask, [])
    chart._handle_custom_msg(ask, [])
    assert len(answers) == 1
    chart._handle_custom_msg({**ask, "page": "two"}, [])
    hand_timer.now += 5
    chart._handle_custom_msg(ask, [])
    assert len(answers) == 3
    assert answers[0] == ({"kind": "bundle"}, [chart_library().encode()])


def test_the_library_is_not_part_of_the_widget() -> None:
    """A chart's own state stays small, so that many charts cost little."""
    state = LiveChart(bills_figure([1.0])).get_state()
    assert len(repr(state)) < 40_000
    assert len(chart_library()) > 500_000
