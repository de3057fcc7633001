"""Cases of the plots of products over their life, and of their prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain import datasets
from ecomtrain.analysis import lifecycle, pricing


def portfolio() -> Any:
    goods = table("products", "fmcg").set_index("product_id")["list_price"]
    stock = table("inventory_daily", "fmcg")
    return lifecycle.abc_xyz(
        stock.assign(amount=stock["sold"] * stock["product_id"].map(goods)), quantity="sold"
    )


def stages() -> Any:
    stock = table("inventory_daily", "apparel")
    return lifecycle.stage(stock, season=stock.groupby("date")["sold"].sum())


def coolers() -> pd.Series:
    sold = [96, 195, 238, 380, 1045, 1230, 1267, 1828, 1586, 1673, 1800, 1580, 1500]
    return pd.Series(sold, index=range(1949, 1962))


def still_growing() -> Any:
    buyers = table("orders", "beauty").sort_values("paid_at").drop_duplicates("customer_id")
    months = buyers["paid_at"].dropna().dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    return lifecycle.bass(months.value_counts())


def trials() -> pd.DataFrame:
    pages = table("product_pages", "apparel")
    week = pages[pages["week"] == pages["week"].min()].head(12)
    return lifecycle.test_launch(week, 0.04)


def watch(shop: str = "apparel") -> pd.DataFrame:
    """Launches of spring against the plan of what the shop's launches sold on average at that age."""
    goods = table("products", shop)
    new = goods[goods["launched_on"].between("2026-02-01", "2026-04-01")]
    sold = table("inventory_daily", shop).merge(new[["product_id", "launched_on"]], on="product_id")
    sold = sold[(sold["date"] - sold["launched_on"]).dt.days < 28]
    return lifecycle.launch_monitor(sold.assign(expected=sold["sold"].mean()), false_alarm=100)


def priced() -> pd.DataFrame:
    """Units by product and day, in a world of our own: the course's shops cut prices in promotions only."""
    rng = np.random.default_rng(3)
    product, week = (x.ravel() for x in np.meshgrid(np.arange(30), np.arange(60), indexing="ij"))
    banner = rng.random(len(week)) < 0.2
    moved = 0.05 * rng.normal(size=len(week)) - 0.25 * banner
    group = np.array(["dresses", "shoes", "tops"])[product % 3]
    truth = np.array([-1.4, -2.4, -1.9])[product % 3]
    mean = 200 * np.exp(truth * moved + 0.5 * banner + 0.2 * rng.normal(size=len(week)))
    return pd.DataFrame(
        {
            "product_id": product, "category": group, "banner": banner, "unit_price": 50 * np.exp(moved),
            "quantity": rng.poisson(mean),
        }
    )  # fmt: skip


def confounded() -> pd.DataFrame:
    lines = table("order_lines", "beauty")
    ordered = lines["order_id"].map(table("orders", "beauty").set_index("order_id")["ordered_at"])
    day = ordered.dt.tz_localize(None).dt.normalize()
    promoted = day.map(datasets.load("calendar").set_index("date")["promotion"].notna())
    lines = lines.assign(date=day, promotion=promoted)
    keys = ["product_id", "date", "promotion", "unit_price"]
    return pricing.elasticity(lines.groupby(keys, as_index=False)["quantity"].sum(), controls=["promotion"])


def best() -> Any:
    return pricing.optimal_price(60, -2.3, price=89, quantity=400, interval=(-2.8, -1.9), max_change=0.6)


def learned() -> pd.DataFrame:
    market = pd.DataFrame({"price": [79, 89, 99, 109, 119], "rate": [0.085, 0.08, 0.07, 0.05, 0.032]})
    return pricing.explore(market, seed=2026, cost=40, rounds=180, visitors=60)


def season_end() -> Any:
    ladder = pd.DataFrame({"price": [199, 169, 139, 99], "demand": [6, 9, 14, 26]})
    return pricing.markdown_plan(120, ladder, periods=10, salvage=20)


def _class_a(result: Any) -> list[float]:
    top = result.table[result.table["abc"] == "A"]
    return [len(top), len(result.table), 100 * top["share"].sum()]


def _controlled(result: pd.DataFrame) -> list[float]:
    told = result[result["model"] == "with controls"]
    row = told.loc[told["elasticity"].idxmin()]
    alone = result[(result["group"] == row["group"]) & (result["model"] == "price only")]
    return [*row[["elasticity", "low", "high"]], alone["elasticity"].iloc[0]]


CASES: list[Case] = [
    Case("nine_boxes", portfolio, _class_a, "analysis.lifecycle.abc_xyz", whole=True),
    Case(
        "life_stages",
        stages,
        lambda r: [len(r.table), *r.table["stage"].value_counts()],
        "analysis.lifecycle.stage",
        whole=True,
    ),
    Case(
        "diffusion",
        lambda: lifecycle.bass(coolers()),
        lambda r: r.table.loc["t_peak", ["estimate", "low", "high"]].tolist(),
        "analysis.lifecycle.bass",
        whole=True,
    ),
    Case("diffusion", still_growing, lambda r: [], "analysis.lifecycle.bass", whole=True),
    Case(
        "launch_test",
        trials,
        lambda r: [4.0, (r["decision"] == "stop").sum(), (r["decision"] == "hold").sum()],
        "analysis.lifecycle.test_launch",
        {"target": 0.04},
        number="rate",
    ),
    Case(
        "launch_watch",
        watch,
        lambda r: [r[r["alert"] != ""]["product_id"].nunique(), r["product_id"].nunique()],
        "analysis.lifecycle.launch_monitor",
        number="sold",
    ),
    Case(
        "price_elasticity",
        lambda: pricing.elasticity(priced(), controls=["banner"]),
        _controlled,
        "analysis.pricing.elasticity",
        number="elasticity",
    ),
    Case(
        "price_elasticity",
        lambda: pricing.elasticity(priced(), controls=["banner"], by="category"),
        _controlled,
        "analysis.pricing.elasticity",
        number="elasticity",
    ),
    Case("price_elasticity", confounded, lambda r: [], "analysis.pricing.elasticity", number="elasticity"),
    Case(
        "profit_curve",
        best,
        lambda r: [r.price, r.low, r.high, 100 * r.gain, r.current_price],
        "analysis.pricing.optimal_price",
        whole=True,
    ),
    Case(
        "profit_curve",
        lambda: pricing.optimal_price(30, -0.8, price=50, quantity=100),
        lambda r: [65.0, 50.0],
        "analysis.pricing.optimal_price",
        whole=True,
    ),
    Case(
        "price_learning",
        learned,
        lambda r: [r["round"].max()],
        "analysis.pricing.explore",
        number="regret",
    ),
    Case(
        "markdown",
        season_end,
        lambda r: [
            100 * (r.revenue / r.hold - 1),
            100 * (r.revenue / r.cut - 1),
            r.hold_price,
            r.cut_from,
            r.cut_to,
        ],
        "analysis.pricing.markdown_plan",
        whole=True,
    ),
]
