"""A step on one screen: the strip on top, what a person moves left, what follows right, further sections as tabs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets

from workbench.rendering import html
from workbench.rendering.figure_view import LiveChart
from workbench.rendering.section import mimebundle, split
from workbench.rendering.widgets import HtmlBlock
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from workbench.rendering.screen.strip import Strip
    from workbench.rendering.section import Section

    Making = Callable[[], Iterable[ipywidgets.Widget]]

say = texts(__name__)


class _Tabs:
    """Places behind tabs. What stands in one is made when its tab is first opened: nothing is drawn nobody looks at.

    `made` are the titles, each with what makes the widgets that stand there; `tabs` is the widget, open at `first`.
    """

    def __init__(self, made: Iterable[tuple[str, Making]], first: int = 0) -> None:
        titles, self._making = map(list, zip(*made, strict=True))
        self._waiting = HtmlBlock(value=html.paragraph(say("working_out"), soft=True), role="status")
        self._places = tuple(_place() for _ in titles)
        self.tabs = ipywidgets.Tab(children=self._places, titles=tuple(titles), selected_index=first)
        self.tabs.add_class("wb-tabs")
        self.tabs.observe(lambda change: self.open(change["new"]), names="selected_index")
        self.open(first)

    def open(self, at: int | None) -> None:
        """Put what stands behind a tab on the screen; one opened before stands there already."""
        if at is None or self._places[at].children:
            return
        place = self._places[at]
        place.children = (self._waiting,)
        try:
            place.children = tuple(self._making[at]())
        except BaseException:
            place.children = ()  # the next look tries again
            raise

    def add(self, title: str, make: Making) -> None:
        """Put one more tab last, that is not of the panel's own sections."""
        self._making.append(make)
        self._places = (*self._places, _place())
        self.tabs.children, self.tabs.titles = self._places, (*self.tabs.titles, title)

    def close(self) -> None:
        """Close what is not the panel's own; the sections close their widgets themselves."""
        for each in (self._waiting, *self._places, self.tabs):
            each.close()


class StepPage(_Tabs):
    """One screen of a step, made of the sections its panel has already: the same controls, shown a second time.

    Parameters
    ----------
    title
        The step's question.
    strip, told
        What stays in view on top, and what is said below it.
    sections
        In the order they are read.
    main
        The section in view first; its charts stand right, and `findings` below the first of them.
    findings, last
        What stands below the first charts, and what stands last: figures the strip shows without their ranges.
    """

    def __init__(
        self,
        title: str,
        *,
        strip: Strip,
        told: Iterable[ipywidgets.Widget],
        sections: Sequence[Section],
        main: Section,
        findings: HtmlBlock,
        last: ipywidgets.Widget,
    ) -> None:
        self.title, self.strip = title, strip
        self._sections = tuple(sections)
        self._main, self._findings, self._last = main, findings, last
        super().__init__(
            [(each.title, partial(self._shown, each)) for each in self._sections], self._sections.index(main)
        )
        self.widget = ipywidgets.VBox((strip, *told, self.tabs))
        self.widget.add_class("wb-page")

    def static_html(self) -> str:
        """Return the main section for pages without a kernel; the others stand in cells of their own."""
        return self.strip.static_html() + self._main.static_html()

    def close(self) -> None:
        """Close what is the page's own; the sections close their widgets themselves."""
        super().close()
        self.widget.close()

    def _shown(self, section: Section) -> tuple[ipywidgets.Widget]:
        section.finish()
        return (self._main_page() if section is self._main else section.widget,)

    def _main_page(self) -> ipywidgets.Widget:
        shown = [each for each in self._main.shown if each is not self._last]
        charts = [each for each in shown if _has_chart(each)][:1]
        last = (self._last,) if self._last in self._main.shown else ()
        shown = [*charts, self._findings, *(each for each in shown if each not in charts), *last]
        hand = self._main.hand if self._main.controls else self._hand_before()
        told = self._main.head  # its title is the tab's; what it says is for the hand
        page = split((*hand, told), shown) if hand else ipywidgets.VBox((told, *shown))
        for name in ("wb-main", "wb-section"):
            page.add_class(name)
        return page

    def _hand_before(self) -> tuple[ipywidgets.Widget, ...]:
        """Return the controls of the section before, where the main one only shows what follows from them."""
        before = self._sections[: self._sections.index(self._main)]
        return next((each.hand for each in reversed(before) if each.controls), ())

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        page = html.style_tag() + f'<section class="wb-static">{self.static_html()}</section>'
        return mimebundle(self.widget, self.title, page)


class SectionTabs(_Tabs):
    """Sections of a panel behind tabs, by the tab's title."""

    def __init__(self, tabs: Mapping[str, Sequence[Section]]) -> None:
        self._sections = tuple(each for some in tabs.values() for each in some)
        super().__init__((title, partial(_up_to_date, some)) for title, some in tabs.items())

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        page = html.style_tag() + "".join(each.static_html() for each in self._sections)
        return mimebundle(self.tabs, ", ".join(each.title for each in self._sections), page)


def _up_to_date(sections: Iterable[Section]) -> Iterator[ipywidgets.Widget]:
    for each in sections:
        each.finish()
        yield each.widget


def _place() -> ipywidgets.VBox:
    made = ipywidgets.VBox()
    made.add_class("wb-place")
    return made


def _has_chart(widget: ipywidgets.Widget) -> bool:
    return any(isinstance(each, LiveChart) for each in _inside(widget))


def _inside(widget: ipywidgets.Widget) -> Iterator[Any]:
    yield widget
    children: Iterable[ipywidgets.Widget] = getattr(widget, "children", ())
    for child in children:
        yield from _inside(child)
