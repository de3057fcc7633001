"""The audits of content, sharing and promotions; each function is named after its claim, as in ``data``."""

from __future__ import annotations
