"""What is planted for the market, surveys and laws (chapter 1, C4.A1)."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["MarketTruth"]


@dataclass(frozen=True)
class MarketTruth(Part):
    """Planted numbers of the market, surveys and laws (chapter 1, C4.A1)."""
