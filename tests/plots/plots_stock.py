"""The plots of baskets, stock and forecasts, on the course's own data."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import basket, forecast, inventory

CUT = pd.Timestamp("2026-06-17")


@cache
def names() -> dict[str, str]:
    goods = table("products", "fmcg")
    return dict(zip(goods["product_id"], goods["title"], strict=True))


def chance_rules() -> pd.DataFrame:
    return basket.rules(table("order_lines", "fmcg"), q=1)


def planted_rules() -> pd.DataFrame:
    """The shop's own baskets with one pair planted: a third of those who buy the first take the second."""
    lines = table("order_lines", "fmcg")
    first, second = sorted(lines["product_id"].unique())[:2]
    more = lines[lines["product_id"] == first].iloc[::3].assign(product_id=second)
    return basket.rules(pd.concat([lines, more], ignore_index=True), max_len=3, q=1)


def offers() -> pd.DataFrame:
    return basket.bundles(planted_rules(), table("order_lines", "fmcg"), elasticity=-5.0, elasticity_se=0.3)


def offers_that_lose() -> pd.DataFrame:
    return basket.bundles(chance_rules().head(6), table("order_lines", "fmcg"), elasticity=-1.2)


def order_size() -> pd.DataFrame:
    return inventory.eoq(8, 0.225, 1300)


def season() -> Any:
    """Units of a month of launch as the demands of a season."""
    stock = table("inventory_daily", "apparel")
    first = stock.groupby("product_id")["date"].transform("min")
    early = stock[stock["date"] < first + pd.Timedelta(days=30)]
    return inventory.newsvendor(early.groupby("product_id")["sold"].sum(), overage=30.0, underage=70.0)


def known_season() -> Any:
    return inventory.newsvendor(mean=50, sd=8, overage=0.18, underage=0.70)


def sold_share() -> pd.DataFrame:
    stock, goods = table("inventory_daily", "apparel"), table("products", "apparel")
    return inventory.sell_through(stock[stock["date"] >= "2026-04-01"], goods, by="category")


def points() -> pd.DataFrame:
    return inventory.reorder_points(table("inventory_daily", "home"), 7, 1)


def fan() -> pd.DataFrame:
    sold = table("inventory_daily", "food")
    return forecast.holt_winters(sold[sold["date"] < CUT], 14)


def origins() -> pd.DataFrame:
    sold = table("inventory_daily", "food")
    return forecast.rolling_origin(sold[sold["date"] < "2026-05-15"], horizon=14, origins=4)


def _shown(result: pd.DataFrame) -> list[float]:
    sums = result.groupby("product_id")["forecast"]
    return [sums.sum().max(), sums.mean().max(), 14]


def _stock(result: pd.DataFrame) -> list[float]:
    row = result.loc[result["mean"].idxmax()]
    return [row["on_hand"], row["reorder_point"]]


def _scores(result: pd.DataFrame) -> list[float]:
    return np.sort(result.groupby("method")["mase"].mean().to_numpy()).tolist()


def _rule(result: pd.DataFrame) -> list[float]:
    found = result[result["q_value"] <= 0.05]
    return [(found if len(found) else result)["lift"].max()]


def _best(result: pd.DataFrame) -> list[float]:
    row = result.loc[result["gain"].idxmax()]
    return [row["gain"], row["gain_low"], row["gain_high"], 100 * row["discount"]]


def _buy(result: Any) -> list[float]:
    return [result.quantity, result.quantity - result.mean, result.underage / result.overage]


CASES: list[Case] = [
    Case("basket_rules", planted_rules, _rule, "analysis.basket.rules", {"names": names()}, number="lift"),
    Case("basket_rules", chance_rules, _rule, "analysis.basket.rules", {"k": 5}, number="lift"),
    Case("bundle_profit", offers, _best, "analysis.basket.bundles", {"names": names()}, number="gain"),
    Case("bundle_profit", offers_that_lose, _best, "analysis.basket.bundles", number="gain"),
    Case(
        "order_quantity",
        order_size,
        lambda r: [r["quantity"].iloc[0], r["cost"].iloc[0], r["days_between_orders"].iloc[0]],
        "analysis.inventory.eoq",
        number="cost",
    ),
    Case("newsvendor", season, _buy, "analysis.inventory.newsvendor", whole=True),
    Case("newsvendor", known_season, _buy, "analysis.inventory.newsvendor", whole=True),
    Case(
        "sell_through",
        sold_share,
        lambda r: (100 * r["sell_through"].agg(["max", "min"])).tolist(),
        "analysis.inventory.sell_through",
        number="sell_through",
    ),
    Case(
        "stock_level",
        points,
        _stock,
        "analysis.inventory.reorder_points",
        {"stock": table("inventory_daily", "home")},
        number="mean",
    ),
    Case(
        "forecast_fan",
        fan,
        _shown,
        "analysis.forecast.holt_winters",
        {"history": table("inventory_daily", "food"), "mase": 0.86},
        number="forecast",
    ),
    Case("forecast_scores", origins, _scores, "analysis.forecast.rolling_origin", number="mase"),
]
