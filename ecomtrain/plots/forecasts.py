"""Plots of forecasts."""

from __future__ import annotations
