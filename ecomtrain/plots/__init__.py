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
    "stock": ["turnover_steps", "early_hits", "sell_through", "stock_level"],
    "evidence": ["experiment", "k_anonymity", "profile_precision"],
    "audits": ["claim", "claims"],
    "market": [
        "audience_fit",
        "lorenz",
        "market_fan",
        "market_size",
        "net_promoter_score",
        "penetration",
        "rate_against_benchmark",
        "tgi",
        "weighted_share",
    ],
    "choices": [
        "blue_ocean",
        "blue_ocean_rate",
        "blue_ocean_sensitivity",
        "keyword_growth",
        "rank_reversal",
        "risk_matrix",
        "tows",
        "weight_sensitivity",
        "weighted_scores",
    ],
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
    "spending": ["response_curve", "allocation"],
    "trials": [
        *["power_curve", "five_steps", "cuped", "adjusted_p", "sequential", "peeking"],
        *["event_study", "counterfactual", "balance", "promotion_lift"],
    ],
    "lifecycles": [
        *("nine_boxes", "life_stages", "diffusion", "launch_test", "launch_watch"),
        *("price_elasticity", "profit_curve", "price_learning", "markdown"),
    ],
    "baskets": ["basket_rules", "bundle_profit", "order_quantity", "newsvendor"],
    "forecasts": ["forecast_fan", "forecast_scores"],
    "customers": [
        "rfm",
        "segments",
        "tier_migration",
        "state_shares",
        "state_moves",
        "cohorts",
        "retention",
        "repurchase_curve",
        "stickiness",
        "identity_merge",
        "l_diversity",
    ],
    "lifetimes": [
        "alive_map",
        "tracking",
        "holdout",
        "lifetime_value",
        "contract_survival",
        "spend_check",
        "alive_by_frequency",
    ],
    "aims": ["intent", "churn", "qini", "policy_profit"],
    "offers": ["offer_hits", "message_return"],
    "people": ["okr", "okr_alignment", "span_of_control", "before_after"],
    "skills": ["competency_gap", "bus_factor"],
    "leavers": ["attrition", "tenure_curve", "attrition_risk", "gaming"],
    "service_desk": ["response_metrics", "hand_off", "staffing", "service_level", "roster"],
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
