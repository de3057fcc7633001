"""What loading alone shows of the real files, against published values."""

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@pytest.fixture(scope="module")
def cleaned(real):
    lines = real("uci_online_retail")
    kept = ~lines["order_id"].str.startswith("C") & lines["customer_id"].notna()
    return lines[kept & (lines["quantity"] > 0) & (lines["unit_price"] > 0)]


def test_the_retail_set_is_read_whole_with_its_gaps(real):
    lines = real("uci_online_retail")
    assert (len(lines), lines["order_id"].nunique(), lines["country"].nunique()) == (541_909, 25_900, 38)
    assert lines.isna().sum()[lambda gaps: gaps > 0].to_dict() == {
        "description": 1_454,
        "customer_id": 135_080,
    }
    assert (lines["ts"].min(), lines["ts"].max()) == (
        pd.Timestamp("2010-12-01 08:26"),
        pd.Timestamp("2011-12-09 12:50"),
    )


def test_the_cleaned_retail_set_has_the_published_size_and_sales(cleaned):
    assert len(cleaned) == 397_884
    assert (cleaned["customer_id"].nunique(), cleaned["order_id"].nunique()) == (4_338, 18_532)
    assert cleaned["amount"].sum() == pytest.approx(8_911_407.90, abs=0.01)


def test_the_cohort_of_december_2010_returns_as_published(cleaned):
    month = cleaned["ts"].dt.to_period("M")
    first = month.groupby(cleaned["customer_id"]).transform("min")
    cohort = first == pd.Period("2010-12")
    row = cleaned[cohort].groupby(month[cohort])["customer_id"].nunique()
    assert row.tolist() == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]


def test_cdnow_has_the_published_purchases_and_customers(real):
    purchases = real("cdnow")
    assert (len(purchases), purchases["customer_id"].nunique()) == (69_659, 23_570)
    assert (purchases["ts"].min(), purchases["ts"].max()) == (
        pd.Timestamp("1997-01-01"),
        pd.Timestamp("1998-06-30"),
    )


def test_the_cdnow_sample_is_a_tenth_of_the_customers_and_all_of_their_purchases(real):
    sample, master = real("cdnow_sample"), real("cdnow")
    assert (len(sample), sample["customer_id"].nunique(), sample["sample_id"].max()) == (6_919, 2_357, 2_357)
    columns = list(master.columns)
    same = master[master["customer_id"].isin(sample["customer_id"])].sort_values(columns, ignore_index=True)
    pd.testing.assert_frame_equal(sample[columns].sort_values(columns, ignore_index=True), same)


def test_the_base_rate_of_the_shoppers_is_as_published(real):
    assert real("online_shoppers")["bought"].mean() == pytest.approx(0.1547, abs=5e-5)


@pytest.mark.parametrize(("leave_out", "auc"), [([], 0.892), (["page_values"], 0.750)])
def test_a_logistic_model_of_the_shoppers_lives_on_the_leaking_page_value(real, leave_out, auc):
    sessions = real("online_shoppers")
    features = pd.get_dummies(sessions.drop(columns=["bought", *leave_out]), dtype=float)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    chance = cross_val_predict(model, features, sessions["bought"], cv=folds, method="predict_proba")[:, 1]
    assert roc_auc_score(sessions["bought"], chance) == pytest.approx(auc, abs=0.01)


def test_one_employee_in_six_left(real):
    employees = real("ibm_attrition")
    assert (int(employees["attrition"].sum()), len(employees)) == (237, 1_470)
    assert employees["employee_id"].is_unique


def test_hillstroms_arms_are_thirds_and_visit_as_published(real):
    arms = real("hillstrom").groupby("segment")["visit"].agg(["size", "mean"])
    assert (arms["size"] / 64_000).between(0.33, 0.34).all()
    assert arms["mean"].round(4).to_dict() == {
        "Mens E-Mail": 0.1828,
        "No E-Mail": 0.1062,
        "Womens E-Mail": 0.1514,
    }


def test_the_groceries_are_as_many_baskets_and_groups_as_published(real):
    goods = real("groceries")
    assert (goods["order_id"].nunique(), goods["product_id"].nunique()) == (9_835, 169)
