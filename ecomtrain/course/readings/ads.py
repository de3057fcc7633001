"""The audits of advertising and channels; each function is named after its claim, as in ``data``."""

from __future__ import annotations
