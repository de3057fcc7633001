"""All that is known of one shop while its tables are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecomtrain.shop.addition import Addition
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.clicklog import Clicks
from ecomtrain.shop.draw import stream
from ecomtrain.shop.people import People
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.trade import Trade
from ecomtrain.shop.traffic import Visits
from ecomtrain.shop.truth import Truth

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """A shop whose trade is done; the tables of each topic are made from it."""

    profile: Profile
    truth: Truth
    seed: int
    scale: float
    demand: np.ndarray
    goods: Catalogue
    people: People
    seen: Visits
    log: Clicks
    sales: Trade
    more: Addition  # what the cohort of a programme adds

    def random(self, table: str) -> np.random.Generator:
        """Open the random stream of one of the shop's tables."""
        return stream(self.seed, self.profile, table)
