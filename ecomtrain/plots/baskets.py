"""Plots of baskets and stock."""

from __future__ import annotations
