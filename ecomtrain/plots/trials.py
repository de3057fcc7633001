"""Plots of experiments and of changes without one."""

from __future__ import annotations

from ecomtrain.plots._abtests import adjusted_p, cuped, five_steps, power_curve
from ecomtrain.plots._changes import balance, counterfactual, event_study, promotion_lift
from ecomtrain.plots._looking import peeking, sequential

__all__ = [
    "adjusted_p",
    "balance",
    "counterfactual",
    "cuped",
    "event_study",
    "five_steps",
    "peeking",
    "power_curve",
    "promotion_lift",
    "sequential",
]
