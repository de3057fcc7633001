"""Plots of response to spend and of budgets."""

from __future__ import annotations
