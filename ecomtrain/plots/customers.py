"""Plots of customers, their states and their return."""

from __future__ import annotations
