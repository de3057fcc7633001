"""What is planted for launches, clearance and demand for products."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["ProductsTruth"]


@dataclass(frozen=True)
class ProductsTruth(Part):
    """Planted numbers of launches, clearance and demand for products."""
