"""Plots of teams, goals and service."""

from __future__ import annotations
