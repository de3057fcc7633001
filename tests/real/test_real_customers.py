"""Cohorts and RFM of the public retail set and of CDNOW, against published values."""

import pandas as pd
import pytest

from ecomtrain.analysis import customers, survival
from ecomtrain.analysis._orders_by_customer import by_customer


@pytest.fixture(scope="module")
def lines(real):
    return real("uci_online_retail")


@pytest.fixture(scope="module")
def cleaned(lines):
    kept = ~lines["order_id"].str.startswith("C") & lines["customer_id"].notna()
    return lines[kept & (lines["quantity"] > 0) & (lines["unit_price"] > 0)]


def test_the_cohort_of_december_2010_returns_as_published(cleaned):
    table = customers.cohorts(cleaned, time="ts")
    row = table[table["cohort"] == "2010-12-01"]
    assert row["buyers"].tolist() == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    assert row["customers"].unique().tolist() == [885]
    assert row["complete"].tolist() == [True] * 12 + [False]  # the records end on 9 December 2011
    assert table.loc[table["age"] == 0, "customers"].sum() == 4_338


def test_with_cancellations_the_cohort_counts_948(lines):
    table = customers.cohorts(lines, time="ts")
    assert table.loc[0, "customers"] == 948


def test_revenue_by_cohort_adds_up_to_the_sales_of_the_set(cleaned):
    table = customers.cohorts(cleaned, metric="revenue", time="ts", amount="amount", order=None)
    assert table["amount"].sum() == pytest.approx(8_911_407.90, abs=0.01)


def test_rfm_of_the_set_counts_its_customers_invoices_and_sales(cleaned):
    invoices = cleaned.groupby(["customer_id", "order_id"], as_index=False).agg(
        ts=("ts", "min"), amount=("amount", "sum")
    )
    table = customers.rfm(invoices, asof="2011-12-10", time="ts", amount="amount")
    assert (len(table), table["frequency"].sum()) == (4_338, 18_532)
    assert table["monetary"].sum() == pytest.approx(8_911_407.90, abs=0.01)
    assert table["r"].value_counts().between(867, 868).all()


def test_cdnows_sample_has_the_published_sums(real):
    sample = real("cdnow_sample")
    half = sample[sample["ts"] < "1997-10-01"]  # the 39 weeks of calibration
    found = by_customer(half["customer_id"], half["ts"])
    assert len(found.customer) == 2_357
    assert (found.periods - 1).sum() == 2_457  # repeat transactions
    waits = survival.time_to_repurchase(half, end="1997-10-01", order=None, time="ts")
    assert waits["observed"].sum() >= (found.periods > 1).sum()  # some came twice on one day


def test_the_first_cohort_of_cdnow_is_all_of_january(real):
    purchases = real("cdnow")
    table = customers.cohorts(purchases, time="ts")
    first = purchases.groupby("customer_id")["ts"].min()
    expected = first.dt.to_period("M").value_counts().sort_index()
    assert table.loc[table["age"] == 0, "customers"].tolist() == expected.tolist()
    assert table["cohort"].max() == pd.Timestamp("1997-03-01")
