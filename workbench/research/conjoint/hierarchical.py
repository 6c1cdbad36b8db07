"""Hierarchical Bayes: tastes of single respondents and of everybody, estimated together by sampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import MissingLibraryError
from workbench.locales import NO_CURRENCY
from workbench.research.answers import ResearchError
from workbench.research.conjoint.data import CASE, CHOSEN, PRICE, RESPONDENT, read_choices
from workbench.research.conjoint.multinomial import (
    OfChoices,
    column_scale,
    data_cautions,
    price_cautions,
    require_separate_columns,
)
from workbench.research.conjoint.tastes import (
    SPREAD_OF,
    IndividualUtilities,
    Tastes,
    WillingnessToPay,
    simulated_willingness,
    tastes_of,
    worth_of_steps,
    worth_steps,
)
from workbench.results import Caution, Interval
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from numpy.typing import ArrayLike

    from workbench.research.conjoint.data import ChoiceData
    from workbench.stats import Floats

say = texts(__name__)

# --- Hierarchical Bayes by the No-U-Turn sampler of numpyro, which the extra `bayes` brings

PLACE_WIDTH, SPREAD_WIDTH, LOG_WIDTH = 5.0, 2.0, 1.0
"""Prior standard deviations for columns of similar size: wide beside the tastes surveys find, not without end."""
CORRELATION_SHAPE = 2.0


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the sampler brought: chains c, samples s, N respondents, K columns, Q of them spread.

    `place` (c, s, K), `spread` (c, s, Q), `correlation` (c, s, Q, Q) and `own` (c, s, N, Q), which are coefficients,
    are for columns divided by the scale given. `divergences` counts steps that went astray.
    """

    place: Floats
    spread: Floats
    correlation: Floats
    own: Floats
    divergences: int


def library() -> ModuleType:
    """Return numpyro; MissingLibraryError says how to install it."""
    try:
        import numpyro  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingLibraryError(
            "Hierarchical Bayes needs numpyro, which is not installed.",
            "Install it: pip install 'pricing-design-workbench[bayes]'; or use fit_mixed_logit.",
        ) from error
    return numpyro


def sample(
    data: ChoiceData,
    tastes: Tastes,
    scale: Floats,
    *,
    warm_up: int,
    samples: int,
    chains: int,
    seed: int,
    progress: bool,
) -> Sampled:
    """Sample tastes: normal around everybody's, correlated, with weak priors (Lewandowski et al. 2009)."""
    numpyro = library()
    from jax import random  # noqa: PLC0415 - comes with numpyro
    from numpyro.infer import MCMC, NUTS, init_to_median  # noqa: PLC0415 - an extra

    kernel = NUTS(_model(numpyro, data, tastes, scale), init_strategy=init_to_median(num_samples=10))
    run = MCMC(
        kernel,
        num_warmup=warm_up,
        num_samples=samples,
        num_chains=chains,
        chain_method="sequential",
        progress_bar=progress,
    )
    run.run(random.PRNGKey(seed), extra_fields=("diverging",))
    found = {name: np.asarray(value, dtype=float) for name, value in run.get_samples(group_by_chain=True).items()}
    root = found["root"]
    return Sampled(
        found["place"],
        found["spread"],
        root @ root.swapaxes(-1, -2),
        found["own"],
        int(np.asarray(run.get_extra_fields()["diverging"]).sum()),
    )


def _model(numpyro: Any, data: ChoiceData, tastes: Tastes, scale: Floats) -> Any:  # noqa: ANN401 - an extra's kinds
    import jax.numpy as jnp  # noqa: PLC0415 - comes with numpyro
    from jax.scipy.special import logsumexp  # noqa: PLC0415 - comes with numpyro
    from numpyro import distributions as priors  # noqa: PLC0415 - an extra

    gaps = jnp.asarray(data.gaps / scale)
    person = jnp.asarray(data.person)
    closed = None if data.offered is None else jnp.asarray(np.where(data.offered, 0.0, -np.inf))
    columns, spread_columns, people = gaps.shape[2], len(tastes.columns), len(data.people)
    logs = tastes.sign != 0
    widths = jnp.asarray(np.where(logs, LOG_WIDTH, SPREAD_WIDTH))
    place_widths = jnp.asarray(np.where(tastes.signs != 0, SPREAD_WIDTH, PLACE_WIDTH))

    def model() -> None:
        place = numpyro.sample("place", priors.Normal(jnp.zeros(columns), place_widths))
        spread = numpyro.sample("spread", priors.HalfNormal(widths))
        root = numpyro.sample("root", priors.LKJCholesky(spread_columns, CORRELATION_SHAPE))
        with numpyro.plate("respondents", people, dim=-2), numpyro.plate("columns", spread_columns, dim=-1):
            standard = numpyro.sample("standard", priors.Normal(0.0, 1.0))
        taste = place[tastes.columns] + standard @ (spread[:, None] * root).T
        own = jnp.where(logs, tastes.sign * jnp.exp(jnp.where(logs, taste, 0.0)), taste)
        numpyro.deterministic("own", own)
        everybody = jnp.broadcast_to(place, (people, columns)).at[:, tastes.columns].set(own)  # noqa: PD008 - an array of jax
        utility = jnp.einsum("cjk,ck->cj", gaps, everybody[person])
        if closed is not None:
            utility = utility + closed
        chosen = jnp.zeros((len(gaps), 1))
        numpyro.factor("choices", -logsumexp(jnp.concatenate([chosen, utility], axis=1), axis=1).sum())

    return model


# --- Whether the chains of a sampler agree, and how much their samples amount to

MOST_R_HAT = 1.01
FEWEST_PER_CHAIN = 100
_HALF = 2


@dataclass(frozen=True, eq=False)
class Convergence:
    """How far the chains agree, parameter by parameter.

    Attributes
    ----------
    table
        parameter, r_hat (1 when chains agree) and effective (independent samples they amount to).
    divergences
        Steps of the sampler that went astray.
    chains, samples
        How many chains, and samples of each.

    References
    ----------
    Vehtari et al. (2021), Rank-normalization, folding, and localization, Bayesian Analysis 16, 667-718.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import Convergence
    >>> table = pd.DataFrame({"parameter": ["price", "sso"], "r_hat": [1.0, 1.3], "effective": [900.0, 40]})
    >>> found = Convergence(table, divergences=0, chains=4, samples=500)
    >>> found.worst_r_hat, found.fewest_effective, len(found.cautions)
    (1.3, 40.0, 2)
    """

    table: pd.DataFrame
    divergences: int
    chains: int
    samples: int

    @property
    def worst_r_hat(self) -> float:
        """Return the largest R-hat."""
        return float(self.table["r_hat"].max())

    @property
    def fewest_effective(self) -> float:
        """Return the smallest effective number of samples."""
        return float(self.table["effective"].min())

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return warnings by the limits of Vehtari et al. (2021, Bayesian Analysis 16, 667-718)."""
        found, fewest = [], FEWEST_PER_CHAIN * self.chains
        if not self.worst_r_hat <= MOST_R_HAT:
            found.append(Caution(say("chains_disagree", r_hat=self.worst_r_hat, most=MOST_R_HAT)))
        if not self.fewest_effective >= fewest:
            found.append(Caution(say("few_samples", effective=self.fewest_effective, fewest=fewest)))
        if self.divergences:
            found.append(Caution(say("went_astray", times=self.divergences)))
        return tuple(found)


def convergence(parts: dict[str, Floats], divergences: int) -> Convergence:
    """Return the convergence of named parameters, each chains x samples."""
    rows = [(name, float(split_r_hat(each)), float(effective_samples(each))) for name, each in parts.items()]
    chains, samples = next(iter(parts.values())).shape
    return Convergence(pd.DataFrame(rows, columns=["parameter", "r_hat", "effective"]), divergences, chains, samples)


def split_r_hat(chains: Floats) -> Floats:
    """Return R-hat of chains x samples (x others), chains cut into halves (Gelman et al. 2013, section 11.4)."""
    from numpyro.diagnostics import split_gelman_rubin  # noqa: PLC0415 - an extra

    with np.errstate(invalid="ignore", divide="ignore"):  # of chains that never move nothing is known
        return np.asarray(split_gelman_rubin(chains))


def effective_samples(chains: Floats) -> Floats:
    """Return how many independent samples chains x samples (x others) amount to (Geyer 1992; Vehtari et al. 2021).

    Halves count as chains of their own, so that a chain that drifts does not pass for many samples.
    """
    from numpyro.diagnostics import effective_sample_size  # noqa: PLC0415 - an extra

    half = chains.shape[1] // _HALF
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(effective_sample_size(np.concatenate([chains[:, :half], chains[:, -half:]])))


# --- Hierarchical Bayes: tastes of single respondents and of everybody, estimated together

WARM_UP, SAMPLES, CHAINS = 500, 500, 4
_FEWEST = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class HierarchicalModel(OfChoices):
    """Tastes by hierarchical Bayes.

    S samples, N respondents, K columns, Q of which differ between respondents.

    Attributes
    ----------
    data, tastes
        The choices, and which coefficients differ between respondents.
    parameters
        (S, K + Q) places and spreads as in `MixedModel`.
    utilities
        (S, N, K) the coefficients of respondents.
    correlations
        (Q, Q) how tastes go together, on average.
    effective
        (N,) independent samples behind each respondent.
    convergence
        Whether to trust it all.
    price, currency
        The price column, and what it is in.
    case
        The columns that say which rows were shown together.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_hierarchical
    >>> frame = example_answers("choice")
    >>> tastes = {"price": "lognormal", "sso": "normal"}
    >>> model = fit_hierarchical(frame, random=tastes, warm_up=100, samples=100, chains=2)
    >>> worth = model.willingness_to_pay().intervals["sso"]
    >>> bool(worth.low < 20 < worth.high), model.individual(draws=10).draws.shape
    (True, (100, 10, 2))
    """

    tastes: Tastes = field(repr=False)
    parameters: Floats = field(repr=False)
    utilities: Floats = field(repr=False)
    correlations: pd.DataFrame = field(repr=False)
    effective: Floats = field(repr=False)
    convergence: Convergence

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters: the columns, then their spreads."""
        return self.tastes.names

    def intervals(self, level: float = 0.9) -> dict[str, Interval]:
        """Return the middle of each parameter's samples, with the range that holds `level` of them."""
        low, middle, high = np.quantile(self.parameters, (0.5 - level / 2, 0.5, 0.5 + level / 2), axis=0).tolist()
        return {name: Interval(low[at], middle[at], high[at], level) for at, name in enumerate(self.names)}

    @property
    def table(self) -> pd.DataFrame:
        """Return attribute, distribution, low, coefficient, high, and the spread with its range."""
        found = self.intervals()
        unknown = Interval(float("nan"), float("nan"), float("nan"))
        rows = []
        for column, name in enumerate(self.coding.names):
            place, spread = found[name], found.get(SPREAD_OF + name, unknown)
            kind = self.tastes.distribution(column)
            rows.append((name, kind, place.low, place.estimate, place.high, spread.low, spread.estimate, spread.high))
        columns = ("attribute", "distribution", "low", "coefficient", "high", "spread_low", "spread", "spread_high")
        return pd.DataFrame(rows, columns=list(columns))

    def willingness_to_pay(self, *, level: float = 0.9) -> WillingnessToPay:
        """Return what one unit more of each attribute is worth to the middle respondent, with its range."""
        middle = self.tastes.middle(self.parameters)
        return simulated_willingness(self.data, np.median(middle, axis=0), middle, level)

    def individual(self, *, draws: int = 200, seed: int = 1) -> IndividualUtilities:
        """Return the coefficients of every respondent given all choices: averages and equally likely draws.

        A draw holds all respondents as they were sampled together, so the draws carry the uncertainty about everybody
        as well as that about a respondent. Asking for more draws than there are samples repeats some.
        """
        random = np.random.default_rng(seed)
        samples = len(self.utilities)
        picked = random.permutation(np.arange(max(draws, samples)) % samples)[:draws]
        drawn = np.ascontiguousarray(self.utilities[picked].transpose(1, 0, 2))
        names, means = self.coding.names, self.utilities.mean(axis=0)
        return IndividualUtilities(self.data.people, names, self.price, means, drawn, self.effective, self.currency)

    def predict(self, frame: pd.DataFrame, *, draws: int = 1024, seed: int = 1) -> pd.Series:
        """Return the chance of every row's alternative to be chosen in its case, averaged over respondents.

        `draws` respondents, each as in one of the samples, stand for all.
        """
        everybody = self.utilities.reshape(-1, self.utilities.shape[2])
        return self.chances(frame, everybody[np.random.default_rng(seed).integers(len(everybody), size=draws)])

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before the estimates are used, the sampler's own troubles first."""
        middle = self.tastes.middle(self.parameters)
        centre = np.median(middle, axis=0)
        of_price = price_cautions(self.price, centre[self.price_column])
        return (*self.convergence.cautions, *of_price, *data_cautions(self.data, centre, middle.std(axis=0)))

    @property
    def reading(self) -> str:
        """Return what the samples say, in two or three sentences."""
        chains, worth = self.convergence, None
        if self.price is not None:
            found = worth_of_steps(worth_steps(self.data), self.willingness_to_pay())
            worth = next(iter(found.items()), None)
        sure = say("sure", r_hat=chains.worst_r_hat, effective=chains.fewest_effective, astray=chains.divergences)
        has_price = self.price is not None
        return say("reading", asked=self.asked, has_price=has_price, worth=worth, currency=self.currency, sure=sure)


def fit_hierarchical(
    frame: pd.DataFrame,
    *,
    random: Mapping[str, str] | None = None,
    respondent: str | ArrayLike = RESPONDENT,
    chosen: str = CHOSEN,
    case: str | Sequence[str] = CASE,
    attributes: Sequence[str] | None = None,
    price: str | None = PRICE,
    bases: Mapping[str, str] | None = None,
    warm_up: int = WARM_UP,
    samples: int = SAMPLES,
    chains: int = CHAINS,
    seed: int = 1,
    progress: bool = False,
    currency: str = NO_CURRENCY,
) -> HierarchicalModel:
    """Fit tastes that differ between respondents by hierarchical Bayes; it needs the extra `bayes`.

    Tastes are normal (or lognormal) around everybody's and may go together; priors are weak. Respondents all count
    alike: weights do not apply.

    Parameters
    ----------
    frame, random, respondent, chosen, case, attributes, price, bases, seed, currency
        As for `fit_mixed_logit`.
    warm_up, samples, chains
        Steps to settle, and samples to keep, in each of several chains.
    progress
        Show a bar.

    Returns
    -------
    HierarchicalModel
        Samples of everybody's and each respondent's tastes, and whether the chains agree.

    Raises
    ------
    MissingLibraryError
        Without the extra, with how to install it.
    DataErrors, ResearchError
        As for `fit_mixed_logit`.

    References
    ----------
    Allenby and Rossi (1998), Marketing models of consumer heterogeneity, Journal of Econometrics 89, 57-78.

    Examples
    --------
    >>> from workbench.research import example_answers, fit_hierarchical
    >>> frame = example_answers("choice")
    >>> tastes = {"price": "lognormal", "sso": "normal"}
    >>> model = fit_hierarchical(frame, random=tastes, warm_up=100, samples=100, chains=2)
    >>> bool(model.convergence.worst_r_hat < 1.2), model.names[:2]
    (True, ('price', 'sso'))
    """
    library()
    if min(warm_up, chains) < 1 or samples < _FEWEST:
        raise ResearchError(
            f"{warm_up} warm-up steps, {samples} samples and {chains} chains are too few.",
            f"Ask for 1 warm-up step and chain or more, {_FEWEST} samples or more; 500, 500 and 4 are usual.",
        )
    everybody = np.ones(len(frame))
    data = read_choices(
        frame, chosen=chosen, case=case, attributes=attributes, price=price, weights=everybody, person=respondent,
        bases=bases,
    )  # fmt: skip
    require_separate_columns(data)
    tastes = tastes_of(data.coding, random, price)
    scale = column_scale(data)
    found = sample(data, tastes, scale, warm_up=warm_up, samples=samples, chains=chains, seed=seed, progress=progress)
    parameters = _parameters(found, tastes, scale)
    utilities = _utilities(found, parameters, tastes, scale)
    names = [data.coding.names[column] for column in tastes.columns]
    parts = {name: parameters[:, :, at] for at, name in enumerate(tastes.names)}
    return HierarchicalModel(
        data=data,
        tastes=tastes,
        parameters=parameters.reshape(-1, parameters.shape[2]),
        utilities=utilities.reshape(-1, *utilities.shape[2:]),
        correlations=pd.DataFrame(found.correlation.mean(axis=(0, 1)), index=names, columns=names),
        effective=_effective(utilities, tastes),
        convergence=convergence(parts, found.divergences),
        currency=currency,
    )


def _parameters(found: Sampled, tastes: Tastes, scale: Floats) -> Floats:
    """Return places and spreads (c, s, K + Q) in the units of the columns."""
    scaled = np.concatenate([found.place, found.spread], axis=2)
    flat = scaled.reshape(-1, scaled.shape[2])
    return np.array([tastes.rescaled(each, 1 / scale) for each in flat]).reshape(scaled.shape)


def _utilities(found: Sampled, parameters: Floats, tastes: Tastes, scale: Floats) -> Floats:
    """Return the coefficients (c, s, N, K) of respondents in the units of the columns."""
    middle = tastes.middle(parameters)
    own = np.repeat(middle[:, :, None, :], found.own.shape[2], axis=2)
    own[..., tastes.columns] = found.own / scale[tastes.columns]
    return own


def _effective(utilities: Floats, tastes: Tastes) -> Floats:
    """Return the fewest independent samples (N,) behind any coefficient of each respondent."""
    return effective_samples(utilities[..., tastes.columns]).min(axis=-1)
