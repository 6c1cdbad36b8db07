"""Parts of the panel that stand by themselves: a tab per research method, and the words of sections and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rendering import html
from workbench.rendering.controls import column, row
from workbench.rendering.figure_view import FigureView
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.willingness.charts import method_figures
from workbench.stages.willingness.evidence import METHODS, WOULD_ADD

if TYPE_CHECKING:
    from workbench.stages.willingness.evidence import ResearchAnswers

CHOICE_RULES = {"the best value for the money": "surplus", "spread by taste around it": "logit"}
WHO_BUYS_INTRO = (
    "Every account before the tiers of the design: it takes the one that is worth most above its bill, or none. "
    "Drag the line in a chart, or the slider, to move the price of a tier; the design follows."
)


def _said_by_method(answers: ResearchAnswers, method: str, readings: set[str]) -> str:
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
    return reading + html.caution_messages(getattr(found, "cautions", ()))


class MethodTabs:
    """Tabs, and all their pages one below the other where there is no kernel."""

    def __init__(self, widget: object, pages: tuple[MethodTab, ...]) -> None:
        self.widget = widget
        self.pages = pages

    def static_html(self) -> str:
        """Return every page, each under its title."""
        titled = zip(METHOD_TABS.values(), self.pages, strict=True)
        return "".join(f"{html.heading_line(title, 4)}{page.static_html()}" for title, page in titled)


class MethodTab:
    """What one method says, or what it would say if there were answers."""

    def __init__(self) -> None:
        self.words = HtmlBlock(role="status")
        self.charts = [FigureView() for _ in range(_MOST_FIGURES)]
        # A figure says how wide it wants to be, which only a row understands.
        self.widget = column(self.words, *(row(chart.widget) for chart in self.charts))

    def show(self, answers: ResearchAnswers, method: str) -> None:
        """Show a method's answers."""
        figures = method_figures(answers, method)
        for place, chart in enumerate(self.charts):
            chart.show(figures[place] if place < len(figures) else None)
        self.words.show(_said_by_method(answers, method, {figure.reading for figure in figures}))

    def static_html(self) -> str:
        """Return the page as HTML with pictures."""
        return self.words.value + "".join(chart.static_html() for chart in self.charts)


_MOST_FIGURES = 5
METHOD_TABS = {
    "price_sensitivity": "Price sensitivity",
    "price_ladder": "Price ladder",
    "choices": "Choices",
    "best_worst": "Best and worst",
    "feature_fit": "Feature fit",
    "features": "All about features",
}
METHODS_INTRO = (
    "Every method whose answers are in the data, estimated with its interval. People say more than they pay, so stated "
    "prices are divided by a range that nobody has measured for this product; it is kept with the design."
)
RULE_WORDS = {
    "T2": "Most buyers in the middle tier (T2)",
    "T4": "Top tier three to five times the lowest (T4)",
    "A2": "Add-ons a fifth to two fifths of the core plan (A2)",
    "C4": "Inside the market corridor (C4)",
}
ENDINGS = {
    "the usual way": "usual",
    "in 9": "nine",
    "on whole amounts": "whole",
    "on fives": "fives",
    "on tens": "tens",
    "as they come": None,
}
OBJECTIVES = {"contribution": "margin", "revenue": "revenue", "accounts that buy": "share"}
FIND_PRICES_INTRO = (
    "The prices of all tiers and add-ons that bring most, under the rules that are ticked, while enough of the "
    "accounts that pay today go on paying. Prices are shown only when they are likely to beat today's; else one "
    "sentence says what stands against it. What brings nearly as much is shown too, so that the team chooses, not the "
    "search."
)
COMPARISON_INTRO = (
    "Today's list and this design before the same accounts and the same draws; accounts without a priced plan today "
    "are left out on both sides."
)
ATTACH_INTRO = (
    "The same accounts and the same willingness to pay as for the tiers: an account takes an add-on when its features "
    "are worth more to it than they cost. What an add-on's allowance is worth nobody knows; it counts as nothing."
)
