"""Advertising: what is spent, who is reached, what the platforms credit themselves with."""

from __future__ import annotations

import pandas as pd

from ecomtrain.shop.scene import Scene

__all__ = ["tables"]


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    return {}
