"""Answer of sales to spend: adstock, saturation, and the budget that equalises marginal returns."""

from __future__ import annotations

from ecomtrain.analysis._allocation import allocate
from ecomtrain.analysis._curves import adstock, hill
from ecomtrain.analysis._response_fit import ResponseFit, fit_response

__all__ = ["ResponseFit", "adstock", "allocate", "fit_response", "hill"]
