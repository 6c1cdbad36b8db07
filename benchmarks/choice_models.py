"""Multinomial and mixed logit beside xlogit and statsmodels, on the yogurt choices, to the same likelihood.

2,412 choices of 100 households between four brands (the data of R package logitr, read from $WORKBENCH_ORACLES or
`../shared/oracles`; without it, simulated choices of the same shape). Times run from the table to the estimates with
their standard errors. The mixed logit has four normal coefficients, 500 quasi-random draws per household and one start
on each side; each side's likelihood belongs to its own draws, so the two are asked to agree within 1%. statsmodels has
no mixed logit with panels, so it stands beside the multinomial one only (as a conditional logit).

xlogit and statsmodels are no part of the project. Put them into an environment of their own and name its Python:
`python3 -m venv elsewhere && elsewhere/bin/pip install xlogit statsmodels`, then
`BENCH_CHOICE_PYTHON=elsewhere/bin/python make bench`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import Row, compared, faster, median_seconds, milliseconds

if TYPE_CHECKING:
    import pandas as pd

PYTHON = os.environ.get("BENCH_CHOICE_PYTHON", sys.executable)
ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[2] / "shared" / "oracles"))
BRANDS = ("hiland", "weight", "yoplait")
COLUMNS = ("price", "feat", *BRANDS)
SPREAD = COLUMNS[1:]
DRAWS, REPEATS, MIXED_REPEATS = 500, 15, 3
STATSMODELS_TARGET, XLOGIT_TARGET = 10.0, 1.0
SHARE_FEATURED = 0.04
SAME, SAME_SIMULATED = 1e-6, 0.01
NOT_INSTALLED = "not installed"


def rows() -> list[Row]:
    """Return the measurements."""
    from workbench.research import fit_mixed_logit, fit_mnl  # noqa: PLC0415 - the other side runs without the project

    frame = choices()
    settings: dict[str, Any] = {"chosen": "choice", "case": "chid", "attributes": list(COLUMNS)}
    plain = partial(fit_mnl, frame, **settings)
    mixed = partial(
        fit_mixed_logit,
        frame,
        respondent="id",
        random=dict.fromkeys(SPREAD, "normal"),
        starts=1,
        draws=DRAWS,
        **settings,
    )
    theirs = {name: other_side(name, frame) for name in ("xlogit", "statsmodels", "xlogit mixed")}
    seconds, mixed_seconds = median_seconds(plain, REPEATS), median_seconds(mixed, MIXED_REPEATS, 1)
    levels = {name: plain().log_likelihood for name in ("xlogit", "statsmodels")}
    levels["xlogit mixed"] = mixed().log_likelihood
    for name, found in theirs.items():
        if found:
            require_same(name, levels[name], found["log_likelihood"])
    ten = median_seconds(partial(fit_mixed_logit, frame, respondent="id", starts=10, draws=DRAWS, **settings), 1, 0)
    return [
        beside("multinomial logit", seconds, theirs["statsmodels"], "statsmodels", STATSMODELS_TARGET),
        beside("multinomial logit", seconds, theirs["xlogit"], "xlogit", None),
        beside(
            f"mixed logit, one start (log-likelihood {levels['xlogit mixed']:,.2f})",
            mixed_seconds,
            theirs["xlogit mixed"],
            "xlogit",
            None,
        ),
        Row(f"mixed logit, ten starts, {DRAWS} draws", milliseconds(ten), "", ""),
    ]


def beside(what: str, seconds: float, found: dict[str, float], name: str, times_faster: float | None) -> Row:
    """Return a line against another program: at least so many times faster, or no slower."""
    if not found:
        return Row(what, milliseconds(seconds), f"{name}: {NOT_INSTALLED}", "")
    theirs = (f"{name} (log-likelihood {found['log_likelihood']:,.2f})", found["seconds"])
    if times_faster is not None:
        return faster(what, seconds, theirs, at_least=times_faster)
    return compared(what, seconds, theirs, at_most=XLOGIT_TARGET)


def require_same(name: str, ours: float, theirs: float) -> None:
    """Raise when two sides did not reach the same likelihood, for then their times cannot be compared."""
    most = SAME_SIMULATED if "mixed" in name else SAME
    if abs(ours - theirs) > most * abs(theirs):
        raise ValueError(f"{name} reached {theirs:,.4f} and ours {ours:,.4f}, so their times cannot be compared")


def choices() -> pd.DataFrame:
    """Return the yogurt choices with one column per brand but the first, or simulated ones of the same shape."""
    import pandas as pd  # noqa: PLC0415 - the other side reads its own

    path = ORACLES / "data" / "yogurt_long.csv"
    frame = pd.read_csv(path) if path.exists() else simulated()
    return frame.assign(**{brand: (frame["alt"] == brand).astype(int) for brand in BRANDS})


def simulated() -> pd.DataFrame:
    """Return choices of 100 households between four brands, 24 or 25 each, with tastes like those in the data."""
    import numpy as np  # noqa: PLC0415 - the other side needs none
    import pandas as pd  # noqa: PLC0415 - the other side reads its own

    random = np.random.default_rng(11)
    cases, households = 2412, 100
    household = np.sort(np.arange(cases) % households)
    price = np.array([8.1, 5.4, 7.9, 10.7]) + random.normal(0, 0.8, (cases, 4))
    feat = (random.random((cases, 4)) < SHARE_FEATURED).astype(int)
    taste = np.array([0.9, -5.4, -3.8, 0.8]) + np.array([1.3, 2.6, 4.2, 3.8]) * random.normal(size=(households, 4))
    brand = np.column_stack([np.zeros(households), taste[:, 1:]])[household]
    utility = -0.46 * price + taste[household, :1] * feat + brand + random.gumbel(size=(cases, 4))
    return pd.DataFrame(
        {
            "id": np.repeat(household + 1, 4),
            "chid": np.repeat(np.arange(cases) + 1, 4),
            "alt": np.tile(["dannon", *BRANDS], cases),
            "choice": (utility == utility.max(axis=1, keepdims=True)).astype(int).ravel(),
            "price": price.ravel(),
            "feat": feat.ravel(),
        }
    )


def other_side(name: str, frame: pd.DataFrame) -> dict[str, float]:
    """Time another program in a process of its own; nothing when it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "choices.csv"
        frame.to_csv(path, index=False)
        done = subprocess.run([PYTHON, __file__, name, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def timed_elsewhere(name: str, path: str) -> dict[str, float]:
    """Fit with xlogit or statsmodels, in the process that has them."""
    import warnings  # noqa: PLC0415 - only in the other process

    warnings.simplefilter("ignore")
    try:
        import pandas as pd  # noqa: PLC0415 - only in the other process

        fit = {"xlogit": _xlogit, "xlogit mixed": _xlogit_mixed, "statsmodels": _statsmodels}[name](pd.read_csv(path))
    except ImportError:
        return {}
    level: list[float] = []
    repeats = REPEATS if name == "xlogit" else MIXED_REPEATS
    seconds = median_seconds(lambda: level.append(fit()), repeats, 1)
    return {"seconds": seconds, "log_likelihood": level[-1]}


def _xlogit(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a function of no arguments
    from xlogit import MultinomialLogit  # noqa: PLC0415 - no part of the project

    def fit() -> float:
        model = MultinomialLogit()
        model.fit(
            X=frame[list(COLUMNS)], y=frame["choice"], varnames=list(COLUMNS), ids=frame["chid"], alts=frame["alt"],
            verbose=0,
        )  # fmt: skip
        return float(model.loglikelihood)

    return fit


def _xlogit_mixed(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a function of no arguments
    from xlogit import MixedLogit  # noqa: PLC0415 - no part of the project

    def fit() -> float:
        model = MixedLogit()
        model.fit(
            X=frame[list(COLUMNS)], y=frame["choice"], varnames=list(COLUMNS), ids=frame["chid"], alts=frame["alt"],
            panels=frame["id"], randvars=dict.fromkeys(SPREAD, "n"), n_draws=DRAWS, halton=True, verbose=0,
        )  # fmt: skip
        return float(model.loglikelihood)

    return fit


def _statsmodels(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - a function of no arguments
    from statsmodels.discrete.conditional_models import ConditionalLogit  # noqa: PLC0415 - no part of the project

    def fit() -> float:
        model = ConditionalLogit(frame["choice"], frame[list(COLUMNS)], groups=frame["chid"])
        return float(model.fit(disp=0).llf)

    return fit


if __name__ == "__main__":
    print(json.dumps(timed_elsewhere(*sys.argv[1:])))
