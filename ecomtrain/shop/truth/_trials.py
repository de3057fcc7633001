"""What is planted for the randomised tests inside the shops."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["TrialsTruth"]


@dataclass(frozen=True)
class TrialsTruth(Part):
    """Planted numbers of the randomised tests inside the shops."""
