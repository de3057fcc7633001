"""What is planted for launches, clearance and demand for products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["ProductsTruth"]


@dataclass(frozen=True)
class ProductsTruth(Part):
    """Planted numbers of launches, clearance and demand for products."""

    clearance_gain: float = planted(
        0.25,
        "C4.T1",
        "relative change",
        -0.5,
        2.0,
        "apparel: weekly turnover (cost of goods sold over average stock at cost) of a product line in a "
        "region in the new rhythm over what it would be in the old one, geometric mean",
    )
    launch_median: float = planted(
        28.0,
        "C4.T4",
        "days",
        5.0,
        200.0,
        "apparel: median time from the idea to the first day on sale, of a project that nobody cancels",
    )
    launch_p90: float = planted(
        84.0,
        "C4.T4",
        "days",
        6.0,
        600.0,
        "apparel: time from the idea within which nine projects of ten that nobody cancels are on sale",
    )
    blue_ocean_ranks: float = planted(
        0.12,
        "C4.A2",
        "share of sub-niches",
        0.0,
        0.4,
        "mother_baby: of the sub-niches of baby-food makers, those with buyers at or above the 60th "
        "percentile and listings at or below the 40th, means of July 2025 to June 2026",
    )
    blue_ocean_ratio: float = planted(
        0.55,
        "C4.A2",
        "share of sub-niches",
        0.0,
        1.0,
        "mother_baby: of the sub-niches of baby-food makers, those with one buyer a month or more per "
        "listing, July 2025 to June 2026",
    )
    coffee_growth: float = planted(
        0.38,
        "C4.A3",
        "relative change",
        -0.8,
        5.0,
        "electronics: expected searches for 'portable coffee machine' in keywords_monthly over the same "
        "month of the year before",
    )

    def contradictions(self) -> Iterator[str]:
        """Hold the numbers against each other."""
        if self.launch_p90 < 1.1 * self.launch_median:
            yield (
                f"launch_p90 is {self.launch_p90:g}, not a tenth above launch_median "
                f"{self.launch_median:g}; the slow projects take longer than the middle one. "
                "Raise the first or lower the second."
            )
