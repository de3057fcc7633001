"""Plots of options, niches and risks that are weighed."""

from __future__ import annotations
