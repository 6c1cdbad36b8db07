"""Hierarchical Bayes by the No-U-Turn sampler of numpyro, which the extra `bayes` brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import MissingLibraryError

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.tastes import Tastes

PLACE_WIDTH, SPREAD_WIDTH, LOG_WIDTH = 5.0, 2.0, 1.0
"""Prior standard deviations for columns of similar size: wide beside the tastes surveys find, not without end."""
CORRELATION_SHAPE = 2.0


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the sampler brought: chains c, samples s, N respondents, K columns, Q of them spread.

    `place` (c, s, K), `spread` (c, s, Q), `correlation` (c, s, Q, Q) and `own` (c, s, N, Q), which are coefficients,
    are for columns divided by the scale given. `divergences` counts steps that went astray.
    """

    place: NDArray[np.float64]
    spread: NDArray[np.float64]
    correlation: NDArray[np.float64]
    own: NDArray[np.float64]
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
    scale: NDArray[np.float64],
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


def _model(numpyro: Any, data: ChoiceData, tastes: Tastes, scale: NDArray[np.float64]) -> Any:  # noqa: ANN401 - an extra's kinds
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
        everybody = jnp.broadcast_to(place, (people, columns)).at[:, tastes.columns].set(own)
        utility = jnp.einsum("cjk,ck->cj", gaps, everybody[person])
        if closed is not None:
            utility = utility + closed
        chosen = jnp.zeros((len(gaps), 1))
        numpyro.factor("choices", -logsumexp(jnp.concatenate([chosen, utility], axis=1), axis=1).sum())

    return model
