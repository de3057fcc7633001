"""The edge-case table's rows for attribution."""

import pandas as pd
from edges import Case

from ecomtrain.analysis import attribution

TOUCHES = {
    "frames": ("attribution_touches",),
    "times": ("attribution_touches.ts",),
    "ids": ("attribution_touches.journey_id",),
    "refuses_shops": ("attribution_touches",),
    "refuses_currencies": ("attribution_touches",),
}

CASES: dict[str, Case] = {
    "attribution.attribute": Case(
        call=lambda attribution_touches: attribution.attribute(attribution_touches, value="amount"), **TOUCHES
    ),
    "attribution.compare": Case(call=attribution.compare, **TOUCHES),
    "attribution.removal_effects": Case(call=attribution.removal_effects, **TOUCHES),
    "attribution.transitions": Case(call=attribution.transitions, **TOUCHES),
}


def frames() -> dict[str, pd.DataFrame]:
    """Five journeys with loops, repeated channels and two contacts at one moment."""
    day = pd.Timestamp("2026-06-01", tz="Asia/Shanghai") + pd.to_timedelta(
        [0, 1, 1, 2, 0, 3, 0, 5, 5, 6, 1, 2, 9], unit="D"
    )
    return {
        "attribution_touches": pd.DataFrame(
            {
                "touchpoint_id": range(13),
                "journey_id": [1, 1, 1, 1, 2, 2, 3, 4, 4, 4, 5, 5, 5],
                "ts": day,
                "channel": [
                    *("feed", "search", "live", "feed", "feed", "direct", "live"),
                    *("search", "direct", "direct", "feed", "feed", "search"),
                ],
                "converted": [*[False] * 3, True, False, False, True, *[False] * 5, True],
                "amount": [0.0, 0.0, 0.0, 50.0, 0.0, 0.0, 20.0, *[0.0] * 5, 90.0],
                "shop": "tea",
            }
        )
    }
