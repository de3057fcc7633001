"""Weighing options and risks (加权评分, 风险矩阵), with how far the answer turns on the weights."""

from __future__ import annotations

from ecomtrain.analysis._scoring import WeightSensitivity, weight_sensitivity, weighted_scores
from ecomtrain.analysis._scoring_risks import RankReversal, Tows, rank_reversal, risk_matrix, tows

__all__ = [
    "RankReversal",
    "Tows",
    "WeightSensitivity",
    "rank_reversal",
    "risk_matrix",
    "tows",
    "weight_sensitivity",
    "weighted_scores",
]
