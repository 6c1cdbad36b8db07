"""What a choice survey measured features to be worth: the evidence a price can stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.willingness.survey_items import survey_items, with_scales, worded_columns
from workbench.stages.willingness.survey_units import asked_per

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.customers import CustomerBase
    from workbench.results import Interval

SURVEY = "survey_choice"


@dataclass(frozen=True, slots=True)
class PriceEvidence:
    """What features are worth a month for each `per` ("account" or a metric), by name, with 90% intervals.

    It is the worth to the average of the `respondents`, from choices between whole offers (multinomial logit, errors by
    respondent); empty without a choice survey, or where `problem` says why its answers cannot be used.
    """

    worth: Mapping[str, Interval] = field(default_factory=lambda: MappingProxyType({}))
    per: str = PER_ACCOUNT
    respondents: int = 0
    problem: str = ""

    def of(self, features: Sequence[str], price_per: str) -> Interval | None:
        """Return what all of an add-on's features are worth in its unit; None where one of them was not measured.

        The ends are added up as well, which is wider than independent doubts would be.
        """
        if not features or price_per != self.per or any(name not in self.worth for name in features):
            return None
        parts = [self.worth[name] for name in features]
        low, middle, high = (sum(getattr(part, end) for part in parts) for end in ("low", "estimate", "high"))
        return type(parts[0])(low, middle, high, parts[0].level)


def price_evidence(base: CustomerBase, features: Sequence[str]) -> PriceEvidence:
    """Return what the choice survey of a base says features are worth; an attribute is known by the words it shares."""
    frame = base.frames.get(SURVEY)
    if frame is None or not len(frame):
        return PriceEvidence()
    from workbench.research import fit_mnl  # noqa: PLC0415 - loaded when there are answers

    items = survey_items(frame, features, base.metrics)
    try:
        model = fit_mnl(
            with_scales(frame, items),
            case=("respondent", "task"),
            attributes=[*(item.column for item in items), *worded_columns(frame)],
            cluster="respondent",
        )
        worth = model.willingness_to_pay().intervals
        per = asked_per(frame)
    except WorkbenchError as error:
        return PriceEvidence(problem=str(error))
    found = {
        item.stands_for: worth[item.column]
        for item in items
        if item.kind == "feature" and item.is_known and item.column in worth
    }
    return PriceEvidence(MappingProxyType(found), per, int(frame["respondent"].nunique()))
