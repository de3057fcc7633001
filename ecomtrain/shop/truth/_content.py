"""What is planted for content, sharing and promotions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["ContentTruth"]

MOST_PULLED = 1.7  # days' sales per promotion day that the days after can lose and still sell something
SEASON = (0.7, 1.6)  # spring over winter, as far as the year can bend


@dataclass(frozen=True)
class ContentTruth(Part):
    """Planted numbers of content, sharing and promotions."""

    video_gain: float = planted(
        0.29,
        "C3.T3",
        "relative change",
        -0.5,
        2.0,
        "home: buyers over visitors of a product page with a short video over without it, products by lot",
    )
    fit_xiaohongshu: float = planted(
        0.86,
        "C3.D",
        "index",
        0.45,
        0.99,
        "mother_baby: audience fit of Xiaohongshu, 1 - half the sum of |audience share - customer share| "
        "over gender by age",
    )
    fit_douyin: float = planted(
        0.64,
        "C3.D",
        "index",
        0.45,
        0.99,
        "mother_baby: audience fit of Douyin, 1 - half the sum of |audience share - customer share| "
        "over gender by age",
    )
    series_before_after: float = planted(
        0.41,
        "C3.F1a",
        "relative change",
        -0.5,
        3.0,
        "beauty: search visits to skincare in the 12 weeks from the first post on over the 12 weeks before",
    )
    series_effect: float = planted(
        0.24,
        "C3.F1a",
        "relative change",
        -0.5,
        3.0,
        "beauty: search visits to skincare with the series over without it, in the same weeks",
    )
    scene_click_rate: float = planted(
        0.048,
        "C3.F1b",
        "share of plays",
        0.005,
        0.3,
        "home: clicks over plays of the scene-decoration videos",
    )
    industry_click_rate: float = planted(
        0.040,
        "C3.F1b",
        "share of plays",
        0.005,
        0.3,
        "home: mean click rate of the trade's accounts with emotional posts on Xiaohongshu",
    )
    fans_peak: float = planted(
        0.63,
        "C3.F1c",
        "relative change",
        0.0,
        4.0,
        "food: Douyin followers on the last day of the tasting challenge over the day before it",
    )
    fans_kept: float = planted(
        0.21,
        "C3.F1c",
        "relative change",
        0.0,
        4.0,
        "food: Douyin followers 60 days after the tasting challenge over what the trend would have given",
    )
    invite_k: float = planted(
        0.72,
        "C3.F3a",
        "ratio",
        0.05,
        0.9,
        "social: new users whom a user brings within 14 days of joining, over all users",
    )
    invite_senders: float = planted(
        0.45,
        "C3.F3a",
        "share of users",
        0.05,
        1.0,
        "social: users who send an invitation at all",
    )
    flash_gross: float = planted(
        1.20,
        "C3.F3b",
        "relative change",
        0.0,
        3.0,
        "fmcg: flagship amount on the days of a flash sale over what these days sell without one",
    )
    flash_net: float = planted(
        0.30,
        "C3.F3b",
        "relative change",
        -1.0,
        3.0,
        "fmcg: the same with the 18 days after each flash sale, whose missing sales are taken off",
    )
    flash_margin: float = planted(
        -0.45,
        "C3.F3b",
        "relative change",
        -1.5,
        3.0,
        "fmcg: the same in gross margin",
    )

    def contradictions(self) -> Iterator[str]:
        """Hold the numbers against each other."""
        if self.fans_kept > self.fans_peak:
            yield (
                f"fans_kept is {self.fans_kept:g}, above fans_peak {self.fans_peak:g}; nobody keeps more "
                "than came. Lower the first or raise the second."
            )
        pulled = self.flash_gross - self.flash_net
        if not 0 <= pulled <= MOST_PULLED:
            yield (
                f"flash_gross less flash_net is {pulled:g}; that much is taken from the days after, so "
                f"it must lie between 0 and {MOST_PULLED:g}. Change flash_net."
            )
        season = (1 + self.series_before_after) / (1 + self.series_effect)
        if not SEASON[0] <= season <= SEASON[1]:
            yield (
                f"series_before_after and series_effect leave the season a factor of {season:.3f}; it must "
                f"lie between {SEASON[0]:g} and {SEASON[1]:g}. Bring them closer together."
            )
