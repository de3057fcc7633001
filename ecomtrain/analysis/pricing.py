"""Prices (定价): elasticity, the best price, learning by trying, markdown plans."""

from __future__ import annotations

from ecomtrain.analysis._elasticity import elasticity
from ecomtrain.analysis._learning import explore
from ecomtrain.analysis._markdown import MarkdownPlan, markdown_plan
from ecomtrain.analysis._optimum import BestPrice, optimal_price

__all__ = ["BestPrice", "MarkdownPlan", "elasticity", "explore", "markdown_plan", "optimal_price"]
