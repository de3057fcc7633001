"""What is planted for content, sharing and promotions."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["ContentTruth"]


@dataclass(frozen=True)
class ContentTruth(Part):
    """Planted numbers of content, sharing and promotions."""
