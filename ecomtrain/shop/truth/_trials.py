"""What is planted for the randomised tests inside the shops."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["TrialsTruth"]


@dataclass(frozen=True)
class TrialsTruth(Part):
    """Planted numbers of the randomised tests inside the shops."""

    layout_clicks: float = planted(
        0.19,
        "C1.K1",
        "relative change",
        -0.5,
        0.8,
        "electronics: share of detail views with a click on gallery, reviews or size guide with the new "
        "layout over the old one, randomised by visitor",
    )
    electronics_margin_list: float = planted(
        0.18,
        "C1.T2",
        "share of revenue",
        0.05,
        0.9,
        "electronics: gross margin rate of lines sold at the list price during the price test, "
        "promotions out",
    )
    electronics_margin_dynamic: float = planted(
        0.2304,
        "C1.T2",
        "share of revenue",
        0.05,
        0.9,
        "electronics: gross margin rate of lines sold at the dynamic price during the price test, "
        "promotions out",
    )
    retention_old: float = planted(
        0.18,
        "C1.T4",
        "share of visitors",
        0.0,
        0.6,
        "social: new visitors with the old interaction design who come back 24 to 30 days after their first "
        "visit",
    )
    retention_new: float = planted(
        0.25,
        "C1.T4",
        "share of visitors",
        0.0,
        0.6,
        "social: new visitors with the new interaction design who come back 24 to 30 days after their first "
        "visit",
    )
    collection_conversion: float = planted(
        0.16,
        "C4.T2",
        "relative change",
        -0.4,
        0.4,
        "beauty: paying share of sessions with a detail view with the collection page over without, "
        "randomised by visitor",
    )
    offer_conversion: float = planted(
        0.22,
        "C5.T2",
        "relative change",
        -0.4,
        0.4,
        "social: paying share of sessions with a detail view with the personal offer over without, "
        "randomised by visitor",
    )
    try_on_returns: float = planted(
        -0.13,
        "C4.T3",
        "relative change",
        -0.4,
        0.2,
        "shoes: return rate of the lines of customers who were offered the try-on over those who were not",
    )
    try_on_careful: float = planted(
        -0.20,
        "C4.T3",
        "relative change",
        -0.5,
        0.5,
        "shoes: return rate of customers who would try on over those who would not, before anyone can",
    )
    cross_sell_aov: float = planted(
        0.08,
        "C5.F3c",
        "relative change",
        0.0,
        0.5,
        "food: average goods value of an order (postage out) with cross-selling over without, randomised by "
        "customer",
    )
