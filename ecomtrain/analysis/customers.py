"""What the shop knows of its customers: who they are, who comes back, and who is about to leave."""

from __future__ import annotations

from ecomtrain.analysis._cohorts import cohorts
from ecomtrain.analysis._profile import profile_precision
from ecomtrain.analysis._repurchase import activity, merge_identities, repurchase_rate, retention
from ecomtrain.analysis._rfm import rfm
from ecomtrain.analysis._states import Transitions, state_transitions, states
from ecomtrain.analysis._stickiness import stickiness
from ecomtrain.analysis._tiers import Migration, migration, tiers

__all__ = [
    "Migration",
    "Transitions",
    "activity",
    "cohorts",
    "merge_identities",
    "migration",
    "profile_precision",
    "repurchase_rate",
    "retention",
    "rfm",
    "state_transitions",
    "states",
    "stickiness",
    "tiers",
]
