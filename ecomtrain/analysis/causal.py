"""What a change caused where nobody drew lots: differences in differences, interrupted series, matching."""

from __future__ import annotations

from ecomtrain.analysis._did import difference_in_differences
from ecomtrain.analysis._matching import matched_change
from ecomtrain.analysis._series import interrupted_series

__all__ = ["difference_in_differences", "interrupted_series", "matched_change"]
