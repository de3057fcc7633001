"""What is planted for the market, surveys and laws (chapter 1, C4.A1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["MarketTruth"]


@dataclass(frozen=True)
class MarketTruth(Part):
    """Planted numbers of the market, surveys and laws (chapter 1, C4.A1)."""

    online_shoppers: float = planted(
        0.78,
        "C1.T0c",
        "share of netizens",
        0.05,
        0.95,
        "the nation: online shoppers over netizens, both added up over the twelve months to June 2026",
    )
    netizens: float = planted(
        0.79,
        "C1.T0c",
        "share of the population",
        0.05,
        0.95,
        "the nation: netizens over the population, both added up over the twelve months to June 2026",
    )
    online_retail: float = planted(
        0.27,
        "C1.T0c",
        "share of retail value",
        0.01,
        0.6,
        "the nation: online retail value over all retail value in the twelve months to June 2026",
    )
    certified_preferred: float = planted(
        0.61,
        "C1.T3",
        "share of Generation Z",
        0.02,
        0.98,
        "apparel: would take the certified garment (score 4 or 5), asked neutrally, over Generation Z by age "
        "group and city tier",
    )
    certified_claimed: float = planted(
        0.85,
        "C1.T3",
        "share of responses",
        0.02,
        0.98,
        "apparel: would take the certified garment (score 4 or 5), asked with the leading question, over the "
        "respondents who came by themselves",
    )
    quick_response_share: float = planted(
        0.09,
        "C1.K4",
        "relative change",
        -0.5,
        1.0,
        "fmcg: the brand's share of its market in a line (category and region) with quick response over the "
        "share it would have had without, geometric mean of the lines",
    )
    category_growth: float = planted(
        0.12,
        "C1.K4",
        "relative change",
        -0.5,
        1.0,
        "fmcg: sales of all sellers in a line from July 2025 to June 2026 over the twelve months before",
    )
    smart_office_listed: float = planted(
        62.0,
        "C4.A1",
        "CNY bn",
        1.0,
        1000.0,
        "electronics: units times price over the listings of the smart-office keywords on the one platform "
        "that is seen, twelve months to June 2026",
    )

    def contradictions(self) -> Iterator[str]:
        """Hold the numbers against each other."""
        if self.certified_claimed < self.certified_preferred:
            yield (
                f"certified_claimed is {self.certified_claimed:g}, below certified_preferred "
                f"{self.certified_preferred:g}; the leading question and those who come by themselves push "
                "the share up. Raise the first or lower the second."
            )
