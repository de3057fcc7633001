"""What is planted for advertising and channels."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["AdsTruth"]


@dataclass(frozen=True)
class AdsTruth(Part):
    """Planted numbers of advertising and channels."""

    douyin_roas_first: float = planted(
        12.0,
        "C3.T1",
        "yuan per yuan",
        0.5,
        40.0,
        "apparel: amount that Douyin attributes to its ads over their spend, first 13 weeks",
    )
    douyin_roas_last: float = planted(
        8.0,
        "C3.T1",
        "yuan per yuan",
        0.5,
        40.0,
        "apparel: amount that Douyin attributes to its ads over their spend, last 13 complete weeks",
    )
    douyin_click_price: float = planted(
        0.25,
        "C3.T1",
        "relative change",
        -0.5,
        4.0,
        "apparel: spend per click on Douyin, last 13 complete weeks over the first 13",
    )
    interest_last_click: float = planted(
        15.0,
        "C1.K2",
        "yuan per yuan",
        0.5,
        40.0,
        "apparel: amount of orders whose last click was an ad of campaign interest, over its spend",
    )
    interest_incremental: float = planted(
        6.0,
        "C1.K2",
        "yuan per yuan",
        0.5,
        40.0,
        "apparel: amount that campaign interest caused, against its holdout, over its spend",
    )
    targeting_last_click: float = planted(
        0.29,
        "C3.F2a",
        "relative change",
        -0.5,
        2.0,
        "apparel: last-click amount over spend, campaign targeted over campaign broad",
    )
    targeting_incremental: float = planted(
        0.07,
        "C3.F2a",
        "relative change",
        -0.5,
        2.0,
        "apparel: amount caused, against the holdout, over spend, campaign targeted over campaign broad",
    )
    live_acquisition: float = planted(
        0.40,
        "C3.C",
        "relative change",
        -0.5,
        3.0,
        "beauty: ad spend per new customer, live over image-text",
    )
