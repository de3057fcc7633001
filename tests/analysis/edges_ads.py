"""The edge-case table's rows for what advertising brings."""

import pandas as pd
from edges import Case

from ecomtrain.analysis import channels

CASES: dict[str, Case] = {
    "channels.acquisition_cost": Case(
        ("ads_days",),
        lambda ads_days: channels.acquisition_cost(
            ads_days["spend"], ads_days["new_customers"], by=ads_days["format"], unit=ads_days["week"],
            control="image_text",
        ),
        refuses_negative=("ads_days.spend", "ads_days.new_customers"),
    ),
    "channels.incremental_return": Case(
        ("ads_regions",),
        lambda ads_regions: channels.incremental_return(
            ads_regions, by="campaign", control="broad", margin=0.5
        ),
        refuses_negative=("ads_regions.users", "ads_regions.spend"),
        refuses_shops=("ads_regions",), refuses_currencies=("ads_regions",),
    ),
    "channels.parse_ratio": Case((), lambda: channels.parse_ratio("1:8")),
    "channels.returns_on_spend": Case(
        ("ads_days",),
        lambda ads_days: channels.returns_on_spend(
            ads_days["spend"], ads_days["attributed_amount"], 0.5, by=ads_days["format"],
            unit=ads_days["week"], control="image_text",
        ),
        refuses_negative=("ads_days.spend",),
    ),
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Days of two formats, and two campaigns in three regions, small enough to count by hand."""
    return {
        "ads_days": pd.DataFrame(
            {
                "format": ["live", "live", "live", "live", *["image_text"] * 4],
                "week": [1, 1, 2, 3, 1, 2, 2, 3],
                "spend": [50.0, 50.0, 110.0, 90.0, 80.0, 50.0, 40.0, 70.0],
                "attributed_amount": [600.0, 500.0, 1000.0, 800.0, 400.0, 300.0, 200.0, 380.0],
                "new_customers": [2, 1, 4, 3, 4, 2, 2, 4],
            }
        ),
        "ads_regions": pd.DataFrame(
            {
                "campaign": ["broad"] * 6 + ["targeted"] * 6,
                "region": ["R1", "R1", "R2", "R2", "R3", "R3"] * 2,
                "arm": ["exposed", "holdout"] * 6,
                "users": [1000, 500, 2000, 1000, 1500, 700, 1000, 500, 2000, 1000, 1500, 700],
                "spend": [100.0, 0.0, 210.0, 0.0, 140.0, 0.0, 100.0, 0.0, 190.0, 0.0, 150.0, 0.0],
                "amount": [
                    *(1500.0, 450.0, 3200.0, 950.0, 2300.0, 690.0),
                    *(1900.0, 600.0, 3900.0, 1300.0, 3000.0, 1000.0),
                ],
                "shop": "tea",
            }
        ),
    }
