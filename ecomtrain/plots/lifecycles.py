"""Plots of products over their life, and of prices."""

from __future__ import annotations
