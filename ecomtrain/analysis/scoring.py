"""Weighing options and risks (加权评分, 风险矩阵), with how far the answer turns on the weights."""

from __future__ import annotations

__all__: list[str] = []
