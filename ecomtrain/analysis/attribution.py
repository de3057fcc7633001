"""Attribution (渠道归因): which channels a sale is owed to, under one rule after the other."""

from __future__ import annotations

__all__: list[str] = []
