"""Early signs besides sales: favourites, carts and searches of the first days."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis import forecast
from ecomtrain.errors import CourseError

DAY = pd.Timestamp("2026-01-01")
OPTIONS = {"days": 7, "horizon": 20, "k": 20}


def long(values, name):
    day, row = np.indices(values.shape)[::-1]
    return pd.DataFrame(
        {
            "date": DAY + pd.to_timedelta(day.ravel(), unit="D"),
            "product_id": [f"p{n:03d}" for n in row.ravel()],
            name: values.ravel(),
        }
    )


@pytest.fixture(scope="module")
def launches():
    """Early sales that say nothing; carts and searches that tell the sales to come."""
    rng = np.random.default_rng(1)
    taste = rng.lognormal(0, 0.6, 200)
    sold = rng.poisson(np.where(np.arange(27) < 7, 3.0, 3 * taste[:, None]))
    signals = long(rng.poisson(60, (200, 27)), "views")
    signals["carts"] = long(rng.poisson(4 * taste[:, None], (200, 27)), "carts")["carts"]
    signals["searches"] = long(rng.poisson(20 * taste[:, None] ** (np.arange(27) / 9), (200, 27)), "n")["n"]
    products = pd.DataFrame({"product_id": [f"p{n:03d}" for n in range(200)], "launched_on": DAY})
    return long(sold, "sold"), products, signals


def test_carts_tell_a_hit_that_the_first_sales_do_not(launches):
    daily, products, signals = launches
    blind = forecast.early_hits(daily, products, **OPTIONS)
    carts = forecast.early_hits(daily, products, **OPTIONS, signals=signals, rank_by=["favourite_cart_rate"])
    both = forecast.early_hits(
        daily, products, **OPTIONS, signals=signals, rank_by=["favourite_cart_rate", "search_growth"]
    )
    assert carts.low > blind.base_rate
    assert carts.hits_found > blind.hits_found
    assert both.hits_found > blind.hits_found
    assert blind.base_rate == carts.base_rate


def test_signals_after_the_first_days_are_not_read(launches):
    daily, products, signals = launches
    later = signals["date"] >= DAY + pd.Timedelta(days=7)
    names = ["views", "carts", "searches"]
    other = signals.assign(**{name: signals[name].where(~later, 0) for name in names})
    tables = [
        forecast.early_hits(daily, products, **OPTIONS, signals=s, rank_by=["search_growth"]).table
        for s in (signals, other)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_the_signals_by_hand():
    daily = pd.DataFrame({"date": pd.date_range(DAY, periods=8), "product_id": "a", "sold": 1})
    products = pd.DataFrame({"product_id": ["a"], "launched_on": DAY})
    signals = daily[["date", "product_id"]].assign(
        views=[10, 10, 20, 0, 0, 9, 9, 9], favourites=[1, 0, 2, 0, 0, 9, 9, 9],
        carts=[0, 3, 0, 0, 0, 9, 9, 9],
        searches=[99, 4, 6, 9, 11, 50, 50, 50],
    )  # fmt: skip
    row = forecast.early_hits(daily, products, days=5, horizon=3, k=1, signals=signals).table.iloc[0]
    # Of five days the first is left out: (9 + 11) / (4 + 6) - 1.
    assert (row["favourite_cart_rate"], row["search_growth"]) == (6 / 40, 1.0)
    nothing = signals.assign(views=0, searches=0)
    row = forecast.early_hits(daily, products, days=5, horizon=3, k=1, signals=nothing).table.iloc[0]
    assert np.isnan(row["favourite_cart_rate"])
    assert np.isnan(row["search_growth"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rank_by": ["search_growth"]}, "rank_by has 'search_growth'; the features are early_units"),
        ({"rank_by": []}, "rank_by is empty"),
        ({"signals": pd.DataFrame({"date": [DAY]})}, "column 'product_id' is not in the frame"),
    ],
)
def test_features_that_are_not_there_get_a_sentence(launches, options, says):
    daily, products, _ = launches
    with pytest.raises(CourseError, match=says):
        forecast.early_hits(daily, products, **OPTIONS, **options)
