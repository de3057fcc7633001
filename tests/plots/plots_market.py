"""Cases of the plots of markets, surveys, niches, options and risks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain import datasets
from ecomtrain.analysis import content, market, scoring, selection, surveys

YEAR = pd.DateOffset(months=11)
BANDS = {24: "under 25", 29: "25-29", 34: "30-34", 39: "35-39", 200: "40 and over"}
SEGMENTS = ["gender", "age_band"]
CRITERIA = {"size": 30, "growth": 25, "margin": 25, "return_rate": 20}
TOOLS = pd.DataFrame(
    {
        "option": ["Sycm 生意参谋", "Tableau", "Excel", "Python"],
        "ease": [5, 3, 4, 2],
        "depth": [3, 4, 2, 5],
        "own data": [2, 5, 4, 5],
        "price": [3, 4, 1, 1],
    }
)
WEIGHTS = {"ease": 35, "depth": 25, "own data": 20, "price": 20}
RISKS = pd.DataFrame(
    {
        "risk": ["customs delay", "data-protection fine", "supplier strike", "exchange rate", "late parcels",
                 "product recall"],
        "probability": [4, 2, 3, 4, 5, 1],
        "impact": [4, 5, 4, 2, 2, 5],
        "residual_probability": [3, 1, 3, 4, 3, 1],
        "residual_impact": [3, 4, 2, 1, 2, 4],
    }
)  # fmt: skip
SWOT = pd.DataFrame(
    {
        "kind": list("SSSWWOOTT"),
        "weight": [30, 25, 10, 20, 15, 40, 20, 25, 15],
        "rating": [4, 4, 3, 3, 2, 4, 3, 4, 2],
    }
)


def last_year(level: str) -> pd.DataFrame:
    rows = datasets.load("market_monthly")
    rows = rows[rows["level"] == level]
    return rows[rows["date"] >= rows["date"].max() - YEAR]


def fan() -> pd.DataFrame:
    return market.project(7, 0.12, range(5), value_step=1, rate_step=0.01)


def sellers() -> pd.DataFrame:
    return market.lorenz(last_year("seller"), seller="segment", value="gmv")


def sellers_by_year() -> pd.DataFrame:
    rows = datasets.load("market_monthly").query("level == 'seller'")
    rows = rows.assign(year=np.where(rows["date"] < "2025-07-01", "2024/25", "2025/26"))
    return market.lorenz(rows, seller="segment", value="gmv", by="year")


def penetrations() -> pd.DataFrame:
    nation = last_year("nation")
    ways = {
        "online shoppers of netizens": ("online_shoppers", "netizens"),
        "online shoppers of all people": ("online_shoppers", "population"),
        "online sales of retail sales": ("online_retail_value", "retail_value"),
    }
    return pd.concat({name: market.penetration(nation, *pair) for name, pair in ways.items()}).droplevel(1)


def from_above() -> pd.DataFrame:
    total = float(last_year("category").query("shop == 'electronics'")["gmv"].sum())
    return market.top_down(total, {"office goods": (0.1, 0.18, 0.25), "smart ones": (0.2, 0.3, 0.5)})


def from_below() -> pd.DataFrame:
    return market.bottom_up(last_year("keyword"), coverage=(0.4, 0.5, 0.6))


def certified() -> pd.DataFrame:
    asked = table("surveys", "apparel").query("survey == 'certified_goods'")
    asked = asked.assign(yes=asked["score"] >= 4)
    groups = asked.groupby(["recruitment", "wording"], observed=True)
    how: dict[str, Any] = {"success": "yes", "weight": "weight", "strata": ["age_group", "city_tier"]}
    made = {f"{who}, {words} question": surveys.weighted_share(rows, **how) for (who, words), rows in groups}
    return pd.concat(made).droplevel(1)


def recommended() -> pd.DataFrame:
    return surveys.net_promoter_score(datasets.load("surveys").query("survey == 'nps'"), by="shop")


def people() -> pd.DataFrame:
    customers = table("customers", "beauty")
    place = np.searchsorted(list(BANDS), 2026 - customers["birth_year"].to_numpy())
    return pd.DataFrame({"gender": customers["gender"], "age_band": np.array(list(BANDS.values()))[place]})


def reached() -> pd.DataFrame:
    return content.tgi(table("audiences", "beauty"), people(), segments=SEGMENTS)


def fits() -> pd.DataFrame:
    return content.audience_fit(table("audiences", "beauty"), people(), segments=SEGMENTS)


def clicked() -> pd.DataFrame:
    posts, trade = table("content_posts", "beauty"), table("content_benchmarks", "beauty")
    douyin = posts[posts["platform"] == "Douyin"]
    trade = trade[trade["platform"] == "Douyin"].set_index("kind")
    made = {
        kind: content.rate_against_benchmark(
            rows, benchmark=trade.loc[kind, "click_rate"], benchmark_se=trade.loc[kind, "click_rate_se"]
        )
        for kind, rows in douyin.groupby("kind", observed=True)
    }
    return pd.concat(made).droplevel(1)


def clicked_once() -> pd.DataFrame:
    return clicked().loc[["product"]].reset_index(drop=True)


@cache
def _niches() -> pd.DataFrame:
    rows = table("keywords_monthly", "mother_baby")
    return rows[(rows["niche"] == "baby-food maker") & (rows["month"] >= "2025-07-01")]


def phrases() -> pd.DataFrame:
    rows = table("keywords_monthly", "electronics")
    return selection.keyword_growth(rows[rows["niche"].isin(["portable coffee machine", "power bank"])])


def categories() -> pd.DataFrame:
    """Four categories of the shop by what the market and its own orders show."""
    rows = datasets.load("market_monthly").query("level == 'category' and shop == 'electronics'")
    late = rows["date"] >= rows["date"].max() - YEAR
    size, before = (rows[part].groupby("segment")["gmv"].sum() for part in (late, ~late))
    goods = table("products", "electronics").set_index("product_id")["category"]
    lines, back = table("order_lines", "electronics"), table("returns", "electronics")
    lines = lines.assign(category=lines["product_id"].map(goods), cost=lines["quantity"] * lines["unit_cost"])
    sums = lines.groupby("category")[["amount", "cost", "quantity"]].sum()
    returned = back.groupby(back["product_id"].map(goods))["quantity"].sum()
    made = {
        "size": size,
        "growth": size / before - 1,
        "margin": 1 - sums["cost"] / sums["amount"],
        "return_rate": returned / sums["quantity"],
    }
    return pd.DataFrame(made).rename_axis("category").reset_index()


def reversal() -> Any:
    return scoring.rank_reversal(
        RISKS, probabilities=(0.02, 0.1, 0.3, 0.6, 0.95), amounts=(2e4, 1e5, 4e5, 2e6, 1e7)
    )


def turning(result: Any) -> list[float]:
    row = result.table.loc[result.criterion]
    ends = row[["lower", "upper"]].dropna()
    nearest = ends.iloc[int((ends - row["weight"]).abs().to_numpy().argmin())]
    return [100 * row["weight"], 100 * nearest, 100 * result.wins.loc[result.winner, "wins"]]


def ends(frame: pd.DataFrame, column: str, times: float = 100) -> list[float]:
    return [times * frame[column].min(), times * frame[column].max()]


CASES = [
    Case(
        "market_fan", fan, lambda r: [r["value"].iloc[-1], r["high"].iloc[-1], 7 / 1.12**5],
        "analysis.market.project",
        {"back": market.back_cast(7, 0.12, range(1, 6), value_step=1, rate_step=0.01), "year": 2026,
         "unit": "US$ trn"},
    ),
    Case("lorenz", sellers, lambda r: [100 * r["share"].nlargest(4).sum(), len(r)], "analysis.market.lorenz"),
    Case(
        "lorenz", sellers_by_year,
        lambda r: [1e4 * (rows["share"] ** 2).sum() for _, rows in r.groupby("year")],
        "analysis.market.lorenz",
    ),
    Case(
        "penetration", penetrations, lambda r: [*ends(r, "penetration"), 78], "analysis.market.penetration",
        {"claim": 0.78},
    ),
    Case(
        "market_size", from_above,
        lambda r: [*r[["value", "low", "high"]].iloc[-1] / 1e9, from_below()["value"].iloc[0] / 1e9],
        "analysis.market.top_down", {"bottom_up": from_below(), "claim": 200e9}, number="value",
    ),
    Case(
        "weighted_share", certified, lambda r: [*ends(r, "share"), 85], "analysis.surveys.weighted_share",
        {"claim": 0.85},
    ),
    Case(
        "net_promoter_score", recommended, lambda r: ends(r, "nps", 1),
        "analysis.surveys.net_promoter_score",
    ),
    Case("tgi", reached, lambda r: [r.loc[(r["share"] - r["target_share"]).abs().idxmax(), "tgi"]],
         "analysis.content.tgi"),
    Case(
        "audience_fit", fits, lambda r: [100 * r["fit"].max(), 100 * r["change"].max()],
        "analysis.content.audience_fit",
    ),
    Case(
        "rate_against_benchmark", clicked, lambda r: [100 * r["relative_change"].max(), len(r)],
        "analysis.content.rate_against_benchmark", number="rate",
    ),
    Case(
        "rate_against_benchmark", clicked_once,
        lambda r: [100 * r[name].iloc[0] for name in ("rate", "benchmark", "relative_change")],
        "analysis.content.rate_against_benchmark", number="rate",
    ),
    Case(
        "keyword_growth", phrases, lambda r: [100 * r["growth"].max(), 12, (r["low"] > 0).sum()],
        "analysis.selection.keyword_growth", number="growth",
    ),
    Case(
        "weighted_scores", lambda: scoring.weighted_scores(TOOLS, WEIGHTS, less_is_better=["price"]),
        lambda r: [r["score"].iloc[0], r["score"].iloc[0] - r["score"].iloc[1]],
        "analysis.scoring.weighted_scores",
    ),
    Case(
        "weighted_scores",
        lambda: selection.category_attractiveness(categories(), CRITERIA),
        lambda r: [r["score"].iloc[0], r["score"].iloc[0] - r["score"].iloc[1]],
        "analysis.scoring.weighted_scores",
    ),
    Case(
        "weighted_scores",
        lambda: scoring.weighted_scores(TOOLS.assign(depth=[3, None, 2, 5]), WEIGHTS, less_is_better="price"),
        lambda r: [r["score"].iloc[0]],
        "analysis.scoring.weighted_scores",
    ),
    Case(
        "weight_sensitivity",
        lambda: scoring.weight_sensitivity(TOOLS, WEIGHTS, less_is_better=["price"], draws=2000),
        turning, "analysis.scoring.weight_sensitivity", whole=True, panels=2,
    ),
    Case(
        "blue_ocean", lambda: selection.blue_ocean(_niches()), lambda r: [12, len(r), 12],
        "analysis.selection.blue_ocean", number="demand",
    ),
    Case(
        "blue_ocean_rate", lambda: selection.blue_ocean_sensitivity(_niches()).table,
        lambda r: [*ends(r, "rate"), 40], "analysis.selection.blue_ocean_rate", {"claim": 0.4},
    ),
    Case(
        "blue_ocean_sensitivity", lambda: selection.blue_ocean_sensitivity(_niches()),
        lambda r: [(r.niches["top"] == 1).sum(), len(r.niches), 100 * r.rankings["kept"].min()],
        "analysis.selection.blue_ocean_sensitivity", whole=True,
    ),
    Case(
        "risk_matrix", lambda: scoring.risk_matrix(RISKS), lambda r: [r["score"].max(), r["residual"].max()],
        "analysis.scoring.risk_matrix", number="score",
    ),
    Case(
        "rank_reversal", reversal, lambda r: [r.reversed, r.pairs, r.table["times"].max()],
        "analysis.scoring.rank_reversal", whole=True,
    ),
    Case(
        "tows", lambda: scoring.tows(SWOT), lambda r: [r.internal, r.external], "analysis.scoring.tows",
        whole=True,
    ),
]  # fmt: skip
