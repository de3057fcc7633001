"""The audits of launches, clearance and demand for products; each function is named after its claim."""

from __future__ import annotations
