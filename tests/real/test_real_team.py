"""Attrition of IBM's invented employees, against its published rate and what it shows of fairness."""

import pandas as pd
import pytest

from ecomtrain.analysis import team

COLUMNS = [
    "over_time", "monthly_income", "job_level", "job_role", "business_travel", "distance_from_home",
    "environment_satisfaction", "job_satisfaction", "years_at_company", "stock_option_level",
]  # fmt: skip


@pytest.fixture(scope="module")
def found(real):
    staff = real("ibm_attrition")
    staff = staff.assign(age_band=pd.cut(staff["age"], [0, 29, 39, 99], labels=["18-29", "30-39", "40+"]))
    return team.attrition_risk(staff, "attrition", columns=COLUMNS, groups=["gender", "age_band"])


def test_sixteen_in_a_hundred_leave(found):
    base = found.table.set_index("metric").loc["base_rate"]
    assert (base["n"], round(base["value"] * base["n"])) == (1470, 237)
    assert base["value"] == pytest.approx(0.1612, abs=5e-5)


def test_leaving_is_foretold_better_than_by_chance_and_most_who_are_flagged_stay(found):
    auc = found.table.set_index("metric").loc["auc"]
    assert 0.75 < auc["low"] < auc["high"] < 0.88
    flagged = found.fairness.groupby("attribute")["flagged"].sum()
    assert flagged.tolist() == [294, 294]
    assert found.lift["lift"].iloc[0] > 3
    assert "Not for dismissal" in found.warning


def test_age_that_was_not_used_is_flagged_unevenly_all_the_same(found):
    age = found.fairness[found.fairness["attribute"] == "age_band"].set_index("group")
    assert not age["even"].any()
    assert age.loc["18-29", "low"] > age.loc["40+", "high"]
    gender = found.fairness[found.fairness["attribute"] == "gender"].set_index("group")
    assert gender["n"].to_dict() == {"Female": 588, "Male": 882}
    assert (gender["observed"] * gender["n"]).round().tolist() == [87, 150]
