"""What customers say: one tab per research method, with its charts, its reading and its cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.willingness.answers import METHODS, WOULD_ADD
from workbench.stages.willingness.charts import method_figures
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import column, number_box, row, show, tabs
from workbench.ui.figure_view import FigureView
from workbench.ui.section import Section
from workbench.ui.willingness.view import WillingnessView

if TYPE_CHECKING:
    from workbench.stages.willingness.answers import ResearchAnswers
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.willingness.panel import WillingnessPanel

INTRO = (
    "Every method whose answers are in the data, estimated with its interval. People say more than they pay, so stated "
    "prices are divided by a range that nobody has measured for this product; it is kept with the design."
)
TITLES = {
    "price_sensitivity": "Price sensitivity",
    "price_ladder": "Price ladder",
    "choices": "Choices",
    "best_worst": "Best and worst",
    "feature_fit": "Feature fit",
    "features": "All about features",
}
_MOST_FIGURES = 5


class MethodsView(WillingnessView):
    """A tab per method, and the range stated prices are divided by."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.low = self._factor("Stated prices are too high by a factor of", "overstated_low")
        self.high = self._factor("up to", "overstated_high")
        self.pages = {method: MethodPage() for method in TITLES}
        self.tabs = tabs({TITLES[method]: page.widget for method, page in self.pages.items()})
        self._shown: object = None
        self.section = panel.section(
            "What customers would pay, by what they say",
            controls=(self.low, self.high),
            status=self.status,
            parts=(Pages(self.tabs, tuple(self.pages.values())),),
            intro=INTRO,
        )

    def refresh(self, result: WillingnessResult) -> None:
        """Show the range stated prices are divided by."""
        show(self.low, result.decision.overstated_low)
        show(self.high, result.decision.overstated_high)

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show what the methods say; they do not depend on the design."""
        if self._shown is result.answers:
            return
        self._shown = result.answers
        for method, page in self.pages.items():
            page.show(result.answers, method)

    def _factor(self, words: str, field: str) -> object:
        return number_box(
            words,
            minimum=0.5,
            maximum=5,
            step=0.05,
            on_change=self.guarded(lambda value: self.decide(**{field: value})),
        )


class MethodPage:
    """What one method says, or what it would say if there were answers."""

    def __init__(self) -> None:
        self.words = Block(role="status")
        self.charts = [FigureView() for _ in range(_MOST_FIGURES)]
        # A figure says how wide it wants to be, which only a row understands.
        self.widget = column(self.words, *(row(chart.widget) for chart in self.charts))

    def show(self, answers: ResearchAnswers, method: str) -> None:
        """Show a method's answers."""
        figures = method_figures(answers, method)
        for place, chart in enumerate(self.charts):
            chart.show(figures[place] if place < len(figures) else None)
        self.words.show(_said(answers, method, {figure.reading for figure in figures}))

    def static_html(self) -> str:
        """Return the page as HTML with pictures."""
        return self.words.value + "".join(chart.static_html() for chart in self.charts)


class Pages:
    """Tabs, and all their pages one below the other where there is no kernel."""

    def __init__(self, widget: object, pages: tuple[MethodPage, ...]) -> None:
        self.widget = widget
        self.pages = pages

    def static_html(self) -> str:
        """Return every page, each under its title."""
        titled = zip(TITLES.values(), self.pages, strict=True)
        return "".join(f"{html.heading(title, 4)}{page.static_html()}" for title, page in titled)


def _said(answers: ResearchAnswers, method: str, readings: set[str]) -> str:
    if problem := answers.problem(method):
        return html.message(problem, "error")
    if not readings:
        table = METHODS.get(method, "")
        return html.message(
            f"No answers yet. The table {table} would say {WOULD_ADD[method]}."
            if table
            else "Nothing is known about any feature yet."
        )
    found = getattr(answers, method)
    reading = "" if found.reading in readings else html.paragraph(found.reading)
    return reading + html.cautions(getattr(found, "cautions", ()))


__all__ = ["MethodsView", "Section"]
