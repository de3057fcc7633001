"""The audits of people, goals and service; each function is named after its claim, as in ``data``."""

from __future__ import annotations
