"""What is planted for membership, care and repurchase."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["CustomersTruth"]


@dataclass(frozen=True)
class CustomersTruth(Part):
    """Planted numbers of membership, care and repurchase."""
