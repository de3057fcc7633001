"""The edge-case table's rows for the market and for surveys."""

from typing import Any

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import market, scoring, selection, surveys

WEIGHTS = {"ease": 3, "depth": 2, "price": 1}
WEIGHED: dict[str, Any] = {"less_is_better": ["price"], "method": "rank"}
CHANCES, COSTS = (0.01, 0.05, 0.2, 0.5, 0.9), (1e4, 5e4, 2e5, 1e6, 5e6)

CASES: dict[str, Case] = {
    "market.back_cast": Case((), lambda: market.back_cast(7, 0.12, [1, 5], value_step=1, rate_step=0.01)),
    "market.bottom_up": Case(
        ("market_listings",),
        lambda market_listings: market.bottom_up(market_listings, coverage=(0.4, 0.5, 0.6)),
        refuses_negative=("market_listings.price", "market_listings.units"),
        refuses_currencies=("market_listings",),
    ),
    "market.cagr": Case((), lambda: market.cagr(4, 7, 5, first_step=1, last_step=1)),
    "market.concentration": Case(
        ("market_sellers",),
        lambda market_sellers: market.concentration(
            market_sellers, seller="seller_id", value="gmv", by="segment"
        ),
        refuses_negative=("market_sellers.gmv",),
        refuses_currencies=("market_sellers",),
    ),
    "market.lorenz": Case(
        ("market_sellers",),
        lambda market_sellers: market.lorenz(market_sellers, seller="seller_id", value="gmv", by="segment"),
        refuses_negative=("market_sellers.gmv",),
        refuses_currencies=("market_sellers",),
    ),
    "market.penetration": Case(
        ("market_nation",),
        lambda market_nation: market.penetration(market_nation, "online_shoppers", "netizens", by="region"),
        refuses_negative=("market_nation.online_shoppers",),
        refuses_currencies=("market_nation",),
    ),
    "market.project": Case((), lambda: market.project(4, 0.12, 5)),
    "market.top_down": Case((), lambda: market.top_down(360, {"smart": (0.4, 0.6, 0.7)})),
    "scoring.rank_reversal": Case(
        ("market_risks",),
        lambda market_risks: scoring.rank_reversal(market_risks, probabilities=CHANCES, amounts=COSTS),
        refuses_currencies=("market_risks",),
    ),
    "scoring.risk_matrix": Case(("market_risks",), scoring.risk_matrix, refuses_currencies=("market_risks",)),
    "scoring.tows": Case(
        ("market_swot",),
        scoring.tows,
        refuses_negative=("market_swot.weight", "market_swot.rating"),
    ),
    "scoring.weight_sensitivity": Case(
        ("market_tools",),
        lambda market_tools: scoring.weight_sensitivity(
            market_tools, WEIGHTS, by="tool", draws=50, **WEIGHED
        ),
        refuses_currencies=("market_tools",),
    ),
    "scoring.weighted_scores": Case(
        ("market_tools",),
        lambda market_tools: scoring.weighted_scores(market_tools, WEIGHTS, by="tool_id", **WEIGHED),
        refuses_currencies=("market_tools",),
    ),
    "selection.blue_ocean_sensitivity": Case(
        ("niches",),
        lambda niches: selection.blue_ocean_sensitivity(niches, demands=["buyers", "searches"], k=2),
        refuses_negative=("niches.buyers", "niches.searches", "niches.listings"),
        refuses_shops=("niches",),
    ),
    "selection.category_attractiveness": Case(
        ("market_categories",),
        lambda market_categories: selection.category_attractiveness(
            market_categories, {"size": 40, "growth": 40, "return_rate": 20}
        ),
        refuses_currencies=("market_categories",),
    ),
    "surveys.net_promoter_score": Case(
        ("survey_answers",), lambda survey_answers: surveys.net_promoter_score(survey_answers, by="city_tier")
    ),
    "surveys.weighted_share": Case(
        ("survey_answers",),
        lambda survey_answers: surveys.weighted_share(
            survey_answers, success="yes", weight="weight", strata=["age_group"], by="city_tier"
        ),
    ),
}


def frames() -> dict[str, pd.DataFrame]:
    """A market and a survey small enough to count by hand."""
    return {
        "market_categories": pd.DataFrame(
            {
                "category": ["desks", "lamps", "chairs", "boards"],
                "size": [90.0, 20.0, 50.0, 20.0],
                "growth": [0.02, 0.12, 0.08, np.nan],
                "return_rate": [0.06, 0.02, 0.09, 0.03],
            }
        ),
        "market_listings": pd.DataFrame(
            {"keyword": ["desk", "chair", "lamp"], "price": [900.0, 300.0, 80.0], "units": [10, 40, 25]}
        ),
        "market_nation": pd.DataFrame(
            {
                "region": ["North", "North", "North", "South", "South"],
                "netizens": [100, 101, 103, 50, 52],
                "online_shoppers": [78, 80, 80, 30, 33],
            }
        ),
        "market_risks": pd.DataFrame(
            {
                "risk": ["customs", "data fine", "strike", "recall", "late parcels"],
                "probability": [4, 2, 3, 1, 5],
                "impact": [3, 4, 4, 5, 2],
                "residual_probability": [2, 2, None, 1, 4],
                "residual_impact": [3.0, 3.0, None, 4.0, 2.0],
            }
        ),
        "market_sellers": pd.DataFrame(
            {
                "seller_id": [1, 2, 3, 1, 2, 4],
                "segment": ["desk", "desk", "desk", "chair", "chair", "chair"],
                "gmv": [50.0, 30.0, 20.0, 5.0, 5.0, 10.0],
            }
        ),
        "market_swot": pd.DataFrame(
            {"kind": list("SSWOTT"), "weight": [3.0, 2.0, 4.0, 5.0, 2.0, 2.0], "rating": [4, 3, 3, 4, 2, 5]}
        ),
        "market_tools": pd.DataFrame(
            {
                "tool_id": [1, 2, 3, 1],
                "tool": ["Sycm", "Tableau", "Python", "Sycm"],
                "ease": [5.0, 3.0, 2.0, 4.0],
                "depth": [3, 4, 5, 3],
                "price": [200.0, 900.0, 0.0, 220.0],
            }
        ),
        "survey_answers": pd.DataFrame(
            {
                "response_id": range(12),
                "city_tier": ["tier 1", "tier 2"] * 6,
                "age_group": ["18-21"] * 4 + ["22-25"] * 4 + ["26-29"] * 4,
                "weight": [0.5, 1.0, 1.5, 1.0] * 3,
                "score": [10, 9, 3, 7, 8, 9, 6, 10, 2, 9, 8, 5],
                "yes": [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1],
            }
        ),
    }
