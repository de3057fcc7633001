"""Stock: what lies in the warehouse each day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAYS, N_DAYS, day_number
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.draw import repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.trade import Trade
from ecomtrain.shop.truth import Truth

__all__ = ["SWITCHED", "inventory"]

# The day on which each fmcg warehouse began to order every day from live sales, not once a week.
SWITCHED = {"W1": "2025-09-01", "W2": "2025-11-24", "W3": "2026-01-19", "W4": "2026-03-30"}
WEEK = 7


def inventory(
    profile: Profile, truth: Truth, goods: Catalogue, sales: Trade, rng: np.random.Generator
) -> pd.DataFrame:
    """Keep a shop's stock day by day: deliveries fill up to a level, sales take from it.

    With a delivery every r days up to (cover + (r + 1) / 2) days of demand, the closing stock is `cover` days
    on average, whatever r is; so the switch changes turnover by its planted gain alone.
    """
    days, n = np.arange(N_DAYS), len(goods.names)
    total = np.concatenate([np.zeros((1, n)), np.cumsum(sales.expected, axis=0)])
    soon = np.minimum(days + WEEK, N_DAYS)
    pace = (total[soon] - total[days]) / (soon - days)[:, None]
    live = np.zeros((N_DAYS, n), bool)
    if profile.shop == "fmcg":
        switch = np.array([day_number(date) for date in SWITCHED.values()])[goods.warehouse]
        live = days[:, None] >= switch[None, :]
    cover = np.where(live, profile.cover / (1 + truth.turnover_gain), profile.cover)
    between = np.where(live, 1, WEEK)
    level = np.floor((cover + (between + 1) / 2) * pace + rng.random((N_DAYS, n))).astype("int64")
    since = days[:, None] - goods.launch[None, :]
    on_sale, arrives = since >= 0, live | (since % WEEK == 0)

    stock = np.where(goods.launch < 0, level[0], 0)
    opening, received = np.zeros((2, N_DAYS, n), "int64")
    for today in range(N_DAYS):
        opening[today] = stock
        fill = np.where(arrives[today] & on_sale[today], np.maximum(level[today] - stock, 0), 0)
        # A rush delivery covers what a burst of sales would take below zero.
        received[today] = np.maximum(fill, sales.sold[today] - stock)
        stock = stock + received[today] - sales.sold[today]
    product, day = np.nonzero(on_sale.T)
    at = (day, product)
    return pd.DataFrame(
        {
            "date": DAYS[day],
            "shop": repeat(profile.shop, len(day)),
            "product_id": text(product, goods.names),
            "opening": opening[at],
            "received": received[at],
            "sold": sales.sold[at],
            "closing": opening[at] + received[at] - sales.sold[at],
        }
    )
