"""One plot per result: it takes what `ecomtrain.analysis` returns and is titled by the finding.

Every plot takes keyword ``ax`` (where to draw; a new figure if left out) and ``title`` (in place of the
finding), returns matplotlib Axes, never changes its input and never calls ``plt.show``. Matplotlib loads with
the first plot that is drawn.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

TOPICS: dict[str, list[str]] = {
    "style": ["use_style", "data_uri", "finding"],
    "behaviour": ["funnel", "transitions", "top_paths", "reach", "element_clicks"],
    "dwelling": ["dwell", "dwell_conversion"],
    "overview": ["kpi_board", "sources", "daily_sources"],
    "trade": ["search_growth", "day_of_week", "bridge"],
    "stock": ["turnover_steps", "early_hits"],
    "evidence": ["experiment", "k_anonymity", "profile_precision"],
    "audits": ["claim", "claims"],
    "market": [],
    "choices": [],
    "acquisition": [
        "acquisition_cost",
        "returns_on_spend",
        "incremental_return",
        "ltv_curve",
        "channel_value",
        "k_factor",
        "viral_growth",
        "retained_growth",
    ],
    "attributions": [
        "attribution",
        "removal_effects",
        "channel_moves",
        "channel_metrics",
        "channel_matrix",
        "repurchase_ratio",
    ],
    "spending": [],
    "trials": [],
    "lifecycles": [],
    "baskets": [],
    "forecasts": [],
    "customers": [],
    "lifetimes": [],
    "aims": ["intent", "churn", "qini", "policy_profit"],
    "offers": ["offer_hits", "message_return"],
    "people": [],
    "grades": ["radar", "scores", "pass_rates"],
}
_MODULE = {name: module for module, names in TOPICS.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
