"""Plots of markets and surveys."""

from __future__ import annotations
