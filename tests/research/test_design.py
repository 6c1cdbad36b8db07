"""Study design: even sets, efficient tasks that tell what they promise, sizes that keep their word."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from workbench.formatting import number
from workbench.research import (
    Attribute,
    ResearchError,
    asked_prices,
    design_best_worst,
    design_choices,
    price_ladder,
    respondents_for_best_worst,
    respondents_for_choice,
    respondents_for_feature_fit,
    respondents_for_price_point,
    respondents_for_share,
)
from workbench.research.conjoint.design import DesignInformation

pytestmark = pytest.mark.slow

OFFER = {"price": (199, 399, 599, 999), "data": (250, 500, 1000), "support": ("mail", "phone"), "audit": ("no", "yes")}
PRIORS = {"price": -0.004, "data": 0.0006, "support": {"phone": 0.4}}


def test_the_known_optimum_of_a_small_design_is_found() -> None:
    """Pairs of opposites are optimal for three yes-or-no attributes: each task adds one unit of information on each."""
    design = design_choices(dict.fromkeys("abc", ("x", "y")), tasks=4, alternatives=2, none=False)
    assert design.d_error == pytest.approx(0.25)
    assert (design.overlap == 0).all()


def test_the_information_is_that_of_the_logit() -> None:
    """The information of a task is the expected second derivative of its log likelihood, checked by differences."""
    attributes = (Attribute("price", (1, 2, 4), -0.5), Attribute("kind", ("a", "b", "c"), {"a": 0.6}))
    task = np.array([[0, 1], [2, 0], [1, 2]])
    information = DesignInformation.of(attributes, none=True, none_utility=0.3).information(task)
    coded = np.column_stack([attributes[0].coded[task[:, 0]], attributes[1].coded[task[:, 1]], np.zeros(3)])
    rows = np.vstack([coded, [0, 0, 0, 0, 1]])
    true = np.append(attributes[0].utility[task[:, 0]] + attributes[1].utility[task[:, 1]], 0.3)
    share = np.exp(true) / np.exp(true).sum()

    def loss(beta: np.ndarray) -> float:
        utility = true + rows @ beta
        return -float(share @ (utility - np.log(np.exp(utility).sum())))

    step, unit = 1e-4, np.eye(5)
    numeric = [
        [
            (
                loss(step * (unit[k] + unit[m]))
                - loss(step * (unit[k] - unit[m]))
                - loss(step * (unit[m] - unit[k]))
                + loss(-step * (unit[k] + unit[m]))
            )
            / (4 * step**2)
            for m in range(5)
        ]
        for k in range(5)
    ]
    np.testing.assert_allclose(information, numeric, atol=1e-6)


@pytest.mark.parametrize("kind", ["balanced", "efficient"])
def test_designs_beat_chance_and_keep_prohibited_pairs_out(kind: str) -> None:
    """The search never ends above its starts; no offer is prohibited, none occurs twice in a task."""
    banned = (("price", 199), ("support", "phone"))
    design = design_choices(OFFER, tasks=6, versions=2, kind=kind, priors=PRIORS, prohibited=[banned])
    assert design.d_error < design.random_d_error
    frame = design.frame
    assert not ((frame["price"] == 199) & (frame["support"] == "phone")).any()
    offers = frame[frame["none"] == 0]
    assert not offers.duplicated(["version", "task", *OFFER]).any()
    assert offers.groupby(["version", "task"]).size().eq(3).all()
    assert frame[frame["none"] == 1].groupby(["version", "task"]).size().eq(1).all()


def test_balanced_designs_show_every_level_equally_often() -> None:
    """In a balanced design each level of an attribute is shown the same number of times; efficient ones may differ."""
    design = design_choices(OFFER, tasks=8, versions=3, kind="balanced", priors=PRIORS)
    assert (design.level_balance["shown"] == design.level_balance["equal"]).all()
    efficient = design_choices(OFFER, tasks=8, versions=3, kind="efficient", priors=PRIORS)
    assert efficient.d_error <= design.d_error * 1.001


def test_versions_show_about_the_same_levels() -> None:
    """No version shows a level of two more than one and a half times as often as its share."""
    design = design_choices(OFFER, tasks=6, versions=4)
    offers = design.frame[design.frame["none"] == 0]
    for name in ("support", "audit"):
        assert offers.groupby(["version", name]).size().between(4, 14).all()


def test_a_quantity_keeps_its_middle_levels_unless_it_is_straight() -> None:
    """Every price is shown where a bend is to be seen; a straight one needs its ends only, and more precisely so."""
    bent = design_choices([Attribute("price", (1, 2, 3, 4)), Attribute("kind", ("a", "b"))], tasks=12, none=False)
    assert (bent.level_balance.query("attribute == 'price'")["shown"] > 4).all()
    straight = design_choices(
        [Attribute("price", (1, 2, 3, 4), straight=True), Attribute("kind", ("a", "b"))],
        tasks=12,
        alternatives=2,
        none=False,
    )
    shown = straight.level_balance.query("attribute == 'price'").set_index("level")["shown"]
    assert shown["1"] + shown["4"] > shown["2"] + shown["3"]


def test_the_same_seed_gives_the_same_design() -> None:
    """Designs repeat exactly, and another seed gives another one."""
    one, again, other = (design_choices(OFFER, tasks=5, seed=seed).frame for seed in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)


def test_what_cannot_be_designed_is_refused() -> None:
    """Too few tasks, levels nobody has, names of other columns and impossible prohibitions each say why."""
    for settings, words in (
        ({"attributes": OFFER, "tasks": 1}, "cannot tell"),
        ({"attributes": {"price": (1,)}}, "too few different levels"),
        ({"attributes": {"task": (1, 2)}}, "cannot be columns"),
        ({"attributes": OFFER, "priors": {"colour": 1.0}}, "priors for colour"),
        ({"attributes": OFFER, "priors": {"support": 1.0}}, "are words"),
        ({"attributes": OFFER, "priors": {"support": {"fax": 1.0}}}, "does not fit"),
        ({"attributes": OFFER, "prohibited": [(("price", 1), ("data", 250))]}, "not part of the study"),
        ({"attributes": OFFER, "prohibited": [(("price", 199), ("price", 199))]}, "without any use"),
        ({"attributes": {"a": (1, 2)}, "alternatives": 3}, "fewer allowed offers"),
    ):
        with pytest.raises(ResearchError, match=words):
            design_choices(**settings)


@pytest.mark.parametrize(("features", "shown", "versions"), [(14, 4, 1), (14, 4, 4), (9, 3, 3), (6, 5, 2)])
def test_best_worst_sets_are_even(features: int, shown: int, versions: int) -> None:
    """Within a version each feature is shown equally often or once more; over all, pairs differ by few."""
    names = [f"f{place}" for place in range(features)]
    design = design_best_worst(names, shown=shown, versions=versions)
    for _, part in design.frame.groupby("version"):
        assert np.ptp(part["feature"].value_counts().reindex(names, fill_value=0)) <= 1
        assert not part.duplicated(["task", "feature"]).any()
    pairs = design.pair_balance.to_numpy()
    together = pairs[np.triu_indices(features, 1)]
    assert together.std() <= 0.75
    assert np.array_equal(np.diag(pairs), design.feature_balance.to_numpy())
    assert design.feature_balance.min() >= 3 * versions


def test_a_perfect_design_is_found_where_there_is_one() -> None:
    """Seven features in seven sets of three meet each other exactly once."""
    pairs = design_best_worst(list("abcdefg"), shown=3, tasks=7, versions=1).pair_balance.to_numpy()
    assert (pairs[~np.eye(7, dtype=bool)] == 1).all()


def test_best_worst_settings_that_cannot_be_met() -> None:
    """Two features, a feature twice and more shown than there are are refused."""
    for names, shown in ((["a", "b"], 2), (["a", "a", "b"], 2), (["a", "b", "c"], 4)):
        with pytest.raises(ResearchError):
            design_best_worst(names, shown=shown)


def test_ladders_rise_by_the_same_ratio_and_randomised_prices_stay_even() -> None:
    """Steps are equal ratios but for rounding; groups of randomised prices differ by one person at most."""
    ladder = price_ladder(50, 800, 9)
    ratios = [b / a for a, b in zip(ladder.prices, ladder.prices[1:], strict=False)]
    assert max(ratios) / min(ratios) < 1.1
    assigned = ladder.assign(31)
    assert np.ptp(assigned["price"].value_counts()) <= 1
    assert np.ptp(assigned["price"].head(9).value_counts()) == 0
    for wrong in ((5, 5, 8), (1, 2), (0, 1, 2)):
        with pytest.raises(ResearchError):
            asked_prices(wrong)
    with pytest.raises(ResearchError):
        price_ladder(100, 50)
    with pytest.raises(ResearchError):
        price_ladder(100, 103, 9)


def test_the_size_for_a_share_gives_the_promised_width() -> None:
    """Simulated shares from as many respondents spread as wide as was asked for."""
    size = respondents_for_share(0.1, 0.3)
    drawn = np.random.default_rng(1).binomial(size.respondents, 0.3, 20_000) / size.respondents
    assert np.subtract(*np.quantile(drawn, (0.95, 0.05))) == pytest.approx(0.1, rel=0.05)
    assert respondents_for_feature_fit(0.1, -0.3, unclear=0.5).respondents == 2 * size.respondents


def test_the_size_for_a_price_point_gives_the_promised_width() -> None:
    """Crossings of simulated curves from as many respondents spread as wide as was asked for."""
    spread, apart = 0.4, 0.6
    size = respondents_for_price_point(0.12, spread=spread, apart=apart)
    random = np.random.default_rng(2)
    points = []
    for _ in range(400):
        own = random.normal(0, spread, size.respondents)
        low, high = np.sort(np.exp(own - apart / 2)), np.sort(np.exp(own + apart / 2))
        grid = np.linspace(0.7, 1.4, 400)
        above = 1 - np.searchsorted(low, grid, "right") / size.respondents
        below = np.searchsorted(high, grid, "right") / size.respondents
        points.append(grid[np.argmin(np.abs(above - below))])
    assert np.subtract(*np.quantile(points, (0.95, 0.05))) == pytest.approx(0.12, rel=0.2)


def test_the_size_for_best_worst_follows_the_published_error() -> None:
    """At the size found, twice z published standard errors are as wide as was asked for."""
    size = respondents_for_best_worst(0.2, 14, tasks=7, shown=4)
    views = size.respondents * 7 * 4 / 14
    assert 2 * 1.6449 / np.sqrt(2 * views * 0.25) == pytest.approx(0.2, rel=0.01)


def test_the_size_for_a_choice_study_gives_the_promised_width() -> None:
    """Fitted to simulated choices of as many respondents, willingness to pay spreads about as wide as was asked for."""
    design = design_choices(OFFER, tasks=6, versions=2, priors=PRIORS, none=False)
    size = respondents_for_choice(150.0, design, "support")
    levels = {each.name: np.array(each.levels, dtype=object) for each in design.attributes}
    columns = np.stack(
        [
            levels["price"][design.tasks[..., 0]].astype(float) / 100,
            levels["data"][design.tasks[..., 1]].astype(float) / 1000,
            (levels["support"][design.tasks[..., 2]] == "phone").astype(float),
            (levels["audit"][design.tasks[..., 3]] == "yes").astype(float),
        ],
        axis=-1,
    )
    rows = np.concatenate([columns[person % 2] for person in range(size.respondents)])
    truth = np.array([-0.4, 0.6, 0.4, 0.0])
    random = np.random.default_rng(3)

    def fitted() -> float:
        felt = rows @ truth + random.gumbel(0, 1, rows.shape[:2])
        picked = np.take_along_axis(rows, felt.argmax(axis=1)[:, None, None], axis=1)[:, 0]

        def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
            utility = rows @ beta
            odds = np.exp(utility - utility.max(axis=1, keepdims=True))
            share = odds / odds.sum(axis=1, keepdims=True)
            value = (picked @ beta).sum() - (np.log(odds.sum(axis=1)) + utility.max(axis=1)).sum()
            return -value, -(picked - (share[..., None] * rows).sum(axis=1)).sum(axis=0)

        beta = minimize(loss, truth, jac=True, method="BFGS").x
        return float(-100 * beta[2] / beta[0])

    widths = [fitted() for _ in range(120)]
    assert np.subtract(*np.quantile(widths, (0.95, 0.05))) == pytest.approx(150, rel=0.3)


def test_sizes_without_what_they_stand_on_are_refused() -> None:
    """A width of nothing, and money without a prior of the price, are refused."""
    with pytest.raises(ResearchError):
        respondents_for_share(0.0)
    with pytest.raises(ResearchError, match="prior of the price"):
        respondents_for_choice(50.0, design_choices(OFFER, tasks=6), "support")


def test_cautions_and_reading_say_what_the_design_is() -> None:
    """Missing priors, prohibited pairs and foregone choices are said; the reading names tasks and the D-error."""
    plain = design_choices(OFFER, tasks=6)
    assert "Without priors" in " ".join(each.text for each in plain.cautions)
    assert "6 tasks of 3 offers or none." in plain.reading
    assert f"The D-error is {number(plain.d_error)};" in plain.reading
    strong = design_choices(OFFER, tasks=6, kind="balanced", priors={"price": -0.05})
    assert "leave no doubt" in " ".join(each.text for each in strong.cautions)
