"""Shopping baskets (购物篮): what is bought together, beyond chance, and what to bundle."""

from __future__ import annotations

__all__: list[str] = []
