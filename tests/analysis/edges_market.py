"""The edge-case table's rows for the market and for surveys."""

import pandas as pd
from edges import Case

from ecomtrain.analysis import market, surveys

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
    "market.penetration": Case(
        ("market_nation",),
        lambda market_nation: market.penetration(market_nation, "online_shoppers", "netizens", by="region"),
        refuses_negative=("market_nation.online_shoppers",),
        refuses_currencies=("market_nation",),
    ),
    "market.project": Case((), lambda: market.project(4, 0.12, 5)),
    "market.top_down": Case((), lambda: market.top_down(360, {"smart": (0.4, 0.6, 0.7)})),
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
        "market_sellers": pd.DataFrame(
            {
                "seller_id": [1, 2, 3, 1, 2, 4],
                "segment": ["desk", "desk", "desk", "chair", "chair", "chair"],
                "gmv": [50.0, 30.0, 20.0, 5.0, 5.0, 10.0],
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
