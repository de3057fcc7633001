"""The audits of the market, surveys and laws; each function is named after its claim, as in ``data``."""

from __future__ import annotations
