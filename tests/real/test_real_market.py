"""Concentration on published sales: the customers and countries of a British gift shop."""

import numpy as np
import pytest

from ecomtrain.analysis import market


def test_customers_and_countries_of_the_gift_shop_hold_what_their_shares_say(real):
    lines = real("uci_online_retail")
    kept = ~lines["order_id"].str.startswith("C") & (lines["quantity"] > 0) & (lines["unit_price"] > 0)
    lines = lines[kept & lines["customer_id"].notna()]
    customers = market.concentration(lines, seller="customer_id", value="amount").iloc[0]
    assert customers["sellers"] == 4338
    assert customers["total"] == pytest.approx(8_911_407.90, abs=0.01)
    curve = market.lorenz(lines, seller="customer_id", value="amount")
    x, y = (np.array([0.0, *curve[name]]) for name in ("sellers_share", "sales_share"))
    assert customers["gini"] == pytest.approx(1 - 2 * np.trapezoid(y, x))
    countries = market.concentration(lines, seller="country", value="amount").iloc[0]
    shares = lines.groupby("country")["amount"].sum() / customers["total"]
    assert countries["hhi"] == pytest.approx(1e4 * (shares**2).sum())
    assert countries["cr4"] == pytest.approx(shares.nlargest(4).sum())
    assert 1e4 * shares.max() ** 2 < countries["hhi"] < 1e4 * shares.max()
