"""Experiments against tea-tasting, and the difference in differences of a published paper."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis.causal import difference_in_differences, event_study
from ecomtrain.analysis.experiment import compare_means, cuped

TEST = """
import pandas as pd, tea_tasting as tt
frame = pd.DataFrame(given["frame"])
frame["variant"] = (frame.pop("arm") == "treatment").astype(int)
frame["one"] = 1
result = {}
for name, metric in {
    "mean": tt.Mean("paid"), "cuped": tt.Mean("paid", "before"), "ratio": tt.RatioOfMeans("paid", "orders"),
}.items():
    found = tt.Experiment(m=metric).analyze(frame)["m"]
    result[name] = [found.control, found.treatment, found.effect_size, found.effect_size_ci_lower,
                    found.effect_size_ci_upper, found.pvalue]
"""


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    before = rng.gamma(2, 40, 3000)
    arm = np.where(rng.random(3000) < 0.5, "treatment", "control")
    paid = 0.8 * before + rng.gamma(2, 20, 3000) + 3 * (arm == "treatment")
    return pd.DataFrame({"arm": arm, "before": before, "paid": paid, "orders": 1 + rng.poisson(1, 3000)})


@pytest.fixture(scope="module")
def theirs(peer, frame):
    return peer("tea_tasting", TEST, frame=frame.to_dict("list"))


@pytest.mark.parametrize(("metric", "more"), [("mean", {}), ("ratio", {"denominator": "orders"})])
def test_means_and_ratios_are_theirs(theirs, frame, metric, more):
    row = compare_means(frame, numerator="paid", **more).iloc[0]
    ours = row[["control", "treatment", "change", "change_low", "change_high", "p"]].tolist()
    assert ours == pytest.approx(theirs[metric], rel=1e-6)


def test_the_adjusted_difference_is_theirs(theirs, frame):
    """They adjust by the covariance of all units, we by that within the arms: apart by the effect itself."""
    row = cuped(frame, outcome="paid", covariate="before").iloc[0]
    ours = row[["change", "change_low", "change_high"]].tolist()
    assert ours == pytest.approx(theirs["cuped"][2:5], abs=0.02)


def test_the_donors_of_california_are_those_of_the_paper(peer):
    """Kessler and Roth (2014), as told by Huntington-Klein: -0.0225, standard error .0067 by state."""
    code = """
from causaldata import organ_donations
import statsmodels.formula.api as smf
frame = organ_donations.load_pandas().data
frame["treated"] = ((frame["State"] == "California") & (frame["Quarter_Num"] >= 4)).astype(int)
fit = smf.ols("Rate ~ treated + C(State) + C(Quarter_Num)", frame).fit(
    cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["State"])[0]})
rows = frame[["State", "Quarter_Num", "Rate", "treated"]].to_dict("list")
result = {"rows": rows, "se": fit.bse["treated"]}
"""
    found = peer("causaldata, statsmodels", "import pandas as pd\n" + code)
    rows = pd.DataFrame(found["rows"])
    asked = {"outcome": "Rate", "unit": "State", "time": "Quarter_Num", "treated": "treated"}
    row = difference_in_differences(rows, **asked).iloc[0]
    assert round(row["effect"], 4) == -0.0225
    assert round(found["se"], 4) == 0.0067
    # One state was treated: without it nothing is left to compare, so no honest interval by leaving out.
    assert np.isnan(row["low"])
    assert event_study(rows, **asked).table.set_index("period").loc[-2:-2, "effect"].abs().max() < 0.02
