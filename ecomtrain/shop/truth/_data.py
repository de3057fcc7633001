"""What is planted for chapter 2: the click log, prices, searches, stock, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["DataTruth"]


@dataclass(frozen=True)
class DataTruth(Part):
    """Planted numbers of chapter 2."""

    weekend_index: float = planted(
        1.25,
        "C2.F3a",
        "ratio",
        0.5,
        3.0,
        "fmcg: orders on a Saturday or Sunday over the average day of the same week, promotion weeks out",
    )
    recommendation_aov: float = planted(
        0.18,
        "C2.F3b",
        "relative change",
        0.0,
        0.5,
        "home: average order value with the related recommendation over without, randomised by visitor",
    )
    margin_list: float = planted(
        0.30,
        "C2.F3c",
        "share of revenue",
        0.05,
        0.9,
        "cross_border: gross margin rate of lines sold at the list price during the price test",
    )
    margin_dynamic: float = planted(
        0.336,
        "C2.F3c",
        "share of revenue",
        0.05,
        0.9,
        "cross_border: gross margin rate of lines sold at the dynamic price during the price test",
    )
    loss_short: float = planted(
        0.25,
        "C2.F1c",
        "share of checkouts",
        0.01,
        0.95,
        "cross_border: share of visitors who began the short checkout (two steps) and did not order",
    )
    loss_long: float = planted(
        0.33,
        "C2.F1c",
        "share of checkouts",
        0.01,
        0.95,
        "cross_border: share of visitors who began the long checkout (five steps) and did not order",
    )
    home_next_detail: float = planted(
        0.15,
        "C2.F2a",
        "share of home views",
        0.0,
        0.6,
        "beauty: the page after a home view is a detail page (leaving counts as a next page)",
    )
    home_ever_detail: float = planted(
        0.41,
        "C2.F2a",
        "share of sessions",
        0.0,
        0.9,
        "beauty: a session that saw the home page reaches a detail page later on",
    )
    dress_on_month: float = planted(
        0.38,
        "C2.F2b",
        "relative change",
        -0.8,
        5.0,
        "apparel: searches for 'summer dress' in June over May of the same year",
    )
    dress_on_year: float = planted(
        0.06,
        "C2.F2b",
        "relative change",
        -0.8,
        5.0,
        "apparel: searches for 'summer dress' in June 2026 over June 2025",
    )
    intent_base: float = planted(
        0.16,
        "C2.F2c",
        "share of sessions",
        0.01,
        0.5,
        "mother_baby: sessions with one interaction or more that pay",
    )
    intent_many_share: float = planted(
        0.35,
        "C2.F2c",
        "share of sessions",
        0.01,
        0.99,
        "mother_baby: of the sessions with an interaction, those with two or more",
    )
    intent_many_rate: float = planted(
        0.26,
        "C2.F2c",
        "share of sessions",
        0.0,
        0.5,
        "mother_baby: sessions with two interactions or more that pay",
    )
    home_short_share: float = planted(
        0.55,
        "C2.F1a",
        "share of home views",
        0.05,
        0.95,
        "all shops: home views shorter than 15 seconds, seen or not (the last page of a session is not seen)",
    )
    home_dwell_scale: float = planted(
        8.0,
        "C2.F1a",
        "seconds",
        0.5,
        120.0,
        "all shops but for mother_baby's interacting sessions: conversion after a home view of d seconds is "
        "proportional to 1 - exp(-d / scale)",
    )
    precision_app: float = planted(
        0.50,
        "C2.T1",
        "share of customers",
        0.02,
        0.98,
        "beauty: the app's most viewed category is the one the customer named in the survey",
    )
    precision_fused: float = planted(
        0.71,
        "C2.T1",
        "share of customers",
        0.02,
        0.98,
        "beauty: the category with most views over all linked channels is the one named in the survey",
    )
    turnover_gain: float = planted(
        0.23,
        "C2.T2",
        "relative change",
        0.0,
        1.5,
        "fmcg: inventory turnover of a warehouse after its switch to real-time replenishment over before",
    )
    early_signal: float = planted(
        0.85,
        "C2.T3",
        "correlation",
        0.0,
        1.0,
        "apparel: correlation of log appeal in a product's first 14 days with log appeal afterwards",
    )
    decision_median: float = planted(
        10.0,
        "C2.T4",
        "days",
        0.5,
        30.0,
        "all shops: median time from raising to deciding a question without the dashboard",
    )
    decision_speed: float = planted(
        0.35,
        "C2.T4",
        "relative change",
        0.0,
        5.0,
        "all shops: decisions per day with the dashboard over without (the time is divided by 1 + speed)",
    )

    def contradictions(self) -> Iterator[str]:
        """Hold the numbers against each other."""
        for smaller, larger, why in (
            ("home_next_detail", "home_ever_detail", "a detail page reached next is also reached ever"),
            ("precision_app", "precision_fused", "more channels cannot know less than the app alone"),
        ):
            if getattr(self, smaller) > getattr(self, larger):
                yield (
                    f"{smaller} is {getattr(self, smaller):g}, above {larger} "
                    f"{getattr(self, larger):g}; {why}. Lower the first or raise the second."
                )
        most = self.home_next_detail + 0.45 * (1 - self.home_next_detail)
        if self.home_ever_detail > most:
            yield (
                f"home_ever_detail is {self.home_ever_detail:g}; who goes elsewhere "
                f"first reaches a detail page less than half the time, so it is {most:.3f} at most. "
                "Lower it or raise home_next_detail."
            )
        rest = self.intent_base - self.intent_many_share * self.intent_many_rate
        single = rest / (1 - self.intent_many_share)
        if not 0 <= single <= 0.5:
            yield (
                "intent_base, intent_many_share and intent_many_rate leave the sessions with "
                f"a single interaction a paying rate of {single:.3f}; it must lie between 0 and 0.5. "
                "Change intent_base or intent_many_rate."
            )
