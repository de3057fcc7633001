"""What the shops do for their customers: membership, messages."""

from __future__ import annotations

import pandas as pd

from ecomtrain.shop.scene import Scene

__all__ = ["tables"]


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    return {}
