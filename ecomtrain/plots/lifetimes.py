"""Plots of lifetime value."""

from __future__ import annotations
