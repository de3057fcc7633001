"""Answer of sales to spend: adstock, saturation, and the budget that equalises marginal returns."""

from __future__ import annotations

__all__: list[str] = []
