"""Plots of customers, their states and their return."""

from __future__ import annotations

from ecomtrain.plots._courses import cohorts, state_moves, state_shares
from ecomtrain.plots._diversity import l_diversity
from ecomtrain.plots._returning import identity_merge, repurchase_curve, retention, stickiness
from ecomtrain.plots._segments import rfm, segments, tier_migration

__all__ = [
    "cohorts",
    "identity_merge",
    "l_diversity",
    "repurchase_curve",
    "retention",
    "rfm",
    "segments",
    "state_moves",
    "state_shares",
    "stickiness",
    "tier_migration",
]
