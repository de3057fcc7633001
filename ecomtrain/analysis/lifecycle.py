"""The life of products (商品生命周期): ABC and XYZ classes, stages, diffusion, test launches."""

from __future__ import annotations

__all__: list[str] = []
