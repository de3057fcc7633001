"""The market around the shops, and what people answer when asked."""

from __future__ import annotations

import pandas as pd

from ecomtrain.shop.scene import Scene

__all__ = ["tables"]


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    return {}
