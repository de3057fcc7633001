"""The audits of membership, care and repurchase; each function is named after its claim, as in ``data``."""

from __future__ import annotations
