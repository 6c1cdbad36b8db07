"""Parts of the panel that stand by themselves: a tab per research method, and the words of sections and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rendering import html
from workbench.rendering.controls import column, row
from workbench.rendering.figure_view import FigureView
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.willingness.charts import method_figures
from workbench.stages.willingness.evidence import METHODS, WOULD_ADD
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.willingness.evidence import ResearchAnswers

say = texts(__name__)

CHOICE_RULES = {say("the_best_value_for_the"): "surplus", say("spread_by_taste_around_it"): "logit"}
WHO_BUYS_INTRO = say("every_account_before_the_tiers")


def _said_by_method(answers: ResearchAnswers, method: str, readings: set[str]) -> str:
    if problem := answers.problem(method):
        return html.message(problem, "error")
    if not readings:
        table = METHODS.get(method, "")
        return html.message(
            say("no_answers_yet_the_table", table=table, would_add=WOULD_ADD[method])
            if table
            else say("nothing_is_known_about_any")
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
METHODS_INTRO = say("every_method_whose_answers_are")
RULE_WORDS = {
    "T2": say("most_buyers_in_the_middle"),
    "T4": say("top_tier_three_to_five"),
    "A2": say("add_ons_a_fifth_to"),
    "C4": say("inside_the_market_corridor_c"),
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
FIND_PRICES_INTRO = say("the_prices_of_all_tiers")
COMPARISON_INTRO = say("today_s_list_and_this")
ATTACH_INTRO = say("the_same_accounts_and_the")
