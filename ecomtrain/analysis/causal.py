"""What a change caused where nobody drew lots: differences in differences, interrupted series, matching."""

from __future__ import annotations

from ecomtrain.analysis._balance import balance
from ecomtrain.analysis._did import difference_in_differences
from ecomtrain.analysis._event_study import EventStudy, event_study
from ecomtrain.analysis._matching import matched_change
from ecomtrain.analysis._series import counterfactual, interrupted_series

__all__ = [
    "EventStudy",
    "balance",
    "counterfactual",
    "difference_in_differences",
    "event_study",
    "interrupted_series",
    "matched_change",
]
