"""Ten slides about one scenario, and two about its workshop, from the document the report's first page reads."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench import progress
from workbench.files import write_bytes
from workbench.formatting import capitalised, figure_value, metric_words
from workbench.locales import in_its_locale
from workbench.outputs import check_output
from workbench.report.content import expected_seconds, gather_content
from workbench.report.privacy import as_named, named, names_for
from workbench.report.result_figures import AFTER_REACTIONS, ResultFigures, amount_in_words
from workbench.report.results_document import results_of
from workbench.report.slides.drawing import INCH, SOURCE_HEIGHT, TABLE_SIZES, TEXT_SIZES, Box, Card, Deck, TextLine
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.impact.migration import MigrationPath
    from workbench.report.content import ReportContent
    from workbench.report.privacy import Names
    from workbench.stages.figure import Figure
    from workbench.study.document import Study

say = texts(__name__)

_MOST_CARDS, _MOST_FEATURES, _MOST_FIGURES = 5, 7, 24
_GRADES = "ABCD"
_NARROW = 10 * INCH  # of what stands under the title
_LARGE = (20, 18, 16, *TABLE_SIZES)
_LONGEST_CELL = 160
_CUT = 0.25  # the change, of the whole, under which columns from nothing show no difference
_MORE, _LESS, _TOTAL = "ACCENT_3", "ACCENT_6", "ACCENT_1"


@in_its_locale
def write_slides(
    base: CustomerBase,
    study: Study,
    path: Path | str,
    *,
    scenario_id: str | None = None,
    template: Path | str | None = None,
    evidence: Mapping[str, Any] | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> Path:
    """Write ten slides about a study, and two about its workshop, as a PowerPoint file in which all can be edited.

    Parameters
    ----------
    base
        The customers.
    study
        The scenarios.
    path
        Where to write, ending in .pptx.
    scenario_id
        What they are about; the chosen scenario, else the first design, when None.
    template
        A presentation whose colours, typefaces and layouts are taken.
    evidence
        What stages gathered, to save the time it takes; used where accounts are called by their names.
    names, alias_key
        How accounts are named; as the study says, else by an alias each, when None.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    MissingLibraryError
        Without python-pptx.
    FileError
        For a template that is no presentation, or a file that may not be replaced.

    Examples
    --------
    >>> import pandas as pd
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> from workbench.report.slides import write_slides
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> file = write_slides(base, Study.new("acme", "data"), Path(tempfile.mkdtemp()) / "deck.pptx")
    >>> file.name
    'deck.pptx'
    """
    place, look = Path(path), None if template is None else Path(template)

    def check() -> None:
        check_output(place, ".pptx", inputs=(base.place, look), force=force)

    check()
    Deck(look, "")  # what cannot be drawn is said before anything is worked out
    found = named(base, study, names_for(study, names, "alias"), key=alias_key)
    known = None if found.naming.hides else evidence
    seconds = expected_seconds(base, study, scenario_id, gathered=known is not None)
    drawing = seconds.pop("page")
    step = progress.Steps({"content": sum(seconds.values()), "slides": drawing}, seconds=True)
    with step("content"):
        content = gather_content(found.base, found.study, scenario_id, evidence=known, naming=found.naming)
    with step("slides", "drawing the slides"):
        written = slides_of(content, results_of(content), template=look)
        check()
        return write_bytes(place, written)


@in_its_locale
@as_named
def slides_of(content: ReportContent, results: Mapping[str, Any], *, template: Path | None = None) -> bytes:
    """Return the slides as the content of a file.

    Parameters
    ----------
    content, results
        What `gather_content` and `results_of` returned.
    template
        A presentation whose look is taken.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> from workbench.report import gather_content
    >>> from workbench.report.results_document import results_of
    >>> from workbench.report.slides import slides_of
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> content = gather_content(base, Study.new("acme", "data"))
    >>> slides_of(content, results_of(content))[:2]
    b'PK'
    """
    return _Slides(content, results, template).written()


class _Slides:
    """The slides of one study, drawn one after the other from its results."""

    def __init__(self, content: ReportContent, results: Mapping[str, Any], template: Path | None) -> None:
        self.content, self.results, self.page = content, results, results["page"]
        self.figures, self.currency = ResultFigures(results), results["currency"]
        self.name = content.naming.text(content.scenario.name)
        title = content.naming.text(content.study.title)
        told = [title, self.page["basis"], say("ranges"), content.naming.sentence]
        self.deck = Deck(template, " · ".join(filter(None, told)))
        self.title = title

    def written(self) -> bytes:
        """Draw all of them and return the file."""
        for draw in (
            self.decision,
            self.bridge,
            self.tiers,
            self.customers,
            self.evidence,
            self.risks,
            self.alternatives,
            self.migration,
            *((self.workshop, self.objections) if self.results["workshop"] else ()),
            self.questions,
            self.appendix,
        ):
            draw()
            self.deck.finish()
        records = self.content.study.decisions
        when = max((each.when for each in records), default=datetime(2000, 1, 1))  # noqa: DTZ001 - the file holds none
        self.deck.properties(self.title, when)
        return self.deck.content()

    # --- What is decided, and what it brings

    def decision(self) -> None:
        """Say what is decided, by whom and why, with the figures it rests on."""
        page, keys = self.page, ("revenue.today", "revenue.net", *self.page["baseline"][:4])
        title = say(
            "decision_title",
            status=page["verdict"]["status"],
            name=self.name,
            difference=self.figures.difference("revenue.net", "revenue.today"),
        )
        place = self._new(title, keys)
        above, below = place.rows(0.6, 0.4)
        made = page["decision"]
        chosen = say("decided_by", **made) if made["reason"] else say("not_chosen")
        lines = [
            TextLine(page["verdict"]["text"]),
            TextLine(chosen),
            TextLine(page["test_first"], say("test_first") + "."),
        ]
        self.deck.text(lines, above)
        self.deck.cards([self._figure_card(key) for key in keys], below, (18, 16, 15, 14, 13, 12, 11, 10))

    def _figure_card(self, key: str) -> Card:
        row, value = self.figures.row(key), self.figures.text(key)
        lines = [TextLine("", value), TextLine(row["reason"] or row["period"])]
        return Card(row["name"], lines, f"{row['name']}: {value}")

    def bridge(self) -> None:
        """Draw the way from what is paid today to what the new list brings, and the years after."""
        known = {key: self.figures.row(key)["value"] for key in ("revenue.today", "revenue.list", "revenue.net")}
        title = say(
            "bridge_title",
            net="" if known["revenue.net"] is None else self.figures.text("revenue.net"),
            today="" if known["revenue.today"] is None else self.figures.text("revenue.today"),
            difference=self.figures.difference("revenue.net", "revenue.today"),
            name=self.name,
        )
        steps = self.page["bridge"]
        place = self._new(title, [step["figure"] for step in steps])
        left, right = place.columns(0.45, 0.55) if place.width > _NARROW else place.rows(0.58, 0.42)
        if any(value is None for value in known.values()):
            reasons = {self.figures.row(key)["reason"] for key, value in known.items() if value is None}
            self.deck.text([TextLine(say("unknown_because", reason=each)) for each in sorted(reasons)], left)
        else:
            self._waterfall(known["revenue.today"], known["revenue.list"], known["revenue.net"], left)
        headings = [say(key) for key in ("step", "revenue", "range", "against")]
        rows = [
            [
                step["label"],
                self.figures.text(step["figure"]),
                self.figures.range(step["figure"]),
                self.figures.difference(step["figure"], step["against"]),
            ]
            for step in steps
        ]
        self.deck.table(
            headings, rows, right, described=say("years_table"), widths=(1.5, 1.1, 1.4, 1.4), numbers=(1, 2, 3)
        )

    def _waterfall(self, today: float, listed: float, net: float, box: Box) -> None:
        labels = [say(key) for key in ("today_paid", "list_effect", "discounts", "after_discounts")]
        before = self.figures.row("revenue.today_list")["value"]  # a list is held against a list
        prices = listed - (today if before is None else before)
        changes = (prices, net - today - prices)
        words = [
            self.figures.text("revenue.today"),
            amount_in_words(changes[0], self.currency, signed=True),
            amount_in_words(changes[1], self.currency, signed=True),
            self.figures.text("revenue.net"),
        ]
        listed = today + prices
        lows = [min(today, listed), min(listed, net)]
        least = None
        if max(map(abs, changes)) < _CUT * max(today, listed, net):
            size = 10 ** np.floor(np.log10(min(today, listed, net)))
            least = float(np.floor(0.85 * min(today, listed, net) / (size / 10)) * size / 10)
        series = {
            say("base"): [None, lows[0], lows[1], None],
            say("total"): [today, None, None, net],
            say("more_revenue"): [None, *[change if change >= 0 else None for change in changes], None],
            say("less_revenue"): [None, *[-change if change < 0 else None for change in changes], None],
        }
        said = "; ".join(f"{label} {word}" for label, word in zip(labels, words, strict=True))
        above, below = (
            Box(box.left, box.top, box.width, box.height - SOURCE_HEIGHT),
            Box(box.left, box.bottom - SOURCE_HEIGHT, box.width, SOURCE_HEIGHT),
        )
        # A change may be too low for its own label, which therefore stands under it, on the part nobody sees.
        named = [["", *words[1:3], ""], [words[0], "", "", words[3]], [], []]
        self.deck.chart(
            "stacked", labels, series, above, described=say("bridge_chart", said=said),
            colours=("", _TOTAL, _MORE, _LESS), named=named, least=least, legend=False,
        )  # fmt: skip
        cut = "" if least is None else say("bridge_cut", least=amount_in_words(least, self.currency))
        if cut:
            self.deck.text([TextLine(cut)], below, (11, 10))

    # --- The plans as customers would see them

    def tiers(self) -> None:
        """Draw the public plans as a page of prices, the add-ons below them."""
        plans = [each for each in self.results["offers"] if each["kind"] == "plan" and each["public"]]
        extras = [each["name"] for each in self.results["offers"] if each["kind"] == "add_on"]
        prices = {each["name"]: each["price"] for each in self.page["changes"]["new"]["plans"]}
        charges = " and ".join(metric_words(each) for each in self.page["changes"]["new"]["charges_for"])
        place = self._new(say("tiers_title", n=len(plans), charges=charges, name=self.name), ())
        if not plans:
            self.deck.text([TextLine(say("no_plans", name=self.name))], place)
            return
        shown = plans[:_MOST_CARDS]
        cards, below = place.rows(0.86, 0.14) if extras or len(plans) > len(shown) else (place, None)
        drawn = []
        for at, plan in enumerate(shown):
            price, told = prices.get(plan["name"], ""), ", ".join(plan["features"])
            lines = [TextLine("", price), *self._of_plan(plan, shown[:at])]
            drawn.append(Card(plan["name"], lines, say("card", name=plan["name"], price=price, features=told)))
        self.deck.cards(drawn, cards)
        if below is not None:
            beyond = [each["name"] for each in plans[_MOST_CARDS:]]
            lines = [TextLine(", ".join(extras), say("add_ons") + ":")] if extras else []
            self.deck.text([*lines, *[TextLine(each) for each in beyond]], below)

    @staticmethod
    def _of_plan(plan: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Iterator[TextLine]:
        for limit in plan["limits"]:
            if limit["up_to"] is not None:
                yield TextLine(say("limit", amount=f"{limit['up_to']:,.0f}", metric=metric_words(limit["metric"])))
        features = list(plan["features"])
        before = next((each for each in reversed(earlier) if set(each["features"]) <= set(features)), None)
        if before is not None and before["features"]:
            features = [each for each in features if each not in set(before["features"])]
            yield TextLine(say("everything_in", name=before["name"], more=bool(features)))
        yield from (TextLine(each, listed=True) for each in features[:_MOST_FEATURES])
        if len(features) > _MOST_FEATURES:
            yield TextLine(say("features_more", n=len(plan["features"])))
        if not plan["features"]:
            yield TextLine(say("no_features"))

    # --- What customers notice

    def customers(self) -> None:
        """Draw how bills change, with what each segment pays."""
        steep = self.figures.row("rise_over_25.accounts")["value"]
        accounts = "" if steep is None else self.figures.text("rise_over_25.accounts")
        facts = ("pay_more.share", "pay_less.share", *self.page["customers"])
        place = self._new(say("customers_title", steep=steep, accounts=accounts), facts)
        left, right = place.columns(0.52, 0.48)
        bands = _rows_of(self.content, "distribution", "bands")
        if bands is None or not len(bands):
            reason = self.content.why_no_list or self.figures.row("pay_more.share")["reason"]
            self.deck.text([TextLine(say("bands_unknown", reason=reason))], left)
        else:
            counts = [int(each) for each in bands["accounts"]]
            said = "; ".join(f"{band}: {many}" for band, many in zip(bands["band"], counts, strict=True))
            self.deck.chart(
                "bar", list(map(str, bands["band"])), {say("accounts"): counts}, left,
                described=say("distribution", said=said), named=[[f"{each:,}" for each in counts]], colours=(_TOTAL,),
            )  # fmt: skip
        lines = [TextLine(self.figures.text(key), self.figures.row(key)["name"] + ":") for key in facts]
        if not self.page["segments"]:
            self.deck.text(lines, right)
            return
        upper, lower = right.rows(0.5, 0.5)
        self.deck.text(lines, upper, (*TEXT_SIZES, 11, 10))
        headings = [say(key) for key in ("segment", "accounts", "pays_today", "would_pay", "over")]
        rows = [
            [
                str(row["segment"]),
                f"{row['accounts']:,}",
                amount_in_words(row["revenue_today"], self.currency),
                amount_in_words(row["revenue_net"], self.currency),
                f"{row['rise_over_25']:,}",
            ]
            for row in self.page["segments"]
        ]
        self.deck.table(
            headings, rows, lower, described=say("segments"), widths=(1.4, 1, 1.2, 1.2, 1), numbers=(1, 2, 3, 4)
        )

    # --- Why to believe it, and what could go wrong

    def evidence(self) -> None:
        """Say what the conclusion stands on, the weakest named in the title."""
        lines = sorted(self.page["evidence"], key=lambda each: _GRADES.index(each["grade"]))
        best, worst = lines[0], lines[-1]
        told = {"best": best["grade"], "worst": worst["grade"]}
        about = {"best_about": _inside(best["about"]), "worst_about": _inside(worst["about"])}
        place = self._new(say("evidence_title", **told, **about), ())
        rows = [[each["grade"], each["about"], each["text"]] for each in lines]
        upper, lower = place.rows(0.88, 0.12)
        headings = [say(key) for key in ("grade", "about", "what_shows")]
        self.deck.table(headings, rows, upper, described=say("evidence"), widths=(0.9, 1.8, 4.8), sizes=_LARGE)
        self.deck.text([TextLine(say("grades"))], lower, (12, 11, 10))

    def risks(self) -> None:
        """Show the largest risks by the money at stake."""
        found = self.page["risks"]
        largest = amount_in_words(found[0]["money"], self.currency) if found else ""
        place = self._new(say("risks_title", n=len(found), largest=largest), ())
        if not found:
            self.deck.text([TextLine(say("no_risks"))], place)
            return
        headings = [say(key) for key in ("at_stake", "risk", "sign", "watched_by")]
        rows = [
            [amount_in_words(each["money"], self.currency), capitalised(each["text"]), each["trigger"], each["owner"]]
            for each in found
        ]
        self.deck.table(
            headings, rows, place, described=say("risks"), widths=(1, 2.6, 2.6, 1.2), numbers=(0,), sizes=_LARGE
        )

    # --- What else could be done

    def alternatives(self) -> None:
        """Draw today and every scenario beside each other."""
        rows = self.page["alternatives"]
        designs = [each for each in rows if each["scenario"] != "baseline" and each["in_12_months"] is not None]
        best = max(designs, key=lambda each: each["in_12_months"], default=None)
        is_best = best is not None and best["is_reported"]
        title = say("alternatives_title", best=None if best is None else best["name"], is_best=is_best, name=self.name)
        place = self._new(title, ())
        known = [each for each in rows if each["revenue_net"] is not None]
        upper, lower = place.rows(0.55, 0.45)
        if known:
            words = {
                key: [amount_in_words(each[key], self.currency, short=True) for each in known]
                for key in ("revenue_net", "in_12_months")
            }
            said = "; ".join(
                f"{each['name']} {now}, {then}"
                for each, now, then in zip(known, words["revenue_net"], words["in_12_months"], strict=True)
            )
            self.deck.chart(
                "column",
                [each["name"] for each in known],
                {
                    say("after_discounts"): [each["revenue_net"] for each in known],
                    say("a_year_on"): [each["in_12_months"] for each in known],
                },
                upper,
                described=say("alternatives_chart", said=said),
                named=[words["revenue_net"], words["in_12_months"]],
                colours=(_TOTAL, "ACCENT_2"),
            )
        headings = [say(key) for key in ("scenario", "after_discounts", "a_year_on", "range", "pay_more", "over")]
        table = [
            [
                each["name"],
                amount_in_words(each["revenue_net"], self.currency),
                amount_in_words(each["in_12_months"], self.currency, short=True),
                self._between(each["in_12_months_low"], each["in_12_months_high"]),
                amount_in_words(each["pay_more"], "share"),
                "" if each["rise_over_25"] is None else f"{each['rise_over_25']:,}",
            ]
            for each in rows
        ]
        own = next((at for at, each in enumerate(rows) if each["is_reported"]), None)
        box = lower if known else place
        widths = (2.2, 1.1, 1, 1.5, 0.9, 0.9)
        self.deck.table(
            headings, table, box, described=say("alternatives"), widths=widths, numbers=(1, 2, 3, 4, 5), bold=own
        )

    def _between(self, low: float | None, high: float | None) -> str:
        if low is None or high is None:
            return ""
        return " to ".join(amount_in_words(each, self.currency, short=True) for each in (low, high))

    def migration(self) -> None:
        """Draw how long customers stay on old prices, and what the way agreed means for them."""
        path: MigrationPath | None = self.content.asked("migration", "path")
        drawn, why = _rows_of(self.content, "on_old", "lines"), self.content.why_no_list
        policy = "" if path is None else _inside(path.policy.describe())
        place = self._new(say("migration_title", policy=policy.rstrip(".")), ())
        if path is None or drawn is None or not len(drawn):
            self.deck.text([TextLine(say("no_way", reason=why or say("nothing_known")))], place)
            return
        left, right = place.columns(0.58, 0.42)
        ours = drawn[drawn["policy"] == path.policy.kind].assign(month=lambda each: pd.to_datetime(each["month"]))
        ours = ours.sort_values("month")
        labels, counts = [f"{each:%Y-%m}" for each in ours["month"]], [round(each) for each in ours["accounts"]]
        said = "; ".join(f"{month}: {many:,}" for month, many in zip(labels, counts, strict=True))
        upper, lower = left.rows(0.1, 0.9)
        self.deck.text([TextLine("", say("on_old_caption"))], upper, (14, 12))
        self.deck.chart(
            "column", labels, {say("accounts"): counts}, lower, described=say("on_old", said=said),
            named=[[f"{each:,}" if at % 3 == 0 else "" for at, each in enumerate(counts)]], colours=(_TOTAL,),
        )  # fmt: skip
        facts = [(figure_value(each), each.label, each.period) for each in path.key_figures()]
        told = [TextLine(" · ".join(filter(None, (value, period))), f"{label}:") for value, label, period in facts]
        self.deck.text(told, right)

    # --- What a room said of it

    def workshop(self) -> None:
        """Show how far the room agreed on each exercise, and what was decided of it."""
        held = self.results["workshop"]
        judged = [each for each in held["exercises"] if each["agreed"] is not None]
        agreed = sum(each["agreed"] for each in judged)
        place = self._new(say("workshop_title", agreed=agreed, of=len(judged), people=held["people"]), ())
        headings = [say(key) for key in ("exercise", "measured", "agreed", "decided")]
        rows = [
            [
                each["title"],
                each["measured"],
                "" if each["agreed"] is None else say("is_agreed" if each["agreed"] else "is_apart"),
                shorten(each["decision"] or say("none_yet"), _LONGEST_CELL, placeholder=" \N{HORIZONTAL ELLIPSIS}"),
            ]
            for each in held["exercises"]
        ]
        self.deck.table(headings, rows, place, described=say("workshop"), widths=(2, 2.6, 0.8, 3))

    def objections(self) -> None:
        """Say who took part, and show each objection in its own words with the answer to it."""
        held = self.results["workshop"]
        found = held["objections"]
        silent = sum(not each["answer"] for each in found)
        place = self._new(say("objections_title", n=len(found), silent=silent), ())
        upper, lower = place.rows(0.25, 0.75)
        roles = say("roles", roles=held["roles"])
        lines = [TextLine(roles, say("took_part", title=held["title"], day=held["held_on"], people=held["people"]))]
        lines += [TextLine(", ".join(held["parked"]), say("parked"))] if held["parked"] else []
        lines += [TextLine(say("names_nobody"))]
        self.deck.text(lines, upper, (*TEXT_SIZES, 11, 10))
        rows = [[each["objection"], each["answer"] or say("none_yet")] for each in found]
        if rows:
            headings = [say("objection"), say("answer")]
            self.deck.table(headings, rows, lower, described=say("objections"), widths=(1, 1), sizes=_LARGE)

    # --- What is still open, and every figure to look up

    def questions(self) -> None:
        """List what nobody has decided, what could not be checked, and what to read with care."""
        content, text = self.content, self.content.naming.text
        open_stages = [TextLine(say("still_open", title=each.stage.title), listed=True) for each in content.open_stages]
        unanswered = [
            TextLine(text(finding.evidence), f"{text(finding.title)}:", listed=True)
            for _, finding in content.unanswered
        ]
        warnings = [
            TextLine(text(each.text), f"{outcome.stage.title}:", listed=True)
            for outcome, each in content.cautions
            if each.severity == "warning"
        ]
        missing = {each.table: each for _, each in content.missing}
        absent = [
            TextLine(say("missing", table=name, adds=each.would_add), listed=True) for name, each in missing.items()
        ]
        lines = [*open_stages, *unanswered, *absent, *warnings]
        place = self._new(say("open_title", n=len(lines)), ())
        self.deck.text(
            [TextLine(self.page["test_first"], say("test_first") + "."), *(lines or [TextLine(say("nothing_open"))])],
            place,
        )

    def appendix(self) -> None:
        """List the figures by name, value, range and what they speak of."""
        first = dict.fromkeys(
            (*(step["figure"] for step in self.page["bridge"]), *self.page["customers"], *self.page["baseline"])
        )
        own = [
            row["id"]
            for row in self.results["figures"]
            if row["id"] not in {*first, AFTER_REACTIONS} and row["value"] is not None
        ]
        keys = [*first, *own][:_MOST_FIGURES]
        place = self._new(say("appendix_title"), keys)
        half = (len(keys) + 1) // 2
        headings = [say(key) for key in ("figure", "value", "range", "of")]
        for part, box in zip((keys[:half], keys[half:]), place.columns(1, 1), strict=True):
            rows = [
                [
                    self.figures.row(key)["name"],
                    self.figures.text(key),
                    self.figures.range(key),
                    self.figures.row(key)["period"],
                ]
                for key in part
            ]
            if rows:
                self.deck.table(
                    headings, rows, box, described=say("appendix"), widths=(2.4, 1.1, 1.5, 1.3), numbers=(1, 2)
                )

    def _new(self, title: str, keys: Sequence[str]) -> Box:
        notes = say("notes", keys=", ".join(keys)) if keys else say("notes_none")
        return self.deck.new(self.content.naming.text(title), notes)


def _inside(text: str) -> str:
    """Return a phrase as it stands inside a sentence: without the capital of its first word."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _figure(content: ReportContent, key: str) -> Figure | None:
    """Return a figure of the report by its key, whichever stage draws it."""
    drawn = (each for outcome in content.outcomes for each in outcome.figures if each.key == key)
    found: Figure | None = next(drawn, None)
    return found


def _rows_of(content: ReportContent, key: str, data: str) -> pd.DataFrame | None:
    """Return the rows a figure draws, as they may be read; None where it is not there."""
    figure = _figure(content, key)
    return None if figure is None or data not in figure.data else content.naming.rows(figure.data[data])
