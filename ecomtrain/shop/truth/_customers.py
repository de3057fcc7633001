"""What is planted for membership, care and repurchase."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["CustomersTruth"]


@dataclass(frozen=True)
class CustomersTruth(Part):
    """Planted numbers of membership, care and repurchase."""

    private_ratio: float = planted(
        1.6,
        "C3.T2",
        "ratio",
        0.5,
        4.0,
        "beauty: share of private-group members who order in the half-year after joining over that of other "
        "customers with the same number and recency of orders in the year before",
    )
    retention_invited: float = planted(
        0.74,
        "C1.K3",
        "share of customers",
        0.02,
        0.98,
        "food: high-value customers invited to the membership by lot who order in the half-year afterwards",
    )
    retention_uninvited: float = planted(
        0.70,
        "C1.K3",
        "share of customers",
        0.02,
        0.98,
        "food: high-value customers not invited to the membership by lot who order in the same half-year",
    )
    tier_retention: float = planted(
        0.06,
        "C5.T1",
        "relative change",
        -0.5,
        0.6,
        "cross_border: share of high-value customers who order in the half-year after the tiers began, with "
        "benefits by tier over without, by lot",
    )
    birthday_visits: float = planted(
        0.11,
        "C5.T3",
        "relative change",
        -0.5,
        2.0,
        "mother_baby: visits in the 30 days from the birthday, greeted over not greeted",
    )
    omni_repurchase: float = planted(
        0.04,
        "C5.T4",
        "relative change",
        -0.5,
        0.3,
        "electronics: repurchase rate in the half-year after stores and web shop served customers as one, "
        "with over without by lot, purchases in both counted for one person",
    )
    gift_hazard: float = planted(
        0.25,
        "C5.F2a",
        "relative change",
        -0.5,
        2.0,
        "social: rate at which second orders follow first ones, with a gift to the first over without by lot",
    )
    membership_orders: float = planted(
        0.40,
        "C5.F3a",
        "relative change",
        -0.5,
        2.0,
        "shoes: orders in the half-year after joining the paid membership over those of other customers with "
        "as many orders in the half-year before",
    )
