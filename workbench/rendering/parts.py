"""What a declared panel is put together from: controls of single fields, and parts shown in the panel's turns."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from workbench.pricing.price_curve import price_ceiling, price_step
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choices,
    column,
    number_box,
    row,
    show,
    tabs,
    text_area,
    text_box,
)
from workbench.rendering.figure_view import FigureRow
from workbench.rendering.scheduler import CalledOff, Job
from workbench.rendering.section import flat, stacked, static_html, under_titles
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.view import CURRENCY, NOTHING, is_at_hand, read_value, shown_value, value_at
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from workbench.rendering.panel import StagePanel
    from workbench.stages.figure import Figure
    from workbench.stages.view import FieldView, Work
    from workbench.study.model import FrozenModel

say = texts(__name__)
Value = TypeVar("Value")

_LONG_TEXT = "430px"
_FIRST_END = 100.0  # of a slider that follows an amount, before there is one

# --- The control of one field of a decision, an item of a list or a form


class FieldControl:
    """The control of one field: it shows what a document holds there, and hands on what a person enters.

    `options`, `unit`, `note` and `value` work out what the field alone cannot say, from what `show` is given.
    """

    def __init__(
        self,
        made: FieldView,
        on_change: Callable[[Any], None] | None = None,
        *,
        options: Callable[..., Mapping[str, object]] | None = None,
        unit: Callable[..., str] | None = None,
        note: Callable[..., str] | None = None,
        value: Callable[..., Any] | None = None,
    ) -> None:
        self.made = made
        self._options, self._unit, self._note, self._value = options, unit, note, value
        self._end = 0.0
        self.widget = _control(made, on_change, made.kind == "choice" or options is not None)

    def show(self, held: Any, given: tuple[Any, ...], currency: str, label: str = "") -> None:  # noqa: ANN401 - a document
        """Show what a document holds; `label` names a number where several of its kind stand together."""
        is_here = is_at_hand(held, self.made)
        self.widget.layout.display = None if is_here else "none"
        if not is_here:
            return
        value = value_at(held, self.made.path) if self._value is None else self._value(*given)
        if self._options is not None:
            several = isinstance(value, tuple)
            options, shown = self._options(*given), value if several else shown_value(self.made, value)
            kept = {} if several or shown in options.values() else {str(shown): shown}
            show(self.widget, shown, options={**options, **kept})
        elif self.made.kind == "number":
            shown = shown_value(self.made, value)
            traits = self._slider(shown) | ({"label": label} if label else {})
            show(self.widget, shown, **self._beside(given, currency), **traits)
        else:
            show(self.widget, shown_value(self.made, value))

    def offer(self, given: tuple[Any, ...], currency: str) -> None:
        """Show what can be entered in a form, keeping what was entered while it is still possible."""
        if self._options is not None:
            options = self._options(*given) or {"": NOTHING}
            values = list(options.values())
            show(self.widget, self.widget.value if self.widget.value in values else values[0], options=options)
        elif self.made.kind == "number":
            show(self.widget, self.widget.value, **self._beside(given, currency))

    def entered(self) -> Any:  # noqa: ANN401 - any field's value
        """Return what stands in the control, as the field's value."""
        return read_value(self.made, self.widget.value)

    def empty(self, form: FrozenModel) -> None:
        """Show the form's own value again; what is chosen from a list stays."""
        if self._options is None:
            show(self.widget, shown_value(self.made, value_at(form, self.made.path)))

    def _beside(self, given: tuple[Any, ...], currency: str) -> dict[str, str]:
        unit = currency if self.made.unit == CURRENCY else self.made.unit
        note = {} if self._note is None else {"note": self._note(*given)}
        return {"unit": unit if self._unit is None else self._unit(*given), **note}

    def _slider(self, amount: float | None) -> dict[str, Any]:
        """Return the end and the step of a slider that follows the amount."""
        if not _follows(self.made):
            return {}
        # The end moves only when the amount comes near it, so that it stands still under the hand.
        if amount is not None and not self._end * 0.02 <= amount <= self._end * 0.9:
            self._end = price_ceiling(amount)
        end = self._end or _FIRST_END
        return {"slider_end": end, "step": float(price_step(Decimal(str(end / 8))))}


def _follows(made: FieldView) -> bool:
    """Tell whether a field's slider has no end of its own, so that it follows the amount."""
    return made.setting.slider and made.setting.slider_end is None and made.maximum is None


def _control(made: FieldView, on_change: Callable[[Any], None] | None, is_choice: bool) -> Any:  # noqa: ANN401 - a control of any kind
    if is_choice and made.kind == "list":
        return choices(made.label, (), rows=5, on_change=on_change)
    if is_choice:
        options = made.options or {"": NOTHING}
        return choice(made.label, options, next(iter(options.values())), on_change=on_change)
    if made.kind in ("checkbox", "part"):
        return checkbox(made.label, on_change=on_change)
    if made.setting.lines > 1:
        return text_area(made.label, rows=made.setting.lines, placeholder=made.help, on_change=on_change)
    if made.kind in ("text", "list"):
        box = text_box(made.label, placeholder=made.help, on_change=on_change)
        box.layout.width = _LONG_TEXT if made.is_long else None
        return box
    setting = made.setting
    return number_box(
        made.label, minimum=made.minimum, maximum=made.maximum, step=setting.step,
        unit="" if made.unit == CURRENCY else made.unit, whole=made.whole, optional=made.optional,
        slider=setting.slider, slider_end=_FIRST_END if _follows(made) else setting.slider_end, note=made.help,
        on_change=on_change,
    )  # fmt: skip


def offer_pages(pages: Any, options: Mapping[str, object]) -> None:  # noqa: ANN401 - a drop-down
    """Show the pages there are, keeping the one chosen while it is still there."""
    values = list(options.values()) or [NOTHING]
    show(pages, pages.value if pages.value in values else values[0], options=options or {"": NOTHING})


# --- Parts of a panel, each shown in its turns


class Drawn:
    """A part of a panel: what the eye follows, then controls and charts, then what may wait until the hand rests."""

    widget: Any

    def lead(self) -> None:
        """Draw what the eye follows while a control moves."""

    def refresh(self) -> None:
        """Show controls and charts."""

    def refresh_words(self) -> None:
        """Show sentences and tables."""

    def static_html(self) -> str:
        """Return the part as HTML, for pages without a kernel."""
        return static_html(self.widget)


class Several(Drawn):
    """Parts one below the other; where `why_not(result)` says something, that stands there instead."""

    def __init__(self, panel: StagePanel, parts: Sequence[Any], why_not: Callable[[Any], str] | None = None) -> None:
        self.panel, self.parts, self._why_not = panel, in_tabs(parts), why_not
        self._made = [each for each in flat(parts) if isinstance(each, Drawn)]
        self.why = HtmlBlock(role="status")
        self.inside = column(*stacked(self.parts))
        self.widget = column(self.why, self.inside)

    def lead(self) -> None:
        """Draw what the eye follows."""
        self._each(lambda part: part.lead())

    def refresh(self) -> None:
        """Show controls and charts, or why there are none."""
        why = "" if self._why_not is None else self._why_not(self.panel.result)
        self.why.show(html.message(why, "warning") + html.missing(self.panel.result.missing) if why else "")
        self.show_inside(shown=not why)

    def refresh_words(self) -> None:
        """Show sentences and tables."""
        self._each(lambda part: part.refresh_words())

    def show_inside(self, *, shown: bool) -> None:
        """Show the parts, or hide them."""
        self.inside.layout.display = None if shown else "none"
        self._each(lambda part: part.refresh())

    def static_html(self) -> str:
        """Return the parts that are shown, or why they are not."""
        is_shown = self.inside.layout.display != "none"
        return self.why.value + "".join(static_html(part) for part in flat(self.parts) if is_shown)

    def _each(self, do: Callable[[Drawn], None]) -> None:
        if self.inside.layout.display != "none":
            for part in self._made:
                do(part)


class Titled(Several):
    """Parts under a title."""

    def __init__(
        self, panel: StagePanel, title: str, parts: Sequence[Any], why_not: Callable[[Any], str] | None = None
    ) -> None:
        super().__init__(panel, parts, why_not)
        self.title = title


class _Tabs:
    """Titled parts that follow each other, behind tabs."""

    def __init__(self, pages: Iterable[Titled]) -> None:
        self._pages = {page.title: page for page in pages}
        self.widget = tabs({title: page.widget for title, page in self._pages.items()})

    def static_html(self) -> str:
        """Return every page under its title."""
        return under_titles(self._pages)


def in_tabs(parts: Sequence[Any]) -> list[Any]:
    """Return parts with those under titles that follow each other behind tabs."""
    found: list[Any] = []
    for is_titled, some in groupby(parts, lambda part: isinstance(part, Titled)):
        together = list(some)
        found += [_Tabs(together)] if is_titled else together
    return found


class LongWork(Generic[Value]):
    """A button for what takes a while, one that calls it off, and how far it is; the page stays alive meanwhile.

    `prepare` reads the page and returns what is then done beside it; `shown` is told what came of it. `meanwhile` holds
    from the first to the last, `guard` wraps what may go wrong, and `told` is where it stands how far the work is.
    """

    def __init__(
        self,
        label: str,
        prepare: Callable[[], Callable[[], Value]],
        shown: Callable[[Value], object],
        *,
        guard: Callable[[Callable[..., Any]], Callable[..., Any]],
        meanwhile: Callable[[], AbstractContextManager[object]] = nullcontext,
        tooltip: str = "",
        told: HtmlBlock | None = None,
        primary: bool = True,
    ) -> None:
        self._prepare, self._shown, self._meanwhile = prepare, shown, meanwhile
        self.begin = button(label, guard(self.run), tooltip=tooltip, primary=primary)
        self.stop = button(say("call_off"), self._call_off)  # it ends at the next step the work comes to
        self.stop.layout.display = "none"
        self.told = told or HtmlBlock(role="status")
        self.buttons = row(self.begin, self.stop)
        self._guarded_end = guard(self._ended)
        self._held, self._found = ExitStack(), list[Value]()
        self._job: Job | None = None

    def run(self) -> None:
        """Do the work; in a notebook beside everything else."""
        work, self._found = self._prepare(), []
        self._held.enter_context(self._meanwhile())
        self._job = Job(lambda: self._found.append(work()), told=self._tell, ended=self._guarded_end)
        self.begin.disabled, self.stop.layout.display = True, None
        self._job.start()

    def _call_off(self) -> None:
        if self._job is not None:
            self._job.call_off()

    def _tell(self, share: float, left: float | None, label: str) -> None:
        told = say("how_far", label=label or self.begin.description, share=share, left=left)
        self.told.show(html.progress_line(told, share))

    def _ended(self, error: BaseException | None) -> None:
        self._held.close()
        self.told.show(html.message(say("called_off")) if isinstance(error, CalledOff) else "")
        self.begin.disabled, self.stop.layout.display = False, "none"
        if isinstance(error, CalledOff):
            return
        if error is not None:
            raise error
        self._shown(self._found.pop())


class Begun(Several):
    """What takes a while: a button, how far it is, and what was found."""

    def __init__(self, panel: StagePanel, work: Work, label: str, told: str, parts: Sequence[Any]) -> None:
        super().__init__(panel, parts)
        self._work = work
        long = LongWork(
            label, self._prepared, lambda _: panel.show_again(), guard=panel.guarded, tooltip=told, told=self.why
        )
        self.begin = long.begin
        self.widget = column(long.buttons, self.why, self.inside)

    def refresh(self) -> None:
        """Show what was found, where it was."""
        self.show_inside(shown=self._work.is_done(self.panel.result))

    def _prepared(self) -> Callable[[], object]:
        result = self.panel.result
        self.panel.status.clear()
        return lambda: self._work.run(result)


class MadeFigures(Drawn):
    """Figures made of the result."""

    def __init__(self, panel: StagePanel, make: Callable[[Any], Iterable[Figure]]) -> None:
        self._panel, self._make, self.row = panel, make, FigureRow()
        self.widget = self.row.widget

    def refresh(self) -> None:
        """Show the charts."""
        self.row.show_charts(self._make(self._panel.result))

    def refresh_words(self) -> None:
        """Show their words and tables."""
        self.row.show_words()

    def static_html(self) -> str:
        """Return pictures."""
        return self.row.static_html()


class FreeForm(Drawn):
    """A control the stage draws itself."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401 - whatever the stage draws
        self._made, self.widget = made, made.widget

    def lead(self) -> None:
        """Draw what the eye follows, where it has such a thing."""
        getattr(self._made, "lead", lambda: None)()

    def refresh(self) -> None:
        """Show it as things are now."""
        getattr(self._made, "refresh", lambda: None)()

    def refresh_words(self) -> None:
        """Show what of it may wait."""
        getattr(self._made, "refresh_words", lambda: None)()

    def static_html(self) -> str:
        """Return its own HTML, or that of its widgets."""
        return static_html(self._made) if hasattr(self._made, "static_html") else static_html(self.widget)
