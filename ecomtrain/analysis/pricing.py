"""Prices (定价): elasticity, the best price, learning by trying, markdown plans."""

from __future__ import annotations

__all__: list[str] = []
