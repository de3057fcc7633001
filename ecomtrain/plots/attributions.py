"""Plots of journeys and of what channels are credited with."""

from __future__ import annotations
