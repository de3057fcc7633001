"""The edge-case table's rows for baskets, stock rules and forecasts."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import basket, forecast, inventory

CASES: dict[str, Case] = {
    "basket.bundles": Case(
        ("stock_rules", "stock_lines"),
        lambda stock_rules, stock_lines: basket.bundles(
            stock_rules, stock_lines, elasticity=-2.5, elasticity_se=0.3
        ),
        refuses_negative=("stock_lines.quantity", "stock_lines.unit_cost"),
        refuses_currencies=("stock_lines",),
    ),
    "basket.rules": Case(
        ("stock_lines",),
        lambda stock_lines: basket.rules(stock_lines, min_count=3, max_len=3, q=1),
        ids=("stock_lines.order_id",),
        refuses_negative=("stock_lines.quantity",),
        refuses_shops=("stock_lines",),
    ),
    "forecast.accuracy": Case(
        ("stock_forecast", "stock"),
        lambda stock_forecast, stock: forecast.accuracy(stock_forecast, stock),
        times=("stock_forecast.date", "stock.date"),
    ),
    "forecast.early_hits": Case(
        ("stock", "goods", "stock_signals"),
        lambda stock, goods, stock_signals: forecast.early_hits(
            stock,
            goods,
            days=7,
            horizon=14,
            k=1,
            signals=stock_signals,
            rank_by=["early_units", "acceleration"],
        ),
        times=("stock.date", "goods.launched_on", "stock_signals.date"),
    ),
    "forecast.holt_winters": Case(
        ("stock",), lambda stock: forecast.holt_winters(stock, 10), times=("stock.date",)
    ),
    "forecast.rolling_origin": Case(
        ("stock",),
        lambda stock: forecast.rolling_origin(stock, horizon=7, origins=2),
        times=("stock.date",),
    ),
    "forecast.seasonal_naive": Case(
        ("stock",), lambda stock: forecast.seasonal_naive(stock, 10), times=("stock.date",)
    ),
    "inventory.eoq": Case(
        ("stock_costs",),
        lambda stock_costs: inventory.eoq(
            stock_costs["fixed_cost"], stock_costs["holding_cost"], stock_costs["demand"]
        ),
        aligned=True,
    ),
    "inventory.newsvendor": Case(
        ("stock_costs",),
        lambda stock_costs: inventory.newsvendor(stock_costs["demand"], overage=2.0, underage=5.0),
        refuses_negative=("stock_costs.demand",),
    ),
    "inventory.reorder_point": Case(
        ("stock_costs",),
        lambda stock_costs: inventory.reorder_point(stock_costs["demand"], stock_costs["sd"], 7, 2),
        refuses_negative=("stock_costs.demand", "stock_costs.sd"),
        aligned=True,
    ),
    "inventory.reorder_points": Case(
        ("stock",),
        lambda stock: inventory.reorder_points(stock, 7, 2),
        times=("stock.date",),
        refuses_negative=("stock.sold", "stock.closing"),
        refuses_shops=("stock",),
    ),
    "inventory.sell_through": Case(
        ("stock", "goods"),
        lambda stock, goods: inventory.sell_through(stock, goods, by="warehouse"),
        times=("stock.date",),
        refuses_negative=("stock.sold", "stock.received"),
        refuses_shops=("stock",),
    ),
    "inventory.stock_kpis": Case(
        ("orders", "order_lines", "products", "inventory_daily"),
        lambda **tables: inventory.stock_kpis(tables, "2026-06-01", "2026-07-01", by="warehouse"),
        times=("orders.paid_at", "inventory_daily.date"),
        ids=("orders.order_id",),
        refuses_negative=("order_lines.quantity", "inventory_daily.sold"),
        refuses_shops=("inventory_daily",),
        refuses_currencies=("products", "order_lines"),
    ),
}


def frames() -> dict[str, pd.DataFrame]:
    """Forty small baskets of five items."""
    rng = np.random.default_rng(7)
    order, product = np.nonzero(rng.random((40, 5)) < [0.6, 0.5, 0.4, 0.3, 0.2])
    lines = pd.DataFrame({"order_id": order + 100, "product_id": np.array(list("abcde"))[product]})
    lines["quantity"] = 1 + order % 2
    lines["amount"] = lines["quantity"] * (product + 2.0)
    lines["unit_cost"] = 0.5 * (product + 2.0)
    date = pd.date_range("2026-03-02", periods=14)
    told = pd.DataFrame([(p, d, 5.0 + i % 7) for p in "abc" for i, d in enumerate(date)])
    told = told.set_axis(["product_id", "date", "forecast"], axis=1)
    seen = pd.date_range("2026-01-05", periods=20)
    signals = pd.DataFrame([(p, d, 50 + i, i % 3, i % 4, 9 + i) for p in "abc" for i, d in enumerate(seen)])
    return {
        "stock_signals": signals.set_axis(
            ["product_id", "date", "views", "favourites", "carts", "searches"], axis=1
        ),
        "stock_costs": pd.DataFrame(
            {
                "fixed_cost": [8.0, 9.0, 7.5],
                "holding_cost": [0.2, 1.5, 0.6],
                "demand": [900.0, 120.0, 40.0],
                "sd": [60.0, 20.0, 9.0],
            }
        ),
        "stock_forecast": told.assign(low=told["forecast"] - 3, high=told["forecast"] + 3),
        "stock_lines": lines.assign(shop="tea"),
        "stock_rules": pd.DataFrame(
            {
                "antecedent": ["a", "b", "c"],
                "consequent": ["b", "c", "a"],
                "antecedent_count": [24, 20, 16],
                "count": [12, 8, 9],
            }
        ),
    }
