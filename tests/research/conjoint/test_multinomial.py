"""Laws of the multinomial logit: recovery, coverage, weights, clusters, refusals and cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataErrors
from workbench.research import ResearchError, fit_mnl

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

TRUTH = {"price": -0.5, "reports": 1.0, "support": -0.3}
STUDIES = 300


@pytest.fixture(scope="module")
def frame(survey: Callable) -> pd.DataFrame:
    """Return 200 respondents with the same taste."""
    return survey(TRUTH, {}, people=200, tasks=6, seed=3)[0]


def numbered(data: pd.DataFrame) -> pd.DataFrame:
    """Return a survey in a layout of its own: one column for the case."""
    return data.assign(case=data["respondent"] + data["task"])[["case", "respondent", "chosen", *TRUTH]]


def cautions(model: object) -> str:
    """Return all cautions as one text."""
    return " ".join(each.text for each in model.cautions)


def test_intervals_hold_the_truth_as_often_as_they_say(survey: Callable) -> None:
    """Over simulated studies, 90% intervals of coefficients and of willingness to pay cover in 85 to 95% of them."""
    held = {"coefficient": [], "delta": [], "simulated": []}
    for seed in range(STUDIES):
        data, _ = survey(TRUTH, {}, people=60, tasks=5, seed=1000 + seed)
        model = fit_mnl(data.assign(case=data["respondent"] + data["task"])[["case", "chosen", *TRUTH]], case="case")
        gap = np.abs(model.estimates - np.array(list(TRUTH.values())))
        held["coefficient"] += (gap <= 1.6449 * model.standard_errors.to_numpy()).tolist()
        for method in ("delta", "simulated"):
            worth = model.willingness_to_pay(method=method, draws=1000)
            for name in ("reports", "support"):
                truth = -TRUTH[name] / TRUTH["price"]
                held[method].append(worth[name].low <= truth <= worth[name].high)
    for method, found in held.items():
        assert 0.85 <= np.mean(found) <= 0.95, f"{method}: {np.mean(found):.3f}"


def test_clustered_errors_cover_where_tastes_differ(survey: Callable) -> None:
    """With tastes that differ, clustered intervals of averages over respondents cover, and plain ones are narrower."""
    spread = {"reports": 2.0}
    data, _ = survey(TRUTH, spread, people=4000, tasks=8, seed=5)
    everybody = fit_mnl(numbered(data), case="case").coefficients["reports"]  # the value that any one study estimates
    held = []
    for seed in range(80):
        study = numbered(survey(TRUTH, spread, people=80, tasks=8, seed=3000 + seed)[0])
        model = fit_mnl(study, case="case", cluster="respondent")
        assert model.standard_errors["reports"] > fit_mnl(study, case="case").standard_errors["reports"]
        held.append(abs(model.coefficients["reports"] - everybody) <= 1.6449 * model.standard_errors["reports"])
    assert 0.82 <= np.mean(held) <= 0.97  # 80 studies: two standard errors are 7 points


def test_one_two_or_many_alternatives_of_unequal_number(survey: Callable) -> None:
    """Dropping an alternative that was not chosen from some cases keeps the truth within reach."""
    data, _ = survey(TRUTH, {}, people=400, tasks=6, seed=8, shown=4)
    lost = (data["alternative"] == "4") & (data["chosen"] == 0) & (data["task"].isin(["1", "2", "3"]))
    model = fit_mnl(data[~lost])
    assert set(model.data.alternatives) == {3, 4}
    chance = model.predict(data[~lost])
    per_case = chance.groupby([data["respondent"], data["task"]]).sum()
    np.testing.assert_allclose(per_case, 1.0, rtol=1e-12)
    same = fit_mnl(data)
    assert model.null_log_likelihood > same.null_log_likelihood


def test_the_order_of_rows_changes_nothing(frame: pd.DataFrame) -> None:
    """Shuffled rows give the same estimates, and the frame given is not changed."""
    before = frame.copy()
    shuffled = frame.sample(frac=1, random_state=1)
    np.testing.assert_allclose(fit_mnl(shuffled).estimates, fit_mnl(frame).estimates, rtol=1e-9)
    pd.testing.assert_frame_equal(frame, before)


def test_a_weight_of_two_counts_like_answering_twice(frame: pd.DataFrame) -> None:
    """Doubling some weights gives the coefficients of repeating those respondents."""
    first = frame["respondent"] < "R0100"
    weighted = fit_mnl(frame, weights=np.where(first, 2.0, 1.0))
    again = frame[first].assign(respondent=lambda rows: rows["respondent"] + "x")
    repeated = fit_mnl(pd.concat([frame, again]))
    np.testing.assert_allclose(weighted.estimates, repeated.estimates, rtol=1e-8)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)


def test_the_size_of_weights_does_not_make_estimates_surer(frame: pd.DataFrame) -> None:
    """Weights that all are 100 leave coefficients and standard errors where weights of 0.01 have them."""
    heavy, light = (fit_mnl(frame, weights=np.full(len(frame), size)) for size in (100.0, 0.01))
    np.testing.assert_allclose(heavy.estimates, light.estimates, rtol=1e-7)
    np.testing.assert_allclose(heavy.standard_errors, light.standard_errors, rtol=1e-7)


def test_a_column_called_weight_can_be_an_attribute(frame: pd.DataFrame) -> None:
    """Outside the survey's own layout, and where it is named, the column `weight` describes the alternative."""
    heavy = frame.rename(columns={"reports": "weight"})
    named = fit_mnl(heavy, attributes=["weight", "support"])
    assert named.coefficients["weight"] == pytest.approx(fit_mnl(frame).coefficients["reports"])
    other = heavy.assign(case=heavy["respondent"] + heavy["task"])
    again = fit_mnl(other, case="case", attributes=["weight", "support"])
    assert again.coefficients["weight"] == pytest.approx(named.coefficients["weight"])
    people = frame.assign(weight=np.where(frame["respondent"] < "R0100", 2.0, 1.0))
    by_name = fit_mnl(frame, weights=people["weight"].to_numpy())
    np.testing.assert_allclose(fit_mnl(people).estimates, by_name.estimates)


def test_words_become_levels_against_a_base(frame: pd.DataFrame) -> None:
    """A text attribute gives the same fit as its dummies; another base shifts the others by the old one."""
    plan = frame["reports"].map({0.0: "basic", 1.0: "full"})
    words = fit_mnl(frame.assign(reports=plan))
    assert words.coding.bases == {"reports": "basic"}
    assert words.coefficients["reports: full"] == pytest.approx(fit_mnl(frame).coefficients["reports"])
    turned = fit_mnl(frame.assign(reports=plan), bases={"reports": "full"})
    assert turned.coefficients["reports: basic"] == pytest.approx(-words.coefficients["reports: full"])
    kind = plan.astype(pd.CategoricalDtype(["full", "basic"]))
    assert fit_mnl(frame.assign(reports=kind)).coding.bases == {"reports": "full"}


def test_none_of_them_may_leave_words_blank(frame: pd.DataFrame) -> None:
    """The row for choosing none has no level; anywhere else a blank level is a problem with its row."""
    plan = frame["reports"].map({0.0: "basic", 1.0: "full"})
    none = (frame["alternative"] == "3").astype(int)
    blank = frame.assign(reports=plan.where(none == 0, ""), price=frame["price"].where(none == 0, 0.0), none=none)
    assert np.isfinite(fit_mnl(blank).coefficients["none"])
    with pytest.raises(DataErrors) as raised:
        fit_mnl(blank.assign(reports=plan.where(frame.index != 3, "")))
    assert [(each.row, each.column) for each in raised.value.problems] == [(5, "reports")]


def test_separated_choices_end_and_are_told() -> None:
    """When everybody takes what has reports, the fit ends, names the column and leaves its interval open."""
    random = np.random.default_rng(0)
    cases = np.repeat(np.arange(200), 2)
    reports = np.tile([1, 0], 200)
    price = random.uniform(1, 5, 400).round(2)
    data = pd.DataFrame({"case": cases, "chosen": reports, "price": price, "reports": reports})
    model = fit_mnl(data, case="case")
    assert "reports" in model.separated
    assert np.isnan(model.standard_errors["reports"])
    interval = model.willingness_to_pay()["reports"]
    assert (interval.low, interval.high) == (-np.inf, np.inf)
    assert "no finite coefficient" in cautions(model)
    assert model.reading
    mixed = np.where(np.arange(200) < 100, 1, 0)  # half of the people leave reports: nothing is separated any more
    told = data.assign(chosen=np.where(np.repeat(mixed, 2) == 1, reports, 1 - reports))
    assert fit_mnl(told, case="case").separated == ()


def test_collinear_columns_are_refused_by_name(frame: pd.DataFrame) -> None:
    """A column that is a sum of others is refused with all of them; so is one that never differs in a case."""
    with pytest.raises(ResearchError, match=r"collinear.*price.*twice") as raised:
        fit_mnl(frame.assign(twice=2 * frame["price"]))
    assert "support" not in raised.value.message
    with pytest.raises(ResearchError, match="never differ in size"):
        fit_mnl(frame.assign(size=frame.groupby(["respondent", "task"]).ngroup()))


def test_a_liked_price_is_a_warning(frame: pd.DataFrame) -> None:
    """A price coefficient above zero is said, and the reading offers no money."""
    model = fit_mnl(frame.assign(price=-frame["price"] + 7))
    assert "not negative" in cautions(model)
    assert "no worth in money" in model.reading


def test_few_choices_and_dominated_alternatives_are_told(frame: pd.DataFrame) -> None:
    """Two choices each are too few; an offer that is dearer and no better than another is counted."""
    few = fit_mnl(frame[frame["task"].isin(["1", "2"])])
    assert "choices or fewer" in cautions(few)
    assert "choices or fewer" not in cautions(fit_mnl(frame))
    assert "better in nothing" in cautions(fit_mnl(frame))
    first, second = frame["alternative"] == "1", frame["alternative"] == "2"
    trade = frame[first | second].assign(
        price=lambda rows: np.where(rows["alternative"] == "1", 2 + rows["support"], 4 + rows["support"]),
        reports=lambda rows: (rows["alternative"] == "2").astype(float),
        chosen=lambda rows: np.where(
            rows["alternative"] == "1", rows["respondent"] < "R0080", rows["respondent"] >= "R0080"
        ).astype(int),
    )
    assert "better in nothing" not in cautions(fit_mnl(trade, attributes=["reports"]))


def test_every_problem_is_listed_with_its_row(frame: pd.DataFrame) -> None:
    """Two chosen, none chosen, one alternative and a price that is no number come in one error each, all at once."""
    plain = numbered(frame)
    broken = plain.copy()
    broken.loc[broken["case"] == "R00001", "chosen"] = 1
    broken.loc[broken["case"] == "R00002", "chosen"] = 0
    alone = broken["case"] == "R00003"
    broken = broken[~(alone & (broken["chosen"] == 0))]
    with pytest.raises(DataErrors) as raised:
        fit_mnl(broken, case="case")
    values = [each.value for each in raised.value.problems]
    assert values == ["3 chosen in R00001", "0 chosen in R00002", "1 alternative in R00003"]
    with pytest.raises(DataErrors) as raised:
        fit_mnl(plain.assign(price=plain["price"].where(plain.index > 1)), case="case")
    assert [row for each in raised.value.problems for row in each.rows] == [2, 3]
    with pytest.raises(DataErrors, match="0 or 1"):
        fit_mnl(plain.assign(chosen=plain["chosen"] * 2), case="case")


def test_settings_that_make_no_sense_are_refused(frame: pd.DataFrame) -> None:
    """Missing columns, wrong lengths and unknown methods are named."""
    with pytest.raises(ResearchError, match="no column discount"):
        fit_mnl(frame, attributes=["discount"])
    with pytest.raises(ResearchError, match="no column 'cost'"):
        fit_mnl(frame, price="cost")
    with pytest.raises(ResearchError, match="3 weights"):
        fit_mnl(frame, weights=[1, 2, 3])
    with pytest.raises(ResearchError, match="no level"):
        fit_mnl(frame.assign(reports="a"), bases={"reports": "b"})
    with pytest.raises(ResearchError, match="no method"):
        fit_mnl(frame).willingness_to_pay(method="guess")
    with pytest.raises(ResearchError, match="no price"):
        fit_mnl(frame, price=None, attributes=["reports"]).willingness_to_pay()
    assert "no price" in fit_mnl(frame, price=None, attributes=["reports"]).reading


def test_the_reading_says_who_was_asked_and_what_is_worth_most(frame: pd.DataFrame) -> None:
    """Population, money and range are in the sentences."""
    model = fit_mnl(frame, currency="EUR")
    assert "200 respondents, 1,200 choices" in model.reading
    assert "€" in model.reading
    assert "90%" in model.reading
    assert list(model.table.columns) == ["attribute", "coefficient", "standard_error", "ratio"]
    assert model.bic > model.aic
