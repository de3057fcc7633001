"""What is planted for advertising and channels."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["AdsTruth"]


@dataclass(frozen=True)
class AdsTruth(Part):
    """Planted numbers of advertising and channels."""
