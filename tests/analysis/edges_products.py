"""The edge-case table's rows for niches and search phrases."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import selection

NICHES = {
    "refuses_negative": ("niches.buyers", "niches.listings"),
    "refuses_shops": ("niches",),
}

CASES: dict[str, Case] = {
    "selection.blue_ocean": Case(("niches",), lambda niches: selection.blue_ocean(niches), **NICHES),
    "selection.blue_ocean_rate": Case(
        ("niches",),
        lambda niches: selection.blue_ocean_rate(niches, ranks=[(0.6, 0.4)], ratios=[0.5, 2]),
        **NICHES,
    ),
    "selection.keyword_growth": Case(
        ("niches",),
        lambda niches: selection.keyword_growth(niches),
        times=("niches.month",),
        refuses_negative=("niches.searches",),
        refuses_shops=("niches",),
    ),
}


def frames() -> dict[str, pd.DataFrame]:
    """Five phrases over two years."""
    month = pd.date_range("2024-07-01", periods=24, freq="MS")
    i = np.arange(24)
    parts = [
        pd.DataFrame(
            {
                "month": month,
                "shop": "mother_baby",
                "term": term,
                "searches": 400 + 100 * k + (i * 37 + k * 11) % 50 + 10 * k * (i // 12),
                "buyers": 30 + 10 * k + (i + k) % 3,
                "listings": 70 - 15 * k,
            }
        )
        for k, term in enumerate(["grinder", "juicer", "mincer", "steamer", "warmer"])
    ]
    return {"niches": pd.concat(parts, ignore_index=True)}
