"""Customer lifetime value (客户终身价值): models of who buys again, how often, and what for."""

from __future__ import annotations

__all__: list[str] = []
