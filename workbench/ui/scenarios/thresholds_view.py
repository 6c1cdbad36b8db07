"""Move the threshold of a rule for this study, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import StudyError
from workbench.rules import RULEBOOK
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, number_box, row, show, text_box
from workbench.ui.percentages import share_typed, typed_percent
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.rules import Threshold
    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = (
    "A rule is advice from its source. Where this company has a better number, move the band; every finding that uses "
    "it says so and gives your reason."
)


class ThresholdsView(SectionView):
    """A rule's band, its two ends, a reason and a name; and the bands this study has moved."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.rule = choice("Threshold", _options(), on_change=self.guarded(lambda _: self._show_band()))
        self.rule.layout.width = self.rule.layout.max_width = "620px"
        self.sentence = Block()
        self.low = number_box("From", optional=True, minimum=0)
        self.high = number_box("To", optional=True, minimum=0)
        self.reason = text_box("Reason for moving it", placeholder="What you know that the source does not")
        self.who = text_box("Moved by", panel.desk.who)
        self.apply = button("Use this band", self.guarded(self.move), primary=True)
        self.reset = button("Back to the rulebook", self.guarded(self.put_back))
        self.moved = Block(role="status")
        ends = row(self.low, self.high, self.reason, self.who)
        self.reason.layout.width = "330px"
        buttons = row(self.apply, self.reset, gap="6px")
        buttons.layout.margin = "8px 0"
        self.section = panel.section(
            "Thresholds of this study",
            status=self.status,
            parts=(self.rule, self.sentence, ends, buttons, self.moved),
            intro=INTRO,
        )
        self._show_band()

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the bands this study has moved."""
        show(self.who, self.who.value or self._panel.desk.who)
        self._show_band()
        thresholds = self._panel.desk.study.thresholds
        book = RULEBOOK.for_study(self._panel.desk.study)
        rows = [
            (key, _title(key), RULEBOOK.threshold(key).in_words(), book.threshold(key).in_words(), *_why(override))
            for key, override in thresholds.items()
            if key in RULEBOOK.threshold_keys
        ]
        columns = ["Rule", "What it asks", "Rulebook", "This study", "Reason", "Who"]
        table = html.table(pd.DataFrame(rows, columns=columns, dtype=object), "Thresholds this study has moved")
        self.moved.show(table if rows else html.message("This study uses every threshold of the rulebook."))

    def move(self) -> None:
        """Move the band, for the reason given."""
        desk, key = self._panel.desk, str(self.rule.value)
        reason, who = str(self.reason.value).strip(), str(self.who.value).strip()
        if not reason or not who:
            raise StudyError("A threshold is moved with a reason and a name.", "Fill in both.")
        band = RULEBOOK.threshold(key)
        low, high = (_from_shown(box.value, band) for box in (self.low, self.high))
        study = desk.study.with_threshold(
            key,
            reason,
            who,
            desk.when(),
            low=None if low == band.low else low,
            high=None if high == band.high else high,
        )
        if (low, high) == (band.low, band.high):
            raise StudyError("This is the rulebook's own band.", "Change one of its ends first.")
        RULEBOOK.for_study(study)  # refuses ends that the rule does not have, and a low end above the high one
        desk.who = who
        desk.keep(study, f"Threshold of {key} moved")
        show(self.reason, "")
        self.status.say(f"{key} now asks for {RULEBOOK.for_study(study).threshold(key).in_words()}.", "ok")

    def put_back(self) -> None:
        """Use the rulebook's band again."""
        desk, key = self._panel.desk, str(self.rule.value)
        if key not in desk.study.thresholds:
            raise StudyError(f"This study uses the rulebook's threshold of {key} already.")
        desk.keep(desk.study.without_threshold(key), f"Threshold of {key} back to the rulebook")
        self.status.say(f"{key} is back to the rulebook's threshold.", "ok")

    def _show_band(self) -> None:
        key = str(self.rule.value)
        band = RULEBOOK.for_study(self._panel.desk.study).threshold(key)
        rule = RULEBOOK[key.partition(".")[0]]
        self.sentence.show(html.paragraph(f"{rule.sentence} Source: {rule.source}.", soft=True))
        for box, end in ((self.low, band.low), (self.high, band.high)):
            show(box, _to_shown(end, band), unit=_unit(band))
            box.layout.display = "none" if end is None else None


def _options() -> dict[str, str]:
    named = ((key, RULEBOOK.threshold(key)) for key in RULEBOOK.threshold_keys)
    return {
        f"{key} {_title(key)}: {band.in_words()}": key
        for key, band in named
        if band.low is not None or band.high is not None
    }


def _title(key: str) -> str:
    rule_id, _, name = key.partition(".")
    title = RULEBOOK[rule_id].title
    return f"{title} ({RULEBOOK.threshold(key).label or name})" if name else title


def _why(override: object) -> tuple[str, str]:
    return (getattr(override, "reason", ""), getattr(override, "who", ""))


def _unit(band: Threshold) -> str:
    return {"share": "%", "times": "times", "days": "days", "score": "of 5"}.get(band.unit, "")


def _to_shown(end: float | None, band: Threshold) -> float | None:
    return typed_percent(end) if band.unit == "share" else end


def _from_shown(end: float | None, band: Threshold) -> float | None:
    return share_typed(end) if band.unit == "share" else end
