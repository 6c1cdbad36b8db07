"""The design of a questionnaire: which prices and sets of features to ask of whom, in which versions, as a file."""

from __future__ import annotations

import json
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field, ValidationError

from workbench.files import InputFileError, read_json, write_bytes
from workbench.formatting import exact, one_unit
from workbench.outputs import check_output
from workbench.pricing.price_curve import two_digits
from workbench.research.answers import ResearchError
from workbench.research.conjoint.design import Attribute, Level, Pair, design_choices
from workbench.study.model import FrozenModel, Name, Note, Sentence, Title, explain
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.research.conjoint.design import ChoiceDesign

say = texts(__name__)

# --- What respondents read has to tell apart what they are asked to choose between


def refuse_alike(what: str, texts: Sequence[str]) -> None:
    """Raise ResearchError when two texts on a page read alike: the same but for case, spaces or invisible letters."""
    read: dict[str, str] = {}
    for text in texts:
        if (seen := _as_read(text)) in read:
            raise ResearchError(
                f"Two {what} read alike: {read[seen]!r} and {text!r}.",
                "Write them so that respondents can tell them apart.",
            )
        read[seen] = text


def _as_read(text: str) -> str:
    visible = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split()).casefold()


# --- Design price questions: which prices to ask, and who is asked which

_FEWEST = 3


@dataclass(frozen=True)
class PriceDesign:
    """Prices to ask, lowest first, in one currency and period.

    Parameters
    ----------
    prices
        Three or more, rising.

    Examples
    --------
    >>> from workbench.research import price_ladder
    >>> design = price_ladder(20, 80, 3)
    >>> design.prices, design.assign(9)["price"].value_counts().tolist()
    ((20.0, 40.0, 80.0), [3, 3, 3])
    """

    prices: tuple[float, ...]

    def assign(self, respondents: Sequence[str] | int, seed: int = 1) -> pd.DataFrame:
        """Return respondent and price: each is asked one, every price equally often (or once more), by chance.

        Prices are dealt in blocks that hold each of them once, so that groups stay even while answers come in.
        """
        names = [f"R{n}" for n in range(1, respondents + 1)] if isinstance(respondents, int) else list(respondents)
        random = np.random.default_rng(seed)
        blocks = -(-len(names) // len(self.prices))
        dealt = np.concatenate([random.permutation(self.prices) for _ in range(blocks)]) if blocks else np.array([])
        return pd.DataFrame({"respondent": names, "price": dealt[: len(names)]})


def price_ladder(low: float, high: float, steps: int = 7) -> PriceDesign:
    """Return `steps` prices from `low` to `high`, each the same ratio above the last, rounded to two digits.

    Equal ratios, because a respondent feels 10 to 20 as 100 to 200. The ends stay as given.

    Parameters
    ----------
    low, high
        The lowest and highest price.
    steps
        How many prices.

    Returns
    -------
    PriceDesign
        The design.

    Raises
    ------
    ResearchError
        When there is no room for as many different prices.

    Examples
    --------
    >>> from workbench.research import price_ladder
    >>> price_ladder(20, 80, 5).prices
    (20.0, 28.0, 40.0, 57.0, 80.0)
    """
    if not 0 < low < high or steps < _FEWEST:
        raise ResearchError(
            f"{steps} prices from {exact(low)} to {exact(high)} make no ladder.",
            "Ask three or more, from above 0 upwards.",
        )
    inner = [float(two_digits(value)) for value in np.geomspace(low, high, steps)[1:-1]]
    return asked_prices((float(low), *inner, float(high)))


def asked_prices(prices: Sequence[float]) -> PriceDesign:
    """Return a design of these prices.

    Parameters
    ----------
    prices
        Three or more, positive and rising, in one currency and period.

    Returns
    -------
    PriceDesign
        The design.

    Raises
    ------
    ResearchError
        When there are too few, or they do not rise.

    Examples
    --------
    >>> from workbench.research import asked_prices
    >>> asked_prices([19, 29, 49]).assign(["R1", "R2", "R3"])["price"].sort_values().tolist()
    [19.0, 29.0, 49.0]
    """
    given = tuple(float(price) for price in prices)
    if len(given) < _FEWEST or min(given) <= 0 or any(a >= b for a, b in pairwise(given)):
        raise ResearchError(
            f"The prices {', '.join(exact(price) for price in given)} are no ladder.",
            "Give three or more prices above 0, each higher than the one before.",
        )
    return PriceDesign(given)


# --- Design a best-worst study: sets that show each feature, and each pair of features, equally often

VIEWS = 3
"""How often each respondent should see each feature, for scores of single respondents to mean something."""
_TRIES = 60
_STARTS = 4


@dataclass(frozen=True, eq=False)
class BestWorstDesign:
    """Sets of features to choose the best and worst from.

    Attributes
    ----------
    features
        What is compared.
    tasks
        Names, versions x tasks x features shown.

    Examples
    --------
    >>> from workbench.research import design_best_worst
    >>> design = design_best_worst(list("ABCDEFG"), shown=3, tasks=7, versions=1)
    >>> design.feature_balance.tolist(), design.versions
    ([3, 3, 3, 3, 3, 3, 3], 1)
    """

    features: tuple[str, ...]
    tasks: tuple[tuple[tuple[str, ...], ...], ...]

    @property
    def versions(self) -> int:
        """Count the versions; each respondent answers one."""
        return len(self.tasks)

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row per version, task and feature shown, in the order shown."""
        rows = [
            {"version": version, "task": task, "feature": name}
            for version, tasks in enumerate(self.tasks, start=1)
            for task, names in enumerate(tasks, start=1)
            for name in names
        ]
        return pd.DataFrame(rows)

    @property
    def feature_balance(self) -> pd.Series:
        """Return how often each feature is shown over all versions."""
        return self.frame["feature"].value_counts().reindex(list(self.features), fill_value=0)

    @property
    def pair_balance(self) -> pd.DataFrame:
        """Return how often each two features are shown together: features x features, the diagonal how often shown."""
        place = {name: at for at, name in enumerate(self.features)}
        pairs = np.zeros((len(place), len(place)), dtype=int)
        for tasks in self.tasks:
            for names in tasks:
                at = [place[name] for name in names]
                pairs[np.ix_(at, at)] += 1
        return pd.DataFrame(pairs, index=list(self.features), columns=list(self.features))

    @property
    def reading(self) -> str:
        """Say what the design asks of a respondent and how even it is."""
        shown, pairs = self.feature_balance, self.pair_balance.to_numpy()
        together = pairs[~np.eye(len(pairs), dtype=bool)]
        shape = {"tasks": len(self.tasks[0]), "shown": len(self.tasks[0][0]), "versions": self.versions}
        ends = {"features": (shown.min(), shown.max()), "pairs": (together.min(), together.max())}
        return say("reading", **shape, **ends)


def design_best_worst(
    features: Sequence[str], *, shown: int = 4, tasks: int | None = None, versions: int = 4, seed: int = 1
) -> BestWorstDesign:
    """Return sets of features for best-worst questions, even in features and in pairs.

    Within a version every feature is shown equally often (or once more or less), and swaps between tasks then make
    pairs even, first over the whole design and then within each version.

    Parameters
    ----------
    features
        What is compared; names must differ.
    shown
        Features in one task; four or five can be compared at a glance.
    tasks
        Tasks a respondent answers; by default as many as show each feature three times.
    versions, seed
        Different sets for different respondents; the same seed gives the same design.

    Returns
    -------
    BestWorstDesign
        The tasks, per version.

    Raises
    ------
    ResearchError
        For settings no design can meet.

    Examples
    --------
    >>> from workbench.research import design_best_worst
    >>> design = design_best_worst(["alerts", "maps", "exports", "SSO", "API"], shown=3, versions=2)
    >>> len(design.tasks), len(design.tasks[0]), sorted(set(design.feature_balance))
    (2, 5, [6])
    """
    names = tuple(str(name) for name in features)
    if len(set(names)) < len(names) or len(names) < 3:  # noqa: PLR2004 - best, worst and something between
        raise ResearchError("Best-worst questions need three features or more, each named once.", "Check the list.")
    if not 2 <= shown <= len(names):  # noqa: PLR2004 - a best and a worst
        raise ResearchError(f"{shown} features cannot be shown of {len(names)}.", "Show from 3 to 6 at a time.")
    each = -(-VIEWS * len(names) // shown) if tasks is None else tasks
    if each < 1 or versions < 1:
        raise ResearchError("A design has one task and one version at least.", "Write 1 or more.")
    random = np.random.default_rng(seed)
    counts = np.zeros(len(names), dtype=int)
    dealt = []
    for _ in range(versions):
        version = _deal(random, counts, each, shown)
        counts += np.bincount(version.ravel(), minlength=len(names))
        dealt.append(version)
    start = np.stack(dealt)
    tried = [_even_pairs(random, start, len(names)) for _ in range(_STARTS)]
    even = min(tried, key=lambda tasks: _unevenness(tasks, len(names)))
    ordered = random.permuted(even, axis=2)
    return BestWorstDesign(
        names, tuple(tuple(tuple(names[at] for at in task) for task in version) for version in ordered)
    )


def _deal(random: np.random.Generator, counts: np.ndarray, tasks: int, shown: int) -> np.ndarray:
    """Deal a version: always the features seen least in it, then least in the others, then by chance."""
    here = np.zeros(len(counts), dtype=int)
    dealt = np.empty((tasks, shown), dtype=int)
    for task in range(tasks):
        chance = random.random(len(counts))
        dealt[task] = np.lexsort((chance, counts + here, here))[:shown]
        here[dealt[task]] += 1
    return dealt


def _unevenness(tasks: np.ndarray, features: int) -> int:
    """Return the sum of squared counts of pairs over the whole design: smallest where they are even."""
    shown = np.zeros((tasks.shape[0] * tasks.shape[1], features), dtype=int)
    np.put_along_axis(shown, tasks.reshape(len(shown), -1), 1, axis=1)
    return int(((shown.T @ shown) ** 2).sum())


def _even_pairs(random: np.random.Generator, tasks: np.ndarray, features: int) -> np.ndarray:
    """Swap features between tasks of a version while pairs become more even."""
    tasks = tasks.copy()
    versions, per_version, shown = tasks.shape
    everywhere = np.zeros((features, features), dtype=int)
    within = np.zeros((versions, features, features), dtype=int)
    for version, task in np.ndindex(versions, per_version):
        at = np.ix_(tasks[version, task], tasks[version, task])
        everywhere[at] += 1
        within[version][at] += 1
    quiet = 0
    while quiet < _TRIES * versions * per_version and per_version > 1:
        quiet += 1
        version = int(random.integers(versions))
        first, second = random.choice(per_version, 2, replace=False)
        here, there = random.integers(shown, size=2)
        a, b = int(tasks[version, first, here]), int(tasks[version, second, there])
        if a == b or b in tasks[version, first] or a in tasks[version, second]:
            continue
        beside_a = np.delete(tasks[version, first], here)
        beside_b = np.delete(tasks[version, second], there)
        change = _change(everywhere, a, b, beside_a, beside_b) + _change(within[version], a, b, beside_a, beside_b)
        if change < 0:
            for pairs in (everywhere, within[version]):
                _move(pairs, a, b, beside_a, beside_b)
            tasks[version, first, here], tasks[version, second, there] = b, a
            quiet = 0
    return tasks


def _change(pairs: np.ndarray, a: int, b: int, beside_a: np.ndarray, beside_b: np.ndarray) -> int:
    """Return how the sum of squared pair counts changes when a and b trade places."""
    before = pairs[[a, b]]
    after = before.copy()
    for row, lost, won in ((0, beside_a, beside_b), (1, beside_b, beside_a)):
        after[row, lost] -= 1
        after[row, won] += 1
    return int((after**2).sum() - (before**2).sum())


def _move(pairs: np.ndarray, a: int, b: int, beside_a: np.ndarray, beside_b: np.ndarray) -> None:
    for old, new, others in ((a, b, beside_a), (b, a, beside_b)):
        pairs[old, others] -= 1
        pairs[others, old] -= 1
        pairs[new, others] += 1
        pairs[others, new] += 1


# --- The design of a questionnaire as a file: what is asked, of whom, in which versions

Method = Literal["price-sensitivity", "price-ladder", "randomised-price", "choice", "best-worst", "feature-fit"]
METHODS: tuple[Method, ...] = get_args(Method)
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


class PriceSensitivityQuestions(Questionnaire):
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


class PriceLadderQuestions(_Priced):
    """Would you buy at this price, then at the next higher one, until the first No."""

    method: Literal["price-ladder"] = "price-ladder"


class RandomisedPriceQuestions(_Priced):
    """Would you buy at one price, drawn by chance for each respondent."""

    method: Literal["randomised-price"] = "randomised-price"


_OF_THE_DESIGN = ("tasks", "alternatives", "versions", "kind", "prohibited", "none", "seed")


class ChoiceQuestions(Questionnaire):
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
        settings = self.model_dump(include={*_OF_THE_DESIGN})
        return design_choices(attributes, **settings)


class BestWorstQuestions(Questionnaire):
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


class FeatureFitQuestions(Questionnaire):
    """How respondents feel with and without each feature (Kano), and how important it is where asked."""

    method: Literal["feature-fit"] = "feature-fit"
    features: Annotated[tuple[FeatureText, ...], Field(min_length=1)]
    ask_importance: bool = True


Design = (
    PriceSensitivityQuestions
    | PriceLadderQuestions
    | RandomisedPriceQuestions
    | ChoiceQuestions
    | BestWorstQuestions
    | FeatureFitQuestions
)
_KINDS: dict[str, type[Design]] = {kind.model_fields["method"].default: kind for kind in get_args(Design)}


def read_design(method: Method | str, content: dict[str, object]) -> Design:
    """Return the design of a questionnaire from its fields.

    Parameters
    ----------
    method
        The method it is for.
    content
        Field to value, as in a JSON file.

    Returns
    -------
    Design
        The design, checked.

    Raises
    ------
    ResearchError
        Names every field that is wrong.

    Examples
    --------
    >>> from workbench.research import example_design, read_design
    >>> fields = example_design("price-sensitivity").model_dump(mode="json")
    >>> read_design("price-sensitivity", fields) == example_design("price-sensitivity")
    True
    """
    if method not in METHODS:
        raise ResearchError(f"There is no method {method!r}.", f"The methods are {', '.join(METHODS)}.")
    if content.get("method", method) != method:
        raise ResearchError(f"The design is for {content['method']}, not for {method}.", "Name the method it is for.")
    try:
        return _KINDS[method].model_validate({**content, "method": method})
    except ValidationError as error:
        raise ResearchError(f"The design cannot be used: {explain(error)}", "Correct these fields.") from error


def load_design(method: Method | str, file: Path | str) -> Design:
    """Return the design in a JSON file.

    Parameters
    ----------
    method
        The method it is for.
    file
        The file.

    Returns
    -------
    Design
        The design, checked.

    Raises
    ------
    ResearchError
        When it cannot be read or used.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.research import example_design, load_design, save_design
    >>> file = save_design(example_design("choice"), Path(tempfile.mkdtemp()) / "choice.json")
    >>> load_design("choice", file) == example_design("choice")
    True
    """
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
    """Write a design as a JSON file people can edit.

    Parameters
    ----------
    design
        What to write.
    file
        Where.
    force
        Replace another file that is there.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    FileError
        When another file is there and `force` is not set.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.research import example_design, save_design
    >>> save_design(example_design("choice"), Path(tempfile.mkdtemp()) / "choice.json").name
    'choice.json'
    """
    content = (json.dumps(design.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()
    check_output(Path(file), ".json", content=content, force=force)
    return write_bytes(Path(file), content)


# --- An example design for each method: a file to begin with, to be filled with one's own offer


@cache
def _examples() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("workbench.research").joinpath("example_designs.toml").read_text(encoding="utf-8"))


def example_design(method: Method | str) -> Design:
    """Return an example design for a method.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.

    Returns
    -------
    Design
        A design to change; its fields are those of the questionnaire.

    Raises
    ------
    ResearchError
        When there is no such method.

    Examples
    --------
    >>> from workbench.research import example_design
    >>> type(example_design("price-ladder")).__name__, example_design("best-worst").title
    ('PriceLadderQuestions', 'What matters most to you?')
    """
    fields = _KINDS[method].model_fields if method in METHODS else {}  # an unknown method is refused below
    examples = _examples()
    shared = {name: value for name, value in examples["shared"].items() if name in fields}
    return read_design(method, shared | examples.get(method, {}))


# --- Answers to try a method on, whose truth is known


def example_answers(method: Method | str) -> pd.DataFrame:
    """Return answers to a method as a questionnaire brings them, made so that what they should tell is known.

    Prices are thought of around 500, or 20 to 60 are accepted one after the other; alerts are wanted most and SSO
    least; in choices SSO is worth 20 of the price.

    Parameters
    ----------
    method
        price-sensitivity, price-ladder, randomised-price, choice, best-worst or feature-fit.

    Returns
    -------
    pandas.DataFrame
        In the layout of the method's survey table; the same each time.

    Raises
    ------
    ResearchError
        When there is no such method.

    Examples
    --------
    >>> from workbench.research import example_answers
    >>> list(example_answers("best-worst")), len(example_answers("price-ladder"))
    (['respondent', 'task', 'feature', 'choice'], 200)
    """
    if method not in METHODS:
        raise ResearchError(f"There is no method {method!r}.", f"The methods are {', '.join(METHODS)}.")
    random = np.random.default_rng(1 if method in ("choice", "best-worst") else 0)
    if method == "price-sensitivity":
        factors = {"too_cheap": 0.42, "cheap": 0.7, "expensive": 1.15, "too_expensive": 1.6}
        willing = random.lognormal(np.log(500), 0.4, 200)
        return pd.DataFrame({name: willing * factor for name, factor in factors.items()})
    if method == "price-ladder":
        rows = [(f"R{who}", price, int(price <= 20 + who)) for who in range(40) for price in (10, 20, 30, 40, 60)]
        return pd.DataFrame(rows, columns=["respondent", "price", "accepted"])
    if method == "randomised-price":
        price = random.choice([20, 30, 40, 50], 800)
        return pd.DataFrame({"price": price, "accepted": (random.logistic(4 - 0.1 * price) > 0).astype(int)})
    if method == "choice":
        return _example_choices(random)
    if method == "best-worst":
        return _example_best_worst(random)
    kinds = {"alerts": (1, 5), "exports": (2, 5), "maps": (1, 3)}
    fits = [(f"R{who}", feature, *pair) for who in range(30) for feature, pair in kinds.items()]
    return pd.DataFrame(fits, columns=["respondent", "feature", "functional", "dysfunctional"])


def _example_choices(random: np.random.Generator) -> pd.DataFrame:
    who, task, place = (axis.ravel() for axis in np.indices((100, 6, 2)))
    frame = pd.DataFrame({"respondent": who.astype(str), "task": task, "alternative": place})
    frame["price"], frame["sso"] = random.choice([10, 20, 30], who.size), random.integers(0, 2, who.size)
    felt = (2 * frame["sso"] - 0.1 * frame["price"] + random.gumbel(size=who.size)).to_numpy().reshape(-1, 2)
    return frame.assign(chosen=(felt == felt.max(axis=1, keepdims=True)).astype(int).ravel())


def _example_best_worst(random: np.random.Generator) -> pd.DataFrame:
    rows, worth = [], {"alerts": 1.5, "maps": 0.5, "exports": 0.0, "SSO": -1.0}
    for who, task in np.ndindex(60, 4):
        utility = {name: worth[name] + random.gumbel() for place, name in enumerate(worth) if place != task}
        liked = sorted(utility, key=lambda name: -utility[name])
        rows += [(f"R{who}", task, name, word) for name, word in zip(liked, ("best", "none", "worst"), strict=True)]
    return pd.DataFrame(rows, columns=["respondent", "task", "feature", "choice"])
