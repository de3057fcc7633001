"""Plots of experiments and of changes without one."""

from __future__ import annotations
