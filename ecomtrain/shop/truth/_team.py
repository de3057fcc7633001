"""What is planted for people, goals and service."""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["TeamTruth"]


@dataclass(frozen=True)
class TeamTruth(Part):
    """Planted numbers of people, goals and service."""
