"""Plots of models that pick whom to speak to, and of privacy."""

from __future__ import annotations
