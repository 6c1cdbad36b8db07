"""The design of a questionnaire as a file: what is asked, of whom, in which versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from workbench.files import write_bytes
from workbench.input_files import InputFileError, read_json
from workbench.outputs import check_output
from workbench.research.design_attributes import Attribute, Level, Pair
from workbench.research.design_choice import design_choices
from workbench.research.design_prices import asked_prices
from workbench.research.design_sets import BestWorstDesign, design_best_worst
from workbench.research.errors import ResearchError
from workbench.study.model import FrozenModel, Name, Note, Sentence, Title, explain
from workbench.wording import one_unit

if TYPE_CHECKING:
    from workbench.research.design_choice_tasks import ChoiceDesign

Method = Literal["price-sensitivity", "price-ladder", "randomised-price", "choice", "best-worst", "feature-fit"]
METHODS: tuple[Method, ...] = (
    "price-sensitivity", "price-ladder", "randomised-price", "choice", "best-worst", "feature-fit",
)  # fmt: skip
_MOST_LEVELS = 12


class FeatureText(FrozenModel):
    """A feature as respondents read it."""

    name: Name
    description: Note = ""


class AttributeText(FrozenModel):
    """An attribute as respondents read it: its label, and how levels are written (`shown`, else with the unit)."""

    name: Name
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=_MOST_LEVELS)]
    label: Note = ""
    unit: Note = ""
    shown: dict[str, Name] = Field(default_factory=dict)
    prior: float | dict[str, float] = 0.0
    straight: bool = False


class Questionnaire(FrozenModel):
    """What every questionnaire says. `segments` are asked for when there are two or more.

    `per` is what one price buys: "account", or a metric such as seats.
    """

    title: Title
    introduction: Note = ""
    closing: Note = ""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    period: Name = "a month"
    per: Name = "account"
    segments: tuple[Name, ...] = ()
    segment_question: Sentence = "Which of these describes your company best?"

    @property
    def price_period(self) -> str:
        """Return what a price is for, in words: "a month", or "per seat a month"."""
        return self.period if self.per == "account" else f"per {one_unit(self.per)} {self.period}"


class PriceSensitivity(Questionnaire):
    """The four price questions of van Westendorp about one offer, with the intent to buy where asked."""

    method: Literal["price-sensitivity"] = "price-sensitivity"
    offer: Sentence
    ask_too_cheap: bool = True
    ask_intent: bool = True


def _rising(prices: tuple[float, ...]) -> tuple[float, ...]:
    """Return the prices when a respondent can be asked them; ValueError, as a validator has to, when not."""
    try:
        return asked_prices(prices).prices
    except ResearchError as error:
        raise ValueError(str(error)) from error


class _Priced(Questionnaire):
    offer: Sentence
    prices: Annotated[tuple[float, ...], AfterValidator(_rising)]


class PriceLadder(_Priced):
    """Would you buy at this price, then at the next higher one, until the first No."""

    method: Literal["price-ladder"] = "price-ladder"


class RandomisedPrice(_Priced):
    """Would you buy at one price, drawn by chance for each respondent."""

    method: Literal["randomised-price"] = "randomised-price"


class Choice(Questionnaire):
    """Choices between offers, designed from the attributes."""

    method: Literal["choice"] = "choice"
    situation: Sentence = "Which of these offers would you choose?"
    attributes: Annotated[tuple[AttributeText, ...], Field(min_length=1)]
    tasks: int = 8
    alternatives: int = 3
    versions: int = 4
    kind: Literal["balanced", "efficient"] = "efficient"
    prohibited: tuple[Pair, ...] = ()
    none: bool = True
    seed: int = 1

    def design(self) -> ChoiceDesign:
        """Return the tasks to show."""
        attributes = [Attribute(each.name, each.levels, each.prior, each.straight) for each in self.attributes]
        return design_choices(
            attributes,
            tasks=self.tasks,
            alternatives=self.alternatives,
            versions=self.versions,
            kind=self.kind,
            prohibited=self.prohibited,
            none=self.none,
            seed=self.seed,
        )


class BestWorst(Questionnaire):
    """Best and worst of several features, again and again."""

    method: Literal["best-worst"] = "best-worst"
    situation: Sentence = "Which matters most to you, and which least?"
    features: tuple[FeatureText, ...]
    shown: int = 4
    tasks: int | None = None
    versions: int = 4
    seed: int = 1

    def design(self) -> BestWorstDesign:
        """Return the sets to show."""
        names = [each.name for each in self.features]
        return design_best_worst(names, shown=self.shown, tasks=self.tasks, versions=self.versions, seed=self.seed)


class FeatureFit(Questionnaire):
    """How respondents feel with and without each feature (Kano), and how important it is where asked."""

    method: Literal["feature-fit"] = "feature-fit"
    features: Annotated[tuple[FeatureText, ...], Field(min_length=1)]
    ask_importance: bool = True


Design = PriceSensitivity | PriceLadder | RandomisedPrice | Choice | BestWorst | FeatureFit
_KINDS: dict[str, type[Design]] = {
    "price-sensitivity": PriceSensitivity,
    "price-ladder": PriceLadder,
    "randomised-price": RandomisedPrice,
    "choice": Choice,
    "best-worst": BestWorst,
    "feature-fit": FeatureFit,
}


def read_design(method: Method | str, content: dict[str, object]) -> Design:
    """Return the design of a questionnaire from its fields; ResearchError names every field that is wrong."""
    if method not in METHODS:
        raise ResearchError(f"There is no method {method!r}.", f"The methods are {', '.join(METHODS)}.")
    if content.get("method", method) != method:
        raise ResearchError(f"The design is for {content['method']}, not for {method}.", "Name the method it is for.")
    try:
        return _KINDS[method].model_validate({**content, "method": method})
    except ValidationError as error:
        raise ResearchError(f"The design cannot be used: {explain(error)}", "Correct these fields.") from error


def load_design(method: Method | str, file: Path | str) -> Design:
    """Return the design in a JSON file; ResearchError when it cannot be read or used."""
    path = Path(file)
    try:
        content = read_json(path)
    except OSError as error:
        raise ResearchError(f"{path} cannot be read: {error.strerror}.", "Name a design file.") from error
    except InputFileError as error:
        raise ResearchError(error.message, f"{error.advice} --example writes one to start from.") from error
    if not isinstance(content, dict):
        raise ResearchError(f"{path} holds no fields.", "Start from an example.")
    try:
        return read_design(method, content)
    except ResearchError as error:
        raise ResearchError(f"{path}: {error.message}", error.advice) from error


def save_design(design: Design, file: Path | str, *, force: bool = False) -> Path:
    """Write a design as a JSON file people can edit; return its path. Another file is replaced only with `force`."""
    content = (json.dumps(design.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()
    check_output(Path(file), ".json", content=content, force=force)
    return write_bytes(Path(file), content)
