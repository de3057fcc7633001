"""Customer service (客服): waiting, staffing and rosters."""

from __future__ import annotations

__all__: list[str] = []
