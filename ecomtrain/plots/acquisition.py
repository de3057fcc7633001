"""Plots of channels, their costs and what they bring."""

from __future__ import annotations
